"""The derived tables of drills: stored events are judged before resolving, and counts are built after it.

What is older than the retention of events stays as it was at the last time: a drill is judged as long as its events are
stored, and then its outcomes stay until they are past their own retention, and its counts for good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pyarrow as pa

from homeroom.domain.teach import awareness as drill_domain
from homeroom.engines.teach import awareness as drill_engine
from homeroom.engines.teach.awareness.drill_counts import build_drills
from homeroom.engines.teach.awareness.stored_outcomes import (
    OUTCOME_FRAME,
    StoredOutcomes,
    build_drill_key,
    judge_stored_events,
)
from homeroom.evidence.event_files.catalog import read_catalog
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.files.manifests import EvidenceDamaged
from homeroom.evidence.files.polars_schema import POLARS_TYPES, cast_to_table
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.tables import Table
from homeroom.evidence.tables.awareness import DRILL_EVENTS, DRILL_RESULTS, DRILLS
from homeroom.library.teach.awareness.machine_files import load_machines
from homeroom.library.yaml_loader import BUILTIN_CONTENT

EVENTS_GONE_AFTER = 90
"""Days after which a drill without events is an old one; a younger one has none since its load was undone."""
_EVENTS_SQL = """SELECT instance, connector, drill, drill_name, lure, event, email, "at", ip, agent, link, method,
    script, first_only, sent_on FROM drill_events ORDER BY instance, drill, "at", key"""
_BATCH_ROWS = 100_000
_TEXTS = ("instance", "connector", "drill", "drill_name", "lure", "event", "email", "ip", "agent", "link", "method")
_EVENT_FRAME = pl.Schema(
    {
        **dict.fromkeys(_TEXTS, pl.Categorical()),
        "at": pl.Datetime("us", "UTC"),
        "script": pl.Boolean(),
        "first_only": pl.Boolean(),
        "sent_on": pl.Date(),
    }
)
_CARRIED = ("drill", "drill_name", "lure", "connector", "sent_on", "ended_on")


@dataclass(frozen=True, kw_only=True)
class DrillRetention:
    """For how many days after a drill's end its events and its outcomes are stored."""

    events: int
    outcomes: int


@dataclass(frozen=True, kw_only=True)
class JudgedDrillEvents:
    """What resolving and counting need: outcomes by address, facts of drills, and what was published before.

    Outcomes of drills that ended before `first_day` are counted and then dropped.
    """

    judgment: StoredOutcomes
    outcomes: pa.Table
    before: pl.DataFrame
    results_before: pl.DataFrame
    closed: pl.Series
    first_day: date


def judge_drill_events(
    session: duckdb.DuckDBPyConnection,
    *,
    store: EvidenceStore,
    today: date,
    zone: ZoneInfo,
    retention: DrillRetention,
    erased: Collection[int] = (),
) -> JudgedDrillEvents:
    """Judge the drill events of a session, beside the outcomes of earlier drills; `erased` are people without them."""
    before, results_before = _read_before(store)
    results_before = results_before.filter(~pl.col("person").fill_null(-1).is_in(list(erased)))
    events = _read_events(session)
    closed = _list_closed(before, events, today=today, retention=retention)
    open_events = _drop_drills(events, closed)
    judgment = judge_stored_events(open_events, load_machines(), zone=zone)
    stored = results_before.filter(pl.col("drill").is_in(closed.implode()))
    outcomes = pl.concat([judgment.outcomes, _convert_results(stored)])
    return JudgedDrillEvents(
        first_day=today - timedelta(days=retention.outcomes),
        judgment=judgment,
        outcomes=outcomes.to_arrow(),
        before=before,
        results_before=results_before,
        closed=closed,
    )


def add_drill_tables(tables: Mapping[str, pa.Table], drills: JudgedDrillEvents) -> dict[str, pa.Table]:
    """Return the resolved tables and the counts of drills, without outcomes that are too old."""
    results = pl.from_arrow(tables[DRILL_RESULTS.name])
    assert isinstance(results, pl.DataFrame)
    counts = build_drills(
        drills.judgment.drills,
        results,
        before=drills.before,
        results_before=drills.results_before,
        closed=drills.closed,
    )
    remaining = results.filter(pl.col("ended_on") >= drills.first_day)
    return {
        **tables,
        DRILL_RESULTS.name: remaining.to_arrow().cast(build_arrow_schema(DRILL_RESULTS)),
        DRILLS.name: counts.to_arrow().cast(build_arrow_schema(DRILLS)),
    }


