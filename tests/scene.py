"""A judged morning in the cast's district: loads, a resolved snapshot, two judgements and their findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa

from homeroom.apps.districts.models import District
from homeroom.apps.posture.laying import lay
from homeroom.apps.posture.models import Assessment, ControlResult, Finding, Member, SchoolResult, Standing
from homeroom.apps.posture.shelf import shelf
from homeroom.apps.posture.writing import count_findings
from homeroom.domain.ids import finding_subject, public_id
from homeroom.engines.posture.judging import judge
from homeroom.evidence.manifests import Load
from homeroom.evidence.schema import fitted
from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store
from homeroom.evidence.tables import TABLES
from homeroom.evidence.writing import Draft

TODAY = date(2026, 1, 15)
JUDGED = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)  # 5:10 in the district
BEFORE = datetime(2026, 1, 14, 11, 10, tzinfo=UTC)

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
FIRST, LAST = ("Ruth", "Ming", "Aisha", "Jorge", "Priya", "Kofi"), ("Castellan", "Ondaatje", "Berisha", "Valdez")
SCHOOLS = ("Lincoln Elementary", "Cedar Middle", "Maple Valley High")


def evidence(root: Path, *, district: str) -> Store:
    """The store with loads of three sources (one of them old), a calendar, and a resolved snapshot of 300 and 300."""
    store = Store(root, district=district)
    calendar = [
        {"date": TODAY - timedelta(days=3) + timedelta(days=n), "org_key": "", "kind": "school", "title": None}
        for n in range(5)
    ]
    calendar[4] |= {"kind": "staff", "title": "Staff day"}
    load(store, "district", "district.facts", "calendar_days", calendar, at=JUDGED)
    load(store, "google", "google.users", "account_records", [{"key": "1", "email": "a@maple.test"}], at=JUDGED)
    load(store, "snipeit", "snipeit.assets", "device_records", [{"key": "1"}], at=JUDGED - timedelta(days=12))
    store.publish_derived(snapshot(300), inputs=store.sources_id(), today=TODAY, at=JUDGED)
    return store


def snapshot(size: int) -> dict[str, pa.Table]:
    """Derived tables: accounts 0… and devices 0…, every tenth of them a pupil's."""
    pupils = [n % 10 == 9 for n in range(size)]
    accounts = pl.DataFrame(
        {
            "id": range(size),
            "email": [f"{FIRST[n % 6]}.{LAST[n % 4]}{n}@maple.test".lower() for n in range(size)],
            "name": [f"{FIRST[n % 6]} {LAST[n % 4]}" for n in range(size)],
            "directory": ["google"] * size,
            "kind": ["student" if pupil else "staff" for pupil in pupils],
            "role": ["student" if pupil else "teacher" for pupil in pupils],
            "school": [SCHOOLS[n % 3] for n in range(size)],
            "org_unit": ["/Staff"] * size,
            "enabled": [True] * size,
            "second_factor": [False] * size,
            "last_sign_in": [JUDGED - timedelta(days=n % 40) for n in range(size)],
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
            "holder_name": [f"{FIRST[n % 6]} {LAST[n % 4]}" for n in range(size)],
            "holder_kind": ["student" if pupil else "staff" for pupil in pupils],
            "last_seen": [JUDGED - timedelta(days=30 + n % 40) for n in range(size)],
            "expires_on": [date(2025, 6, 1)] * size,
        }
    )
    return {
        "accounts": fitted(accounts, table=TABLES["accounts"]).to_arrow(),
        "devices": fitted(devices, table=TABLES["devices"]).to_arrow(),
        "people": fitted(pl.DataFrame({"id": []}, schema={"id": pl.Int64}), table=TABLES["people"]).to_arrow(),
    }


def judged(
    district: District, store: Store, *, findings: Sequence[tuple[str, str, int]] = FINDINGS, first: bool = False
) -> None:
    """Two published judgements (or only the first) with these findings open in the newest."""
    derived = store.latest_derived()
    assert derived is not None
    for number, at in ((1, BEFORE), (2, JUDGED))[: 1 if first else 2]:
        _assessment(district, number, at, derived.id)
        _results(district, number, findings)
    _schools(district, 1 if first else 2, findings)
    for control, group, members in findings:
        _finding(district, control, group, members, snapshot=derived.id, opened=1)
    laid_out(district, store, 1 if first else 2)
    Standing.objects.update_or_create(district=district, defaults={"assessment": 1 if first else 2})


def laid_out(district: District, store: Store, number: int) -> None:
    """What assessing does with the members that are written: counts them, and lays out how every subject stands."""
    derived = store.latest_derived()
    assert derived is not None
    with session_of(store.pinned(derived=derived.id)) as session:
        sheets = judge(session, controls=[shelf()[name] for name, *_ in CONTROLS], today=TODAY).sheets
        lay(district=district, store=store, number=number, derived=derived.id, sheets=sheets)
    count_findings(district=district, number=number, today=TODAY)


def fixed_and_returned(district: District) -> None:
    """In the newest judgement: three members fixed, two new, and one back that had been fixed."""
    finding = Finding.objects.of(district).get(control="staff-second-factor")
    rows: dict[str, Any] = {"district": district, "finding": finding, "snapshot": "1"}
    old = [Member(**rows, subject=200 + n, since=TODAY, opened=1, closed=2, why="fixed") for n in range(3)]
    new = [Member(**rows, subject=210 + n, since=TODAY, opened=2) for n in range(2)]
    back = [
        Member(**rows, subject=220, since=TODAY, opened=0, closed=1, why="fixed"),
        Member(**rows, subject=220, since=TODAY, opened=2),
    ]
    Member.objects.bulk_create([*old, *new, *back])


def _assessment(district: District, number: int, at: datetime, derived: str) -> None:
    Assessment.objects.create(
        district=district, number=number, at=at, today=at.date(), derived=derived, controls="c", as_of=at
    )


def _results(district: District, number: int, findings: Sequence[tuple[str, str, int]]) -> None:
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
            not_applicable=outside,
        )
        for name, severity, passing, unknown, excepted, outside, _ in CONTROLS
    )


def _schools(district: District, number: int, findings: Sequence[tuple[str, str, int]]) -> None:
    """A third of what fails in each school, as members' numbers have it; of what passes, ten in each."""
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
            failing=sum(one % len(SCHOOLS) == place for one in members),
            cannot_tell=0,
            excepted=0,
        )
        for place, school in enumerate(SCHOOLS)
        for control, members in failing.items()
    )


def _finding(district: District, control: str, group: str, members: int, *, snapshot: str, opened: int) -> None:
    kind = next(row[6] for row in CONTROLS if row[0] == control)
    public = public_id("finding", finding_subject(control, group))
    row = Finding.objects.create(
        district=district, public=public, control=control, group=group, subject_kind=kind, first_opened=opened
    )
    since = TODAY - timedelta(days=20)
    Member.objects.bulk_create(
        Member(district=district, finding=row, subject=n, since=since, opened=opened, snapshot=snapshot)
        for n in range(members)
    )


def load(store: Store, connector: str, stream: str, table: str, rows: list[dict[str, Any]], *, at: datetime) -> None:
    """One whole load of one table, rows on lines from 2."""
    with store.writing():
        draft = Draft(store.blobs)
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
