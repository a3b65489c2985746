"""Events of a drill as rows of `drill_events`, for connectors: what is read from a file or a page of a console."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

import polars as pl

from homeroom.evidence.files.polars_schema import POLARS_TYPES
from homeroom.evidence.tables import TABLES
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import Problem
from homeroom.ingest.contract.reject_frames import REJECT_SCHEMA
from homeroom.ingest.drills.drill_events import DrillFile

TABLE = "drill_events"
TYPED = "typed text"
"""The name under which events are counted whose typed text was dropped."""
KEY_BYTES = 16
_BETWEEN = "\x1f"


@dataclass(frozen=True, kw_only=True)
class DrillNames:
    """What a tool names of the drill of an event: its id, its name, its lure, and the day on which it began."""

    drill: str
    name: str | None = None
    lure: str | None = None
    sent_on: date | None = None


def build_drill_reading(
    file: DrillFile, *, describe: Callable[[int, str], DrillNames], build_key: Callable[[int, str], str] | None = None
) -> Reading:
    """Build the reading of what was read into a `DrillFile`.

    `describe` returns the drill of an event from its row and the name under which it was read. `build_key` returns the
    tool's own id of an event from its row and kind; without it the key is a hash of what identifies the event, so that
    an event has the same key in each export that holds it.
    """
    frame = file.build_frame()
    names = [describe(row, drill) for row, drill in zip(frame["row"], frame["drill"].cast(pl.String), strict=True)]
    texts = frame.select(pl.col("person", "event", "ip", "agent", "link", "method").cast(pl.String))
    drills = pl.Series("drill", [item.drill for item in names], dtype=pl.String)
    columns = {
        "key": pl.Series(_list_keys(frame, texts, drills, build_key), dtype=pl.String),
        "drill": drills,
        "drill_name": pl.Series([item.name for item in names], dtype=pl.String),
        "lure": pl.Series([item.lure for item in names], dtype=pl.String),
        "event": texts["event"],
        "email": texts["person"],
        "at": frame["at"].dt.cast_time_unit("us").dt.replace_time_zone("UTC"),
        **{name: texts[name] for name in ("ip", "agent", "link", "method")},
        "script": frame["script"],
        "first_only": frame["first_only"],
        "sent_on": pl.Series([item.sent_on for item in names], dtype=pl.Date),
    }
    types = {column.name: POLARS_TYPES[column.type] for column in TABLES[TABLE].columns}
    rows = pl.DataFrame({name: values.cast(types[name]) for name, values in columns.items()})
    rows = rows.with_columns(frame["row"].alias("_line"))
    return Reading(
        tables={TABLE: rows},
        rejects=build_drill_rejects(file.problems),
        dropped={TYPED: file.typed} if file.typed else {},
    )


def build_drill_rejects(problems: Iterable[Problem]) -> pl.DataFrame:
    """Build the rejects of problems; none has a value, which could be what somebody typed."""
    rejects = [(item.line, item.field or "", None, _describe(item), True) for item in problems]
    return pl.DataFrame(rejects, schema=REJECT_SCHEMA, orient="row")


def _describe(problem: Problem) -> str:
    return f"{problem.reason}; {problem.fits} fits" if problem.fits else problem.reason


def _list_keys(
    frame: pl.DataFrame, texts: pl.DataFrame, drills: pl.Series, build_key: Callable[[int, str], str] | None
) -> Sequence[str]:
    if build_key is not None:
        return [build_key(row, event) for row, event in zip(frame["row"], texts["event"], strict=True)]
    parts = [drills, *(texts[name].fill_null("") for name in texts.columns), frame["at"].dt.epoch("ns").cast(pl.String)]
    joined = pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator=_BETWEEN)).to_series()
    return [blake2b(text.encode(), digest_size=KEY_BYTES).hexdigest() for text in joined]
