"""Homeroom's drill log into drill events; `homeroom awareness judge` reads the same format."""

from __future__ import annotations

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.drills.drill_events import DrillFile
from homeroom.ingest.drills.drill_log import LINE_SCHEMA, check_log_rows
from homeroom.ingest.drills.drill_readings import DrillNames, build_drill_reading
from homeroom.ingest.rows.field_table import build_rejects, concat_rejects

TRUTHS = {"true": True, "false": False}


def read_events(frame: pl.DataFrame) -> Reading:
    """Read the lines of a log into `drill_events`. A time without a zone is UTC; the log names no lure."""
    texts = frame.select(
        pl.col("_line").alias("row"),
        *(pl.col(name) if name in frame.columns else pl.lit(None, pl.String).alias(name) for name in LINE_SCHEMA),
    )
    script = pl.col("script").replace_strict(TRUTHS, default=None, return_dtype=pl.Boolean)
    is_readable = pl.col("script").is_null() | script.is_not_null()
    unreadable = texts.filter(~is_readable).rename({"row": "_line"})
    file = DrillFile(file="")
    file.frame = check_log_rows(texts.filter(is_readable).with_columns(script.alias("script")), file)
    reading = build_drill_reading(file, describe=lambda _row, drill: DrillNames(drill=drill, name=drill))
    rejects = build_rejects(unreadable, field="script", reason="is neither true nor false", row_lost=True)
    return Reading(tables=reading.tables, rejects=concat_rejects([reading.rejects, rejects]))
