"""What districts write by custom: tags in names, addresses spelled from names, years of leaving in units, one address everywhere."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.resolve.records import groups, resolved, role, row
from tests.unit.resolve.test_weighing import Row, apart, asset, console, one

pytestmark = pytest.mark.scale  # each test resolves a district


def test_a_name_with_the_number_of_a_tag_in_it_is_that_machines() -> None:
    bare = console("c1", serial="Default string", name="RHS-LT-10726")
    assert one(bare, asset("a1", serial="8CC0002351", asset_tag="RHS-10726"))
    assert apart(bare, asset("a1", serial="8CC0002351", asset_tag="RHS-10727"))
    assert apart(
        console("c1", serial="PF2W9LTA", name="RHS-LT-10726"), asset("a1", serial="8CC0002351", asset_tag="10726")
    )


def test_the_number_of_a_room_in_many_names_is_no_tag() -> None:
    room = [console(f"c{n}", serial="", name=f"LAB-1204-{n:02d}") for n in range(20)]
    found = groups(resolved(device_records=[*room, asset("a1", serial="8CC0002351", asset_tag="1204")]), "device")
    assert len(found) == 21


def test_a_name_and_an_address_are_no_two_holders() -> None:
    named, addressed = {"holder_name": "Wei Young"}, {"holder_email": "youngwe@maple.example"}
    assert one(console("c1", name="LMS-77", **addressed), asset("a1", serial="8CC0002351", name="LMS-77", **named))


def test_a_serial_typed_into_anothers_row_makes_the_two_rows_no_one_machine() -> None:
    rows = [
        asset("T1", asset_tag="T1", serial="5CD0002814", holder_email="linda@maple.example"),
        asset("T2", asset_tag="T2", serial="5CD0002814", holder_email="noah@maple.example"),
    ]
    assert apart(*rows)
    assert one(rows[0], {**rows[1], "holder_email": "linda@maple.example"})


@pytest.mark.parametrize(
    ("listed", "written"),
    [("Lenovo 500e G3", "Lenovo 500e Chromebook Gen 3"), ("iPad 8th Gen 32GB", "iPad (8th generation)"), ("HP CB 11 G9", "HP Chromebook 11 G9 EE")],
)  # fmt: skip
def test_a_model_is_the_same_however_its_generation_is_written(listed: str, written: str) -> None:
    same = {"asset_tag": "A-20413", "manufacturer": None, "holder_email": "amy@maple.example"}
    pair = (
        console("c1", serial="EPTTLTA8S7", model=written, **same),
        asset("a1", serial="5CD0003826", model=listed, **same),
    )
    assert one(*pair)


GIVEN = ("Ada", "Ben", "Cleo", "Dov", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon", "Kai", "Lea")


def _school(*accounts: Row) -> dict[str, list[Row]]:
    """Twelve in each of two grades, known by their addresses, whose units say when they leave school; and Sam Lee in both."""
    pupils, placed = [], []
    for grade in (3, 4):
        for name in GIVEN:
            email = f"{name.lower()}{grade}@s.example"
            pupils.append(
                row("sis", email, given_name=name, family_name=f"Oak{grade}", email=email, grade=f"{grade:02d}")
            )
            placed.append(row("google", email, email=email, org_unit=f"/Students/Class of {2038 - grade}"))
        pupils.append(
            row("sis", f"lee{grade}", given_name="Sam", family_name="Lee", grade=f"{grade:02d}", org_name="Elm School")
        )
    return {"person_records": pupils, "account_records": [*placed, *accounts]}


def _places(given: Any) -> dict[str, str]:
    """The person's key of each account that is called x… and is somebody's."""
    links: list[Row] = resolved(**given).tables["links"].to_pylist()
    persons = [link for link in links if link["subject_kind"] == "person"]
    keys = {link["id"]: link["key"] for link in persons if link["table_name"] == "person_records"}
    return {link["key"]: keys[link["id"]] for link in persons if link["key"].startswith("x")}


def test_the_year_of_leaving_school_in_a_unit_tells_namesakes_apart() -> None:
    accounts = [
        row("google", f"x{year}", email=f"x{year}@s.example", given_name="Sam", family_name="Lee", org_unit=f"/Students/Elm School/Class of {year}")
        for year in (2034, 2035)
    ]  # fmt: skip
    assert _places(_school(*accounts)) == {"x2034": "lee4", "x2035": "lee3"}


def test_an_address_that_is_a_persons_in_one_directory_is_theirs_in_another() -> None:
    given = {
        "person_records": [row("sis", "1", given_name="Ada", family_name="Oak", identifier="700834", grade="04")],
        "account_records": [
            row("google", "x1", email="34oakada@s.example", external_ids=["organization:700834"]),
            row("microsoft", "x2", email="34oakada@s.example"),
            row("microsoft", "x3", email="35oakada@s.example"),
        ],
    }
    assert _places(given) == {"x1": "1", "x2": "1"}


def test_a_number_is_a_persons_in_a_list_that_says_not_whether_they_are_pupils() -> None:
    pupil = row("sis", "1", given_name="Ada", family_name="Oak", identifier="700834", grade="04")
    card = row("library", "9", given_name="Ada", family_name="Oak", identifier="700834")
    assert len(groups(resolved(person_records=[pupil, card]), "person")) == 1
    assert len(groups(resolved(person_records=[pupil, {**card, "given_name": "Ivy"}]), "person")) == 2


def test_a_title_says_whose_account_it_is() -> None:
    """A pupil and a teacher of one name: each has the account that their title says."""
    people = [row("sis", "p", given_name="Emily", family_name="Wolfe", grade="06", org_name="Elm School"),
              row("sis", "t", given_name="Emily", family_name="Wolfe", title="Teacher", org_name="Elm School")]  # fmt: skip
    accounts = [
        row("microsoft", key, email=f"{key}@s.example", given_name="Emily", family_name="Wolfe", department="Elm School", title=title)
        for key, title in (("x1", "Student"), ("x2", "Teacher"))
    ]  # fmt: skip
    roles = [role("sis", "p", "student"), role("sis", "t", "teacher")]
    assert _places({"person_records": people, "role_records": roles, "account_records": accounts}) == {
        "x1": "p",
        "x2": "t",
    }
