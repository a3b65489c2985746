"""Test people whom one source lists several times, and people whom one account names."""

from __future__ import annotations

from typing import Any

import pytest

from homeroom.engines.know.resolve import explain
from tests.unit.know.resolve.source_records import build_decision, build_record, build_role_record, resolve_records

pytestmark = pytest.mark.scale  # each test resolves a district


def _build_teacher(key: str, name: str = "Ida Moss", source: str = "oneroster", **values: Any) -> dict[str, Any]:
    first_name, _, family_name = name.partition(" ")
    return build_record(source, key, given_name=first_name, family_name=family_name, **values)


def _count_people(people: list[dict[str, Any]], *, role: str = "teacher", **rows: Any) -> int:
    roles = [build_role_record(row["connector"], row["key"], role) for row in people if row["connector"] != "hr"]
    return resolve_records(person_records=people, role_records=roles, **rows).tables["people"].num_rows


@pytest.mark.parametrize("shared", [{"email": "ida@d.example"}, {"identifier": "4711"}])
def test_a_teacher_with_a_row_for_each_of_four_schools_is_one_person(shared: dict[str, str]) -> None:
    assert _count_people([_build_teacher(f"t{school}", **shared) for school in range(4)]) == 1


def test_rows_of_several_names_with_one_number_remain_several_people() -> None:
    names = ("Ida Moss", "Ole Dahl", "Eva Berg")
    assert _count_people([_build_teacher(f"t{n}", name, identifier="4711") for n, name in enumerate(names)]) == 3


def test_father_and_son_of_one_name_with_addresses_of_their_own_remain_two() -> None:
    assert _count_people([_build_teacher("t1", email="i1@d.example"), _build_teacher("t2", email="i2@d.example")]) == 2


@pytest.mark.parametrize(("parent", "count"), [("Ida Moss", 1), ("Max Moss", 2)])
def test_a_teacher_who_is_a_parent_too_is_one_person_and_a_spouse_with_that_address_another(
    parent: str, count: int
) -> None:
    result = resolve_records(
        person_records=[
            _build_teacher("t1", email="ida@d.example", identifier="4711"),
            _build_teacher("p1", parent, email="ida@d.example"),
        ],
        role_records=[build_role_record("oneroster", "t1", "teacher"), build_role_record("oneroster", "p1", "parent")],
    )
    assert result.tables["people"].num_rows == count


_RENAMED = [
    _build_teacher("t1", "Ida Moss", email="ida.moss@d.example"),
    _build_teacher("900", "Ida Falkenberg", source="hr", email="ida.falkenberg@d.example", title="Teacher"),
]
_ACCOUNT = build_record(
    "google", "g1", email="ida.falkenberg@d.example", aliases=["ida.moss@d.example"], given_name="Ida",
    family_name="Falkenberg",
)  # fmt: skip


def test_an_account_with_the_old_and_the_new_address_makes_one_person_of_both_names() -> None:
    result = resolve_records(
        person_records=_RENAMED,
        role_records=[build_role_record("oneroster", "t1", "teacher")],
        account_records=[_ACCOUNT],
    )
    assert result.tables["people"].num_rows == 1
    person = result.tables["people"].to_pylist()[0]["id"]
    rules = [item.rule for item in explain(result.tables["links"], kind="person", subject=person, masked=False)]
    assert any(rule.startswith("an account has the addresses or numbers of both, ida.") for rule in rules)


def test_an_account_whose_alias_was_that_of_another_given_name_joins_nobody() -> None:
    others = [_build_teacher("t1", "Olga Moss", email="ida.moss@d.example"), _RENAMED[1]]
    assert _count_people(others, account_records=[_ACCOUNT]) == 2


def test_a_decision_that_keeps_two_people_apart_comes_before_their_account() -> None:
    decision = build_decision("person", ("oneroster", "t1"), ("hr", "900"), same=False)
    assert _count_people(_RENAMED, account_records=[_ACCOUNT], decisions=[decision]) == 2
