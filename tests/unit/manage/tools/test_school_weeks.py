"""Counts by school and week from lists of use and of tickets: what is 0, what is missing, and what is left out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from homeroom.engines.manage.tools.school_weeks import SchoolWeeks, count_tickets, count_users
from tests.unit.manage.tools.portfolio_evidence import STUDENTS, PortfolioEvidence

MONDAY = date(2026, 9, 7)
OAK, ELM, ASH = STUDENTS
WEEK = {"since": MONDAY, "until": MONDAY + timedelta(days=6)}


def count(evidence: PortfolioEvidence, *apps: str) -> SchoolWeeks:
    with evidence.open() as session:
        return count_users(session, apps=apps)


def test_users_are_added_over_the_apps_of_a_tool_and_divided_by_students() -> None:
    evidence = PortfolioEvidence()
    evidence.add_use("wren.example", 20, school=ELM, **WEEK)
    evidence.add_use("Wren Math", 10, school=ELM, **WEEK)
    evidence.add_use("Wren Math", 60, school="oak elementary", **WEEK)
    evidence.add_use("Lark", 99, school=ELM, **WEEK)
    weeks = count(evidence, "Wren Math", "wren.example")
    assert weeks.counts == {(OAK, MONDAY): 60, (ELM, MONDAY): 30}
    assert weeks.list_values() == ((ELM, MONDAY, 30 / STUDENTS[ELM]), (OAK, MONDAY, 60 / STUDENTS[OAK]))


def test_a_school_that_the_list_has_through_other_apps_has_none_and_one_that_it_lacks_is_missing() -> None:
    evidence = PortfolioEvidence()
    evidence.add_use("Wren Math", 30, school=OAK, **WEEK)
    evidence.add_use("Lark", 5, school=ELM, **WEEK)
    evidence.add_use("Lark", 5, school=ASH, instance="another list", **WEEK)
    assert count(evidence, "Wren Math").counts == {(OAK, MONDAY): 30, (ELM, MONDAY): 0}


def test_addresses_count_once_a_week_at_the_school_of_their_person() -> None:
    evidence = PortfolioEvidence()
    for number in (1, 1, 2, 301):
        for day in range(2):
            at = MONDAY + timedelta(days=day)
            evidence.add_use("Wren Math", None, email=f"s{number}@maple.example", since=at, until=at)
    assert count(evidence, "Wren Math").counts == {(OAK, MONDAY): 2, (ELM, MONDAY): 1}


@pytest.mark.parametrize(
    ("since", "until", "week"),
    [
        (MONDAY - timedelta(days=1), MONDAY + timedelta(days=5), MONDAY),
        (MONDAY - timedelta(days=3), MONDAY + timedelta(days=3), MONDAY),
        (MONDAY, MONDAY + timedelta(days=7), None),
        (MONDAY + timedelta(days=1), MONDAY, None),
        (None, MONDAY, None),
    ],
)
def test_a_period_of_up_to_seven_days_is_of_the_week_of_its_middle_day(
    since: date | None, until: date, week: date | None
) -> None:
    evidence = PortfolioEvidence()
    evidence.add_use("Wren Math", 30, school=OAK, since=since, until=until)
    assert count(evidence, "Wren Math").counts == ({} if week is None else {(OAK, week): 30})


def add_ticket(evidence: PortfolioEvidence, day: date | None, school: str | None, **values: Any) -> None:
    number = str(len(evidence.rows["ticket_records"]))
    evidence.add_row("ticket_records", key=number, opened_on=day, school_name=school, **values)


def test_tickets_are_counted_in_complete_weeks_that_have_any_and_a_school_without_one_has_none() -> None:
    evidence = PortfolioEvidence()
    for day, school in (
        (MONDAY - timedelta(days=3), OAK),  # the list begins on a Friday
        (MONDAY, OAK),
        (MONDAY + timedelta(days=1), "OAK"),
        (MONDAY + timedelta(weeks=2), ELM),  # nobody wrote in the week before
        (MONDAY + timedelta(weeks=3, days=2), ELM),  # the list ends on a Wednesday
        (MONDAY + timedelta(days=1), None),
        (MONDAY + timedelta(days=1), "District wide"),
        (None, OAK),
    ):
        add_ticket(evidence, day, school)
    with evidence.open() as session:
        weeks = count_tickets(session)
    later = MONDAY + timedelta(weeks=2)
    assert weeks.counts == {(OAK, MONDAY): 2, (OAK, later): 0, (ELM, MONDAY): 0, (ELM, later): 1}
    assert weeks.list_values()[0] == (ELM, MONDAY, 0.0)
    assert weeks.list_values()[1] == (ELM, later, 1 / STUDENTS[ELM])


def test_without_students_of_two_schools_the_counts_themselves_are_compared() -> None:
    evidence = PortfolioEvidence()
    evidence.rows["people"] = [row for row in evidence.rows["people"] if row["school"] == OAK]
    for school in (OAK, "Warehouse"):
        add_ticket(evidence, MONDAY, school)
        add_ticket(evidence, MONDAY + timedelta(days=4), school)
    with evidence.open() as session:
        weeks = count_tickets(session)
    assert weeks.list_values() == ((OAK, MONDAY, 2.0), ("Warehouse", MONDAY, 2.0))
