"""Test people who left and came back, addresses that were handed on, and accounts of administrators."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from homeroom.engines.know.resolve import explain
from tests.unit.know.resolve.partial_resolution import PartialResult
from tests.unit.know.resolve.source_records import (
    build_decision,
    build_record,
    build_role_record,
    group_record_keys,
    resolve_records,
)

pytestmark = pytest.mark.scale  # each test resolves a district
Row = dict[str, Any]


def _build_student(key: str, name: str, **values: Any) -> Row:
    given_name, _, family_name = name.partition(" ")
    return build_record("oneroster", key, given_name=given_name, family_name=family_name, **values)


def _build_account(key: str, email: str, name: str, *, directory: str = "google", **values: Any) -> Row:
    given_name, _, family_name = name.partition(" ")
    return build_record(directory, key, email=email, given_name=given_name, family_name=family_name, **values)


def _resolve_students(students: list[Row], **tables: Any) -> PartialResult:
    roles = [build_role_record("oneroster", row["key"], "student") for row in students]
    return resolve_records(person_records=students, role_records=roles, **tables)


def _list_people(result: PartialResult) -> set[frozenset[str]]:
    """Return the sets of keys of the records and accounts of each person."""
    groups: dict[int, set[str]] = {}
    for link in result.tables["links"].to_pylist():
        if link["subject_kind"] == "person":
            groups.setdefault(link["id"], set()).add(f"{link['connector']}:{link['key']}")
    return {frozenset(group) for group in groups.values()}


def _get_owner(result: PartialResult, account: str) -> set[str]:
    """Return the keys of the people's records beside an account."""
    groups = [group for group in _list_people(result) if account in group]
    return {key for group in groups for key in group if key.startswith(("oneroster:", "hr:"))}


CLOSED = {"status": "tobedeleted", "enabled": False}
RETURNED: dict[str, tuple[Row, Row, bool]] = {
    "address": ({"email": "ida.moss@d.example"}, {"email": "Ida.Moss@d.example"}, True),
    "birth date": ({"birth_date": date(2014, 2, 3)}, {"birth_date": date(2014, 2, 3)}, True),
    "another birth date": ({"birth_date": date(2014, 2, 3)}, {"birth_date": date(2014, 12, 9)}, False),
    "nothing but the name": ({}, {}, False),
    "another master id": (
        {"email": "ida.moss@d.example", "master_id": "M-100"},
        {"email": "ida.moss@d.example", "master_id": "M-200"},
        False,
    ),
}


@pytest.mark.parametrize("case", RETURNED)
def test_a_student_who_enrolled_again_is_one_by_name_with_address_or_birth_date(case: str) -> None:
    closed, opened, is_one = RETURNED[case]
    result = _resolve_students(
        [
            _build_student("s1", "Ida Moss", identifier="1001", **CLOSED, **closed),
            _build_student("s2", "Ida Moss", identifier="2002", **opened),
        ]
    )
    expected = {frozenset({"oneroster:s1", "oneroster:s2"})} if is_one else {"apart"}
    assert (group_record_keys(result, "person") == expected) is is_one


def test_a_brother_with_the_address_of_a_graduate_is_another_person() -> None:
    result = _resolve_students(
        [
            _build_student("s1", "Ida Moss", identifier="1001", email="i.moss@d.example", **CLOSED),
            _build_student("s2", "Ian Moss", identifier="2002", email="i.moss@d.example"),
        ]
    )
    assert len(group_record_keys(result, "person")) == 2


def test_two_students_of_one_name_who_are_both_here_stay_two() -> None:
    rows = [_build_student(f"s{n}", "Ida Moss", identifier=f"{n}00{n}", email="moss@home.example") for n in (1, 2)]
    assert len(group_record_keys(_resolve_students(rows), "person")) == 2


def test_somebody_said_that_the_returned_student_is_another() -> None:
    decision = build_decision("person", ("oneroster", "s1"), ("oneroster", "s2"), same=False)
    rows = [
        _build_student("s1", "Ida Moss", identifier="1001", email="ida.moss@d.example", **CLOSED),
        _build_student("s2", "Ida Moss", identifier="2002", email="ida.moss@d.example"),
    ]
    assert len(group_record_keys(_resolve_students(rows, decisions=[decision]), "person")) == 2


