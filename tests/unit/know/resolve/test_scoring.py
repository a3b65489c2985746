"""Test scored matches by mistyped serials, tags, names and homes, and reviews of doubtful pairs."""

from __future__ import annotations

import random
from datetime import date
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.amounts import choose_amount
from tests.unit.know.resolve.source_records import build_decision, build_record, group_record_keys, resolve_records

pytestmark = pytest.mark.scale  # each test resolves a district
RecordRow = dict[str, Any]
LAPTOP: RecordRow = {"model": "Latitude 3420", "manufacturer": "Dell", "platform": "windows"}


def build_console_record(key: str, **values: Any) -> RecordRow:
    return build_record("microsoft", key, managed=True, **{**LAPTOP, **values})


def build_asset_record(key: str, **values: Any) -> RecordRow:
    return build_record("snipeit", key, managed=False, **{**LAPTOP, **values})


def are_separate_devices(*rows: RecordRow) -> bool:
    return all(len(keys) == 1 for keys in group_record_keys(resolve_records(device_records=list(rows)), "device"))


def are_same_device(*rows: RecordRow) -> bool:
    return len(group_record_keys(resolve_records(device_records=list(rows)), "device")) == 1


MISTYPED = {
    "5CD04820KX": "5CDO482OKX",  # the letter O for a nought
    "SCB11720KM": "5C8I172OKM",  # 5 for S, 8 for B and I for 1
    "PF2W9LTA": "PF29WLTA",  # two signs swapped
    "PF3RQ7YD": "PF3R7YD",  # a sign left out
    "PF4MK6ZC": "PF4MMK6ZC",  # a sign twice
    "C02XL7HQ": " c02x-l7hq ",  # small letters, blanks and a hyphen
}


def test_a_serial_that_was_typed_badly_is_the_devices_where_its_tag_says_so() -> None:
    pairs = enumerate(MISTYPED.items(), start=100)
    rows = [
        record
        for n, (true, typed) in pairs
        for record in (
            build_console_record(f"c{n}", serial=true, asset_tag=f"{n}"),
            build_asset_record(f"a{n}", serial=typed, asset_tag=f"{n}"),
        )
    ]
    devices = group_record_keys(resolve_records(device_records=rows), "device")
    assert devices == {frozenset({f"microsoft:c{n}", f"snipeit:a{n}"}) for n in range(100, 100 + len(MISTYPED))}


def test_a_serial_that_was_typed_badly_is_only_a_question_where_nothing_else_agrees() -> None:
    result = resolve_records(
        device_records=[build_console_record("c1", serial="5CD04820KX"), build_asset_record("a1", serial="5CD08420KX")]
    )
    assert len(group_record_keys(result, "device")) == 2
    (review,) = result.tables["match_reviews"].to_pylist()
    assert (review["kind"], review["one_key"], review["other_key"]) == ("device", "c1", "a1")
    assert "two signs swapped" in review["why"]


def test_two_machines_that_share_a_tag_stay_two() -> None:
    assert are_separate_devices(
        build_console_record("c1", serial="4XK9QT2", asset_tag="77"),
        build_asset_record("a1", serial="8BW3LM1", asset_tag="77"),
    )


def test_two_machines_that_took_turns_at_a_dock_stay_two() -> None:
    dock = ["3c52826f10aa"]
    assert are_separate_devices(
        build_console_record("c1", serial="4XK9QT2", name="LIB-0001", macs=dock),
        build_asset_record("a1", serial="8BW3LM1", name="LIB-0002", macs=dock),
    )


def test_a_docks_address_and_one_that_software_made_up_are_called_worthless() -> None:
    docked = [
        build_console_record(f"c{n}", serial=f"4XK9QT{n}", macs=["3c52826f10aa", f"0a52826f10a{n}"]) for n in range(3)
    ]
    result = resolve_records(device_records=[*docked, build_asset_record("a1", asset_tag="5", macs=["3c52826f10aa"])])
    assert len(group_record_keys(result, "device")) == 4
    counts = {
        entry["value"]: entry["count"]
        for entry in result.worthless.to_pylist()
        if entry["identifier"] == "network address"
    }
    assert counts == {"3c**********": 3, "0a**********": 3}


