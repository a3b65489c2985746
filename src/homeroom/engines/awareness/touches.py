"""Opens, clicks and posts of drills with what a rule needs of each: its place, browser, visit, delivery and report.

A *place* is an address; a *browser* is a user agent; a *spot* is both. A *recipient* is a person in a drill, and a
*visit* is all that came to the links of a recipient from one spot. All of them are numbers here; 0 is a place or a
browser that the log lacks.
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

SPOT_BITS = 32


def add_recipients(events: pl.DataFrame) -> pl.DataFrame:
    """Add the place of each event among all, its sending and its recipient by number."""
    numbered = events.with_row_index("n")
    file, drill, person = (pl.col(name).to_physical().cast(pl.Int64) for name in ("file", "drill", "person"))
    with_sending = numbered.with_columns(sending=((file * 2**SPOT_BITS) + drill).rank("dense").cast(pl.Int64))
    key = pl.col("sending") * 2**SPOT_BITS + person
    return with_sending.with_columns(recipient=key.rank("dense").cast(pl.Int64))


def split_strangers(events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the events of recipients, and those of people who were not written to in drills that say who was."""
    kinds = [kind.value for kind in (DrillEventKind.SENT, DrillEventKind.DELIVERED, DrillEventKind.BOUNCED)]
    written = events.filter(pl.col("event").is_in(kinds)).select("sending", "recipient").unique()
    if written.height == events["recipient"].n_unique():
        return events, events.clear()
    has_list = pl.col("sending").is_in(written["sending"].unique().implode())
    is_stranger = has_list & ~pl.col("recipient").is_in(written["recipient"].implode())
    marked = events.with_columns(is_stranger=is_stranger)
    strangers = marked.filter("is_stranger").drop("is_stranger")
    return marked.filter(~pl.col("is_stranger")).drop("is_stranger"), strangers


def build_touches(events: pl.DataFrame, machines: KnownMachines) -> pl.DataFrame:
    """Return the opens, clicks and posts with the columns that rules read, in the order of the events.

    `events` have the columns of `add_recipients`. `delivered_at` and `reported_at` are the recipient's; `delay` is the
    seconds from delivery, null without one.
    """
    touches = events.filter(pl.col("event").is_in([kind.value for kind in TOUCHES]))
    touches = touches.join(build_times(events), on="recipient", how="left", maintain_order="left")
    touches = _add_browsers(_add_places(touches, machines), machines)
    spot = (pl.col("place") * 2**SPOT_BITS + pl.col("browser")).rank("dense").cast(pl.Int64)
    is_head = pl.col("method").cast(pl.String).str.to_uppercase() == "HEAD"
    return touches.with_columns(
        spot=spot,
        delay=(pl.col("at") - pl.col("delivered_at")).dt.total_milliseconds() / 1000,
        bait=((pl.col("link") == "hidden") | is_head).fill_null(value=False),
        is_click=pl.col("event") == DrillEventKind.CLICKED.value,
    ).with_columns(visit=pl.col("recipient") * 2**SPOT_BITS + pl.col("spot"))


def build_times(events: pl.DataFrame) -> pl.DataFrame:
    """Return by recipient when the mail was delivered, else sent, and when it was first reported."""
    kinds = [kind.value for kind in (DrillEventKind.DELIVERED, DrillEventKind.SENT, DrillEventKind.REPORTED)]
    chosen = events.filter(pl.col("event").is_in(kinds))
    delivered, sent, reported = (pl.col("at").filter(pl.col("event") == kind).min() for kind in kinds)
    return chosen.group_by("recipient").agg(delivered_at=pl.coalesce(delivered, sent), reported_at=reported)


def _add_places(touches: pl.DataFrame, machines: KnownMachines) -> pl.DataFrame:
    """Add the place and network of each address by number, and whether the network is known."""
    sets = {
        kind: NetworkSet(net for item in machines.networks if item.kind is kind for net in item.networks)
        for kind in NetworkKind
    }
    unique = touches["ip"].unique().drop_nulls()
    addresses = unique.cast(pl.String)
    texts = [normalize_address(address) for address in addresses]
    table = pl.DataFrame(
        {
            "ip": unique,
            "place": _number([place for place, _ in texts]),
            "net": _number([net for _, net in texts]),
            "is_scanner": _look_up(addresses, sets[NetworkKind.SCANNER].has),
            "is_web_filter": _look_up(addresses, sets[NetworkKind.WEB_FILTER].has),
        }
    )
    joined = touches.join(table, on="ip", how="left", maintain_order="left")
    return joined.with_columns(
        pl.col("place", "net").fill_null(0), pl.col("is_scanner", "is_web_filter").fill_null(value=False)
    )


def _add_browsers(touches: pl.DataFrame, machines: KnownMachines) -> pl.DataFrame:
    """Add the browser of each user agent by number, and whether it is a known program."""
    pattern = build_agent_pattern(machines.programs)
    unique = touches["agent"].unique().drop_nulls()
    agents = unique.cast(pl.String)
    table = pl.DataFrame(
        {
            "agent": unique,
            "browser": _number(agents.to_list()),
            "is_program": _look_up(agents, lambda text: pattern is not None and pattern.search(text) is not None),
        }
    )
    joined = touches.join(table, on="agent", how="left", maintain_order="left")
    return joined.with_columns(pl.col("browser").fill_null(0), pl.col("is_program").fill_null(value=False))


def _number(texts: list[str]) -> pl.Series:
    """Return the number of each text from 1, the same for equal ones."""
    numbers = {text: number for number, text in enumerate(sorted(set(texts)), start=1)}
    return pl.Series([numbers[text] for text in texts], dtype=pl.Int64)


def _look_up(texts: pl.Series, check: Callable[[str], bool]) -> pl.Series:
    return pl.Series([check(text) for text in texts], dtype=pl.Boolean)
