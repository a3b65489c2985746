"""Exports of one school next to those of the district: they can remove only students of that school."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeroom.apps.know.sources.commands import approve, load_files, undo
from homeroom.apps.know.sources.load_report import LoadResult
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
DISTRICT = {f"{school}{number:02}": school for school in ("10", "20") for number in range(20)}
SCHOOL = {key: school for key, school in DISTRICT.items() if school == "10"}
HEADINGS = {
    "powerschool": "Student_Number,Last_Name,SchoolID",
    "infinitecampus": "student.studentNumber,student.lastName,sch.name",
}


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


def write_students(folder: Path, school_by_key: dict[str, str], *, system: str = "powerschool") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"students-{len(school_by_key)}.csv"
    lines = [HEADINGS[system], *(f"{key},Oak{key},{school}" for key, school in school_by_key.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def load_path(path: Path, district: District, store: EvidenceStore) -> LoadResult:
    report = load_files([path], district=district, store=store, at=AT, actor="technician")
    assert report.refused == ()
    (load_result,) = report.loaded
    return load_result


def list_keys(store: EvidenceStore, view: str = "person_records") -> set[str]:
    return {row[0] for row in open_session(store.pin_snapshot()).execute(f"SELECT key FROM {view}").fetchall()}


def list_removed_keys(store: EvidenceStore) -> set[str]:
    return list_keys(store, "person_records_gone")


@pytest.mark.parametrize("system", list(HEADINGS))
def test_a_school_after_the_district_speaks_of_its_own_students_alone(
    system: str, tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_path(write_students(tmp_path, DISTRICT, system=system), district, store)
    remaining = {key: school for key, school in SCHOOL.items() if key != "1007"} | {"1099": "10"}
    load_result = load_path(write_students(tmp_path / "one", remaining, system=system), district, store)
    assert load_result.load is not None
    assert (load_result.outcome, load_result.load.scope) == ("new", "unit:/10")
    part = load_result.load.tables["person_records"]
    assert (part.rows_before, part.added, part.removed) == (20, 1, 1)
    assert list_keys(store) == (set(DISTRICT) - {"1007"}) | {"1099"}
    assert list_removed_keys(store) == {"1007"}
    roles = open_session(store.pin_snapshot()).execute("SELECT person_key FROM role_records_gone").fetchall()
    assert roles == [("1007",)]


def test_a_unit_without_those_below_it_says_nothing_of_them(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    heading = "primaryEmail,id,orgUnitPath,suspended"
    staff = [f"p{number}@maple.example,id-{number},/Staff,False" for number in range(20)]
    outside_lines = ["root@maple.example,id-r,/,False", "boss@maple.example,id-b,/Staff/Administrators,False"]
    for folder, lines in (("all", [*staff, *outside_lines]), ("unit", staff[1:])):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "users.csv").write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
        load_result = load_path(tmp_path / folder / "users.csv", district, store)
    assert load_result.load is not None
    assert (load_result.outcome, load_result.load.scope) == ("new", "unit:/Staff")
    assert list_keys(store, "account_records_gone") == {"id-0"}
    assert {"id-r", "id-b"} <= list_keys(store, "account_records")


def test_a_class_of_a_school_waits_for_a_person(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    load_path(write_students(tmp_path, DISTRICT), district, store)
    class_students = dict(list(SCHOOL.items())[:5])
    load_result = load_path(write_students(tmp_path / "one", class_students), district, store)
    assert (load_result.outcome, list_removed_keys(store)) == ("held", set())
    assert load_result.load is not None
    assert "would remove 15 of 20 person records (75%)" in load_result.load.hold_reasons
    published = approve(district=district, store=store, load_id=load_result.load.id, actor="director", at=AT)
    assert published.tables["person_records"].removed == 15
    assert len(list_keys(store)) == 25


def test_the_district_after_a_school_speaks_of_all(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    load_path(write_students(tmp_path, DISTRICT), district, store)
    load_path(write_students(tmp_path / "one", SCHOOL | {"1099": "10"}), district, store)
    district_students = {key: school for key, school in DISTRICT.items() if key != "2003"}
    assert load_path(write_students(tmp_path / "all", district_students), district, store).outcome == "new"
    assert list_keys(store) == set(district_students)
    assert list_removed_keys(store) == {"2003", "1099"}


def test_a_school_that_is_taken_back_leaves_the_district_as_it_was(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_path(write_students(tmp_path, DISTRICT), district, store)
    load_result = load_path(write_students(tmp_path / "one", dict(list(SCHOOL.items())[1:])), district, store)
    assert load_result.load is not None
    assert list_removed_keys(store) == {"1000"}
    undo(district=district, store=store, load_id=load_result.load.id, actor="director", at=AT)
    assert (list_keys(store), list_removed_keys(store)) == (set(DISTRICT), set())


def test_a_student_who_changed_schools_is_at_the_newer_one(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_path(write_students(tmp_path, DISTRICT), district, store)
    load_path(write_students(tmp_path / "ten", dict(list(SCHOOL.items())[1:])), district, store)
    students_of_20 = {key: school for key, school in DISTRICT.items() if school == "20"}
    load_path(write_students(tmp_path / "twenty", students_of_20 | {"1000": "20"}), district, store)
    assert (list_keys(store), list_removed_keys(store)) == (set(DISTRICT), set())