def test_a_machine_with_a_new_board_is_the_one_in_the_asset_list_by_tag_name_and_holder() -> None:
    shared_fields: RecordRow = {"asset_tag": "10482", "name": "CED-LT-0482", "holder_email": "ann@d.example"}
    assert are_same_device(
        build_console_record("c1", serial="NEWBOARD1", **shared_fields),
        build_asset_record("a1", serial="4XK9QT2", **shared_fields),
    )


def test_a_machine_that_was_enrolled_again_under_its_old_serial_is_one() -> None:
    assert are_same_device(
        build_console_record("c1", serial="4XK9QT2", name="OLD-0001"),
        build_console_record("c2", serial="4XK9QT2", name="NEW-0001"),
    )


def test_a_computer_that_a_directory_knows_by_name_alone_is_the_one_machine_of_that_name() -> None:
    directory = build_record("activedirectory", "d1", managed=True, name="CED-LT-0482", platform="windows")
    assert are_same_device(build_console_record("c1", serial="4XK9QT2", name="CED-LT-0482"), directory)
    two = (
        build_console_record("c1", serial="4XK9QT2", name="CED-LT-0482"),
        build_console_record("c2", serial="8BW3LM1", name="CED-LT-0482"),
    )
    assert are_separate_devices(*two, directory)


def test_a_serial_that_was_mistyped_into_another_machines_joins_its_own() -> None:
    result = resolve_records(
        device_records=[
            build_console_record("c1", serial="5CD9001353", name="BIR-01353"),
            build_console_record("c2", serial="5CD9003153", name="ALD-03153", asset_tag="13153"),
            build_asset_record("a2", serial="5CD9001353", name="ALD-03153", asset_tag="13153"),
        ]
    )
    assert group_record_keys(result, "device") == {
        frozenset({"microsoft:c1"}),
        frozenset({"microsoft:c2", "snipeit:a2"}),
    }


HOME: RecordRow = {
    "birth_date": date(2014, 3, 9),
    "street": "12 Mill Lane",
    "postal_code": "04021",
    "org_name": "Cedar",
    "grade": "06",
}


def build_student(source: str, key: str, given_name: str, family_name: str, **values: Any) -> RecordRow:
    return build_record(
        source, key, given_name=given_name, family_name=family_name, identifier=f"{source}-{key}", **{**HOME, **values}
    )


def group_people(*rows: RecordRow) -> set[frozenset[str]]:
    return group_record_keys(resolve_records(person_records=list(rows)), "person")


NAMES = {
    "an accent": ("Zoë", "Müller", "Zoe", "Muller"),
    "a hyphen": ("Ana", "García-López", "Ana", "Garcia Lopez"),
    "one of two family names": ("Ana", "García López", "Ana", "García"),
    "a short form": ("William", "Oakford", "Billy", "Oakford"),
    "names the other way round": ("Thanh", "Nguyen", "Nguyen", "Thanh"),
    "a slip": ("Katherine", "Wexford", "Kathrine", "Wexfrod"),
}


def test_a_student_is_one_under_many_forms_of_a_name() -> None:
    rows = [
        build_student(source, key, *names, birth_date=date(2014, 3, day), street=f"{day} Mill Lane")
        for day, (key, four) in enumerate(NAMES.items(), start=1)
        for source, names in (("sis", four[:2]), ("library", four[2:]))
    ]
    assert group_people(*rows) == {frozenset({f"sis:{key}", f"library:{key}"}) for key in NAMES}


