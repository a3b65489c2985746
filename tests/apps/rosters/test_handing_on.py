"""Rosters handed on: a check to a vendor, a bundle to a learning platform, differences to whoever keeps Clever's sync."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from homeroom.apps.audit.queries import trail
from homeroom.apps.districts.commands import make_district
from homeroom.apps.districts.models import District
from homeroom.apps.rosters.commands import NotWritten, compare, export_oneroster, write_check
from homeroom.apps.rosters.standing import NoSuchRoster
from homeroom.apps.sources.commands import load
from homeroom.evidence.store import Store
from homeroom.ingest.oneroster.checking import check_bundle
from tests.unit.ingest.oneroster.bundles import Written, valid

pytestmark = pytest.mark.django_db
AT, TODAY = datetime(2026, 11, 24, 12, tzinfo=UTC), date(2026, 11, 24)
CLEVER = {
    "schools": "School_id,School_name,School_number\ns1,\"Maple, Upper\",1\n",
    "students": "School_id,Student_id,Student_number,Last_name,First_name,Grade,Student_email\n"
    "s1,p1,770,Vega,Marisol,3,p1@maple.example\ns1,p2,771,Vega,Marisol,5,p2@maple.example\n"
    "s1,zz,999,Nobody,Here,1,\n",
    "sections": "School_id,Section_id,Teacher_id,Name\ns1,c1,t1,Algebra 1\n",
    "enrollments": "School_id,Section_id,Student_id\ns1,c1,p1\n",
}  # fmt: skip


@pytest.fixture
def district() -> District:
    return make_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evidence", district="maple")


def _loaded(bundle: Written, folder: Path, district: District, store: Store) -> None:
    bundle.write(folder)
    report = load([folder], district=district, store=store, at=AT, source="sis", actor="technician")
    assert report.clean


def _actions(district: District) -> list[str]:
    return [entry.action for entry in trail(district=district).lines]


def test_a_check_is_a_page_and_a_document_without_a_pupil_in_it(tmp_path: Path, district: District) -> None:
    bundle = valid("1.2")
    bundle.put("users", 4, "email", "Marisol Vega")
    bundle.put("users", 5, "password", "Tulip-4471")
    checked = check_bundle(bundle.write(tmp_path / "given"))
    files = write_check(district=district, checked=checked, out=tmp_path / "out", today=TODAY, at=AT, actor="director")
    told = json.loads((tmp_path / "out" / "oneroster-check.json").read_bytes())
    assert told["places"] == {"error": 0, "warning": 2, "notice": 0}
    assert told["listed"][0] | {} == {
        "rule": "value.address", "severity": "warning", "file": "users.csv", "line": 6, "field": "email",
        "value": "Xxxxxxx Xxxx", "fits": "name@school.example",
    }  # fmt: skip
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert "value.address" in text
        assert "Tulip" not in text
        assert "Marisol" not in text
    page = (tmp_path / "out" / "oneroster-check.html").read_text(encoding="utf-8")
    assert "Maple Valley" in page
    assert "<script" not in page
    assert _actions(district)[0] == "write roster check"


def test_a_roster_is_written_for_a_learning_platform_and_that_is_logged(
    tmp_path: Path, district: District, store: Store
) -> None:
    _loaded(valid("1.1"), tmp_path / "given", district, store)
    made = export_oneroster(
        district=district, store=store, source=None, out=tmp_path / "lms.zip", today=TODAY, at=AT, actor="technician"
    )
    assert (made.source, made.rows["users.csv"], made.left) == ("sis", 9, {})
    checked = check_bundle(tmp_path / "lms.zip")
    assert (checked.version, checked.by_severity["error"]) == ("1.2", 0)
    assert _actions(district)[0] == "export roster"


def test_nobody_to_write_is_refused_and_so_is_a_roster_that_is_not_there(
    tmp_path: Path, district: District, store: Store
) -> None:
    out = tmp_path / "out"
    with pytest.raises(NoSuchRoster, match="no roster was loaded"):
        export_oneroster(district=district, store=store, source=None, out=out, today=TODAY, at=AT)
    bundle = valid("1.1")
    for row in range(9):
        bundle.put("users", row, "familyName", "")
    _loaded(bundle, tmp_path / "given", district, store)
    with pytest.raises(NoSuchRoster, match="sis would fit"):
        export_oneroster(district=district, store=store, source="clever", out=out, today=TODAY, at=AT)
    with pytest.raises(NotWritten, match="nobody"):
        export_oneroster(district=district, store=store, source="sis", out=out, today=TODAY, at=AT)
    assert not out.exists()


def test_what_clever_has_is_held_against_the_roster(tmp_path: Path, district: District, store: Store) -> None:
    _loaded(valid("1.1"), tmp_path / "given", district, store)
    folder = tmp_path / "clever"
    folder.mkdir()
    for name, text in CLEVER.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    assert load([folder], district=district, store=store, at=AT, actor="technician").clean
    found = compare(
        district=district,
        store=store,
        sis="sis",
        received="clever",
        today=TODAY,
        at=AT,
        out=tmp_path / "out",
        actor="director",
    )
    assert found.differences.matched == 2
    # Two teachers, four pupils and t1's school; p2's grade; p2 is in no class at Clever, t1 is no person there.
    assert found.counts == {"missing": 6, "extra": 1, "grade": 1, "section missing": 1}
    page = (tmp_path / "out" / "roster-differences.html").read_text(encoding="utf-8")
    assert "Other grade" in page
    assert (tmp_path / "out" / "roster-differences.csv").exists()
    entry = trail(district=district).lines[0]
    assert (entry.action, entry.detail["missing"]) == ("compare rosters", 6)
    with pytest.raises(NoSuchRoster, match="itself"):
        compare(district=district, store=store, sis="sis", received="sis", today=TODAY, at=AT)
