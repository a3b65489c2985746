"""Drills that ended so long ago that their events are not stored any more.

Events of a drill expire together, so many days after its end: single days of it would make other results. What is not
judged yet is stored until it is, for at most a month after its load, so that a tool that is connected for the first
time shows its earlier drills.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import polars as pl

from homeroom.evidence.drill_frames import compute_drill_ends
from homeroom.evidence.event_files.catalog import EventSegment
from homeroom.evidence.event_files.segment_schema import SEEN
from homeroom.evidence.event_files.segments import read_segments
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import Table
from homeroom.evidence.tables.awareness import DRILLS

DRILL = ("instance", "drill")
_SCHEMA = pl.Schema({"instance": pl.String(), "drill": pl.String(), "ended_on": pl.Date()})


def list_closed_drills(store: EvidenceStore, *, day: date, stored_days: int) -> pl.DataFrame:
    """Return the instance and id of the judged drills whose events are past their days on a day."""
    drills = _read_judged_drills(store)
    return drills.filter(pl.col("ended_on") < day - timedelta(days=stored_days)).select(DRILL)


def find_expired_drills(
    store: EvidenceStore,
    days: Mapping[str, Sequence[EventSegment]],
    *,
    table: Table,
    at: datetime,
    stored_days: int,
    unjudged_until: datetime,
) -> pl.DataFrame:
    """Return the instance and id of the drills of segments, by day, whose events are past their days.

    Those that no snapshot has judged are past them only if they were loaded before `unjudged_until`.
    """
    segments = [segment for day in days.values() for segment in day]
    rows = read_segments(store.blobs, segments, table=table, columns=(*DRILL, "event", "at", SEEN))
    loads = rows.group_by(DRILL).agg(pl.col(SEEN).max())
    drills = compute_drill_ends(rows).join(loads, on=DRILL, nulls_equal=True)
    judgments = _read_judged_drills(store).select(*DRILL, is_judged=pl.lit(value=True))
    is_past = pl.col("ended_on").is_null() | (pl.col("ended_on") < at.date() - timedelta(days=stored_days))
    is_known = pl.col("is_judged").fill_null(value=False) | (pl.col(SEEN) < unjudged_until)
    return drills.join(judgments, on=DRILL, how="left").filter(is_past & is_known).select(DRILL)


def _read_judged_drills(store: EvidenceStore) -> pl.DataFrame:
    newest = store.get_latest_derived()
    if newest is None or DRILLS.name not in newest.tables:
        return pl.DataFrame(schema=_SCHEMA)
    return pl.read_parquet(store.get_blob_path(newest.tables[DRILLS.name].blob), columns=_SCHEMA.names())
