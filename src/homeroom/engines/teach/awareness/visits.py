"""Visits of drills: what each did, the signs that it has of a machine, and the marks of places."""

from __future__ import annotations

import polars as pl

from homeroom.domain.teach.awareness.drill_events import DrillEventKind

HAND_SECONDS = 1.0
"""A person cannot open a mail and click in it within less."""
QUICK_SECONDS = 2.0
SOON_SECONDS = 60.0
"""Most people who click are slower; a sign only together with others."""
EXIT_BROWSERS = 4
EXIT_HOURS = 5
EXIT_DELAY = 600.0
MOSTLY = 0.9
BLOCKED_SHARE = 0.5
"""Where fewer visits of a browser in a building lack the script, people block it."""
_CLICKS = pl.col("is_click")
_OPENS = pl.col("event") == DrillEventKind.OPENED.value
_POSTS = pl.col("event") == DrillEventKind.POSTED.value


def build_visits(touches: pl.DataFrame) -> pl.DataFrame:
    """Return the visits with their signs and the marks of their places.

    `is_known` has a sign that is enough alone; `is_quick` has one that is enough only where it is common. `is_human`
    has a post and no sign of a machine. `is_exit` is a place with marks of a building or a web filter: many browsers,
    posts, or all day.
    """
    return _ignore_blocked_scripts(_add_exits(_add_signs(_group_touches(touches), touches)))


def _group_touches(touches: pl.DataFrame) -> pl.DataFrame:
    at = pl.col("at")
    parted = touches.with_columns(
        first_click=pl.when(_CLICKS).then(at),
        first_open=pl.when(_OPENS).then(at),
        click_delay=pl.when(_CLICKS).then(pl.col("delay")),
        posts=_POSTS,
        without_script=_CLICKS & ~pl.col("script"),
        with_script=_CLICKS & pl.col("script"),
    )
    return parted.group_by("visit").agg(
        pl.col("sending", "recipient", "spot", "place", "browser", "net", "reported_at").first(),
        pl.col("is_scanner", "is_web_filter", "is_program", "first_only").first(),
        at.min().alias("first"),
        pl.col("first_click", "first_open", "delay", "click_delay").min(),
        _CLICKS.any().alias("clicks"),
        pl.col("posts", "bait", "without_script", "with_script").any(),
    )


def _add_signs(visits: pl.DataFrame, touches: pl.DataFrame) -> pl.DataFrame:
    """Add the signs of each visit by itself."""
    gap = (pl.col("first_click") - pl.col("first_open")).dt.total_microseconds().abs() / 1e6
    can_be_zero = ~pl.col("first_only") & ~pl.col("infers_opens")
    is_measured = pl.when(can_be_zero).then(pl.lit(value=True)).otherwise(gap > 0)
    measures_scripts = _list_measured_drills(touches)
    opens = _list_inferred_opens(visits)
    return (
        visits.join(measures_scripts, on="sending", how="left")
        .join(opens, on="sending", how="left")
        .with_columns(pl.col("infers_opens", "measures_scripts").fill_null(value=False))
        .with_columns(
            is_too_fast=((gap < HAND_SECONDS) & is_measured).fill_null(value=False) & ~pl.col("posts"),
            is_no_script=(pl.col("without_script") & ~pl.col("with_script") & pl.col("measures_scripts")).fill_null(
                value=False
            ),
            is_quick=((gap < QUICK_SECONDS) & is_measured).fill_null(value=False)
            | pl.col("delay").is_between(0, SOON_SECONDS).fill_null(value=False),
        )
        .with_columns(
            is_known=pl.any_horizontal("bait", "is_scanner", "is_program", "is_too_fast", "is_no_script"),
            is_human=pl.col("posts") & ~pl.any_horizontal("bait", "is_program"),
        )
        .with_columns(pl.col("is_known", "is_no_script", "is_too_fast") & ~pl.col("is_human"))
    )


def _ignore_blocked_scripts(visits: pl.DataFrame) -> pl.DataFrame:
    """Take the sign of a missing script from people of a building whose browser blocks scripts, as few do."""
    share = pl.col("is_no_script").filter("clicks").mean().over("spot")
    is_blocked = pl.col("is_no_script") & pl.col("is_exit") & (share < BLOCKED_SHARE).fill_null(value=False)
    others = pl.any_horizontal("bait", "is_scanner", "is_program", "is_too_fast")
    return visits.with_columns(
        is_no_script=pl.col("is_no_script") & ~is_blocked,
        is_known=pl.col("is_known") & (others | ~is_blocked),
    )


def _list_measured_drills(touches: pl.DataFrame) -> pl.DataFrame:
    """List the drills whose landing page reports scripts: some script ran."""
    return touches.group_by("sending").agg(pl.col("script").any().fill_null(value=False).alias("measures_scripts"))


def _list_inferred_opens(visits: pl.DataFrame) -> pl.DataFrame:
    """List the drills whose tool writes an open for each click, at the same moment."""
    both = visits.filter(pl.col("first_click").is_not_null())
    same = (pl.col("first_click") == pl.col("first_open")).fill_null(value=False)
    return both.group_by("sending").agg((same.mean() >= MOSTLY).alias("infers_opens"))


def _add_exits(visits: pl.DataFrame) -> pl.DataFrame:
    """Add whether the place of each visit has the marks of a building's own exit, or of a web filter."""
    clean = visits.filter(~pl.col("is_known") & (pl.col("place") > 0))
    late_hour = pl.col("first").dt.hour().filter(pl.col("delay") > EXIT_DELAY)
    places = clean.group_by("place").agg(
        pl.col("browser").n_unique().alias("browsers"),
        pl.col("is_human").any().alias("has_posts"),
        late_hour.n_unique().alias("hours"),
        pl.col("recipient").n_unique().alias("served"),
        pl.col("is_web_filter").any().alias("is_filter"),
    )
    is_exit = (
        (pl.col("browsers") >= EXIT_BROWSERS)
        | (pl.col("has_posts") & (pl.col("served") > 1))
        | (pl.col("hours") >= EXIT_HOURS)
        | pl.col("is_filter")
    )
    exits = places.select("place", is_exit=is_exit)
    return visits.join(exits, on="place", how="left").with_columns(pl.col("is_exit").fill_null(value=False))
