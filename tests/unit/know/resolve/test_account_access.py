"""Test which data of others a person's accounts can access, by lists of apps, app use and agreements."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.unit.know.resolve.source_records import build_record, build_role_record, get_only_row, resolve_records

pytestmark = pytest.mark.scale

ROSTERS = "https://www.googleapis.com/auth/classroom.rosters"
OWN_MAIL = "https://mail.google.com/"


def build_list_row(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in build_record("csv", "", **values).items() if name != "key"}


def build_grant(user: str, app: str, *scopes: str) -> dict[str, Any]:
    record = build_record(
        "google", "", account_key=user, email=f"{user}@a.example", app_key=app, app_name=app, scopes=list(scopes)
    )
    return {name: value for name, value in record.items() if name != "key"} | {"kind": "delegated"}


def resolve_people(**tables: Any) -> dict[str, Any]:
    """Return the people rows of the teacher t1 and the student s1 by key."""
    result = resolve_records(
        person_records=[
            build_record("hr", "t1", email="t1@a.example", given_name="Tara", family_name="Vale"),
            build_record("oneroster", "s1", email="s1@a.example", given_name="Sol", family_name="Reed"),
        ],
        role_records=[build_role_record("hr", "t1", "teacher"), build_role_record("oneroster", "s1", "student")],
        account_records=[
            build_record(
                "google", "t1", email="t1@a.example", suspended=tables.pop("suspended", False), super_admin=True
            ),
            build_record("google", "s1", email="s1@a.example", suspended=False, super_admin=False),
        ],
        **tables,
    )
    return {key: get_only_row(result, "people", email=f"{key}@a.example") for key in ("t1", "s1")}


def build_agreement(product: str, *, students: bool | None = True) -> dict[str, Any]:
    return build_record("csv", product, product=product, vendor="Maker", student_data=students, status_word="signed")


def test_an_app_that_reads_rosters_or_holds_students_data_by_agreement_opens_the_data_of_others() -> None:
    apps = [
        build_grant("t1", "Gradely", ROSTERS),
        build_grant("t1", "Mailpeek", OWN_MAIL),
        build_grant("t1", "Quizloom"),
        build_grant("t1", "Maps"),
    ]
    people = resolve_people(
        app_grants=apps, agreement_records=[build_agreement("Quizloom"), build_agreement("Maps", students=False)]
    )
    assert people["t1"]["opens"] == ["Gradely", "Quizloom"]


def test_a_system_that_the_account_used_within_a_year_counts_once_however_it_is_written() -> None:
    use = [
        build_list_row(app="Gradebook", email="T1@a.example", users=1, until=date(2026, 1, 10)),
        build_list_row(app="gradebook Inc.", email="t1@a.example", users=3, until=date(2025, 12, 10)),
        build_list_row(app="Old roll", email="t1@a.example", users=1, until=date(2024, 1, 10)),
        build_list_row(app="Weather", email="t1@a.example", users=1, until=date(2026, 1, 10)),
        build_list_row(app="Bus plan", email="t1@a.example", users=0, until=date(2026, 1, 10)),
    ]
    people = resolve_people(
        app_use_records=use,
        agreement_records=[build_agreement(product) for product in ("Gradebook", "Old roll", "Bus plan")],
    )
    assert people["t1"]["opens"] == ["Gradebook"]


def test_of_students_nothing_is_said_and_a_closed_account_opens_nothing() -> None:
    apps = [build_grant("s1", "Gradely", ROSTERS), build_grant("t1", "Gradely", ROSTERS)]
    assert resolve_people(app_grants=apps)["s1"]["opens"] is None
    assert resolve_people(app_grants=apps, suspended=True)["t1"]["opens"] == []


def test_without_any_list_nobody_knows_what_is_opened() -> None:
    assert resolve_people()["t1"]["opens"] is None


def test_who_administers_is_known_without_a_list_of_training() -> None:
    people = resolve_people()
    assert (people["t1"]["administers"], people["s1"]["administers"]) == (True, False)
    assert resolve_people(suspended=True)["t1"]["administers"] is False