def test_twins_stay_apart_even_where_each_list_has_only_one_of_them() -> None:
    assert (
        len(group_people(build_student("sis", "1", "Ada", "Oakford"), build_student("library", "1", "Ivy", "Oakford")))
        == 2
    )


def test_twins_in_both_lists_are_each_found_in_the_other() -> None:
    matched = group_people(
        build_student("sis", "1", "Ada", "Oakford"), build_student("sis", "2", "Ivy", "Oakford"),
        build_student("library", "1", "Ivy", "Oakford"), build_student("library", "2", "Ada", "Oakford"),
    )  # fmt: skip
    assert matched == {frozenset({"sis:1", "library:2"}), frozenset({"sis:2", "library:1"})}


def test_two_students_of_one_name_stay_apart_where_nothing_tells_which_is_which() -> None:
    plain: RecordRow = {"birth_date": None, "street": None, "postal_code": None}
    pair = [build_student("sis", key, "Sam", "Lee", **plain) for key in ("1", "2")]
    assert len(group_people(*pair, build_student("library", "1", "Sam", "Lee", **plain))) == 3


def test_a_list_without_identities_may_hold_somebody_twice() -> None:
    twice = [
        build_record(
            "club", key, given_name="Ada", family_name=name, birth_date=date(1980, 3, 9), street="12 Mill Lane"
        )
        for key, name in (("1", "Oakford"), ("2", "Oakfrod"))
    ]
    assert group_people(*twice) == {frozenset({"club:1", "club:2"})}


def test_an_account_that_carries_no_number_is_a_persons_by_name_unit_and_grade() -> None:
    result = resolve_records(
        person_records=[build_student("sis", "1", "William", "Oakford", org_name="Cedar High")],
        account_records=[
            build_record(
                "google",
                "g1",
                email="wo77@s.example",
                given_name="Bill",
                family_name="Oakford",
                org_unit="/Students/Cedar High",
            ),
            build_record(
                "google",
                "g2",
                email="ada.oakford@s.example",
                given_name="Ada",
                family_name="Oakford",
                org_unit="/Students/Cedar High",
            ),
            build_record("google", "g3", email="svc-backup@s.example"),
        ],
    )
    has_owner = {account["email"]: account["person"] is not None for account in result.tables["accounts"].to_pylist()}
    assert has_owner == {"wo77@s.example": True, "ada.oakford@s.example": False, "svc-backup@s.example": False}


def test_an_account_of_nobody_is_called_what_its_words_and_state_say() -> None:
    fields_by_name: dict[str, RecordRow] = {
        "svc-backup": {}, "library": {}, "breezy": {"super_admin": True}, "qzimmer": {"suspended": True},
        "ozimmer": {"org_unit": "/Staff/Leavers"}, "pzimmer": {"suspended": False},
    }  # fmt: skip
    result = resolve_records(
        account_records=[
            build_record("google", f"g-{name}", email=f"{name}@s.example", **fields)
            for name, fields in fields_by_name.items()
        ]
    )
    kinds = {account["email"].partition("@")[0]: account["kind"] for account in result.tables["accounts"].to_pylist()}
    assert kinds == {
        "svc-backup": "service",
        "library": "shared",
        "breezy": "administrator",
        "qzimmer": "leaver",
        "ozimmer": "leaver",
        "pzimmer": "unknown",
    }


def test_what_somebody_said_by_hand_joins_and_parts_whatever_the_records_say() -> None:
    rows = [
        build_console_record("c1", serial="5CD04820KX"),
        build_asset_record("a1", serial="5CD08420KX"),
        build_record("jamf", "j1", serial="5CD04820KX", managed=True),
    ]
    join_decisions = [build_decision("device", ("microsoft", "c1"), ("snipeit", "a1"), same=True)]
    split_decisions = [build_decision("device", ("microsoft", "c1"), ("jamf", "j1"), same=False)]
    result = resolve_records(device_records=rows, decisions=join_decisions)
    assert len(group_record_keys(result, "device")) == 1
    assert "a decision made by hand" in {link["rule"] for link in result.tables["links"].to_pylist()}
    assert len(group_record_keys(resolve_records(device_records=rows, decisions=split_decisions), "device")) == 3
    assert len(group_record_keys(resolve_records(device_records=rows), "device")) == 2


