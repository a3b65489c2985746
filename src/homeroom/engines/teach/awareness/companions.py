"""Machines that look at a link right after a person clicked it, or right before the person's browser comes."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

AFTER_SECONDS = 60.0
"""A web filter looks at a link within this time after the click that it saw."""
BEFORE_SECONDS = 10.0
"""A check at the time of the click comes at most this long before the person's browser."""
MIN_PEOPLE = 3
SHARE = 0.8
GROUPS: Sequence[str] = ("spot", "browser", "place")
"""What a machine keeps from one look to the next: its address and browser, its browser alone, or its address alone."""
_PERSON = pl.col("recipient")


def mark_companions(touches: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """Add `looked_again` to visits: their group nearly always accompanies another's click.

    A second look from a known web filter, within the time of a person's click, is enough alone.
    """
    clicks = touches.filter("is_click").join(
        visits.filter(pl.col("is_known") | pl.col("serves_many")).select("visit"), on="visit", how="anti"
    )
    pairs = _list_pairs(clicks.join(visits.select("visit", "first_click"), on="visit", how="left"))
    marked = visits
    for number, group in enumerate(GROUPS):
        machines = _find_machines(clicks, pairs, visits, group)
        marked = marked.join(machines.with_columns(pl.lit(value=True).alias(f"again{number}")), on=group, how="left")
    filtered = pairs.filter(pl.col("is_web_filter")).select("visit").unique().with_columns(again=pl.lit(value=True))
    marked = marked.join(filtered, on="visit", how="left")
    flags = ["again", *(f"again{number}" for number in range(len(GROUPS)))]
    is_marked = pl.any_horizontal(pl.col(flags).fill_null(value=False))
    return marked.with_columns(looked_again=is_marked & ~pl.col("is_human")).drop(flags)


def _list_pairs(clicks: pl.DataFrame) -> pl.DataFrame:
    """List successive clicks of a person that came from two places or browsers shortly after each other.

    The second is the first of its visit: a person who clicks again after a look is no look.
    """
    ordered = clicks.sort("recipient", "at", "n")
    previous = {f"first_{name}": pl.col(name).shift(1) for name in ("recipient", "spot", "browser", "place", "at")}
    joined = ordered.with_columns(**previous).filter(pl.col("first_recipient") == pl.col("recipient"))
    gap = (pl.col("at") - pl.col("first_at")).dt.total_milliseconds() / 1000
    differs = pl.col("spot") != pl.col("first_spot")
    return (
        joined.with_columns(gap=gap)
        .filter(differs & (pl.col("gap") <= AFTER_SECONDS) & (pl.col("at") == pl.col("first_click")))
        .drop("first_recipient", "first_at", "at", "n")
    )


def _find_machines(clicks: pl.DataFrame, pairs: pl.DataFrame, visits: pl.DataFrame, group: str) -> pl.DataFrame:
    """Return the groups that are the machine of their pairs.

    A machine looks for many people, so that it has more partners than the browsers that it accompanies; of two with as
    many, the second is the machine.
    """
    firsts = f"first_{group}"
    people = clicks.group_by(group).agg(_PERSON.n_unique().alias("people"))
    human = visits.group_by(group).agg(pl.col("is_human").any().alias("has_posts"))
    is_there = (pl.col(group) > 0) if group != "spot" else pl.lit(value=True)
    totals = people.join(human, on=group).filter(~pl.col("has_posts") & is_there)
    followers = _list_steady(pairs, totals, own=group, other=firsts)
    is_before = pl.col("gap") <= BEFORE_SECONDS
    leaders = _list_steady(pairs.filter(is_before), totals.rename({group: firsts}), own=firsts, other=group)
    sides = pairs.join(followers.rename({"partners": "own_partners"}), on=group, how="left").join(
        leaders.rename({"partners": "first_partners"}), on=firsts, how="left"
    )
    own, first = pl.col("own_partners"), pl.col("first_partners")
    is_second = own.is_not_null() & (first.is_null() | (own >= first))
    seconds = sides.filter(is_second).select(group)
    before = sides.filter(first.is_not_null() & ~is_second).select(pl.col(firsts).alias(group))
    return pl.concat([seconds, before]).unique()


def _list_steady(pairs: pl.DataFrame, totals: pl.DataFrame, *, own: str, other: str) -> pl.DataFrame:
    """List the groups that are on this side of a pair for nearly all of their people, with the number of partners."""
    sides = pairs.group_by(own).agg(_PERSON.n_unique().alias("paired"), pl.col(other).n_unique().alias("partners"))
    is_steady = pl.col("paired") >= pl.max_horizontal(pl.lit(MIN_PEOPLE), SHARE * pl.col("people"))
    return sides.join(totals, on=own).filter(is_steady).select(own, "partners")
