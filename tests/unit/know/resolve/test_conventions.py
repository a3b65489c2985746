"""Test local conventions: tags in device names, graduation years in units, one address in all directories."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.know.resolve.source_records import build_record, build_role_record, group_record_keys, resolve_records
from tests.unit.know.resolve.test_scoring import (
    RecordRow,
    are_same_device,
    are_separate_devices,
    build_asset_record,
    build_console_record,
)

pytestmark = pytest.mark.scale  # each test resolves a district


def test_a_name_with_the_number_of_a_tag_in_it_is_that_machines() -> None:
    bare = build_console_record("c1", serial="Default string", name="RHS-LT-10726")
    assert are_same_device(bare, build_asset_record("a1", serial="8CC0002351", asset_tag="RHS-10726"))
    assert are_separate_devices(bare, build_asset_record("a1", serial="8CC0002351", asset_tag="RHS-10727"))
    assert are_separate_devices(
        build_console_record("c1", serial="PF2W9LTA", name="RHS-LT-10726"),
        build_asset_record("a1", serial="8CC0002351", asset_tag="10726"),
    )


def test_the_number_of_a_room_in_many_names_is_no_tag() -> None:
    room = [build_console_record(f"c{n}", serial="", name=f"LAB-1204-{n:02d}") for n in range(20)]
    devices = group_record_keys(
        resolve_records(device_records=[*room, build_asset_record("a1", serial="8CC0002351", asset_tag="1204")]),
        "device",
    )
    assert len(devices) == 21


NO_MAKERS = {
    "typed as custom": (
        {"manufacturer": "ASUS", "model": "All Series"},
        {"manufacturer": "Custom", "model": "Custom PC"},
    ),
    "left by firmware": (
        {"manufacturer": "System manufacturer", "model": "System Product Name"},
        {"manufacturer": "Gigabyte", "model": "B450M DS3H"},
    ),
}


@pytest.mark.parametrize("case", NO_MAKERS)
def test_what_stands_where_nobody_entered_a_maker_or_model_contradicts_nothing(case: str) -> None:
    console_fields, asset_fields = NO_MAKERS[case]
    addresses = ["3c52826f10aa"]
    desktop = build_console_record("c1", serial="Default string", name="OAK-204-07", macs=addresses, **console_fields)
    assert are_same_device(desktop, build_asset_record("a1", serial="custom build", macs=addresses, **asset_fields))
    other_maker = {"manufacturer": "Lenovo", "model": "ThinkCentre M70q"}
    other_fields = {**console_fields, "manufacturer": "ASUS", "model": "ProArt Station"}
    assert are_separate_devices(
        {**desktop, **other_fields}, build_asset_record("a1", macs=addresses, name="OAK-9", **other_maker)
    )


def test_a_serial_that_was_typed_into_the_column_of_tags_is_that_machines() -> None:
    console_record = build_console_record("c1", serial="PF2W9LTA")
    assert are_same_device(console_record, build_asset_record("a1", serial="", asset_tag="pf2w9lta"))
    assert are_separate_devices(console_record, build_asset_record("a1", serial="8CC0002351", asset_tag="PF2W9LTA"))


def test_a_name_and_an_address_are_no_two_holders() -> None:
    named, addressed = {"holder_name": "Wei Young"}, {"holder_email": "youngwe@maple.example"}
    assert are_same_device(
        build_console_record("c1", name="LMS-77", **addressed),
        build_asset_record("a1", serial="8CC0002351", name="LMS-77", **named),
    )


TYPED_TWICE = [
    build_asset_record("T1", asset_tag="T1", serial="5CD0002814", holder_email="linda@maple.example"),
    build_asset_record("T2", asset_tag="T2", serial="5CD0002814", holder_email="noah@maple.example"),
]
LINDAS = build_console_record("c1", serial="5CD0002814", holder_email="linda@maple.example")


@pytest.mark.parametrize("sign", [{"asset_tag": "T2"}, {"holder_email": "noah@maple.example"}])
def test_a_serial_typed_into_the_row_of_a_machine_that_a_console_knows_makes_the_rows_no_one_machine(
    sign: RecordRow,
) -> None:
    noahs = build_console_record("c2", serial="5CD0002841", **sign)
    devices = group_record_keys(resolve_records(device_records=[*TYPED_TWICE, LINDAS, noahs]), "device")
    assert devices == {frozenset({"snipeit:T1", "microsoft:c1"}), frozenset({"snipeit:T2", "microsoft:c2"})}


def test_an_asset_that_got_a_new_tag_and_a_new_holder_is_one_machine_listed_twice() -> None:
    noahs_other = build_console_record("c2", serial="8BW3LM1", holder_email="noah@maple.example")
    its_row = build_asset_record("T9", asset_tag="T9", serial="8BW3LM1", holder_email="noah@maple.example")
    assert are_same_device(*TYPED_TWICE)
    devices = group_record_keys(resolve_records(device_records=[*TYPED_TWICE, LINDAS, noahs_other, its_row]), "device")
    assert frozenset({"snipeit:T1", "snipeit:T2", "microsoft:c1"}) in devices


@pytest.mark.parametrize(
    ("listed", "written"),
    [("Lenovo 500e G3", "Lenovo 500e Chromebook "
                        "Gen 3"), ("iPad 8th Gen 32GB", "iPad (8th generation)"), ("HP CB 11 G9", "HP Chromebook 11 "
                                                                                                  "G9 EE")],
)  # fmt: skip
def test_a_model_is_the_same_however_its_generation_is_written(listed: str, written: str) -> None:
    shared_fields = {"asset_tag": "A-20413", "manufacturer": None, "holder_email": "amy@maple.example"}
    pair = (
        build_console_record("c1", serial="EPTTLTA8S7", model=written, **shared_fields),
        build_asset_record("a1", serial="5CD0003826", model=listed, **shared_fields),
    )
    assert are_same_device(*pair)


FIRST_NAMES = ("Ada", "Ben", "Cleo", "Dov", "Eve", "Finn", "Gus", "Hana", "Ida", "Jon", "Kai", "Lea")


def _build_school(*accounts: RecordRow) -> dict[str, list[RecordRow]]:
    """Build twelve students in each of two grades, and a Sam Lee in both grades.

    The twelve are known by their addresses, and their units name the year in which they leave school.
    """
    students, student_accounts = [], []
    for grade in (3, 4):
        for name in FIRST_NAMES:
            email = f"{name.lower()}{grade}@s.example"
            students.append(
                build_record(
                    "sis", email, given_name=name, family_name=f"Oak{grade}", email=email, grade=f"{grade:02d}"
                )
            )
            student_accounts.append(
                build_record("google", email, email=email, org_unit=f"/Students/Class of {2038 - grade}")
            )
        students.append(
            build_record(
                "sis", f"lee{grade}", given_name="Sam", family_name="Lee", grade=f"{grade:02d}", org_name="Elm School"
            )
        )
    return {"person_records": students, "account_records": [*student_accounts, *accounts]}


def _find_owners(tables: Any) -> dict[str, str]:
    """Return the person key of each owned account whose key begins with x."""
    links: list[RecordRow] = resolve_records(**tables).tables["links"].to_pylist()
    persons = [link for link in links if link["subject_kind"] == "person"]
    keys = {link["id"]: link["key"] for link in persons if link["table_name"] == "person_records"}
    return {link["key"]: keys[link["id"]] for link in persons if link["key"].startswith("x")}


def test_the_year_of_leaving_school_in_a_unit_tells_namesakes_apart() -> None:
    accounts = [
        build_record(
            "google",
            f"x{year}",
            email=f"x{year}@s.example",
            given_name="Sam",
            family_name="Lee",
            org_unit=f"/Students/Elm School/Class of {year}",
        )
        for year in (2034, 2035)
    ]
    assert _find_owners(_build_school(*accounts)) == {"x2034": "lee4", "x2035": "lee3"}


def test_an_address_that_is_a_persons_in_one_directory_is_theirs_in_another() -> None:
    tables = {
        "person_records": [
            build_record("sis", "1", given_name="Ada", family_name="Oak", identifier="700834", grade="04")
        ],
        "account_records": [
            build_record("google", "x1", email="34oakada@s.example", external_ids=["organization:700834"]),
            build_record("microsoft", "x2", email="34oakada@s.example"),
            build_record("microsoft", "x3", email="35oakada@s.example"),
        ],
    }
    assert _find_owners(tables) == {"x1": "1", "x2": "1"}


def test_a_number_is_a_persons_in_a_list_that_says_not_whether_they_are_students() -> None:
    student = build_record("sis", "1", given_name="Ada", family_name="Oak", identifier="700834", grade="04")
    card = build_record("library", "9", given_name="Ada", family_name="Oak", identifier="700834")
    assert len(group_record_keys(resolve_records(person_records=[student, card]), "person")) == 1
    assert (
        len(group_record_keys(resolve_records(person_records=[student, {**card, "given_name": "Ivy"}]), "person")) == 2
    )


def test_a_title_says_whose_account_it_is() -> None:
    """Match a student and a teacher of the same name to the accounts with their titles."""
    people = [
        build_record("sis", "p", given_name="Emily", family_name="Wolfe", grade="06", org_name="Elm School"),
        build_record("sis", "t", given_name="Emily", family_name="Wolfe", title="Teacher", org_name="Elm School"),
    ]
    accounts = [
        build_record(
            "microsoft",
            key,
            email=f"{key}@s.example",
            given_name="Emily",
            family_name="Wolfe",
            department="Elm School",
            title=title,
        )
        for key, title in (("x1", "Student"), ("x2", "Teacher"))
    ]
    roles = [build_role_record("sis", "p", "student"), build_role_record("sis", "t", "teacher")]
    assert _find_owners({"person_records": people, "role_records": roles, "account_records": accounts}) == {
        "x1": "p",
        "x2": "t",
    }