def test_an_account_goes_where_somebody_said_and_never_where_somebody_said_not() -> None:
    rows: dict[str, list[RecordRow]] = {
        "person_records": [
            build_student("sis", "1", "Ada", "Oakford", email="ada@s.example"),
            build_student("sis", "2", "Ivy", "Oakford"),
        ],
        "account_records": [build_record("google", "g1", email="ada@s.example")],
    }
    join_decisions = [build_decision("account", ("google", "g1"), ("sis", "2"), same=True)]
    split_decisions = [build_decision("account", ("google", "g1"), ("sis", "1"), same=False)]
    keys = {
        link["id"]: link["key"]
        for link in resolve_records(**rows).tables["links"].to_pylist()
        if link["table_name"] == "person_records"
    }
    owners = [
        resolve_records(**rows, decisions=decisions).tables["accounts"].to_pylist()[0]["person"]
        for decisions in ([], join_decisions, split_decisions)
    ]
    assert [keys.get(person) for person in owners] == ["1", "2", None]


_DEVICES: list[RecordRow] = [
    build_console_record("c1", serial="5CD04820KX", asset_tag="10482", name="CED-0482"),
    build_console_record("c2", serial="5CD08420KX", name="CED-0842", macs=["3c52826f10aa"]),
    build_console_record("c3", serial="4XK9QT2", name="CED-0999", macs=["3c52826f10aa"]),
    build_asset_record("a1", serial="5CDO482OKX", asset_tag="10482"),
    build_asset_record("a2", serial="5CD0842KX", name="CED-0842", holder_email="ann@d.example"),
    build_asset_record("a3", asset_tag="999", name="CED-0999"),
    build_record("activedirectory", "d1", managed=True, name="CED-0999", platform="windows"),
]
_STUDENTS: list[RecordRow] = [
    build_student("sis", "1", "Ada", "Oakford"),
    build_student("sis", "2", "Ivy", "Oakford"),
    build_student("sis", "3", "Sam", "Lee"),
    build_student("library", "1", "Ivy", "Oakford"),
    build_student("library", "2", "Adda", "Oakford"),
    build_student("club", "9", "Samuel", "Lee"),
]


def _resolve_both(
    devices: list[RecordRow], students: list[RecordRow]
) -> tuple[set[frozenset[str]], set[frozenset[str]]]:
    result = resolve_records(device_records=devices, person_records=students)
    return group_record_keys(result, "device"), group_record_keys(result, "person")


@cache
def _resolve_in_order() -> tuple[set[frozenset[str]], set[frozenset[str]]]:
    return _resolve_both(_DEVICES, _STUDENTS)


@pytest.mark.scale
@settings(
    max_examples=choose_amount(brief=3, thorough=15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 1_000))
def test_neither_the_order_of_records_nor_an_unrelated_one_changes_what_is_weighed(seed: int) -> None:
    devices, students = _resolve_in_order()
    shuffled = random.Random(seed)
    unrelated_device = build_console_record("z9", serial="ZZTOP99", name="ZED-9999")
    unrelated_student = build_student(
        "sis",
        "9",
        "Quentin",
        "Zimmer",
        birth_date=date(2009, 1, 1),
        street="9 Far Road",
        postal_code="99999",
        org_name="Elm",
    )
    with_unrelated = _resolve_both(
        shuffled.sample([*_DEVICES, unrelated_device], len(_DEVICES) + 1),
        shuffled.sample([*_STUDENTS, unrelated_student], len(_STUDENTS) + 1),
    )
    assert with_unrelated == (devices | {frozenset({"microsoft:z9"})}, students | {frozenset({"sis:9"})})
