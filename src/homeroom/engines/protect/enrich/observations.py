"""What rows of logs teach, a batch at a time: successful sign-ins, and the tools that hosts run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

import polars as pl
import pyarrow as pa

from homeroom.engines.protect.enrich.host_roles import DOMAIN_CONTROLLER
from homeroom.engines.protect.enrich.learned_behavior import HOST_MARK, Aspect, Observation
from homeroom.engines.protect.enrich.parties import clean_address, clip_host_name, find_network

SIGN_IN_LOGS = ("login", "signin", "signins")
SIGN_IN_EVENTS = ("UserLoggedIn",)
PROGRAM_EVENTS = (4688, 1)
SERVICE_EVENTS = (7045, 4697)
TICKET_EVENTS = (4768, 4769, 4770, 4771)
TAKING_EVENTS = (
    *("download", "source_copy", "email_as_attachment", "print"),
    *("FileDownloaded", "FileSyncDownloadedFull", "FileCopied"),
)
"""Events by which a file leaves its place; how many an account has a day is learned."""
_PROGRAM_FIELDS = ("NewProcessName", "Image", "ImagePath", "ServiceFileName", "ServiceName")


def iter_sign_ins(rows: pa.RecordBatch, *, timezone: str) -> Iterator[Observation]:
    """Yield where accounts signed in from with success, by the day in the district's zone."""
    frame = (
        pl.DataFrame(rows)
        .filter(
            pl.col("outcome").eq("success")
            & (pl.col("log").is_in(SIGN_IN_LOGS) | pl.col("event").is_in(SIGN_IN_EVENTS))
            & pl.col("actor_email").is_not_null()
            & pl.col("at").is_not_null()
        )
        .select(
            pl.col("actor_email").str.to_lowercase().alias("account"),
            pl.col("country").str.to_uppercase(),
            "address",
            "asn",
            pl.col("at").dt.convert_time_zone(timezone).dt.date().alias("day"),
        )
    )
    for aspect, column in ((Aspect.COUNTRY, "country"), (Aspect.NETWORK, "address"), (Aspect.CARRIER, "asn")):
        distinct = frame.select("account", column, "day").drop_nulls().unique(maintain_order=True)
        for account, value, day in distinct.iter_rows():
            text = find_network(clean_address(value)) if aspect == Aspect.NETWORK else str(value)
            if text:
                yield Observation(aspect=aspect, subject=account, value=text, day=day)


def iter_tools(
    rows: pa.RecordBatch, *, timezone: str, tools: Sequence[str], is_server: Callable[[str], bool]
) -> Iterator[Observation]:
    """Yield the tools that hosts ran: all programs and services of servers, of others those that open them.

    Each day also yields a tool of no host: that nothing was installed is a history too.
    """
    for day in _list_days(rows, timezone=timezone):
        yield Observation(aspect=Aspect.TOOL, subject="", value="", day=day)
    frame = (
        pl.DataFrame(rows)
        .filter(pl.col("event_id").is_in((*PROGRAM_EVENTS, *SERVICE_EVENTS)) & pl.col("at").is_not_null())
        .select(
            "computer",
            pl.coalesce(*(pl.col("details").str.json_path_match(f"$.{name}") for name in _PROGRAM_FIELDS)).alias(
                "program"
            ),
            pl.col("at").dt.convert_time_zone(timezone).dt.date().alias("day"),
        )
        .drop_nulls()
        .unique(maintain_order=True)
    )
    for computer, program, day in frame.iter_rows():
        host, tool = clip_host_name(computer).casefold(), name_tool(program)
        if tool and (is_server(host) or tool.startswith(tuple(tools))):
            yield Observation(aspect=Aspect.TOOL, subject=host, value=tool, day=day)


def iter_host_days(
    rows: pa.RecordBatch, *, timezone: str, is_server: Callable[[str], bool]
) -> Iterator[tuple[str, date, int]]:
    """Yield how many events each server had on each day, by source and host as `windows//DC01`."""
    frame = (
        pl.DataFrame(rows)
        .filter(pl.col("at").is_not_null() & pl.col("source").is_not_null() & pl.col("computer").is_not_null())
        .group_by("source", "computer", pl.col("at").dt.convert_time_zone(timezone).dt.date().alias("day"))
        .len()
        .sort("source", "computer", "day")
    )
    for source, computer, day, count in frame.iter_rows():
        host = clip_host_name(computer).upper()
        if is_server(host):
            yield f"{source}{HOST_MARK}{host}", day, count


def iter_controllers(rows: pa.RecordBatch, *, timezone: str) -> Iterator[Observation]:
    """Yield the hosts that gave out Kerberos tickets, which only domain controllers do."""
    frame = pl.DataFrame(rows).filter(pl.col("event_id").is_in(TICKET_EVENTS) & pl.col("at").is_not_null())
    days = pl.col("at").dt.convert_time_zone(timezone).dt.date().alias("day")
    for computer, day in frame.select("computer", days).drop_nulls().unique(maintain_order=True).iter_rows():
        host = clip_host_name(computer).casefold()
        yield Observation(aspect=Aspect.ROLE, subject=host, value=DOMAIN_CONTROLLER, day=day)


def _list_days(rows: pa.RecordBatch, *, timezone: str) -> list[date]:
    times = pl.DataFrame(rows).select(pl.col("at").dt.convert_time_zone(timezone).dt.date()).to_series()
    return times.drop_nulls().unique().sort().to_list()


def name_tool(program: str) -> str:
    """Return the name of a program, without its folder and extension, in lower case."""
    text = program.strip().strip('"')
    if ".exe" in text.lower():
        text = text[: text.lower().index(".exe")]
    return text.replace("/", "\\").rpartition("\\")[2].strip().casefold()


def iter_volumes(rows: pa.RecordBatch, *, timezone: str) -> Iterator[tuple[str, date, int]]:
    """Yield how many files each account took on each day."""
    frame = (
        pl.DataFrame(rows)
        .filter(pl.col("event").is_in(TAKING_EVENTS) & pl.col("actor_email").is_not_null() & pl.col("at").is_not_null())
        .group_by(
            pl.col("actor_email").str.to_lowercase().alias("account"),
            pl.col("at").dt.convert_time_zone(timezone).dt.date().alias("day"),
            maintain_order=True,
        )
        .len()
    )
    yield from frame.iter_rows()


def iter_log_days(rows: pa.RecordBatch, *, log_column: str, timezone: str) -> Iterator[tuple[str, date, int, datetime]]:
    """Yield how many entries each log had on each day, with the time of the newest."""
    yield from (
        pl.DataFrame(rows)
        .filter(pl.col("at").is_not_null() & pl.col("source").is_not_null() & pl.col(log_column).is_not_null())
        .group_by(
            pl.format("{}/{}", "source", log_column).alias("log"),
            pl.col("at").dt.convert_time_zone(timezone).dt.date().alias("day"),
            maintain_order=True,
        )
        .agg(pl.len(), pl.col("at").max())
        .iter_rows()
    )
