"""Opens, clicks and posts of drills with what a rule needs of each: its place, browser, visit, delivery and report.

A *place* is an address; a *browser* is a user agent; a *visit* is all that one person's mail got from one place and
browser in one drill.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from homeroom.domain.awareness.drill_events import TOUCHES, DrillEventKind
from homeroom.domain.awareness.machines import (
    KnownMachines,
    NetworkKind,
    NetworkSet,
    build_agent_pattern,
    normalize_address,
)

PERSON = ("file", "drill", "person")
VISIT = (*PERSON, "place", "browser")


def build_touches(events: pl.DataFrame, machines: KnownMachines) -> pl.DataFrame:
    """Return the opens, clicks and posts with the columns that rules read, in the order of the events.

    `delivered_at` and `reported_at` are the person's; `delay` is the seconds from delivery, null without one.
    """
    numbered = events.with_row_index("n")
    touches = numbered.filter(pl.col("event").is_in(TOUCHES))
    times = _build_times(numbered)
    touches = touches.join(times, on=PERSON, how="left", nulls_equal=True, maintain_order="left")
    touches = _add_places(touches, machines)
    touches = _add_browsers(touches, machines)
    return touches.with_columns(
        delay=(pl.col("at") - pl.col("delivered_at")).dt.total_milliseconds() / 1000,
        bait=((pl.col("link") == "hidden") | (pl.col("method").str.to_uppercase() == "HEAD")).fill_null(value=False),
    )


def _build_times(events: pl.DataFrame) -> pl.DataFrame:
    """Return by person of a drill when the mail was delivered, else sent, and when it was first reported."""
    return (
        events.group_by(PERSON)
        .agg(
            delivered=pl.col("at").filter(pl.col("event") == DrillEventKind.DELIVERED).min(),
            sent=pl.col("at").filter(pl.col("event") == DrillEventKind.SENT).min(),
            reported_at=pl.col("at").filter(pl.col("event") == DrillEventKind.REPORTED).min(),
        )
        .select(*PERSON, "reported_at", delivered_at=pl.coalesce("delivered", "sent"))
    )


def _add_places(touches: pl.DataFrame, machines: KnownMachines) -> pl.DataFrame:
    """Add the place and network of each address by number, and whether the network is known."""
    sets = {
        kind: NetworkSet(net for known in machines.networks if known.kind is kind for net in known.networks)
        for kind in NetworkKind
    }
    unique = touches.select(pl.col("ip").drop_nulls().unique().sort())
    texts = [normalize_address(address) for address in unique["ip"]]
    addresses = unique.with_columns(
        place_text=pl.Series([place for place, _ in texts], dtype=pl.String),
        net_text=pl.Series([net for _, net in texts], dtype=pl.String),
        is_scanner=_look_up(unique["ip"], sets[NetworkKind.SCANNER].has),
        is_web_filter=_look_up(unique["ip"], sets[NetworkKind.WEB_FILTER].has),
    ).with_columns(
        place=pl.col("place_text").rank("dense").cast(pl.Int64), net=pl.col("net_text").rank("dense").cast(pl.Int64)
    )
    joined = touches.join(
        addresses.drop("place_text", "net_text"), on="ip", how="left", maintain_order="left"
    ).with_columns(pl.col("is_scanner", "is_web_filter").fill_null(value=False))
    return joined.with_columns(pl.col("place", "net").fill_null(-1))


def _add_browsers(touches: pl.DataFrame, machines: KnownMachines) -> pl.DataFrame:
    """Add the browser of each user agent by number, and whether it is a known program."""
    pattern = build_agent_pattern(machines.programs)
    unique = touches.select(pl.col("agent").drop_nulls().unique().sort())
    agents = unique.with_row_index("browser").with_columns(
        pl.col("browser").cast(pl.Int64),
        is_program=_look_up(unique["agent"], lambda text: pattern is not None and pattern.search(text) is not None),
    )
    joined = touches.join(agents, on="agent", how="left", maintain_order="left")
    return joined.with_columns(pl.col("browser").fill_null(-1), pl.col("is_program").fill_null(value=False))


def _look_up(texts: pl.Series, check: Callable[[str], bool]) -> pl.Series:
    return pl.Series([check(text) for text in texts], dtype=pl.Boolean)
