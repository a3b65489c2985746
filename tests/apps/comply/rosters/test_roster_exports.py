"""Roster exports: a check for a vendor, a bundle for a learning platform, and differences to Clever's copy."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from homeroom.apps.comply.rosters.commands import BundleNotWritten, compare_sources, export_oneroster, write_check
from homeroom.apps.comply.rosters.current_rosters import UnknownRoster
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.oneroster.validator import check_bundle
from tests.unit.ingest.oneroster.bundle_builder import BundleDraft, build_valid_bundle

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
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


def _load_bundle(bundle: BundleDraft, folder: Path, district: District, store: EvidenceStore) -> None:
    bundle.write(folder)
    report = load_files([folder], district=district, store=store, at=AT, source="sis", actor="technician")
    assert report.clean


def _list_actions(district: District) -> list[str]:
    return [entry.action for entry in list_audit_entries(district=district).lines]


def test_a_check_is_a_page_and_a_document_without_a_student_in_it(tmp_path: Path, district: District) -> None:
    bundle = build_valid_bundle("1.2")
    bundle.set_value("users", 4, "email", "Marisol Vega")
    bundle.set_value("users", 5, "password", "Tulip-4471")
    check_result = check_bundle(bundle.write(tmp_path / "given"))
    files = write_check(
        district=district, checked=check_result, out=tmp_path / "out", today=TODAY, at=AT, actor="director"
    )
    document = json.loads((tmp_path / "out" / "oneroster-check.json").read_bytes())
    assert document["places"] == {"error": 0, "warning": 2, "notice": 0}
    assert document["listed"][0] | {} == {
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
    assert _list_actions(district)[0] == "write roster check"


def test_a_roster_is_written_for_a_learning_platform_and_that_is_logged(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    _load_bundle(build_valid_bundle("1.1"), tmp_path / "given", district, store)
    exported = export_oneroster(
        district=district, store=store, source=None, out=tmp_path / "lms.zip", today=TODAY, at=AT, actor="technician"
    )
    assert (exported.source, exported.rows["users.csv"], exported.left_out) == ("sis", 9, {})
    check_result = check_bundle(tmp_path / "lms.zip")
    assert (check_result.version, check_result.by_severity["error"]) == ("1.2", 0)
    assert _list_actions(district)[0] == "export roster"


def test_nobody_to_write_is_refused_and_so_is_a_roster_that_is_not_there(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    out = tmp_path / "out"
    with pytest.raises(UnknownRoster, match="no roster was loaded"):
        export_oneroster(district=district, store=store, source=None, out=out, today=TODAY, at=AT)
    bundle = build_valid_bundle("1.1")
    for row in range(9):
        bundle.set_value("users", row, "familyName", "")
    _load_bundle(bundle, tmp_path / "given", district, store)
    with pytest.raises(UnknownRoster, match="sis would fit"):
        export_oneroster(district=district, store=store, source="clever", out=out, today=TODAY, at=AT)
    with pytest.raises(BundleNotWritten, match="nobody"):
        export_oneroster(district=district, store=store, source="sis", out=out, today=TODAY, at=AT)
    assert not out.exists()


def test_what_clever_has_is_held_against_the_roster(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    _load_bundle(build_valid_bundle("1.1"), tmp_path / "given", district, store)
    folder = tmp_path / "clever"
    folder.mkdir()
    for name, text in CLEVER.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    assert load_files([folder], district=district, store=store, at=AT, actor="technician").clean
    comparison = compare_sources(
        district=district,
        store=store,
        sis="sis",
        received="clever",
        today=TODAY,
        at=AT,
        out=tmp_path / "out",
        actor="director",
    )
    assert comparison.differences.matched == 2
    # Two teachers, four students and t1's school; p2's grade; p2 is in no class at Clever, t1 is no person there.
    assert comparison.counts == {"missing": 6, "extra": 1, "grade": 1, "section missing": 1}
    page = (tmp_path / "out" / "roster-differences.html").read_text(encoding="utf-8")
    assert "Other grade" in page
    assert (tmp_path / "out" / "roster-differences.csv").exists()
    entry = list_audit_entries(district=district).lines[0]
    assert (entry.action, entry.detail["missing"]) == ("compare rosters", 6)
    with pytest.raises(UnknownRoster, match="itself"):
        compare_sources(district=district, store=store, sis="sis", received="sis", today=TODAY, at=AT)
