"""An assessed morning in the cast's district: loads, a resolved snapshot, two assessments and their findings."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from homeroom.apps.platform.districts.models import District
from homeroom.apps.protect.posture.assess.publisher import write_finding_results
from homeroom.apps.protect.posture.assess.state_writer import write_state_files
from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.apps.protect.posture.models import (
    Assessment,
    ControlResult,
    Finding,
    Member,
    PublishedAssessment,
    SchoolResult,
)
from homeroom.apps.protect.posture.rows.subject_states import TABLE_OF
from homeroom.domain.ids import format_public_id, hash_finding_id
from homeroom.engines.protect.posture.evaluate import evaluate_controls
from homeroom.engines.protect.posture.evaluation import ControlStates
from homeroom.evidence.files.manifests import Load
from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.loads.writer import LoadWriter
from homeroom.evidence.page_cache.row_store import open_row_store
from homeroom.evidence.query.session import open_session
from homeroom.evidence.tables import TABLES
from tests.prepared_folders import prepare_folder

TODAY = date(2026, 1, 15)
ASSESSED_AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)  # 5:10 in the district
PREVIOUS_AT = datetime(2026, 1, 14, 11, 10, tzinfo=UTC)

# control, severity, passing, cannot tell, excepted, not applicable, subject kind
CONTROLS: tuple[tuple[str, str, int, int, int, int, str], ...] = (
    ("staff-second-factor", "high", 581, 214, 2, 9_102, "account"),
    ("admin-second-factor", "critical", 9, 0, 0, 9_890, "account"),
    ("leaver-account", "high", 9_871, 0, 0, 0, "account"),
    ("never-used-account", "low", 9_850, 12, 0, 0, "account"),
    ("unknown-person", "medium", 9_890, 0, 0, 0, "account"),
    ("chromeos-expired", "high", 6_214, 31, 0, 2_000, "device"),
    ("chromeos-silent", "medium", 6_100, 4, 0, 2_000, "device"),
    ("windows-10", "high", 300, 8, 0, 7_900, "device"),
    ("chromeos-developer-mode", "medium", 6_245, 0, 0, 2_000, "device"),
)
# control, group, number of open members
FINDINGS: tuple[tuple[str, str, int], ...] = (
    ("staff-second-factor", "", 17),
    ("admin-second-factor", "", 2),
    ("leaver-account", "", 8),
    ("never-used-account", "", 44),
    ("unknown-person", "", 3),
    ("chromeos-expired", "", 61),
    ("chromeos-silent", "Cart 7, Lincoln Elementary", 24),
    ("windows-10", "", 5),
)
FIRST_NAMES, LAST_NAMES = (
    ("Ruth", "Ming", "Aisha", "Jorge", "Priya", "Kofi"),
    ("Castellan", "Ondaatje", "Berisha", "Valdez"),
)
SCHOOLS = ("Lincoln Elementary", "Cedar Middle", "Maple Valley High")


def publish_evidence(root: Path, *, district: str) -> EvidenceStore:
    """Publish and return evidence: loads of three sources (one of them old), a calendar, and a resolved snapshot.

    The snapshot has 300 accounts and 300 devices. It is built once per run, with its rows for pages, and copied.
    """
    template = prepare_folder(f"evidence-{district}", lambda folder: _build_evidence(folder, district=district))
    shutil.copytree(template, root, dirs_exist_ok=True)
    return EvidenceStore(root, district=district)


def _build_evidence(root: Path, *, district: str) -> None:
    store = EvidenceStore(root, district=district)
    calendar = [
        {"date": TODAY - timedelta(days=3) + timedelta(days=n), "org_key": "", "kind": "school", "title": None}
        for n in range(5)
    ]
    calendar[4] |= {"kind": "staff", "title": "Staff day"}
    publish_load(store, "district", "district.facts", "calendar_days", calendar, at=ASSESSED_AT)
    publish_load(
        store, "google", "google.users", "account_records", [{"key": "1", "email": "a@maple.test"}], at=ASSESSED_AT
    )
    publish_load(
        store, "snipeit", "snipeit.assets", "device_records", [{"key": "1"}], at=ASSESSED_AT - timedelta(days=12)
    )
    derived = store.publish_derived(build_snapshot(300), inputs=store.compute_sources_id(), today=TODAY, at=ASSESSED_AT)
    for table in TABLE_OF.values():
        open_row_store(store, derived=derived.id, table=table)


def build_snapshot(size: int) -> dict[str, pa.Table]:
    """Build derived tables: accounts 0… and devices 0…, every tenth of them a student's."""
    students = [n % 10 == 9 for n in range(size)]
    accounts = pl.DataFrame(
        {
            "id": range(size),
            "email": [f"{FIRST_NAMES[n % 6]}.{LAST_NAMES[n % 4]}{n}@maple.test".lower() for n in range(size)],
            "name": [f"{FIRST_NAMES[n % 6]} {LAST_NAMES[n % 4]}" for n in range(size)],
            "directory": ["google"] * size,
            "kind": ["student" if student else "staff" for student in students],
            "role": ["student" if student else "teacher" for student in students],
            "school": [SCHOOLS[n % 3] for n in range(size)],
            "org_unit": ["/Staff"] * size,
            "enabled": [True] * size,
            "second_factor": [False] * size,
            "last_sign_in": [ASSESSED_AT - timedelta(days=n % 40) for n in range(size)],
        }
    )
    devices = pl.DataFrame(
        {
            "id": range(size),
            "serial": [f"5CD{n:07}" for n in range(size)],
            "asset_tag": [f"MV-{n:05}" for n in range(size)],
            "kind": ["chromebook"] * size,
            "model": ["Chromebook 3100"] * size,
            "school": [SCHOOLS[n % 3] for n in range(size)],
            "cart": ["Cart 7"] * size,
            "holder_name": [f"{FIRST_NAMES[n % 6]} {LAST_NAMES[n % 4]}" for n in range(size)],
            "holder_kind": ["student" if student else "staff" for student in students],
            "last_seen": [ASSESSED_AT - timedelta(days=30 + n % 40) for n in range(size)],
            "expires_on": [date(2025, 6, 1)] * size,
        }
    )
    return {
        "accounts": cast_to_table(accounts, table=TABLES["accounts"]).to_arrow(),
        "devices": cast_to_table(devices, table=TABLES["devices"]).to_arrow(),
        "people": cast_to_table(pl.DataFrame({"id": []}, schema={"id": pl.Int64}), table=TABLES["people"]).to_arrow(),
    }


