"""Places and browsers that serve many people as a machine does, though no single visit shows it."""

from __future__ import annotations

import polars as pl

MIN_PEOPLE = 3
SHARE = 0.7
"""Share of a group's people whose visits have signs of a machine."""
FEW_BROWSERS = 3
HOUR = 3600.0
STEADY_PEOPLE = 5
STEADY_RATIO = 6.0
"""People who click within an hour spread over more than this, from the tenth to the ninetieth percentile of delay."""
CROWD_PEOPLE = 30
CROWD_HOURS = 3
BROWSER_PEOPLE = 10
BROWSER_SHARE = 0.9
_PERSON = pl.col("recipient")
_HAS_SIGN = pl.col("is_known") | pl.col("is_quick")


def mark_crowds(visits: pl.DataFrame) -> pl.DataFrame:
    """Add `serves_many`: the visit is of a place and browser that serve many people as machines do."""
    by_browser = _list_crowds(visits, ("spot",))
    by_place = _list_crowds(visits.filter(~pl.col("is_exit")), ("place",))
    by_net = _list_crowds(visits.filter(~pl.col("is_exit")), ("net", "browser"))
    marked = visits
    for number, (keys, crowds) in enumerate(
        ((("spot",), by_browser), (("place",), by_place), (("net", "browser"), by_net))
    ):
        marked = marked.join(crowds.rename({"is_crowd": f"crowd{number}"}), on=keys, how="left")
    browsers = _list_machine_browsers(visits)
    marked = marked.join(browsers, on="browser", how="left")
    flags = ("crowd0", "crowd1", "crowd2", "is_machine_browser")
    return marked.with_columns(
        serves_many=pl.any_horizontal(pl.col(*flags).fill_null(value=False)) & ~pl.col("is_human")
    ).drop(flags)


def _list_crowds(visits: pl.DataFrame, keys: tuple[str, ...]) -> pl.DataFrame:
    """List the groups of visits that serve many people and look like a machine; those with posts do not."""
    groups = (
        visits.filter(pl.col("place") > 0)
        .group_by(keys)
        .agg(
            _PERSON.n_unique().alias("people"),
            _PERSON.filter(_HAS_SIGN).n_unique().alias("with_sign"),
            pl.col("browser").n_unique().alias("browsers"),
            pl.col("is_human").any().alias("has_posts"),
            pl.col("is_exit").any().alias("is_exit"),
            pl.col("delay").quantile(0.1).alias("delay_low"),
            pl.col("delay").quantile(0.9).alias("delay_high"),
            pl.col("first").dt.truncate("1h").n_unique().alias("hours"),
        )
    )
    share = pl.col("with_sign") / pl.col("people")
    shows_signs = ((pl.col("people") > MIN_PEOPLE) & (share >= SHARE)) | (
        (pl.col("people") == MIN_PEOPLE) & (pl.col("with_sign") == MIN_PEOPLE)
    )
    is_plain = ~pl.col("is_exit") & (pl.col("browsers") <= FEW_BROWSERS)
    is_steady = (
        (pl.col("people") >= STEADY_PEOPLE)
        & (pl.col("delay_high") <= HOUR)
        & (pl.col("delay_low") > 0)
        & (pl.col("delay_high") < STEADY_RATIO * pl.col("delay_low"))
    ).fill_null(value=False)
    is_large = (pl.col("people") >= CROWD_PEOPLE) & (pl.col("hours") <= CROWD_HOURS)
    is_crowd = ~pl.col("has_posts") & (shows_signs | (is_plain & (is_steady | is_large)))
    return groups.select(*keys, is_crowd=is_crowd)


def _list_machine_browsers(visits: pl.DataFrame) -> pl.DataFrame:
    """List the browsers that nearly always show a sign that is enough alone, and never posted."""
    groups = (
        visits.filter(pl.col("browser") > 0)
        .group_by("browser")
        .agg(
            _PERSON.n_unique().alias("people"),
            _PERSON.filter(pl.col("is_known")).n_unique().alias("known"),
            pl.col("is_human").any().alias("has_posts"),
        )
    )
    is_machine = (
        (pl.col("people") >= BROWSER_PEOPLE)
        & (pl.col("known") >= BROWSER_SHARE * pl.col("people"))
        & ~pl.col("has_posts")
    )
    return groups.select("browser", is_machine_browser=is_machine)
