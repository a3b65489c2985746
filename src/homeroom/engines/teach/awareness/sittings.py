"""Other people who open many people's links in a sitting: the technician who looks into forwarded mail."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime, timedelta
from math import exp, log

import polars as pl

GAP_SECONDS = 900.0
"""A longer pause ends a sitting."""
BUILDING_GAP_SECONDS = 240.0
"""In a building, where others have the same browser, a shorter one does."""
PACE_SECONDS = 180.0
"""In a sitting, half of the pauses are shorter."""
MIN_PEOPLE = 3
SURE_PEOPLE = 6
SURE_PACE_SECONDS = 100.0
LATE_SECONDS = 600.0
"""Sooner after delivery, people of one building click shortly after each other too."""
REPORTED_SHARE = 0.5
"""Where so many of the people had reported the mail before, the sitting is that of who looks into reports."""
RARE = 0.0001
"""Chance that so many people of a building click so close to each other, all with this browser."""
MAX_SHARE_CHANCE = 0.2
"""Chance above which the browser alone says nothing."""
AROUND_SECONDS = 7200.0
"""How long before and after a sitting the clicks of its building are counted."""
_GROUP = ("sending", "spot")
_RUN = (*_GROUP, "run")


def mark_sittings(touches: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """Return the clicks by `n` that are of a sitting, and whether that is sure.

    It never is where a tool has first times alone: they are few, and its browsers have no more than a name.
    """
    clicks = _list_clicks(touches, visits)
    runs = _add_runs(clicks)
    sittings = (
        runs.group_by(_RUN)
        .agg(
            pl.col("n"),
            pl.col("place").first(),
            pl.col("recipient").n_unique().alias("people"),
            pl.col("pause").median().alias("pace"),
            pl.col("is_exit", "first_only").any(),
            pl.col("delay").median().alias("delay"),
            (pl.col("reported_at") <= pl.col("at")).fill_null(value=False).mean().alias("reported"),
            pl.col("at").min().alias("starts"),
            pl.col("at").max().alias("ends"),
        )
        .filter((pl.col("people") >= MIN_PEOPLE) & (pl.col("pace") <= PACE_SECONDS))
    )
    marked = _add_chances(sittings, clicks)
    is_alone = ~pl.col("is_exit") & (pl.col("total") == pl.col("n").list.len())
    is_late = (pl.col("delay") > LATE_SECONDS).fill_null(value=True)
    was_reported = pl.col("reported") >= REPORTED_SHARE
    is_rare = (pl.col("chance") < RARE) & (pl.col("share_chance") < MAX_SHARE_CHANCE) & is_late
    is_quick = (pl.col("people") >= SURE_PEOPLE) & (pl.col("pace") <= SURE_PACE_SECONDS) & is_late
    is_sure = ~pl.col("first_only") & (is_rare | (is_alone & (was_reported | is_quick)))
    return marked.filter(is_sure | is_alone | is_rare).select("n", is_sure=is_sure).explode("n").unique("n")


def _list_clicks(touches: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """List the clicks that no machine made, of people who did not post from there, with the marks of their places."""
    is_machine = pl.col("is_known") | pl.col("serves_many") | pl.col("looked_again")
    others = visits.filter(is_machine | pl.col("is_human")).select("visit")
    is_click = pl.col("is_click") & (pl.col("place") > 0) & (pl.col("browser") > 0)
    return (
        touches.filter(is_click)
        .join(others, on="visit", how="anti")
        .join(visits.select("visit", "is_exit"), on="visit", how="left")
    )


def _add_chances(sittings: pl.DataFrame, clicks: pl.DataFrame) -> pl.DataFrame:
    """Add how probable it is that people by themselves make a sitting: by their browser, and by its pace too."""
    by_browser = clicks.group_by("spot", "place").agg(pl.len().alias("total"))
    shares = by_browser.with_columns(share=pl.col("total") / pl.col("total").sum().over("place"))
    times = dict(clicks.sort("at").group_by("place", maintain_order=True).agg("at").iter_rows())
    joined = sittings.join(shares.drop("place"), on="spot")
    columns = ("place", "starts", "ends", "people", "n")
    expected = [
        _count_expected(times[row[0]], *row[1:3], clicks=len(row[4])) for row in joined.select(columns).iter_rows()
    ]
    tails = [compute_tail(row, mean) for row, mean in zip(joined["people"].to_list(), expected, strict=True)]
    return joined.with_columns(
        share_chance=pl.col("share") ** pl.col("people"), pace_chance=pl.Series(tails, dtype=pl.Float64)
    ).with_columns(chance=pl.col("share_chance") * pl.col("pace_chance"))


def _count_expected(times: list[datetime], starts: datetime, ends: datetime, *, clicks: int) -> float:
    """Return how many clicks its place would have in the time of a sitting, by those before and after it."""
    around = timedelta(seconds=AROUND_SECONDS)
    nearby = bisect_right(times, ends + around) - bisect_left(times, starts - around)
    seconds = max((ends - starts).total_seconds(), 1.0)
    return (max(nearby - clicks, 0) + 1) * seconds / (2 * AROUND_SECONDS)


def compute_tail(count: int, mean: float) -> float:
    """Return a bound of the chance of at least `count` where `mean` are expected (Poisson, Chernoff)."""
    return exp(count - mean - count * log(count / mean)) if count > mean else 1.0


def _add_runs(clicks: pl.DataFrame) -> pl.DataFrame:
    """Add the numbers of runs: clicks of a browser at a place that no long pause interrupts."""
    ordered = clicks.sort(*_GROUP, "at", "n")
    pause = pl.col("at").diff().over(_GROUP).dt.total_milliseconds() / 1000
    longest = pl.when("is_exit").then(BUILDING_GAP_SECONDS).otherwise(GAP_SECONDS)
    return ordered.with_columns(pause=pause).with_columns(
        run=(pl.col("pause") > longest).fill_null(value=False).cum_sum().over(_GROUP)
    )