def test_an_account_under_a_graduates_address_is_of_the_student_of_its_name() -> None:
    graduate = _build_student("s1", "Vera Moss", identifier="1001", email="v.moss@d.example", **CLOSED)
    account = _build_account("g1", "v.moss@d.example", "Victor Moss")
    student = _build_student("s2", "Victor Moss", identifier="2002")
    result = _resolve_students([graduate, student], account_records=[account])
    assert _get_owner(result, "google:g1") == {"oneroster:s2"}
    reached_by_parent = {**student, "email": "moss@home.example"}
    result = _resolve_students([graduate, reached_by_parent], account_records=[account])
    assert _get_owner(result, "google:g1") == {"oneroster:s2"}
    links = result.tables["links"]
    (person,) = {row["id"] for row in links.to_pylist() if row["key"] == "g1" and row["subject_kind"] == "person"}
    says = [item.says for item in explain(links, kind="person", subject=person)]
    assert any("somebody who left" in text for text in says)
    alone = _resolve_students([graduate], account_records=[account])
    assert _get_owner(alone, "google:g1") == {"oneroster:s1"}, "nobody else has that name: a question of a former one"


@pytest.mark.parametrize(
    ("former", "account"),
    [
        ({"given_name": "Abigail", "family_name": "Pierce"}, {}),
        ({"identifier": "4101"}, {"external_ids": ["organization:4101"]}),
        ({}, {"org_unit": "/Staff/Central"}),
    ],
    ids=["of one name", "with the number", "in a unit of staff"],
)
def test_an_employees_account_is_not_handed_on_to_a_student_of_its_name(former: Row, account: Row) -> None:
    employee = build_record(
        "hr",
        "4101",
        email="abigail.pierce@d.example",
        employment="terminated",
        **{"given_name": "Gail", "family_name": "Moore", **former},
    )
    student = _build_student("s2", "Abigail Pierce", identifier="2002")
    user = _build_account("g1", "abigail.pierce@d.example", "Abigail Pierce", **account)
    result = _resolve_students([student, employee], account_records=[user])
    assert _get_owner(result, "google:g1") == {"hr:4101"}


def test_an_account_that_fits_a_former_and_a_current_employee_alike_is_the_current_ones() -> None:
    employees = [
        build_record("hr", "4101", given_name="Madison", family_name="Pierce", employment="terminated"),
        build_record("hr", "7302", given_name="Madison", family_name="Pierce", employment="active"),
    ]
    account = _build_account("g1", "mpierce@d.example", "Madison Pierce", org_unit="/Staff")
    result = resolve_records(person_records=employees, account_records=[account])
    assert _get_owner(result, "google:g1") == {"hr:7302"}
    only_former = resolve_records(person_records=employees[:1], account_records=[account])
    assert _get_owner(only_former, "google:g1") == {"hr:4101"}


@pytest.mark.parametrize("local", ["t0-pierce.m", "m.pierce.admin", "adm-mpierce", "mpierce_da"])
def test_an_administrators_second_account_does_not_compete_with_the_first(local: str) -> None:
    employee = build_record("hr", "7302", given_name="Madison", family_name="Pierce", email="madison.pierce@d.example")
    accounts = [
        _build_account("a1", "mpierce@d.local", "Madison Pierce", directory="activedirectory"),
        _build_account("a2", f"{local}@d.local", "Madison Pierce (Admin)", directory="activedirectory"),
    ]
    result = resolve_records(person_records=[employee], account_records=accounts)
    assert _list_people(result) == {frozenset({"hr:7302", "activedirectory:a1", "activedirectory:a2"})}


def test_a_sign_in_name_of_another_form_in_the_same_domain_is_of_the_only_person_of_its_name() -> None:
    employee = build_record("hr", "7302", given_name="Madison", family_name="Pierce", email="madison.pierce@d.example")
    account = _build_account("a1", "mpierce@d.example", "Madison Pierce", directory="activedirectory")
    result = resolve_records(person_records=[employee], account_records=[account])
    assert _get_owner(result, "activedirectory:a1") == {"hr:7302"}
    taken = _build_account("a2", "madison.pierce@d.example", "Madison Pierce", directory="activedirectory")
    result = resolve_records(person_records=[employee], account_records=[account, taken])
    assert _get_owner(result, "activedirectory:a2") == {"hr:7302"}
    assert not any({"activedirectory:a1", "hr:7302"} <= group for group in _list_people(result))


@pytest.mark.parametrize(("unit", "owner"), [("/Vendors", set()), ("/", {"oneroster:s1"})])
def test_a_contractors_account_is_of_no_student_of_that_name(unit: str, owner: set[str]) -> None:
    student = _build_student("s1", "Madison Pierce", identifier="1001")
    account = _build_account("g1", "mpierce@d.example", "Madison Pierce", org_unit=unit)
    assert _get_owner(_resolve_students([student], account_records=[account]), "google:g1") == owner
