"""Homeroom's own drill log: a line of JSON for each event.

Most logs are read as columns at once; a log with a line that is no object of the format is read line by line.
"""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from homeroom.domain.awareness.drill_events import DrillEventKind
from homeroom.evidence.drill_frames import DRILL_FRAME
from homeroom.ingest.drills.drill_events import TIME_FITS, DrillFile, UnfitEvent

TEXTS = ("drill", "person", "event", "at", "ip", "agent", "link", "method")
LINE_SCHEMA = {**dict.fromkeys(TEXTS, pl.String), "script": pl.Boolean}
LINKS = ("main", "hidden")
EVENTS_FIT = ", ".join(DrillEventKind)
FIRST_YEAR, LAST_YEAR = 1990, 2199
_FORMATS = ("%+", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f")


def is_log_line(value: object) -> bool:
    """Check whether a JSON value is an event of the log."""
    return isinstance(value, dict) and "drill" in value and "event" in value


def read_drill_log(path: Path, file: DrillFile) -> None:
    """Read the events of a log; `row` is the line. Lines without text are left out."""
    frame = _read_at_once(path)
    if frame is None:
        frame = _read_by_line(path, file)
    file.frame = _check_rows(frame, file)


def _read_at_once(path: Path) -> pl.DataFrame | None:
    """Return the lines as columns with their numbers; None where any line needs a look of its own."""
    try:
        frame = pl.read_ndjson(path, schema=LINE_SCHEMA)
    except (pl.exceptions.PolarsError, OSError):
        return None
    if frame.height != _count_lines(path):
        return None
    return frame.with_row_index("row", offset=1).with_columns(pl.col("row").cast(pl.Int64))


def _count_lines(path: Path) -> int:
    """Count the lines; a blank line makes the number differ from that of events, so that each is looked at."""
    lines, last = 0, b"\n"
    with path.open("rb") as handle:
        while block := handle.read(1 << 22):
            lines, last = lines + block.count(b"\n"), block[-1:]
    return lines + (last != b"\n")


def _read_by_line(path: Path, file: DrillFile) -> pl.DataFrame:
    """Return the lines that are objects of the format; others are rejected with the reason."""
    rows: list[tuple[object, ...]] = []
    with path.open("rb") as handle:
        for number, line in enumerate(handle, start=1):
            if line.strip():
                try:
                    rows.append((number, *_decode_line(line)))
                except UnfitEvent as error:
                    file.reject(number, error)
    return pl.DataFrame(rows, schema={"row": pl.Int64, **LINE_SCHEMA}, orient="row")


def _decode_line(line: bytes) -> tuple[object, ...]:
    try:
        value: Any = msgspec.json.decode(line.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnfitEvent("", "is no JSON", "an object a line") from None
    if not isinstance(value, dict):
        raise UnfitEvent("", "is no object", "an object a line")
    for name in TEXTS:
        if not isinstance(value.get(name), str | None):
            raise UnfitEvent(name, "is no text", "text, or nothing")
    if not isinstance(value.get("script"), bool | None):
        raise UnfitEvent("script", "is neither true nor false", "true, false, or nothing")
    return (*(value.get(name) for name in TEXTS), value.get("script"))


def _check_rows(frame: pl.DataFrame, file: DrillFile) -> pl.DataFrame:
    """Return the rows that fit, as the schema has them; add the problems of the others."""
    ready = frame.with_columns(
        pl.col("drill").str.strip_chars(),
        pl.col("person").str.strip_chars().str.to_lowercase(),
        pl.col("event").str.to_lowercase(),
        pl.col("ip", "agent", "link", "method").replace("", None),
        moment=pl.coalesce(
            pl.col("at")
            .str.to_datetime(_FORMATS[0], time_unit="ns", time_zone="UTC", strict=False)
            .dt.replace_time_zone(None),
            *(pl.col("at").str.to_datetime(pattern, time_unit="ns", strict=False) for pattern in _FORMATS[1:]),
        ),
    )
    ready = _normalize_addresses(ready)
    reason = _build_reason()
    checked = ready.with_columns(problem=reason)
    for row, name in checked.filter(pl.col("problem").is_not_null()).select("row", "problem").iter_rows():
        text, fits = REASONS[name]
        file.reject(row, UnfitEvent(name, text, fits))
    valid = checked.filter(pl.col("problem").is_null())
    return (
        valid.with_columns(
            pl.lit(file.file).alias("file"), pl.lit(value=False).alias("first_only"), at=pl.col("moment")
        )
        .select(DRILL_FRAME.names())
        .cast(DRILL_FRAME)
    )


def _parse_zoned(text: pl.Expr) -> pl.Expr:
    """Build the moment in UTC of a text with a zone; null where it has none."""
    moment = text.str.to_datetime(_FORMATS[0], time_unit="ns", time_zone="UTC", strict=False)
    return moment.dt.replace_time_zone(None)


REASONS = {
    "drill": ("is missing", "the name of the drill"),
    "person": ("is missing", "the address of the recipient"),
    "event": ("is no event that is known", EVENTS_FIT),
    "at": ("is no time", TIME_FITS),
    "ip": ("is no IP address", "an address such as 203.0.113.7, or nothing"),
    "link": ("is no link that is known", ", ".join(LINKS)),
}


def _build_reason() -> pl.Expr:
    """Build the name of the first field that does not fit; null where all do."""
    year = pl.col("moment").dt.year()
    return (
        pl.when(pl.col("drill").fill_null("") == "")
        .then(pl.lit("drill"))
        .when(pl.col("person").fill_null("") == "")
        .then(pl.lit("person"))
        .when(~pl.col("event").is_in(list(DrillEventKind)).fill_null(value=False))
        .then(pl.lit("event"))
        .when(~year.is_between(FIRST_YEAR, LAST_YEAR).fill_null(value=False))
        .then(pl.lit("at"))
        .when(pl.col("ip").is_not_null() & pl.col("address").is_null())
        .then(pl.lit("ip"))
        .when(~pl.col("link").is_in(LINKS).fill_null(value=True))
        .then(pl.lit("link"))
    )


def _normalize_addresses(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `address`: the IP address of each `ip` as it is usually written; null where it is none."""
    unique = frame.select(pl.col("ip").drop_nulls().unique())
    addresses = unique.with_columns(address=pl.Series([_normalize(text) for text in unique["ip"]], dtype=pl.String))
    joined = frame.join(addresses, on="ip", how="left", maintain_order="left")
    return joined.with_columns(ip=pl.coalesce("address", "ip"))


def _normalize(text: str) -> str | None:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return None
