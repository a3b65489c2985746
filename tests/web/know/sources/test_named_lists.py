"""A staff list that no product's mark identifies decides who works here after a director confirms it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.test import Client

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.inventory.named_lists import list_nameable_lists
from homeroom.apps.know.sources.commands import load_files, undo
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from tests.cast import Cast
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]
HEADER = "Employee ID,Last Name,First Name,Job Title,Work Email,Hire Date"
ROWS = (
    "101,Moss,Ida,Teacher,ida@d.example,8/1/2019",
    "102,Dahl,Ole,Teacher,ole@d.example,8/1/2020",
    "103,Berg,Eva,Teacher,eva@d.example,8/1/2021",
)


@pytest.fixture
def staff_store(empty_folder: None, cast: Cast, tmp_path: Path) -> EvidenceStore:
    """Return the store of a district that has loaded one staff list."""
    store = get_evidence_store(district=cast.district)
    load_staff(store, cast, tmp_path)
    return store


def load_staff(
    store: EvidenceStore, cast: Cast, folder: Path, *, rows: tuple[str, ...] = ROWS, header: str = HEADER
) -> str:
    path = folder / "staff.csv"
    path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    load_files([path], district=cast.district, store=store, at=MORNING, approved=True)
    return store.list_current_loads()[-1].id


def list_leavers(store: EvidenceStore, cast: Cast) -> list[tuple[str, bool]]:
    resolve(district=cast.district, store=store, today=date(2026, 1, 15), at=MORNING)
    newest = store.get_latest_derived()
    assert newest is not None
    session = open_session(store.pin_snapshot(derived=newest.id))
    return session.execute('SELECT name, "left" FROM people WHERE "left" ORDER BY name').fetchall()


def test_the_question_is_on_today_and_on_the_loads_page_until_a_director_answers_it(
    staff_store: EvidenceStore, as_: ClientFactory, cast: Cast
) -> None:
    load_id = staff_store.list_current_loads()[-1].id
    address = f"/sources/loads/{load_id}/authority"
    director = as_("director")
    assert address in director.get("/").content.decode()
    assert address in director.get(f"/sources/loads/{load_id}").content.decode()
    assert director.post(address, {"decides": "yes"}).status_code == 302
    assert address not in director.get("/").content.decode()
    assert "Yes, answered by" in director.get(f"/sources/loads/{load_id}").content.decode()
    entry = Entry.objects.of(cast.district).get(action="name the list that decides")
    assert (entry.subject, entry.actor) == (load_id, cast.director.username)


@pytest.mark.parametrize(("name", "status"), [("technician", 403), ("auditor", 403), ("stranger", 404)])
def test_nobody_but_a_director_names_the_list_that_decides(
    staff_store: EvidenceStore, as_: ClientFactory, cast: Cast, name: str, status: int
) -> None:
    load_id = staff_store.list_current_loads()[-1].id
    client = as_(name)
    page = client.get(f"/sources/loads/{load_id}").content.decode()
    assert f"/sources/loads/{load_id}/authority" not in page
    assert client.post(f"/sources/loads/{load_id}/authority", {"decides": "yes"}).status_code == status
    assert list_nameable_lists(district=cast.district, store=staff_store)[0].decides is None


def test_an_answer_that_is_neither_yes_nor_no_is_none(staff_store: EvidenceStore, as_: ClientFactory) -> None:
    load_id = staff_store.list_current_loads()[-1].id
    assert as_("director").post(f"/sources/loads/{load_id}/authority", {"decides": "?"}).status_code == 404
    assert as_("director").post("/sources/loads/000099-abc/authority", {"decides": "yes"}).status_code == 404


def test_next_months_list_needs_no_question_and_whoever_it_lacks_has_left(
    staff_store: EvidenceStore, as_: ClientFactory, cast: Cast, tmp_path: Path
) -> None:
    first = staff_store.list_current_loads()[-1].id
    as_("director").post(f"/sources/loads/{first}/authority", {"decides": "yes"})
    load_staff(staff_store, cast, tmp_path, rows=ROWS[:2])
    (item,) = list_nameable_lists(district=cast.district, store=staff_store)
    assert (item.decides, item.is_open) == (True, False)
    assert list_leavers(staff_store, cast) == [("Eva Berg", True)]


def test_until_somebody_answers_nobody_has_left_by_being_missing(
    staff_store: EvidenceStore, cast: Cast, tmp_path: Path
) -> None:
    load_staff(staff_store, cast, tmp_path, rows=ROWS[:2])
    assert list_leavers(staff_store, cast) == []


def test_a_list_with_another_header_is_another_question(
    staff_store: EvidenceStore, as_: ClientFactory, cast: Cast, tmp_path: Path
) -> None:
    first = staff_store.list_current_loads()[-1].id
    as_("director").post(f"/sources/loads/{first}/authority", {"decides": "yes"})
    header = HEADER.replace("Hire Date", "Nickname")
    second = load_staff(staff_store, cast, tmp_path, header=header, rows=tuple(f"{row[:-9]}," for row in ROWS))
    (item,) = list_nameable_lists(district=cast.district, store=staff_store)
    assert (item.load.id, item.is_open) == (second, True)
    undo(district=cast.district, store=staff_store, load_id=second, actor="t", at=MORNING)
    assert list_nameable_lists(district=cast.district, store=staff_store)[0].decides is True


def test_a_district_whose_facts_declare_the_authority_is_asked_nothing(
    staff_store: EvidenceStore, as_: ClientFactory, cast: Cast, tmp_path: Path
) -> None:
    facts = tmp_path / "district.yaml"
    facts.write_text("homeroom: district\nname: Maple\nauthority: {staff: hr}\n", encoding="utf-8")
    load_files([facts], district=cast.district, store=staff_store, at=MORNING)
    (item,) = list_nameable_lists(district=cast.district, store=staff_store)
    assert (item.is_declared, item.is_open) == (True, False)
    assert "Is this the source of truth" not in as_("director").get("/").content.decode()
