"""What somebody's accounts open besides what is theirs, by the lists of apps, of use and of agreements."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.unit.resolve.records import only, resolved, role, row

pytestmark = pytest.mark.scale

ROSTERS = "https://www.googleapis.com/auth/classroom.rosters"
OWN_MAIL = "https://mail.google.com/"


def of_list(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in row("csv", "", **values).items() if name != "key"}


def grant(who: str, app: str, *scopes: str) -> dict[str, Any]:
    told = row("google", "", account_key=who, email=f"{who}@a.example", app_key=app, app_name=app, scopes=list(scopes))
    return {name: value for name, value in told.items() if name != "key"} | {"kind": "delegated"}


def opened(**tables: Any) -> dict[str, Any]:
    """What the teacher t1 opens, beside a pupil s1."""
    made = resolved(
        person_records=[
            row("hr", "t1", email="t1@a.example", given_name="Tara", family_name="Vale"),
            row("oneroster", "s1", email="s1@a.example", given_name="Sol", family_name="Reed"),
        ],
        role_records=[role("hr", "t1", "teacher"), role("oneroster", "s1", "student")],
        account_records=[
            row("google", "t1", email="t1@a.example", suspended=tables.pop("suspended", False), super_admin=True),
            row("google", "s1", email="s1@a.example", suspended=False, super_admin=False),
        ],
        **tables,
    )
    return {key: only(made, "people", email=f"{key}@a.example") for key in ("t1", "s1")}


def agreement(product: str, *, pupils: bool | None = True) -> dict[str, Any]:
    return row("csv", product, product=product, vendor="Maker", student_data=pupils, status_word="signed")


def test_an_app_that_reads_rosters_or_holds_pupils_data_by_agreement_opens_the_data_of_others() -> None:
    apps = [
        grant("t1", "Gradely", ROSTERS),
        grant("t1", "Mailpeek", OWN_MAIL),
        grant("t1", "Quizloom"),
        grant("t1", "Maps"),
    ]
    told = opened(app_grants=apps, agreement_records=[agreement("Quizloom"), agreement("Maps", pupils=False)])  # fmt: skip
    assert told["t1"]["opens"] == ["Gradely", "Quizloom"]


def test_a_system_that_the_account_used_within_a_year_counts_once_however_it_is_written() -> None:
    use = [
        of_list(app="Gradebook", email="T1@a.example", users=1, until=date(2026, 1, 10)),
        of_list(app="gradebook Inc.", email="t1@a.example", users=3, until=date(2025, 12, 10)),
        of_list(app="Old roll", email="t1@a.example", users=1, until=date(2024, 1, 10)),
        of_list(app="Weather", email="t1@a.example", users=1, until=date(2026, 1, 10)),
        of_list(app="Bus plan", email="t1@a.example", users=0, until=date(2026, 1, 10)),
    ]
    told = opened(app_use_records=use, agreement_records=[agreement(one) for one in ("Gradebook", "Old roll", "Bus plan")])  # fmt: skip
    assert told["t1"]["opens"] == ["Gradebook"]


def test_of_pupils_nothing_is_said_and_a_closed_account_opens_nothing() -> None:
    apps = [grant("s1", "Gradely", ROSTERS), grant("t1", "Gradely", ROSTERS)]
    assert opened(app_grants=apps)["s1"]["opens"] is None
    assert opened(app_grants=apps, suspended=True)["t1"]["opens"] == []


def test_without_any_list_nobody_knows_what_is_opened() -> None:
    assert opened()["t1"]["opens"] is None


def test_who_administers_is_known_without_a_list_of_training() -> None:
    told = opened()
    assert (told["t1"]["administers"], told["s1"]["administers"]) == (True, False)
    assert opened(suspended=True)["t1"]["administers"] is False
