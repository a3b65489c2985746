"""Damaged JSON exports: what can be read is loaded, what cannot is a reject, and nothing is gone because of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.load_report import LoadResult
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.cli.know.loads import print_rejects
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from tests.connectors.recordings import RECORDINGS

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
USERS = [{"id": str(number), "primaryEmail": f"u{number}@maple.example", "orgUnitPath": "/"} for number in range(1, 41)]


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


def load_text(text: str, district: District, store: EvidenceStore, *, day: int = 0, name: str = "u.json") -> LoadResult:
    path = store.folder.parent / f"day{day}" / name
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    report = load_files([path], district=district, store=store, at=AT + timedelta(days=day), actor="technician")
    assert report.problems == ()
    (result,) = report.loaded
    return result


def count_accounts(store: EvidenceStore) -> int:
    ((count,),) = open_session(store.pin_snapshot()).execute("SELECT count(*) FROM account_records").fetchall()
    return int(count)


def format_page(users: list[dict[str, str]]) -> str:
    return json.dumps({"kind": "admin#directory#users", "users": users})


def test_a_half_broken_list_on_day_two_removes_nobody(district: District, store: EvidenceStore) -> None:
    load_text(format_page(USERS), district, store)
    result = load_text(format_page(USERS)[:1500], district, store, day=1)
    assert result.load is not None
    assert (result.outcome, result.load.mode) == ("new", "partial")
    assert result.load.rows_read < len(USERS)
    assert result.load.rows_rejected == 1
    assert count_accounts(store) == len(USERS)


def test_lost_rows_are_rejects_with_file_line_and_reason(
    district: District, store: EvidenceStore, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [json.dumps(user) for user in USERS]
    lines[6] = lines[6][:-20]
    result = load_text("\n".join(lines), district, store)
    assert result.load is not None
    assert (result.load.rows_read, result.load.rows_rejected, result.load.files[0].rejected) == (40, 1, 1)
    (reject,) = result.rejects
    assert (reject.file.rpartition("/")[2], reject.line, reject.row_lost) == ("u.json", 7, True)
    assert "maple" not in str(reject.value)
    print_rejects([replace(reject, field=None)], with_file_names=False)
    assert capsys.readouterr().out.startswith("    line 7: ")
    assert count_accounts(store) == 39


def test_pages_in_one_file_load_as_one_list(district: District, store: EvidenceStore) -> None:
    pages = [{**json.loads(format_page(USERS[:25])), "nextPageToken": "x"}, json.loads(format_page(USERS[25:]))]
    result = load_text(json.dumps(pages), district, store)
    assert result.load is not None
    assert (result.load.mode, result.load.rows_read, count_accounts(store)) == ("full", 40, 40)
    assert load_text(json.dumps(pages), district, store, day=1).outcome == "unchanged"


def test_a_file_whose_every_row_is_rejected_is_refused(district: District, store: EvidenceStore) -> None:
    load_text(format_page(USERS), district, store)
    result = load_text(format_page([{**user, "id": "", "primaryEmail": ""} for user in USERS]), district, store, day=1)
    assert result.outcome == "refused"
    assert "none of its 40 rows can be loaded; the first: no id" in str(result.problems[0])
    assert count_accounts(store) == len(USERS)


def test_a_log_with_a_cut_last_line_only_adds(district: District, store: EvidenceStore) -> None:
    alerts = (RECORDINGS / "wazuh" / "alerts.json").read_text(encoding="utf-8").splitlines()
    load_text("\n".join(alerts[:6]), district, store, name="alerts.json")
    result = load_text("\n".join(alerts[6:])[:-30], district, store, day=1, name="alerts.json")
    assert result.load is not None
    assert (result.outcome, result.load.mode, [reject.line for reject in result.rejects]) == ("new", "delta", [6])
    assert "the file ends in the middle of this line" in result.rejects[0].reason
    assert any("the file ends early" in note for note in result.load.files[-1].notes)
    ((count,),) = open_session(store.pin_snapshot()).execute("SELECT count(*) FROM alert_records").fetchall()
    assert count == 11
