"""Resolve a district: read evidence, publish derived evidence, and update the inventory projection."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import filelock
import pyarrow as pa
from django.conf import settings

from homeroom.apps.comply.vendors.flow_table import add_flow_table, hash_flow_rules
from homeroom.apps.know.inventory.decisions import hash_decisions, load_decisions
from homeroom.apps.know.inventory.ledger import load_ledger, load_merged_subjects, select_entries
from homeroom.apps.know.inventory.models import LedgerMerge, Projection
from homeroom.apps.know.inventory.named_lists import build_named_lists, hash_named_lists, list_nameable_lists
from homeroom.apps.know.inventory.projection_merge import (
    ProjectionChange,
    close_entries,
    diff_ledger,
    diff_projection,
    finish_merge,
    merge_projection,
)
from homeroom.apps.know.tool_names.answers import hash_same_names, list_same_names
from homeroom.apps.know.tool_names.finder import build_tool_finder
from homeroom.apps.manage.tools.tool_tables import add_tool_tables, hash_tool_rules
from homeroom.apps.protect.detection.log_status import add_log_table, hash_log_facts, load_log_facts
from homeroom.apps.protect.vulnerabilities.review.derived_tables import (
    add_vulnerability_tables,
    hash_vulnerability_rules,
)
from homeroom.apps.teach.awareness.coaching import build_help_talks, hash_help_talks
from homeroom.apps.teach.awareness.drill_tables import (
    DrillRetention,
    add_drill_tables,
    hash_drill_events,
    hash_drill_rules,
    judge_drill_events,
)
from homeroom.domain.ids import format_public_id, parse_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.engines.know import resolve as resolve_engine
from homeroom.engines.know.resolve import MatchExplanation, ResolveResult
from homeroom.engines.know.resolve import explain as explained_from
from homeroom.engines.know.resolve import resolve as resolved_from
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.session import SINGLE_THREAD, open_session
from homeroom.library.know.software import hash_product_files, load_products

LOCK_SECONDS = 600


class ResolveBusy(Exception):
    """Another resolve of the district is running."""


class NotResolved(Exception):
    """The district was never resolved, or has no such subject."""


@dataclass(frozen=True, kw_only=True)
class ResolveReport:
    """Result of a resolve: the number of subjects, changes in the inventory, and worthless identifiers.

    `worthless` rows are (kind, identifier, masked value, number of records with it); empty if nothing was resolved
    again.
    """

    derived: str
    generation: int
    people: int
    accounts: int
    devices: int
    opened: int
    closed: int
    merged: int
    worthless: tuple[tuple[str, str, str, int], ...]


def resolve(
    *,
    district: District,
    store: EvidenceStore,
    today: date,
    at: datetime,
    progress: Progress | None = None,
    erased: Collection[tuple[str, str]] = (),
) -> ResolveReport:
    """Resolve the current loads, publish the result as derived evidence, and update the inventory.

    Repeated over the same loads on the same day it changes nothing. Entries of the ledger whose record, as (instance,
    key), was `erased` close with it. Raise ResolveBusy if another run does not end within LOCK_SECONDS.
    """
    store.folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(store.folder / "resolve.lock", timeout=LOCK_SECONDS):
            return _resolve_locked(district, store, today, at, progress or ignore_progress, erased)
    except filelock.Timeout as timeout:
        raise ResolveBusy("another resolve of this district is running; try again when it has ended") from timeout


def export_links(store: EvidenceStore) -> Iterator[dict[str, Any]]:
    """Yield a row per person and device with the ids of its source records.

    A row is {"id": public id, "records": [{"source": connector, "key": the source's id}]}. If a connector has several
    sources, such as two tenants, each appears under its own name. A person's records are the person records and those
    of the person's accounts. Raise NotResolved.
    """
    newest = store.get_latest_derived()
    if newest is None:
        raise NotResolved("nothing was resolved yet; run homeroom resolve")
    session = open_session(store.pin_snapshot(derived=newest.id).restrict_to("links"))
    rows = session.execute(
        """WITH shown AS (SELECT connector, count(DISTINCT instance) > 1 AS several FROM links GROUP BY connector)
        SELECT subject_kind, id, list({'source': source, 'key': key} ORDER BY source, key) FROM (
            SELECT DISTINCT subject_kind, id, CASE WHEN several THEN instance ELSE connector END AS source, key
            FROM links JOIN shown USING (connector) WHERE subject_kind IN ('person', 'device'))
        GROUP BY ALL ORDER BY subject_kind DESC, id"""
    )
    while batch := rows.fetchmany(5_000):
        for kind, subject, records in batch:
            yield {"id": format_public_id(kind, subject), "records": records}


def explain_subject(
    *, district: District, store: EvidenceStore, public: str, masked: bool = True
) -> tuple[MatchExplanation, ...]:
    """Return the records of one subject and the rule that joined each; a merged id leads to its successor.

    Raise ValueError if `public` is not an id, and NotResolved if there is no such subject.
    """
    kind, subject = parse_public_id(public)
    merge_row = LedgerMerge.objects.of(district).filter(kind=kind, subject=subject, closed=None).first()
    while merge_row is not None:
        subject = merge_row.into
        merge_row = LedgerMerge.objects.of(district).filter(kind=kind, subject=subject, closed=None).first()
    newest = store.get_latest_derived()
    if newest is None:
        raise NotResolved("nothing was resolved yet; run homeroom resolve")
    session = open_session(store.pin_snapshot(derived=newest.id).restrict_to("links"))
    links = session.execute("SELECT * FROM links WHERE subject_kind = ? AND id = ?", [kind, subject]).to_arrow_table()
    explanations = explained_from(links, kind=kind, subject=subject, masked=masked)
    if not explanations:
        raise NotResolved(f"there is no {kind} {public}")
    return explanations


def _resolve_locked(
    district: District,
    store: EvidenceStore,
    today: date,
    at: datetime,
    progress: Progress,
    erased: Collection[tuple[str, str]],
) -> ResolveReport:
    projection, _ = Projection.objects.get_or_create(district_id=district.pk)
    sources, published_snapshot = store.compute_sources_id(), _find_published_snapshot(store, projection)
    decisions = load_decisions(district=district)
    named_lists = build_named_lists(list_nameable_lists(district=district, store=store))
    logs = load_log_facts(district=district, store=store, today=today)
    same_names = list_same_names(district=district)
    rules = f"{hash_rules()}{hash_decisions(decisions)}{hash_named_lists(named_lists)}{hash_same_names(same_names)}"
    retention = DrillRetention(events=settings.EVENT_RETENTION["drill_events"], outcomes=settings.DRILL_RESULT_DAYS)
    talks = build_help_talks(district=district)
    inputs = f"{sources}-{rules}{hash_log_facts(logs)}{hash_drill_events(store, retention)}{hash_help_talks(talks)}"
    if (unchanged_report := _report_if_unchanged(store, projection, inputs=inputs, today=today)) is not None:
        return unchanged_report
    reset_district = district if published_snapshot is None and projection.derived else None
    pinned = store.pin_snapshot(derived=published_snapshot)
    if store.compute_sources_id() != sources:  # a load was published in between: begin again with it
        return _resolve_locked(district, store, today, at, progress, erased)
    session = open_session(pinned, limits=SINGLE_THREAD)
    ledger = load_ledger(district=district, generation=projection.generation)
    merged_subjects = load_merged_subjects(district=district, generation=projection.generation)
    forgotten = select_entries(ledger, erased)
    drills = judge_drill_events(
        session,
        store=store,
        today=today,
        zone=ZoneInfo(district.timezone),
        retention=retention,
        erased=_list_people(forgotten),
    )
    resolved = resolved_from(
        session,
        ledger=ledger,
        today=today,
        spent=merged_subjects,
        decisions=decisions,
        named_lists=named_lists,
        drill_outcomes=drills.outcomes,
        help_talks=talks,
        products=load_products(),
        finder=build_tool_finder(session, same=same_names),
        progress=progress,
    )
    tables = add_vulnerability_tables(session, resolved.tables, today=today)
    tables = add_flow_table(session, tables, today=today)
    tables = add_tool_tables(session, tables, today=today, same=same_names)
    tables = add_drill_tables(add_log_table(session, tables, facts=logs, today=today), drills)
    derived = store.publish_derived(tables, inputs=inputs, today=today, at=at)
    as_of = max(pinned.sources["loaded_at"].to_pylist(), default=at)
    if derived.id == projection.derived:
        if projection.writing is not None:
            finish_merge(district=district, store=store, generation=projection.generation)
        return _build_report(resolved, derived.id, projection.generation, 0, 0)
    changes = _iter_changes(
        session, ledger=ledger, resolved=resolved, reset_district=reset_district, forgotten=forgotten
    )
    merge_result = merge_projection(
        district=district,
        store=store,
        projection=projection,
        changes=changes,
        derived=derived.id,
        as_of=as_of,
        progress=progress,
    )
    return _build_report(resolved, derived.id, merge_result.generation, merge_result.opened, merge_result.closed)


@cache
def hash_rules() -> str:
    """Return one hash (12 hex digits) of the resolve engine's code and the products that content defines.

    New rules thus cause a new resolve.
    """
    content_rules = hash_product_files().encode() + hash_vulnerability_rules().encode()
    content_rules += hash_flow_rules().encode() + hash_tool_rules().encode() + hash_drill_rules().encode()
    files = sorted(Path(resolve_engine.__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files) + content_rules).hexdigest()[:12]


def _report_if_unchanged(
    store: EvidenceStore, projection: Projection, *, inputs: str, today: date
) -> ResolveReport | None:
    """Return the report of the published snapshot if the same rules, loads and day produced it, else None."""
    newest = store.get_latest_derived()
    if newest is None or projection.writing is not None:
        return None
    if (newest.id, newest.inputs, newest.today) != (projection.derived, inputs, today):
        return None
    rows = {name: part.rows for name, part in newest.tables.items()}
    return ResolveReport(
        derived=newest.id,
        generation=projection.generation,
        people=rows["people"],
        accounts=rows["accounts"],
        devices=rows["devices"],
        opened=0,
        closed=0,
        merged=0,
        worthless=(),
    )


def _find_published_snapshot(store: EvidenceStore, projection: Projection) -> str | None:
    """Return the resolved snapshot that the projection shows; None if there is none or it was deleted."""
    if not projection.derived:
        return None
    try:
        return store.get_derived(projection.derived).id
    except NoSuchLoad:
        return None


def _list_people(entries: pa.Table) -> set[int]:
    """Return the people of entries of the ledger."""
    return {row["subject"] for row in entries.to_pylist() if row["kind"] == "person"}


def _iter_changes(
    session: duckdb.DuckDBPyConnection,
    *,
    ledger: pa.Table,
    resolved: ResolveResult,
    reset_district: District | None,
    forgotten: pa.Table,
) -> Iterator[ProjectionChange]:
    return chain(
        close_entries(forgotten),
        diff_projection(session, tables=resolved.tables, reset_district=reset_district),
        diff_ledger(session, ledger=ledger, added=resolved.ledger_added, merged=resolved.merged),
    )


def _build_report(resolved: ResolveResult, derived: str, generation: int, opened: int, closed: int) -> ResolveReport:
    tables: Mapping[str, pa.Table] = resolved.tables
    return ResolveReport(
        derived=derived,
        generation=generation,
        people=tables["people"].num_rows,
        accounts=tables["accounts"].num_rows,
        devices=tables["devices"].num_rows,
        opened=opened,
        closed=closed,
        merged=resolved.merged.num_rows,
        worthless=tuple(
            (row["kind"], row["identifier"], row["value"], row["count"]) for row in resolved.worthless.to_pylist()
        ),
    )