def publish_assessments(
    district: District,
    store: EvidenceStore,
    *,
    findings: Sequence[tuple[str, str, int]] = FINDINGS,
    first_only: bool = False,
) -> None:
    """Publish two assessments (or only the first) with these findings open in the newest."""
    derived = store.get_latest_derived()
    assert derived is not None
    for number, at in ((1, PREVIOUS_AT), (2, ASSESSED_AT))[: 1 if first_only else 2]:
        _create_assessment(district, number, at, derived.id)
        _create_results(district, number, findings)
    _create_school_results(district, 1 if first_only else 2, findings)
    for control, group, members in findings:
        _create_finding(district, control, group, members, snapshot=derived.id, opened=1)
    materialize_assessment(district, store, 1 if first_only else 2)
    PublishedAssessment.objects.update_or_create(district=district, defaults={"assessment": 1 if first_only else 2})


def materialize_assessment(district: District, store: EvidenceStore, number: int) -> None:
    """Count the written members and materialize every subject's state for pages, as assessing does."""
    derived = store.get_latest_derived()
    assert derived is not None
    evidence = (derived.id, store.compute_sources_id())
    if evidence not in _states_by_evidence:
        _states_by_evidence[evidence] = _evaluate_states(store, derived=derived.id)
    sheets = _states_by_evidence[evidence]
    write_state_files(district=district, store=store, number=number, derived=derived.id, sheets=sheets)
    write_finding_results(district=district, number=number, today=TODAY, people={})


def _evaluate_states(store: EvidenceStore, *, derived: str) -> Mapping[str, ControlStates]:
    with open_session(store.pin_snapshot(derived=derived)) as session:
        controls = [load_all_controls()[name] for name, *_ in CONTROLS]
        return evaluate_controls(session, controls=controls, today=TODAY).control_states


