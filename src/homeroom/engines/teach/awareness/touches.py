"""Opens, clicks and posts of drills with what a rule needs of each: its place, browser, visit, delivery and report.

A *place* is an address; a *browser* is a user agent; a *spot* is both. A *recipient* is a person in a drill, and a
*visit* is all that came to the links of a recipient from one spot. All of them are numbers here; 0 is a place or a
browser that the log lacks.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from homeroom.domain.teach.awareness.drill_events import TOUCHES, DrillEventKind
from homeroom.domain.teach.awareness.machines import (
    KnownMachines,
    NetworkKind,
    NetworkSet,
    build_agent_pattern,
    normalize_address,
)

SPOT_BITS = 32


def add_recipients(events: pl.DataFrame) -> pl.DataFrame:
    """Add the place of each event among all, its sending and its recipient by number from 1."""
    numbered = events.with_row_index("n")
    file, drill, person = (pl.col(name).to_physical().cast(pl.Int64) for name in ("file", "drill", "person"))
    with_sending = numbered.with_columns(sending=((file * 2**SPOT_BITS) + drill).rank("dense").cast(pl.Int64))
    key = pl.col("sending") * 2**SPOT_BITS + person
    return with_sending.with_columns(recipient=key.rank("dense").cast(pl.Int64))


def build_recipients(events: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each recipient, by number: what happened to the mail itself.

    `delivered_at` is when it was delivered, else sent; `reported_at` when it was first reported. `is_stranger` has
    nobody written to, in a drill that has a list of who was.
    """
    table = _sum_mails(events)
    if table.height < int(str(events["recipient"].max() or 0)):
        others = events.join(table, on="recipient", how="anti").select("recipient", "sending").unique()
        table = pl.concat([table, others], how="diagonal")
    filled = table.with_columns(pl.col("is_written", "bounced").fill_null(value=False)).sort("recipient")
    is_stranger = ~pl.col("is_written") & pl.col("is_written").any().over("sending")
    return filled.with_columns(is_stranger=is_stranger)


def _sum_mails(events: pl.DataFrame) -> pl.DataFrame:
    kinds = (DrillEventKind.DELIVERED, DrillEventKind.SENT, DrillEventKind.REPORTED, DrillEventKind.BOUNCED)
    chosen = events.filter(pl.col("event").is_in([kind.value for kind in kinds]))
    times = [pl.when(pl.col("event") == kind.value).then(pl.col("at")).alias(kind.value) for kind in kinds]
    delivered, sent, reported, bounced = (pl.col(kind.value).min() for kind in kinds)
    parted = chosen.select("recipient", "sending", *times)
    summed = parted.group_by("recipient").agg(pl.col("sending").first(), delivered, sent, reported, bounced)
    return summed.select(
        "recipient",
        "sending",
        delivered_at=pl.coalesce("delivered", "sent"),
        reported_at=pl.col("reported"),
        bounced=pl.col("bounced").is_not_null(),
        is_written=pl.any_horizontal(pl.col("delivered", "sent", "bounced").is_not_null()),
    )


def split_strangers(events: pl.DataFrame, recipients: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the events of recipients, and those of people who were not written to in drills that list who was."""
    strangers = recipients.filter("is_stranger")["recipient"]
    if strangers.is_empty():
        return events, events.clear()
    is_stranger = pl.col("recipient").is_in(strangers.implode())
    return events.filter(~is_stranger), events.filter(is_stranger)


def build_touches(events: pl.DataFrame, recipients: pl.DataFrame, machines: KnownMachines) -> pl.DataFrame:
    """Return the opens, clicks and posts with the columns that rules read, in the order of the events.

    `events` have the columns of `add_recipients`, `recipients` are of `build_recipients`. `delivered_at` and
    `reported_at` are the recipient's; `delay` is the seconds from delivery, null without one.
    """
    touches = events.filter(pl.col("event").is_in([kind.value for kind in TOUCHES]))
    mails = recipients.select("delivered_at", "reported_at")[touches["recipient"] - 1]
    touches = _add_browsers(_add_places(touches.hstack(mails), machines), machines)
    spot = (pl.col("place") * 2**SPOT_BITS + pl.col("browser")).rank("dense").cast(pl.Int64)
    heads = [text for text in touches["method"].unique().drop_nulls().cast(pl.String) if text.upper() == "HEAD"]
    return touches.with_columns(
        spot=spot,
        delay=(pl.col("at") - pl.col("delivered_at")).dt.total_milliseconds() / 1000,
        bait=((pl.col("link") == "hidden") | pl.col("method").is_in(heads)).fill_null(value=False),
        is_click=pl.col("event") == DrillEventKind.CLICKED.value,
    ).with_columns(visit=pl.col("recipient") * 2**SPOT_BITS + pl.col("spot"))


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
    unique = unique.filter(unique != "")
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
