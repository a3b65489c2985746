"""Machines that look at a link right after a person clicked it, or right before the person's browser comes."""

from __future__ import annotations

import polars as pl

from homeroom.domain.awareness.drill_events import DrillEventKind
from homeroom.engines.awareness.touches import PERSON, VISIT

AFTER_SECONDS = 60.0
"""A web filter looks at a link within this time after the click that it saw."""
BEFORE_SECONDS = 10.0
"""A check at the time of the click comes at most this long before the person's browser."""
MIN_PEOPLE = 3
SHARE = 0.8
_GROUP = ("place", "browser")
_FIRST = ("first_place", "first_browser")
_PERSON = pl.struct(*PERSON)


def mark_companions(touches: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """Return the groups of place and browser whose visits nearly always accompany another's click."""
    clicks = touches.filter(pl.col("event") == DrillEventKind.CLICKED).join(
        visits.filter(pl.col("is_known") | pl.col("serves_many")).select(VISIT), on=VISIT, how="anti", nulls_equal=True
    )
    pairs = _list_pairs(clicks)
    if pairs.is_empty():
        return pl.DataFrame(schema={"place": pl.Int64, "browser": pl.Int64})
    people = clicks.group_by(_GROUP).agg(_PERSON.n_unique().alias("people"))
    human = visits.group_by(_GROUP).agg(pl.col("is_human").any().alias("has_posts"))
    followers = _list_steady(pairs, people, human, side="second")
    leaders = _list_steady(pairs.filter(pl.col("gap") <= BEFORE_SECONDS), people, human, side="first")
    return _choose_sides(pairs, followers, leaders)


def _list_pairs(clicks: pl.DataFrame) -> pl.DataFrame:
    """List successive clicks of a person that came from two groups shortly after each other."""
    ordered = clicks.sort(*PERSON, "at", "n", nulls_last=True)
    previous = {name: pl.col(name).shift(1).over(PERSON) for name in ("place", "browser", "at")}
    joined = ordered.with_columns(
        first_place=previous["place"], first_browser=previous["browser"], first_at=previous["at"]
    ).filter(pl.col("first_at").is_not_null())
    gap = (pl.col("at") - pl.col("first_at")).dt.total_milliseconds() / 1000
    differs = (pl.col("place") != pl.col("first_place")) | (pl.col("browser") != pl.col("first_browser"))
    return (
        joined.with_columns(gap=gap)
        .filter(differs & (pl.col("gap") <= AFTER_SECONDS))
        .select(*PERSON, "first_place", "first_browser", "place", "browser", "gap")
    )


def _list_steady(pairs: pl.DataFrame, people: pl.DataFrame, human: pl.DataFrame, *, side: str) -> pl.DataFrame:
    """List the groups that are on one side of a pair for nearly all of their people, with the number of partners."""
    own, other = (
        (("first_place", "first_browser"), _GROUP) if side == "first" else (_GROUP, ("first_place", "first_browser"))
    )
    sides = pairs.group_by(own).agg(_PERSON.n_unique().alias("paired"), pl.struct(*other).n_unique().alias("partners"))
    if side == "first":
        sides = sides.rename({"first_place": "place", "first_browser": "browser"})
    return (
        sides.join(people, on=_GROUP)
        .join(human, on=_GROUP, how="left")
        .filter(
            (pl.col("paired") >= MIN_PEOPLE) & (pl.col("paired") >= SHARE * pl.col("people")) & ~pl.col("has_posts")
        )
        .select(*_GROUP, "partners")
    )


def _choose_sides(pairs: pl.DataFrame, followers: pl.DataFrame, leaders: pl.DataFrame) -> pl.DataFrame:
    """Return the groups that are the machine of their pairs.

    A machine looks for many people with one browser, so that it has more partners than the browsers that it
    accompanies; of two with as many, the second is the machine.
    """
    first = leaders.rename({"place": "first_place", "browser": "first_browser", "partners": "first_partners"})
    judged = pairs.join(followers, on=_GROUP, how="left").join(first, on=("first_place", "first_browser"), how="left")
    is_second = pl.col("partners").is_not_null() & (
        pl.col("first_partners").is_null() | (pl.col("partners") >= pl.col("first_partners"))
    )
    is_first = pl.col("first_partners").is_not_null() & ~is_second
    seconds = judged.filter(is_second).select(*_GROUP)
    firsts = judged.filter(is_first).select(place="first_place", browser="first_browser")
    return pl.concat([seconds, firsts]).unique()