_states_by_evidence: dict[tuple[str, str], Mapping[str, ControlStates]] = {}
"""The states of the controls by the ids of a snapshot and its sources; most tests assess the same ones."""


def change_members(district: District) -> None:
    """Change the newest assessment: three members fixed, two new, and one returned that had been fixed."""
    finding = Finding.objects.of(district).get(control="staff-second-factor")
    shared: dict[str, Any] = {"district": district, "finding": finding, "snapshot": "1"}
    fixed_members = [Member(**shared, subject=200 + n, since=TODAY, opened=1, closed=2, why="fixed") for n in range(3)]
    new_members = [Member(**shared, subject=210 + n, since=TODAY, opened=2) for n in range(2)]
    returned_members = [
        Member(**shared, subject=220, since=TODAY, opened=0, closed=1, why="fixed"),
        Member(**shared, subject=220, since=TODAY, opened=2),
    ]
    Member.objects.bulk_create([*fixed_members, *new_members, *returned_members])


def _create_assessment(district: District, number: int, at: datetime, derived: str) -> None:
    Assessment.objects.create(
        district=district, number=number, at=at, today=at.date(), derived=derived, controls="c", as_of=at
    )


def _create_results(district: District, number: int, findings: Sequence[tuple[str, str, int]]) -> None:
    failing = {name: sum(n for control, _, n in findings if control == name) for name, *_ in CONTROLS}
    ControlResult.objects.bulk_create(
        ControlResult(
            district=district,
            assessment=number,
            control=name,
            severity=severity,
            population=passing + failing[name] + unknown + excepted,
            passing=passing,
            failing=failing[name],
            cannot_tell=unknown,
            excepted=excepted,
            not_applicable=not_applicable,
        )
        for name, severity, passing, unknown, excepted, not_applicable, _ in CONTROLS
    )


def _create_school_results(district: District, number: int, findings: Sequence[tuple[str, str, int]]) -> None:
    """Create results with a third of the failing members in each school, by number, and ten passing in each."""
    failing: dict[str, list[int]] = {}
    for control, _, members in findings:
        failing.setdefault(control, []).extend(range(members))
    SchoolResult.objects.of(district).delete()
    SchoolResult.objects.bulk_create(
        SchoolResult(
            district=district,
            assessment=number,
            school=school,
            control=control,
            passing=10,
            failing=sum(member % len(SCHOOLS) == school_index for member in members),
            cannot_tell=0,
            excepted=0,
        )
        for school_index, school in enumerate(SCHOOLS)
        for control, members in failing.items()
    )


def _create_finding(district: District, control: str, group: str, members: int, *, snapshot: str, opened: int) -> None:
    kind = next(row[6] for row in CONTROLS if row[0] == control)
    public = format_public_id("finding", hash_finding_id(control, group))
    row = Finding.objects.create(
        district=district, public=public, control=control, group=group, subject_kind=kind, first_opened=opened
    )
    since = TODAY - timedelta(days=20)
    Member.objects.bulk_create(
        Member(district=district, finding=row, subject=n, since=since, opened=opened, snapshot=snapshot)
        for n in range(members)
    )


def publish_load(
    store: EvidenceStore, connector: str, stream: str, table: str, rows: list[dict[str, Any]], *, at: datetime
) -> None:
    """Publish one complete load of one table, with rows on lines from 2."""
    with store.lock_for_writing():
        draft = LoadWriter(store.blobs)
        draft.write(
            table, pl.DataFrame([{"_line": n} | row for n, row in enumerate(rows, 2)], infer_schema_length=None), file=0
        )
        tables, _, _ = draft.finish(names=["export.csv"])
        store.publish(
            Load(
                id="",
                connector=connector,
                instance=connector,
                stream=stream,
                scope="/",
                mode="full",
                loaded_at=at,
                fingerprint=(connector * 20)[:20],
                reader_version="1",
                files=(),
                tables=tables,
                rows_read=len(rows),
                rows_kept=len(rows),
                rows_rejected=0,
            )
        )
