"""Test which accounts of several directories are one person's, also of somebody whom no list has."""

from __future__ import annotations

from typing import Any

import pytest

from homeroom.engines.know.resolve import explain
from tests.unit.know.resolve.source_records import build_record, build_role_record, get_only_row, resolve_records

pytestmark = pytest.mark.scale  # each test resolves a district
_JOHN = build_record("oneroster", "t1", email="john.hale@d.example", given_name="John", family_name="Hale")
_JANE = build_record("oneroster", "t2", email="jhale@d.example", given_name="Jane", family_name="Hale")
_ROLES = [build_role_record("oneroster", key, "teacher") for key in ("t1", "t2")]


def _build_account(directory: str, key: str, email: str, name: str, **values: Any) -> dict[str, Any]:
    first_name, _, family_name = name.partition(" ")
    return build_record(directory, key, email=email, given_name=first_name, family_name=family_name, **values)


def _list_groups(result: Any) -> set[frozenset[str]]:
    groups: dict[int, set[str]] = {}
    for link in result.tables["links"].to_pylist():
        if link["subject_kind"] == "person" and link["table_name"] == "account_records":
            groups.setdefault(link["id"], set()).add(link["key"])
    return {frozenset(group) for group in groups.values()}


def test_an_account_belongs_to_the_person_of_the_account_that_it_is_synchronized_with() -> None:
    result = resolve_records(
        person_records=[_JOHN],
        role_records=_ROLES[:1],
        account_records=[
            _build_account("microsoft", "m1", "jo@d.onmicrosoft.com", "J Hale", synced_ids=["guid:g-1"]),
            _build_account("activedirectory", "a1", "john.hale@d.example", "John Hale", synced_ids=["guid:g-1"]),
        ],
    )
    assert _list_groups(result) == {frozenset({"m1", "a1"})}
    person = get_only_row(result, "people", name="John Hale")["id"]
    rules = {item.key: item for item in explain(result.tables["links"], kind="person", subject=person, masked=False)}
    assert rules["m1"].rule == "the same account in a synchronized directory guid:g-1"
    assert rules["m1"].says == "the two directories are synchronized, and both name one account"


def test_a_principal_name_that_is_spelled_like_anothers_address_gives_nobody_that_account() -> None:
    result = resolve_records(
        person_records=[_JOHN, _JANE],
        role_records=_ROLES,
        account_records=[
            _build_account("activedirectory", "a1", "jhale@d.example", "John Hale", aliases=["john.hale@d.example"]),
            _build_account("google", "g2", "jhale@d.example", "Jane Hale"),
        ],
    )
    owners = {row["directory"]: row["person"] for row in result.tables["accounts"].to_pylist()}
    assert owners["activedirectory"] == get_only_row(result, "people", name="John Hale")["id"]
    assert owners["google"] == get_only_row(result, "people", name="Jane Hale")["id"]


@pytest.mark.parametrize(
    ("shared", "other"),
    [
        ({"synced_ids": ["sid:s-1-5-21-7"]}, "ml@d.local"),
        ({"aliases": ["maria.lund@d.example"]}, "ml@d.local"),
        ({"external_ids": ["93001"]}, "ml@d.local"),
        ({}, "ml@d.local"),  # a full name that nobody else has
    ],
)
def test_accounts_of_somebody_whom_no_list_has_are_one_unknown_person_and_one_question(
    shared: dict[str, Any], other: str
) -> None:
    google_values = {name: value for name, value in shared.items() if name != "aliases"}
    result = resolve_records(
        person_records=[_JOHN],
        role_records=_ROLES[:1],
        account_records=[
            _build_account("google", "g1", "maria.lund@d.example", "Maria Lund", suspended=False, **google_values),
            _build_account("activedirectory", "a1", other, "Maria Lund", suspended=False, **shared),
        ],
    )
    assert _list_groups(result) == {frozenset({"g1", "a1"})}
    accounts = result.tables["accounts"].to_pylist()
    assert [account["person"] for account in accounts] == [None, None]
    representative, other_account = sorted(accounts, key=lambda account: account["asked_with"] is not None)
    assert (representative["asked_with"], other_account["asked_with"]) == (None, representative["id"])
    assert result.tables["people"].num_rows == 1


