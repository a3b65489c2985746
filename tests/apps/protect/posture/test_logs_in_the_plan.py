"""Logs that nobody reads are findings, and enter the weekly plan until they come."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.conf import LazySettings

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.manage.planning.weeks import plan_for_week
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.canaries.registry import add_canary, plant_canary, retire_canary
from homeroom.apps.protect.detection.log_status import add_log_table, load_log_facts
from homeroom.apps.protect.posture.commands import AssessmentReport, assess
from homeroom.apps.protect.posture.models import Member
from homeroom.domain.protect.detections.canaries import CanaryPlace
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import build_view_schema, open_session_over
from homeroom.library.protect.controls import load_controls
from homeroom.library.protect.logs.log_kinds import load_log_kinds
from tests.assessed_district import publish_load
from tests.cast import Cast, create_cast
from tests.unit.evidence.event_loads import load_rows

pytestmark = pytest.mark.django_db

TODAY, AT = date(2026, 1, 15), datetime(2026, 1, 15, 11, tzinfo=UTC)
LOGS = ("login", "admin", "drive", "token")
MONITORING = [control for control in load_controls() if control.area == "monitoring"]


class LoggedDistrict:
    """A district that loads lists and logs of its products, and is assessed by the controls about logs."""

    def __init__(self, cast: Cast) -> None:
        self.district, self.runs = cast.district, 0
        self.store: EvidenceStore = get_evidence_store(district=cast.district)

    def load(self, connector: str, stream: str, table: str, rows: list[dict[str, Any]]) -> None:
        publish_load(self.store, connector, stream, table, rows, at=AT + timedelta(minutes=self.runs))

    def load_log(self, log: str, *, day: date = TODAY - timedelta(days=1), days: int = 1) -> None:
        at = datetime.combine(day, datetime.min.time(), UTC)
        rows = [
            {"key": f"{log}-{day}-{number}", "at": at - timedelta(days=number), "log": log, "event": "any"}
            for number in range(days)
        ]
        load_rows(self.store, rows, at=datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=1))

    def run_assessment(self, *, today: date = TODAY) -> AssessmentReport:
        self.runs += 1
        at = datetime.combine(today, AT.timetz()) + timedelta(minutes=self.runs)
        resolve(district=self.district, store=self.store, today=today, at=at)
        return assess(district=self.district, store=self.store, today=today, at=at, controls=MONITORING)

    def count_states(self, control: str, *, today: date = TODAY) -> tuple[int, int, int]:
        report = self.run_assessment(today=today).serialize()
        line = next(line for line in report["controls"] if line["id"] == control)
        return line["passing"], line["failing"], line["cannot_tell"]


@pytest.fixture
def logged(db: None, tmp_path: Path, settings: LazySettings) -> LoggedDistrict:
    settings.DATA = tmp_path / "data"
    district = LoggedDistrict(create_cast())
    district.load("google", "google.users", "account_records", [{"key": "1", "email": "ana@maple.example"}])
    return district


def test_logs_that_nobody_reads_enter_the_plan_and_are_fixed_by_a_log_without_any_new_list(
    logged: LoggedDistrict,
) -> None:
    report = logged.run_assessment().serialize()
    unknown = {line["id"]: line["cannot_tell"] for line in report["controls"]}
    assert (unknown["google-logs-read"], unknown["microsoft-logs-read"], unknown["windows-security-read"]) == (0, 2, 1)
    week = plan_for_week(district=logged.district, today=TODAY)
    jobs = {entry.job.id: entry.job for entry in (*week.items, *week.left_out)}
    minutes = {kind.id: kind.minutes for kind in load_log_kinds()}
    assert jobs["google-logs-read"].minutes == sum(minutes[f"google-{log}"] for log in LOGS)
    logged.load_log("login")
    assert logged.count_states("google-logs-read") == (1, 3, 0)
    assert list(Member.objects.of(logged.district).exclude(why="").values_list("why", flat=True)) == ["fixed"]


def test_a_log_that_fell_silent_is_one_finding_not_two(logged: LoggedDistrict) -> None:
    for log in LOGS:
        logged.load_log(log, day=TODAY - timedelta(days=9), days=20)
    report = logged.run_assessment().serialize()
    failing = {line["id"]: line["failing"] for line in report["controls"]}
    assert (failing["log-not-silent"], failing["google-logs-read"]) == (4, 0)


def read_logs(logged: LoggedDistrict, **tables: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the rows of the derived table by kind, over resolved tables in memory."""
    resolved = {
        name: pa.Table.from_pylist(tables.get(name, []), schema=build_view_schema(name))
        for name in ("accounts", "devices")
    }
    canaries = pa.Table.from_pylist(tables.get("canaries", []), schema=build_view_schema("canaries"))
    facts = load_log_facts(district=logged.district, store=logged.store, today=TODAY)
    session = open_session_over({"canaries": canaries})
    rows = add_log_table(session, resolved, facts=facts, today=TODAY)["logs"].to_pylist()
    return {row["kind"]: row for row in rows}


def test_domain_controllers_are_servers_that_are_called_so_or_stand_in_their_unit(logged: LoggedDistrict) -> None:
    assert read_logs(logged)["windows-security"]["here"] is None
    server = {"os_edition": "Windows Server 2022"}
    devices = [
        {**server, "id": 1, "name": "MV-DC01.maple.example"},
        {**server, "id": 2, "name": "OAK", "org_unit": "/Domain Controllers"},
        {**server, "id": 3, "name": "MV-FILE01"},
        {"id": 4, "name": "LIB-DC01", "os_edition": "Windows 11 Education"},
    ]
    row = read_logs(logged, devices=devices)["windows-security"]
    assert (row["here"], row["read"], row["silent_servers"]) == (True, False, ["mv-dc01", "oak"])


def test_active_directory_is_windows_too(logged: LoggedDistrict) -> None:
    logged.load("activedirectory", "activedirectory.users", "account_records", [{"key": "3", "email": "ana@x.example"}])
    assert read_logs(logged)["windows-security"]["here"] is True


def test_a_canary_is_planted_in_the_directory_that_has_it(logged: LoggedDistrict) -> None:
    accounts = [
        {"id": 1, "directory": "google", "email": "Svc-Old@maple.example", "identifiers": []},
        {"id": 2, "directory": "activedirectory", "email": "svc-sql@maple.example", "identifiers": []},
    ]

    def read_planted(kind: str, value: str) -> list[bool | None]:
        rows = read_logs(logged, accounts=accounts, canaries=[{"kind": kind, "value": value}])
        return [rows[f"{product}-canaries"]["read"] for product in ("google", "microsoft", "windows")]

    assert read_planted("account", "svc-old@maple.example") == [True, False, False]
    assert read_planted("account", "SVC-SQL") == [False, False, True]
    assert read_planted("account", "svc-new") == [None, None, None]  # in a directory that was not loaded yet
    at = {"actor": "technician", "at": AT}
    number = add_canary(
        district=logged.district, place=CanaryPlace.ENTRA_ACCOUNT, title="svc-copier@maple.example", **at
    )
    assert read_planted("document", "1AbC") == [True, False, False]  # chosen, and not planted yet
    plant_canary(district=logged.district, number=number, value="svc-copier@maple.example", **at)
    assert read_planted("document", "1AbC") == [True, True, False]
    retire_canary(district=logged.district, number=number, **at)
    assert read_planted("document", "1AbC") == [True, False, False]
    assert read_planted("file", "hr\\payroll.xlsx") == [False, False, True]
