"""Logs whose files continue where the last one ended, and responses that report that they are incomplete."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files, undo
from homeroom.apps.know.sources.load_report import LoadResult
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.ingest.contract.limits import STANDARD

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


def build_alert(
    number: int, *, agent: str = "007", title: str = "Logon failure", vulnerability_status: str = "", **fields: Any
) -> str:
    event = {
        "timestamp": f"2026-11-{number:02}T08:00:00.000+0000",
        "rule": {"level": 5, "description": title, "id": "60122"},
        "agent": {"id": agent, "name": f"LAB-{agent}", "ip": "198.51.100.7"},
        "manager": {"name": "wazuh"},
        "location": "EventChannel",
        "id": f"alert-{number}",
        **fields,
    }
    if vulnerability_status:
        package = {"name": "openssl", "version": "3.0.1"}
        event["data"] = {
            "vulnerability": {
                "cve": "CVE-2099-3001",
                "severity": "High",
                "status": vulnerability_status,
                "package": package,
            }
        }
    return json.dumps(event)


def write_lines(path: Path, lines: Sequence[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def load_path(path: Path, district: District, store: EvidenceStore) -> list[LoadResult]:
    report = load_files([path], district=district, store=store, at=AT, actor="technician")
    assert report.problems == ()
    return list(report.loaded)


def query_rows(store: EvidenceStore, columns: str, table: str) -> list[tuple[Any, ...]]:
    return open_session(store.pin_snapshot()).execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()


def test_a_second_day_of_alerts_is_added_to_the_first(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    first = load_path(
        write_lines(tmp_path / "1" / "alerts.json", [build_alert(n) for n in range(1, 10)]), district, store
    )
    second = load_path(write_lines(tmp_path / "2" / "alerts.json", [build_alert(20, agent="008")]), district, store)
    assert [load_result.outcome for load_result in (*first, *second)] == ["new", "new"]
    assert len(query_rows(store, "key", "alert_records")) == 10
    assert query_rows(store, "key", "device_records") == [("007",), ("008",)], (
        "an agent without an alert today is still there"
    )
    assert query_rows(store, "key", "device_records_gone") == []
    (current_load,) = store.list_current_loads()
    assert (current_load.mode, current_load.tables["alert_records"].added) == ("delta", 1)


def test_the_second_day_can_be_taken_back_and_loaded_again(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_path(write_lines(tmp_path / "1" / "alerts.json", [build_alert(1)]), district, store)
    path = write_lines(tmp_path / "2" / "alerts.json", [build_alert(2)])
    (second,) = load_path(path, district, store)
    assert second.load is not None
    undo(district=district, store=store, load_id=second.load.id, actor="director", at=AT)
    assert query_rows(store, "key", "alert_records") == [("alert-1",)]
    assert [load_result.outcome for load_result in load_path(path, district, store)] == ["new"]
    assert query_rows(store, "key", "alert_records") == [("alert-1",), ("alert-2",)]


def test_the_first_day_again_after_the_second_is_unchanged(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    write_lines(tmp_path / "in" / "alerts-9.json", [build_alert(1)])
    write_lines(tmp_path / "in" / "alerts-10.json", [build_alert(2), build_alert(3)])
    first = load_path(tmp_path / "in", district, store)
    assert [load_result.files[0].rpartition("/")[2] for load_result in first] == ["alerts-9.json", "alerts-10.json"], (
        "the older first"
    )
    again = load_path(tmp_path / "in", district, store)
    assert [load_result.outcome for load_result in again] == ["unchanged", "unchanged"]
    assert len(store.list_loads()) == 2


def test_a_row_with_the_key_of_an_older_one_takes_its_place(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_path(write_lines(tmp_path / "1" / "alerts.json", [build_alert(1), build_alert(2)]), district, store)
    load_path(
        write_lines(tmp_path / "2" / "alerts.json", [build_alert(2, title="Said again"), build_alert(3)]),
        district,
        store,
    )
    assert query_rows(store, "key, title", "alert_records") == [
        ("alert-1", "Logon failure"),
        ("alert-2", "Said again"),
        ("alert-3", "Logon failure"),
    ]


def test_the_last_of_two_rows_with_one_key_in_a_long_file_stands(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    filler = [build_alert(2, agent=f"{number:05}", id=f"f-{number}") for number in range(STANDARD.rows_per_frame)]
    path = write_lines(
        tmp_path / "alerts.json",
        [
            build_alert(1, vulnerability_status="Active"),
            *filler,
            build_alert(3, vulnerability_status="Solved", id="alert-1"),
        ],
    )
    (load_result,) = load_path(path, district, store)
    assert load_result.rejects == ()
    assert query_rows(store, "device_key, solved", "vulnerability_records") == [("007", True)]
    assert len(query_rows(store, "key", "alert_records")) == STANDARD.rows_per_frame + 1


def test_a_finding_that_a_later_day_calls_solved_is_over(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_path(
        write_lines(
            tmp_path / "1" / "alerts.json",
            [
                build_alert(1, vulnerability_status="Active"),
                build_alert(1, agent="8", vulnerability_status="Active", id="x"),
            ],
        ),
        district,
        store,
    )
    load_path(
        write_lines(tmp_path / "2" / "alerts.json", [build_alert(2, vulnerability_status="Solved")]), district, store
    )
    assert query_rows(store, "device_key, solved", "vulnerability_records") == [("007", True), ("8", False)]
    resolve(district=district, store=store, at=AT, today=AT.date())
    latest = store.get_latest_derived()
    assert latest is not None
    result = open_session(store.pin_snapshot(derived=latest.id)).execute(
        "SELECT d.name, f.cve FROM vulnerabilities_found f JOIN devices d ON d.id = f.device"
    )
    assert result.fetchall() == [("LAB-8", "CVE-2099-3001")]


def build_search_response(*numbers: int, total: int) -> str:
    hits = [
        {
            "_source": {
                "agent": {"id": "007", "name": "LAB-7"},
                "vulnerability": {"id": f"CVE-2099-{number}", "severity": "High"},
                "package": {"name": "openssl", "version": "3.0.1"},
            }
        }
        for number in numbers
    ]
    return json.dumps({"_shards": {"total": 1}, "hits": {"total": {"value": total}, "hits": hits}})


def test_an_answer_of_some_rows_closes_nothing(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    (full,) = load_path(
        write_lines(tmp_path / "1.json", [build_search_response(1001, 1002, 1003, total=3)]), district, store
    )
    (partial,) = load_path(write_lines(tmp_path / "2.json", [build_search_response(1004, total=125)]), district, store)
    assert full.load is not None
    assert partial.load is not None
    assert (full.load.complete, partial.outcome, partial.load.complete) == (True, "new", False)
    assert partial.load.files[0].notes == ("the answer holds 1 of 125 rows",)
    assert len(query_rows(store, "check_id", "vulnerability_records")) == 4
    (repeated,) = load_path(
        write_lines(tmp_path / "3.json", [build_search_response(1001, 1002, 1003, 1004, total=4)]), district, store
    )
    assert (repeated.outcome, repeated.load is not None and repeated.load.complete) == ("new", True)


def build_jamf_page(*numbers: int, total: int) -> str:
    def build_computer(number: int) -> dict[str, Any]:
        return {
            "id": f"{number}",
            "udid": f"U{number}",
            "general": {"name": f"mac-{number}"},
            "hardware": {"serialNumber": f"S{number}"},
        }

    return json.dumps({"totalCount": total, "results": [build_computer(number) for number in numbers]})


def test_pages_of_jamf_are_one_load_that_is_complete_with_the_last(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    write_lines(tmp_path / "in" / "page-0.json", [build_jamf_page(1, 2, total=3)])
    (incomplete,) = load_path(tmp_path / "in", district, store)
    assert incomplete.load is not None
    assert (incomplete.load.complete, incomplete.load.files[0].notes) == (False, ("the pages hold 2 of 3 rows",))
    write_lines(tmp_path / "in" / "page-1.json", [build_jamf_page(3, total=3)])
    (complete,) = load_path(tmp_path / "in", district, store)
    assert complete.load is not None
    assert (complete.load.complete, len(complete.load.files)) == (True, 2)
    assert len(query_rows(store, "key", "device_records")) == 3
    (again,) = load_path(
        write_lines(tmp_path / "other" / "page-0.json", [build_jamf_page(1, total=3)]), district, store
    )
    assert (again.outcome, len(query_rows(store, "key", "device_records"))) == ("new", 3), (
        "a page alone takes nothing away"
    )


def test_evidence_of_an_older_version_with_fewer_columns_takes_a_newer_load(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    (first,) = load_path(
        write_lines(tmp_path / "1" / "alerts.json", [build_alert(1, vulnerability_status="Active")]), district, store
    )
    assert first.load is not None
    path = store.get_blob_path(first.load.tables["vulnerability_records"].blob)
    pq.write_table(pq.read_table(path).drop_columns(["solved"]), path)
    load_path(
        write_lines(tmp_path / "2" / "alerts.json", [build_alert(2, agent="008", vulnerability_status="Active")]),
        district,
        store,
    )
    assert query_rows(store, "device_key, solved", "vulnerability_records") == [("007", None), ("008", False)]
