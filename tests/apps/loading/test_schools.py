"""Exports of one school beside those of the district: only that school's pupils can leave by them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeroom.apps.districts.commands import make_district
from homeroom.apps.districts.models import District
from homeroom.apps.sources.commands import approve, load, undo
from homeroom.apps.sources.reports import Loaded
from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store

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
    return make_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evidence", district="maple")


def pupils(folder: Path, given: dict[str, str], *, system: str = "powerschool") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"pupils-{len(given)}.csv"
    lines = [HEADINGS[system], *(f"{key},Oak{key},{school}" for key, school in given.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def loaded(path: Path, district: District, store: Store) -> Loaded:
    report = load([path], district=district, store=store, at=AT, actor="technician")
    assert report.refused == ()
    (one,) = report.loaded
    return one


def there(store: Store, view: str = "person_records") -> set[str]:
    return {row[0] for row in session_of(store.pinned()).execute(f"SELECT key FROM {view}").fetchall()}


def gone(store: Store) -> set[str]:
    return there(store, "person_records_gone")


@pytest.mark.parametrize("system", list(HEADINGS))
def test_a_school_after_the_district_speaks_of_its_own_pupils_alone(
    system: str, tmp_path: Path, district: District, store: Store
) -> None:
    loaded(pupils(tmp_path, DISTRICT, system=system), district, store)
    stayed = {key: school for key, school in SCHOOL.items() if key != "1007"} | {"1099": "10"}
    one = loaded(pupils(tmp_path / "one", stayed, system=system), district, store)
    assert one.load is not None
    assert (one.outcome, one.load.scope) == ("new", "unit:/10")
    part = one.load.tables["person_records"]
    assert (part.before, part.added, part.removed) == (20, 1, 1)
    assert there(store) == (set(DISTRICT) - {"1007"}) | {"1099"}
    assert gone(store) == {"1007"}
    roles = session_of(store.pinned()).execute("SELECT person_key FROM role_records_gone").fetchall()
    assert roles == [("1007",)]


def test_a_unit_without_those_below_it_says_nothing_of_them(tmp_path: Path, district: District, store: Store) -> None:
    heading = "primaryEmail,id,orgUnitPath,suspended"
    staff = [f"p{number}@maple.example,id-{number},/Staff,False" for number in range(20)]
    others = ["root@maple.example,id-r,/,False", "boss@maple.example,id-b,/Staff/Administrators,False"]
    for folder, lines in (("all", [*staff, *others]), ("unit", staff[1:])):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "users.csv").write_text("\n".join([heading, *lines]) + "\n", encoding="utf-8")
        one = loaded(tmp_path / folder / "users.csv", district, store)
    assert one.load is not None
    assert (one.outcome, one.load.scope) == ("new", "unit:/Staff")
    assert there(store, "account_records_gone") == {"id-0"}
    assert {"id-r", "id-b"} <= there(store, "account_records")


def test_a_class_of_a_school_waits_for_a_person(tmp_path: Path, district: District, store: Store) -> None:
    loaded(pupils(tmp_path, DISTRICT), district, store)
    few = dict(list(SCHOOL.items())[:5])
    one = loaded(pupils(tmp_path / "one", few), district, store)
    assert (one.outcome, gone(store)) == ("held", set())
    assert one.load is not None
    assert "15 of 20 person records would go (75%)" in one.load.held_because
    published = approve(district=district, store=store, load_id=one.load.id, actor="director", at=AT)
    assert published.tables["person_records"].removed == 15
    assert len(there(store)) == 25


def test_the_district_after_a_school_speaks_of_all(tmp_path: Path, district: District, store: Store) -> None:
    loaded(pupils(tmp_path, DISTRICT), district, store)
    loaded(pupils(tmp_path / "one", SCHOOL | {"1099": "10"}), district, store)
    back = {key: school for key, school in DISTRICT.items() if key != "2003"}
    assert loaded(pupils(tmp_path / "all", back), district, store).outcome == "new"
    assert there(store) == set(back)
    assert gone(store) == {"2003", "1099"}


def test_a_school_that_is_taken_back_leaves_the_district_as_it_was(
    tmp_path: Path, district: District, store: Store
) -> None:
    loaded(pupils(tmp_path, DISTRICT), district, store)
    one = loaded(pupils(tmp_path / "one", dict(list(SCHOOL.items())[1:])), district, store)
    assert one.load is not None
    assert gone(store) == {"1000"}
    undo(district=district, store=store, load_id=one.load.id, actor="director", at=AT)
    assert (there(store), gone(store)) == (set(DISTRICT), set())


def test_a_pupil_who_changed_schools_is_at_the_newer_one(tmp_path: Path, district: District, store: Store) -> None:
    loaded(pupils(tmp_path, DISTRICT), district, store)
    loaded(pupils(tmp_path / "ten", dict(list(SCHOOL.items())[1:])), district, store)
    twenty = {key: school for key, school in DISTRICT.items() if school == "20"}
    loaded(pupils(tmp_path / "twenty", twenty | {"1000": "20"}), district, store)
    assert (there(store), gone(store)) == (set(DISTRICT), set())
