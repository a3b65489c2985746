"""Homeroom's own drill log: a line of JSON for each event.

Blocks of lines are read as columns at once; a block with a line that is no object of the format is read line by line.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from homeroom.domain.teach.awareness.drill_events import DrillEventKind
from homeroom.evidence.drill_frames import DRILL_FRAME
from homeroom.ingest.drills.drill_events import TIME_FITS, DrillFile, UnfitEvent

TEXTS = ("drill", "person", "event", "at", "ip", "agent", "link", "method")
LINE_SCHEMA = {**dict.fromkeys(TEXTS, pl.String), "script": pl.Boolean}
LINKS = ("main", "hidden")
KINDS = [kind.value for kind in DrillEventKind]
EVENTS_FIT = ", ".join(DrillEventKind)
FIRST_YEAR, LAST_YEAR = 1990, 2199
BLOCK = 24 << 20
"""Bytes that are read at once."""
_LOCAL_FORMATS = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f")
REASONS = {
    "drill": ("is missing", "the name of the drill"),
    "person": ("is missing", "the address of the recipient"),
    "event": ("is no event that is known", EVENTS_FIT),
    "at": ("is no time", TIME_FITS),
    "ip": ("is no IP address", "an address such as 203.0.113.7, or nothing"),
    "link": ("is no link that is known", ", ".join(LINKS)),
}


def is_log_line(value: object) -> bool:
    """Check whether a JSON value is an event of the log."""
    return isinstance(value, dict) and "drill" in value and "event" in value


def read_drill_log(path: Path, file: DrillFile) -> None:
    """Read the events of a log; `row` is the line. Lines without text are left out."""
    frames = [check_log_rows(frame, file) for frame in _iter_frames(path, file)]
    file.frame = pl.concat(frames) if frames else pl.DataFrame(schema=DRILL_FRAME)


def _iter_frames(path: Path, file: DrillFile) -> Iterator[pl.DataFrame]:
    """Yield the lines of each block as columns with their numbers."""
    first = 1
    with path.open("rb") as handle:
        while block := handle.read(BLOCK):
            block += handle.readline()
            lines = block.count(b"\n") + (not block.endswith(b"\n"))
            frame = _read_at_once(block, first, lines)
            yield _read_by_line(block, first, file) if frame is None else frame
            first += lines


def _read_at_once(block: bytes, first: int, lines: int) -> pl.DataFrame | None:
    """Return the lines as columns with their numbers; None where any line needs a look of its own."""
    try:
        frame = pl.read_ndjson(io.BytesIO(block), schema=LINE_SCHEMA)
    except pl.exceptions.PolarsError:
        return None
    if frame.height != lines:
        return None
    return frame.with_row_index("row", offset=first).with_columns(pl.col("row").cast(pl.Int64))


def _read_by_line(block: bytes, first: int, file: DrillFile) -> pl.DataFrame:
    """Return the lines that are objects of the format; others are rejected with the reason."""
    rows: list[tuple[object, ...]] = []
    for number, line in enumerate(block.split(b"\n"), start=first):
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


def check_log_rows(frame: pl.DataFrame, file: DrillFile) -> pl.DataFrame:
    """Return the rows that fit, as the frame of drills has them; add the problems of the others."""
    ready = frame.with_columns(
        pl.col("drill", "agent", "method").cast(pl.Categorical),
        moment=_parse_moments(frame["at"]),
        has_address=(pl.col("ip") != "").fill_null(value=False),
    ).drop("at")
    ready = _normalize_column(ready, "event", _fold, usual=KINDS)
    ready = _normalize_column(ready, "link", _fold, usual=LINKS)
    ready = _normalize_column(ready, "person", _fold)
    ready = _normalize_column(ready, "ip", _normalize_address)
    checked = ready.with_columns(problem=_build_problem())
    for row, name in checked.filter(pl.col("problem").is_not_null()).select("row", "problem").iter_rows():
        text, fits = REASONS[name]
        file.reject(row, UnfitEvent(name, text, fits))
    valid = checked.filter(pl.col("problem").is_null())
    return valid.select(
        pl.lit(file.file, dtype=pl.Categorical).alias("file"),
        "row", "drill", "person", "event", pl.col("moment").alias("at"), "ip", "agent", "link", "method", "script",
        pl.lit(value=False).alias("first_only"),
    )  # fmt: skip


def _parse_moments(texts: pl.Series) -> pl.Series:
    """Return the moments in UTC; null where a text is none. A text without a zone is taken to be UTC."""
    moments = texts.str.to_datetime("%+", time_unit="ns", time_zone="UTC", strict=False).dt.replace_time_zone(None)
    for pattern in _LOCAL_FORMATS:
        if moments.null_count() == 0:
            break
        moments = moments.zip_with(moments.is_not_null(), texts.str.to_datetime(pattern, time_unit="ns", strict=False))
    return moments


def _normalize_column(
    frame: pl.DataFrame, name: str, normalize: Callable[[str], str | None], *, usual: Sequence[str] = ()
) -> pl.DataFrame:
    """Replace each text of a column by its normal form, looking at each distinct text that is not usual once."""
    column = frame[name].cast(pl.Categorical)
    if usual and (column.is_null() | column.is_in(list(usual))).all():
        return frame.with_columns(column)
    unique = column.unique().drop_nulls()
    texts = unique.cast(pl.String).to_list()
    forms = [normalize(text) for text in texts]
    if forms == texts:
        return frame.with_columns(column)
    table = pl.DataFrame({name: unique, "form": pl.Series(forms, dtype=pl.String).cast(pl.Categorical)})
    joined = frame.with_columns(column).join(table, on=name, how="left", maintain_order="left")
    return joined.with_columns(pl.col("form").alias(name)).drop("form")


def _fold(text: str) -> str | None:
    return text.strip().lower() or None


def _normalize_address(text: str) -> str | None:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return None


def _build_problem() -> pl.Expr:
    """Build the name of the first field that does not fit; null where all do."""
    year = pl.col("moment").dt.year()
    return (
        pl.when((pl.col("drill") == "").fill_null(value=True))
        .then(pl.lit("drill"))
        .when(pl.col("person").is_null())
        .then(pl.lit("person"))
        .when(~pl.col("event").is_in(KINDS).fill_null(value=False))
        .then(pl.lit("event"))
        .when(~year.is_between(FIRST_YEAR, LAST_YEAR).fill_null(value=False))
        .then(pl.lit("at"))
        .when(pl.col("has_address") & pl.col("ip").is_null())
        .then(pl.lit("ip"))
        .when(~pl.col("link").is_in(LINKS).fill_null(value=True))
        .then(pl.lit("link"))
    )