def test_two_unknown_people_of_one_name_in_one_directory_remain_two() -> None:
    result = resolve_records(
        account_records=[
            _build_account("google", "g1", "maria.lund@d.example", "Maria Lund"),
            _build_account("google", "g2", "maria.lund2@d.example", "Maria Lund"),
            _build_account("activedirectory", "a1", "ml@d.local", "Maria Lund"),
        ],
    )
    assert _list_groups(result) == set()


def test_an_unknown_account_of_the_name_of_somebody_on_the_staff_joins_no_other_by_that_name() -> None:
    result = resolve_records(
        person_records=[_JOHN],
        role_records=_ROLES[:1],
        account_records=[
            _build_account("google", "g0", "john.hale@d.example", "John Hale"),
            _build_account("google", "g1", "john.hale.ext@d.example", "John Hale"),
            _build_account("activedirectory", "a1", "x77@d.local", "John Hale", external_ids=["88123"]),
        ],
    )
    assert frozenset({"g1", "a1"}) not in _list_groups(result)


def test_a_room_and_a_script_with_one_address_in_two_directories_are_no_person() -> None:
    result = resolve_records(
        account_records=[
            _build_account("google", "g1", "svc-sync@d.example", "Sync Service"),
            _build_account("microsoft", "m1", "svc-sync@d.example", "Sync Service"),
        ],
    )
    assert _list_groups(result) == set()


def test_a_family_name_and_a_number_of_another_person_join_no_accounts() -> None:
    result = resolve_records(
        account_records=[
            _build_account("google", "g1", "maria.lund@d.example", "Maria Lund", external_ids=["93001"]),
            _build_account("activedirectory", "a1", "tl@d.local", "Tor Lund", external_ids=["93001"]),
        ],
    )
    assert _list_groups(result) == set()


def test_no_account_of_unlisted_staff_goes_to_the_student_of_their_name() -> None:
    people = [("s1", "Maria", "Lund"), ("s2", "Ole", "Berg"), ("s3", "Ida", "Roth")]
    mail = "{}@s.example"
    result = resolve_records(
        person_records=[
            _JOHN,
            *(
                build_record("oneroster", key, email=mail.format(key), given_name=first_name, family_name=family_name)
                for key, first_name, family_name in people
            ),
        ],
        role_records=[_ROLES[0], *(build_role_record("oneroster", key, "student") for key, _, _ in people)],
        account_records=[
            *(_build_account("google", f"g{key}", mail.format(key), f"{first} {last}") for key, first, last in people),
            _build_account("google", "g1", "mlund@d.example", "Maria Lund", org_unit="/Staff/Oak"),
            _build_account("microsoft", "m1", "mlund@d.example", "Maria Lund"),
            _build_account("microsoft", "m2", "oberg@d.example", "Ole Berg", directory_id="7", title="Bus Driver"),
            _build_account("microsoft", "m2", "oberg@d.example", "Ole Berg", directory_id="7"),
            _build_account("activedirectory", "a3", "adm-iroth@d.local", "Ida Roth", org_unit="/d.local/Admins"),
            _build_account("activedirectory", "a4", "john.hale@d.example", "John Hale", suspended=False),
            _build_account("activedirectory", "a5", "adm-john.hale@d.example", "John Hale", suspended=False),
        ],
    )
    assert not [
        group for group in _list_groups(result) if any(key.startswith("gs") for key in group) and len(group) > 1
    ]
    owned = [row for row in result.tables["accounts"].to_pylist() if row["name"] == "John Hale"]
    assert [row["accounts_here"] for row in owned] == [1, 1], "one daily account; the other one administers"
