"""Test people whom an account names under two family names, and parents who are staff.

All cases are resolved in one district, each under names of its own: {first} {old} became {first} {new}.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

pytestmark = pytest.mark.scale  # the fixture resolves a district

_FIRST_NAMES = ("Ida", "Ole", "Eva", "Max", "Nora", "Karl", "Judith", "Pablo", "Wanda", "Simon", "Greta", "Hugo")
_OLD_NAMES = (
    "Moss", "Dahl", "Berg", "Quist", "Aldana", "Ferris", "Tovar", "Unger", "Ziegler", "Cantu", "Whitlow", "Ives",
    "Kemper", "Roth", "Vance", "Jarvis", "Lindqvist", "Osborn", "Pruitt", "Xiong", "Sayers", "Amaya",
)  # fmt: skip
_NEW_NAMES = (
    "Falkenberg", "Winters", "Oduya", "Castellano", "Bridges", "Hammond", "Nakamura", "Sorensen", "Delacroix", "Mbeki",
    "Rasmussen", "Yates", "Tillman", "Garza", "Popov", "Underhill", "Estrada", "Kowalski", "Lathrop", "Ingram", "Novak",
    "Brandt",
)  # fmt: skip
Row = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class NameCase:
    """Rows of one case by key (teachers t, parents p, employees h), its accounts, and who is one person."""

    name: str
    people: Mapping[str, Row]
    groups: Sequence[set[str]]
    accounts: Sequence[Row] = ()
    apart: tuple[str, str] | None = None


_TEACHER = {"name": "{first} {old}", "identifier": "47{number}"}
_EMPLOYEE = {"name": "{first} {new}"}
_PARENT = {"name": "{first} {old}", "email": "{first}.{old}@d.example"}
_RENAMED_ACCOUNT = {"name": "{first} {new}", "email": "{first}.{old}@d.example"}
_STAFF_ACCOUNT = {"name": "{first} {old}", "email": "{first}.{old}@d.example"}
_RENAMED = {"t1": _TEACHER, "h1": _EMPLOYEE}
_APART = ({"t1"}, {"h1"})
_THIRD = {"name": "{first} {new}", "identifier": "50{number}"}

CASES = (
    *(
        NameCase(
            name=f"the new name with the old address {email}",
            people=_RENAMED,
            accounts=({**_RENAMED_ACCOUNT, "email": email},),
            groups=({"t1", "h1"},),
        )
        for email in ("{first}.{old}@d.example", "{initial}{old}@d.example", "{old}{initial}2@d.example")
    ),
    *(
        NameCase(
            name=f"an account that names one of them: {account}", people=_RENAMED, accounts=(account,), groups=_APART
        )
        for account in (
            {"name": "{first} {new}", "email": "{first}.{new}@d.example"},
            {"name": "{first} {new}", "email": "other.{old}@d.example"},
            {"name": "Other {new}", "email": "{first}.{old}@d.example"},
            {"name": "{first} {old}", "email": "{first}.{old}@d.example"},
        )
    ),
    *(
        NameCase(
            name=f"a third person is named too: {third}",
            people={**_RENAMED, "t2": third},
            accounts=(_RENAMED_ACCOUNT,),
            groups=({"t1"},),
        )
        for third in (_THIRD, {**_THIRD, "name": "{first} {old}"}, {"name": "Other One", "email": _PARENT["email"]})
    ),
    NameCase(
        name="a decision keeps them apart",
        people=_RENAMED,
        accounts=(_RENAMED_ACCOUNT,),
        groups=_APART,
        apart=("t1", "h1"),
    ),
    NameCase(
        name="a parent has the account of a teacher without an address",
        people={"t1": _TEACHER, "p1": _PARENT},
        accounts=(_STAFF_ACCOUNT,),
        groups=({"t1", "p1"},),
    ),
    NameCase(
        name="a parent has the address that the staff list has beside another name",
        people={"t1": _TEACHER, "p1": _PARENT, "h1": {**_EMPLOYEE, "email": _PARENT["email"], "key": "47{number}"}},
        groups=({"t1", "p1", "47{number}"},),
    ),
    NameCase(
        name="a parent row does not keep the staff list from the teacher",
        people={"t1": _TEACHER, "p1": _PARENT, "h1": _PARENT},
        accounts=(_STAFF_ACCOUNT,),
        groups=({"t1", "p1", "h1"},),
    ),
    NameCase(
        name="no account has the address of the parent",
        people={"t1": _TEACHER, "p1": _PARENT},
        accounts=({"name": "Other {old}", "email": "other.{old}@d.example"},),
        groups=({"t1"}, {"p1"}),
    ),
    NameCase(
        name="the account with the address of the parent is another's",
        people={"t1": _TEACHER, "p1": _PARENT},
        accounts=({"name": "Other {new}", "email": _PARENT["email"]},),
        groups=({"t1"}, {"p1"}),
    ),
    NameCase(
        name="two teachers have the name of the parent",
        people={"t1": _TEACHER, "t2": {**_TEACHER, "identifier": "50{number}"}, "p1": _PARENT},
        accounts=(_STAFF_ACCOUNT,),
        groups=({"t1"}, {"t2"}, {"p1"}),
    ),
    NameCase(
        name="the teacher has an address of their own",
        people={"t1": {**_TEACHER, "email": "{first}.{old}2@d.example"}, "p1": _PARENT},
        accounts=(_STAFF_ACCOUNT,),
        groups=({"t1"}, {"p1"}),
    ),
    NameCase(
        name="a spouse is reached under the address of the teacher",
        people={"t1": {**_TEACHER, "email": _PARENT["email"]}, "p1": {**_PARENT, "name": "Other {old}"}},
        accounts=(_STAFF_ACCOUNT,),
        groups=({"t1"}, {"p1"}),
    ),
    NameCase(
        name="a parent with the name of an employee has an address elsewhere",
        people={"h1": {**_TEACHER, "email": _PARENT["email"]}, "p1": {**_PARENT, "email": "{first}@mail.example"}},
        groups=({"h1"}, {"p1"}),
    ),
    NameCase(
        name="another parent has the name of a teacher who is a parent",
        people={"h1": _PARENT, "p1": _PARENT, "p2": {**_PARENT, "email": "{first}@mail.example"}},
        groups=({"h1", "p1"}, {"p2"}),
    ),
)


def _fill_in(text: str, number: int) -> str:
    first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
    names = {"first": first, "initial": first[0], "old": _OLD_NAMES[number], "new": _NEW_NAMES[number]}
    return text.format(**names, number=string.digits[number // 10] + string.digits[number % 10])


def _build_row(source: str, key: str, row: Row, number: int) -> dict[str, Any]:
    values = {name: _fill_in(value, number) for name, value in row.items()}
    first_name, _, family_name = values.pop("name").partition(" ")
    email = values.pop("email", "").lower() or None
    own_key = values.pop("key", f"{number}-{key}")
    return build_record(source, own_key, given_name=first_name, family_name=family_name, email=email, **values)


@pytest.fixture(scope="module")
def result() -> PartialResult:
    """Return the resolved district of all cases."""
    people, roles, accounts, decisions = [], [], [], []
    for number, case in enumerate(CASES):
        for key, row in case.people.items():
            people.append(_build_row("hr" if key.startswith("h") else "oneroster", key, row, number))
            if people[-1]["connector"] != "hr":
                role = "parent" if key.startswith("p") else "teacher"
                roles.append(build_role_record("oneroster", people[-1]["key"], role))
        accounts += [_build_row("google", f"g{place}", row, number) for place, row in enumerate(case.accounts)]
        if case.apart:
            first, second = (f"{number}-{key}" for key in case.apart)
            decisions.append(build_decision("person", ("oneroster", first), ("hr", second), same=False))
    return resolve_records(person_records=people, role_records=roles, account_records=accounts, decisions=decisions)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_case_has_exactly_its_people(case: NameCase, result: PartialResult) -> None:
    number = CASES.index(case)
    expected = [{_fill_in(key, number) if "{" in key else f"{number}-{key}" for key in group} for group in case.groups]
    groups = [{key.partition(":")[2] for key in keys} for keys in group_record_keys(result, "person")]
    for group in expected:
        assert group in groups


def test_the_explanation_names_the_account_and_both_names(result: PartialResult) -> None:
    person = next(row["id"] for row in result.tables["links"].to_pylist() if row["key"] == "0-h1")
    rules = [item.rule for item in explain(result.tables["links"], kind="person", subject=person, masked=False)]
    assert "the account ida.moss@d.example has the name of one and the former name of the other" in rules
