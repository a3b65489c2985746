"""Record what a product or vendor was given: counts by column, and none of the values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings

from homeroom.apps.platform.audit.announcing import WRITTEN, ChangedArea, announce_changes
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.comply.privacy.flows import FlowWay
from homeroom.domain.comply.privacy.vendor_names import build_vendor_key
from homeroom.domain.platform.district import District
from homeroom.engines.comply.privacy.flow_inputs import list_staff_emails
from homeroom.evidence.diff.load_scopes import DISTRICT_SCOPE
from homeroom.evidence.files.manifests import Load, LoadedFile
from homeroom.evidence.loads.manifest_paths import get_manifest_path
from homeroom.evidence.loads.store import LOCK_SECONDS, EvidenceStore
from homeroom.evidence.loads.writer import LoadWriter
from homeroom.evidence.query.session import open_session
from homeroom.evidence.tables.flows import SENT_RECORDS
from homeroom.ingest.contract.errors import Problem
from homeroom.ingest.sent_data.count_files import count_files
from homeroom.ingest.sent_data.counts import ColumnCount, SentCounts
from homeroom.library.comply.privacy.elements import load_vocabulary

CONNECTOR = "sent"
READER_VERSION = "1"


class NothingSent(Exception):
    """Nothing could be recorded: no file could be read, or the name or the day does not fit."""

    def __init__(self, problems: Sequence[Problem], *, reason: str) -> None:
        super().__init__(reason)
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class SentReport:
    """What was recorded: to whom and when, the columns by way, what could not be read, and the ids of the loads."""

    recipient: str
    sent_on: date
    counts: SentCounts
    loads: tuple[str, ...]


def record_sent(
    paths: Sequence[Path],
    *,
    district: District,
    store: EvidenceStore,
    recipient: str,
    sent_on: date,
    today: date,
    at: datetime,
    actor: str = "",
) -> SentReport:
    """Count the files and publish the counts as evidence. Raise NothingSent, and StoreBusy.

    A roster takes the place of one that was sent on the same day; sheets with the same columns likewise.
    """
    name = " ".join(recipient.split())
    if not build_vendor_key(name):
        raise NothingSent((), reason=f"{recipient!r} is no name; the product or vendor by name would fit")
    if sent_on > today:
        raise NothingSent((), reason=f"{sent_on} is in the future; a day up to {today} would fit")
    counts = count_files(
        paths, vocabulary=load_vocabulary(), limits=settings.LIMITS, staff_emails=_load_staff_emails(store)
    )
    if not counts.roster and not counts.sheets and counts.problems:
        raise NothingSent(counts.problems, reason="nothing was recorded")
    sent_columns = {FlowWay.ROSTER: counts.roster, FlowWay.HAND: counts.sheets}
    loads: list[Load] = []
    with announce_changes(district=district, area=ChangedArea.EVIDENCE, wait=LOCK_SECONDS) as changes:
        for way, columns in sent_columns.items():
            if columns:
                with store.lock_for_writing():
                    draft = _write_rows(columns, way=way, store=store, recipient=name, sent_on=sent_on, at=at)
                    load = store.number_load(draft)
                    entry = _describe_entry(columns, actor=actor, recipient=name, sent_on=sent_on, at=at)
                    path = get_manifest_path(store.folder, load.id)
                    changes.announce(path=path, after=WRITTEN, **entry)
                    loads.append(store.publish(load))
    if not loads:
        record_audit_entry(
            district=district, **_describe_entry((), actor=actor, recipient=name, sent_on=sent_on, at=at)
        )
    return SentReport(recipient=name, sent_on=sent_on, counts=counts, loads=tuple(load.id for load in loads))


def _load_staff_emails(store: EvidenceStore) -> frozenset[str]:
    newest = store.get_latest_derived()
    if newest is None:
        return frozenset()
    with open_session(store.pin_snapshot(derived=newest.id)) as session:
        return list_staff_emails(session)


def _describe_entry(
    columns: Iterable[ColumnCount], *, actor: str, recipient: str, sent_on: date, at: datetime
) -> dict[str, Any]:
    """Return what the audit entry of a load states."""
    return {
        "at": at,
        "actor": actor,
        "action": "record what was sent",
        "subject_kind": "vendor",
        "subject": recipient,
        "detail": {"sent_on": sent_on.isoformat(), "elements": sorted({entry.element for entry in columns})},
    }


def _write_rows(
    columns: Iterable[ColumnCount],
    *,
    way: FlowWay,
    store: EvidenceStore,
    recipient: str,
    sent_on: date,
    at: datetime,
) -> Load:
    """Write the rows of a load, and return it as it is to be published. Call it inside `lock_for_writing`."""
    rows = _merge_columns(columns)
    batch = hashlib.sha256("\n".join(f"{element}\t{column}" for element, column in sorted(rows)).encode()).hexdigest()[
        :12
    ]
    frame = pl.DataFrame(
        [
            {
                "recipient": recipient,
                "way": str(way),
                "sent_on": sent_on,
                "batch": batch,
                "element": element,
                "column": column,
                "students": students,
                "guardians": guardians,
                "children": children,
                "schools": list(schools) or None,
                "school_children": list(map(str, schools.values())) or None,
            }
            for (element, column), (students, guardians, children, schools) in sorted(rows.items())
        ],
        schema_overrides={
            "sent_on": pl.Date(),
            "schools": pl.List(pl.String()),
            "school_children": pl.List(pl.String()),
        },
    )
    writer = LoadWriter(store.blobs)
    try:
        writer.write(SENT_RECORDS.name, frame, file=0)
        tables, _, _ = writer.finish(names=[str(way)])
    except BaseException:
        writer.abandon()
        raise
    fingerprint = hashlib.sha256(repr((recipient, way, sent_on, sorted(rows.items()))).encode()).hexdigest()
    key = build_vendor_key(recipient)
    stream = f"{key}-{way}-{sent_on:%Y%m%d}" + (f"-{batch}" if way is FlowWay.HAND else "")
    return Load(
        id="",
        connector=CONNECTOR,
        instance=CONNECTOR,
        stream=stream,
        scope=DISTRICT_SCOPE,
        mode="full",
        loaded_at=at,
        fingerprint=fingerprint,
        reader_version=READER_VERSION,
        files=(
            LoadedFile(
                name=f"{way} to {recipient}",
                kind=f"sent by {way}",
                sha256=fingerprint,
                bytes=0,
                rows=frame.height,
            ),
        ),
        tables=tables,
        rows_read=frame.height,
        rows_kept=frame.height,
        rows_rejected=0,
    )


def _merge_columns(columns: Iterable[ColumnCount]) -> dict[tuple[str, str], tuple[int, int, int, dict[str, int]]]:
    """Return (students, guardians, children, children by school) by element and column, of all files together."""
    rows: dict[tuple[str, str], tuple[int, int, int, dict[str, int]]] = {}
    for entry in columns:
        students, guardians, children, schools = rows.get((entry.element, entry.column), (0, 0, 0, {}))
        rows[entry.element, entry.column] = (
            students + entry.students,
            guardians + entry.guardians,
            children + entry.children,
            {**schools, **{name: schools.get(name, 0) + number for name, number in entry.schools}},
        )
    return rows
