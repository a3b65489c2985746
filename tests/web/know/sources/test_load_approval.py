"""Who approves a held load: a technician unless it removes records, and then a director, or whom a director lets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.permissions.commands import grant_permission
from homeroom.evidence.files.manifests import Load
from tests.cast import Cast
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]
HEADER = "Employee ID,Last Name,First Name,Job Title,Work Email,Hire Date"
SURNAMES = ("Moss", "Dahl", "Berg", "Lund", "Holm", "Vik", "Strand", "Bakke", "Haug", "Lie")


def write_staff_list(path: Path, *, people: int, first_name: str = "Ida") -> Path:
    rows = (f"{100 + n},{SURNAMES[n]},{first_name},Teacher,ida{n}@d.example,8/1/2019" for n in range(people))
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return path


def hold_load(cast: Cast, folder: Path, *, people: int, first_name: str = "Ida") -> Load:
    store = get_evidence_store(district=cast.district)
    for path in (
        write_staff_list(folder / "staff.csv", people=10),
        write_staff_list(folder / "staff-new.csv", people=people, first_name=first_name),
    ):
        load_files([path], district=cast.district, store=store, at=MORNING, source="hr")
    (held,) = store.list_held_loads()
    return held


@pytest.fixture
def removing(empty_folder: None, cast: Cast, tmp_path: Path) -> Load:
    return hold_load(cast, tmp_path, people=4)


def is_held(cast: Cast, load: Load) -> bool:
    return load.id in {held.id for held in get_evidence_store(district=cast.district).list_held_loads()}


def test_a_technician_approves_no_load_that_removes_records(removing: Load, cast: Cast, as_: ClientFactory) -> None:
    technician, address = as_("technician"), f"/sources/loads/{removing.id}/approve"
    page = technician.get("/sources").content.decode()
    assert "6 of 10" in page, "the page gives the reason"
    assert "a director has to approve it" in page
    assert address not in page
    refused = technician.post(address)
    assert refused.status_code == 403
    assert b"This load removes records; a director approves it." in refused.content
    assert is_held(cast, removing)
    assert address in as_("director").get("/sources").content.decode()
    assert as_("director").post(address).status_code == 302
    assert not is_held(cast, removing)


def test_a_technician_approves_it_once_the_director_grants_that(removing: Load, cast: Cast, as_: ClientFactory) -> None:
    grant_permission(
        district=cast.district,
        role="technician",
        permission="sources.approve_removals",
        actor="director",
        at=MORNING,
    )
    assert as_("technician").post(f"/sources/loads/{removing.id}/approve").status_code == 302
    assert not is_held(cast, removing)


def test_a_technician_approves_a_load_that_only_changes_records(
    empty_folder: None, cast: Cast, tmp_path: Path, as_: ClientFactory
) -> None:
    load = hold_load(cast, tmp_path, people=10, first_name="Ada")
    address = f"/sources/loads/{load.id}/approve"
    assert address in as_("technician").get("/sources").content.decode()
    assert as_("technician").post(address).status_code == 302
    assert not is_held(cast, load)
