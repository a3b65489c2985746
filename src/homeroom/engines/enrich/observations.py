"""What rows of logs teach, a batch at a time: successful sign-ins, and the tools that hosts run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

import polars as pl
import pyarrow as pa

from homeroom.engines.enrich.learned_behavior import Aspect, Observation
from homeroom.engines.enrich.parties import clean_address, clip_host_name, find_network

SIGN_IN_LOGS = ("login", "signin", "signins")
SIGN_IN_EVENTS = ("UserLoggedIn",)
PROGRAM_EVENTS = (4688, 1)
SERVICE_EVENTS = (7045, 4697)
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
    """Yield the tools that hosts ran: all programs and services of servers, of others those that open them."""
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