def hash_drill_events(store: EvidenceStore, retention: DrillRetention) -> str:
    """Hash which drill events are stored, and for how long (12 hex digits), so that others derive the tables again."""
    days = read_catalog(store.folder).tables.get(DRILL_EVENTS.name, {})
    blobs = sorted(segment.blob for segments in days.values() for segment in segments if not segment.is_variant)
    return hashlib.sha256("\n".join([repr(retention), *blobs]).encode()).hexdigest()[:12]


@cache
def hash_drill_rules() -> str:
    """Hash the rules and known machines of drills (12 hex digits), so that changed ones derive the tables again."""
    folders = (Path(drill_engine.__file__).parent, Path(drill_domain.__file__).parent)
    code = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    content = sorted((BUILTIN_CONTENT / "awareness").glob("*.yaml"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in (*code, *content))).hexdigest()[:12]


def _read_events(session: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return the stored events; texts are categories, since each of them is in many rows."""
    batches = session.execute(_EVENTS_SQL).to_arrow_reader(_BATCH_ROWS)
    frames = [pl.DataFrame(batch).select(_EVENT_FRAME.names()).cast(_EVENT_FRAME) for batch in batches]
    return pl.concat([pl.DataFrame(schema=_EVENT_FRAME), *frames])


def _list_closed(before: pl.DataFrame, events: pl.DataFrame, *, today: date, retention: DrillRetention) -> pl.Series:
    """Return the keys of drills that stay as they were: they ended too long ago to be judged again."""
    pairs = events.select("instance", "drill").unique().iter_rows()
    with_events = [build_drill_key(instance, drill) for instance, drill in pairs]
    gone_after = min(EVENTS_GONE_AFTER, retention.events)
    is_old = pl.col("ended_on") < today - timedelta(days=retention.events)
    is_gone = ~pl.col("key").is_in(with_events) & (pl.col("ended_on") < today - timedelta(days=gone_after))
    return before.filter(is_old | is_gone)["key"]


def _drop_drills(events: pl.DataFrame, closed: pl.Series) -> pl.DataFrame:
    """Return the events of other drills than the closed ones."""
    if closed.is_empty() or events.is_empty():
        return events
    pairs = events.select("instance", "drill").unique()
    keys = [build_drill_key(instance, drill) for instance, drill in pairs.iter_rows()]
    closed_pairs = pairs.with_columns(key=pl.Series(keys, dtype=pl.String)).filter(
        pl.col("key").is_in(closed.implode())
    )
    return events.join(closed_pairs, on=["instance", "drill"], how="anti", maintain_order="left")


def _convert_results(results: pl.DataFrame) -> pl.DataFrame:
    """Return stored rows of `drill_results` as outcomes."""
    columns = results.select(
        *_CARRIED,
        pl.col("key").alias("old_key"),
        pl.lit(None, dtype=pl.String).alias("email"),
        *("person", "delivered", "missed", "clicked", "delivered_at", "reported_at", "rules"),
    )
    return columns.cast(OUTCOME_FRAME)


def _read_before(store: EvidenceStore) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the drills and their results as they were resolved last, by the newest snapshot that can be read."""
    newest = store.get_latest_derived()
    for derived in [] if newest is None else [newest.id, *store.iter_earlier_derived(before=newest.id)]:
        try:
            tables = store.get_derived(derived).tables
            if DRILLS.name in tables and DRILL_RESULTS.name in tables:
                drills, results = (
                    _read_rows(store, tables[table.name].blob, table=table) for table in (DRILLS, DRILL_RESULTS)
                )
                return drills, results
        except (EvidenceDamaged, NoSuchLoad, OSError, pl.exceptions.PolarsError):
            continue
    return _build_empty(DRILLS), _build_empty(DRILL_RESULTS)


def _build_empty(table: Table) -> pl.DataFrame:
    return pl.DataFrame(schema={column.name: POLARS_TYPES[column.type] for column in table.columns})


def _read_rows(store: EvidenceStore, blob: str, *, table: Table) -> pl.DataFrame:
    return cast_to_table(pl.read_parquet(store.get_blob_path(blob)), table=table)
