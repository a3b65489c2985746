"""Logs, whose files go on where the last one ended, and answers that say themselves that they are not the whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from homeroom.apps.districts.commands import make_district
from homeroom.apps.districts.models import District
from homeroom.apps.inventory.commands import resolve
from homeroom.apps.sources.commands import load, undo
from homeroom.apps.sources.reports import Loaded
from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store
from homeroom.ingest.limits import STANDARD

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def district() -> District:
    return make_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evidence", district="maple")


def alert(number: int, *, agent: str = "007", title: str = "Logon failure", flaw: str = "", **more: Any) -> str:
    made = {
        "timestamp": f"2026-11-{number:02}T08:00:00.000+0000",
        "rule": {"level": 5, "description": title, "id": "60122"},
        "agent": {"id": agent, "name": f"LAB-{agent}", "ip": "198.51.100.7"},
        "manager": {"name": "wazuh"},
        "location": "EventChannel",
        "id": f"alert-{number}",
        **more,
    }
    if flaw:
        package = {"name": "openssl", "version": "3.0.1"}
        made["data"] = {
            "vulnerability": {"cve": "CVE-2099-3001", "severity": "High", "status": flaw, "package": package}
        }
    return json.dumps(made)


def written(path: Path, lines: Sequence[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def loaded(path: Path, district: District, store: Store) -> list[Loaded]:
    report = load([path], district=district, store=store, at=AT, actor="technician")
    assert report.problems == ()
    return list(report.loaded)


def rows(store: Store, columns: str, table: str) -> list[tuple[Any, ...]]:
    return session_of(store.pinned()).execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()


def test_a_second_day_of_alerts_is_added_to_the_first(tmp_path: Path, district: District, store: Store) -> None:
    first = loaded(written(tmp_path / "1" / "alerts.json", [alert(n) for n in range(1, 10)]), district, store)
    second = loaded(written(tmp_path / "2" / "alerts.json", [alert(20, agent="008")]), district, store)
    assert [one.outcome for one in (*first, *second)] == ["new", "new"]
    assert len(rows(store, "key", "alert_records")) == 10
    assert rows(store, "key", "device_records") == [("007",), ("008",)], (
        "an agent without an alert today is still there"
    )
    assert rows(store, "key", "device_records_gone") == []
    (standing,) = store.standing()
    assert (standing.mode, standing.tables["alert_records"].added) == ("delta", 1)


def test_the_second_day_can_be_taken_back_and_loaded_again(tmp_path: Path, district: District, store: Store) -> None:
    loaded(written(tmp_path / "1" / "alerts.json", [alert(1)]), district, store)
    path = written(tmp_path / "2" / "alerts.json", [alert(2)])
    (second,) = loaded(path, district, store)
    assert second.load is not None
    undo(district=district, store=store, load_id=second.load.id, actor="director", at=AT)
    assert rows(store, "key", "alert_records") == [("alert-1",)]
    assert [one.outcome for one in loaded(path, district, store)] == ["new"]
    assert rows(store, "key", "alert_records") == [("alert-1",), ("alert-2",)]


def test_the_first_day_again_after_the_second_is_unchanged(tmp_path: Path, district: District, store: Store) -> None:
    written(tmp_path / "in" / "alerts-9.json", [alert(1)])
    written(tmp_path / "in" / "alerts-10.json", [alert(2), alert(3)])
    first = loaded(tmp_path / "in", district, store)
    assert [one.files[0].rpartition("/")[2] for one in first] == ["alerts-9.json", "alerts-10.json"], "the older first"
    again = loaded(tmp_path / "in", district, store)
    assert [one.outcome for one in again] == ["unchanged", "unchanged"]
    assert len(store.loads()) == 2


def test_a_row_with_the_key_of_an_older_one_takes_its_place(tmp_path: Path, district: District, store: Store) -> None:
    loaded(written(tmp_path / "1" / "alerts.json", [alert(1), alert(2)]), district, store)
    loaded(written(tmp_path / "2" / "alerts.json", [alert(2, title="Said anew"), alert(3)]), district, store)
    assert rows(store, "key, title", "alert_records") == [
        ("alert-1", "Logon failure"),
        ("alert-2", "Said anew"),
        ("alert-3", "Logon failure"),
    ]


def test_the_last_of_two_rows_with_one_key_in_a_long_file_stands(
    tmp_path: Path, district: District, store: Store
) -> None:
    filler = [alert(2, agent=f"{number:05}", id=f"f-{number}") for number in range(STANDARD.rows_per_frame)]
    path = written(tmp_path / "alerts.json", [alert(1, flaw="Active"), *filler, alert(3, flaw="Solved", id="alert-1")])
    (one,) = loaded(path, district, store)
    assert one.rejects == ()
    assert rows(store, "device_key, solved", "flaw_records") == [("007", True)]
    assert len(rows(store, "key", "alert_records")) == STANDARD.rows_per_frame + 1


def test_a_weakness_that_a_later_day_calls_solved_is_over(tmp_path: Path, district: District, store: Store) -> None:
    loaded(
        written(tmp_path / "1" / "alerts.json", [alert(1, flaw="Active"), alert(1, agent="8", flaw="Active", id="x")]),
        district,
        store,
    )
    loaded(written(tmp_path / "2" / "alerts.json", [alert(2, flaw="Solved")]), district, store)
    assert rows(store, "device_key, solved", "flaw_records") == [("007", True), ("8", False)]
    resolve(district=district, store=store, at=AT, today=AT.date())
    latest = store.latest_derived()
    assert latest is not None
    found = session_of(store.pinned(derived=latest.id)).execute(
        "SELECT d.name, f.cve FROM flaws f JOIN devices d ON d.id = f.device"
    )
    assert found.fetchall() == [("LAB-8", "CVE-2099-3001")]


def answer(*numbers: int, total: int) -> str:
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


def test_an_answer_of_some_rows_closes_nothing(tmp_path: Path, district: District, store: Store) -> None:
    (whole,) = loaded(written(tmp_path / "1.json", [answer(1001, 1002, 1003, total=3)]), district, store)
    (some,) = loaded(written(tmp_path / "2.json", [answer(1004, total=125)]), district, store)
    assert whole.load is not None
    assert some.load is not None
    assert (whole.load.complete, some.outcome, some.load.complete) == (True, "new", False)
    assert some.load.files[0].notes == ("the answer holds 1 of 125 rows",)
    assert len(rows(store, "check_id", "flaw_records")) == 4
    (all_again,) = loaded(written(tmp_path / "3.json", [answer(1001, 1002, 1003, 1004, total=4)]), district, store)
    assert (all_again.outcome, all_again.load is not None and all_again.load.complete) == ("new", True)


def jamf(*numbers: int, total: int) -> str:
    def computer(number: int) -> dict[str, Any]:
        return {
            "id": f"{number}",
            "udid": f"U{number}",
            "general": {"name": f"mac-{number}"},
            "hardware": {"serialNumber": f"S{number}"},
        }

    return json.dumps({"totalCount": total, "results": [computer(number) for number in numbers]})


def test_pages_of_jamf_are_one_load_that_is_complete_with_the_last(
    tmp_path: Path, district: District, store: Store
) -> None:
    written(tmp_path / "in" / "page-0.json", [jamf(1, 2, total=3)])
    (half,) = loaded(tmp_path / "in", district, store)
    assert half.load is not None
    assert (half.load.complete, half.load.files[0].notes) == (False, ("the pages hold 2 of 3 rows",))
    written(tmp_path / "in" / "page-1.json", [jamf(3, total=3)])
    (whole,) = loaded(tmp_path / "in", district, store)
    assert whole.load is not None
    assert (whole.load.complete, len(whole.load.files)) == (True, 2)
    assert len(rows(store, "key", "device_records")) == 3
    (again,) = loaded(written(tmp_path / "other" / "page-0.json", [jamf(1, total=3)]), district, store)
    assert (again.outcome, len(rows(store, "key", "device_records"))) == ("new", 3), "a page alone takes nothing away"


def test_evidence_of_an_older_version_with_fewer_columns_takes_a_newer_load(
    tmp_path: Path, district: District, store: Store
) -> None:
    (first,) = loaded(written(tmp_path / "1" / "alerts.json", [alert(1, flaw="Active")]), district, store)
    assert first.load is not None
    path = store.blob(first.load.tables["flaw_records"].blob)
    pq.write_table(pq.read_table(path).drop_columns(["solved"]), path)
    loaded(written(tmp_path / "2" / "alerts.json", [alert(2, agent="008", flaw="Active")]), district, store)
    assert rows(store, "device_key, solved", "flaw_records") == [("007", None), ("008", False)]
