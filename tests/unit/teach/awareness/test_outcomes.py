"""What people did in a drill, as rates of people whose outcome is known, and by school without small counts."""

from __future__ import annotations

from typing import Any

import pytest

from homeroom.domain.teach.awareness.drill_results import DrillResult
from homeroom.domain.teach.awareness.machines import KnownMachines
from homeroom.engines.teach.awareness.judging import judge_touches
from homeroom.engines.teach.awareness.outcomes import build_outcomes
from homeroom.engines.teach.awareness.rates import SMALL_SCHOOLS, compute_results
from homeroom.engines.teach.awareness.touches import build_recipients
from tests.unit.teach.awareness.drill_rows import CHROME, DrillRows


def _compute(rows: DrillRows, schools: dict[str, str] | None = None) -> DrillResult:
    events = rows.build_frame()
    recipients = build_recipients(events)
    touches = judge_touches(events, recipients, KnownMachines())
    (result,) = compute_results(build_outcomes(events, recipients, touches), touches, schools=schools)
    return result


def test_rates_are_of_people_whose_mail_was_delivered():
    rows = DrillRows()
    rows.send("abcd")
    rows.add("d", "bounced", 1)
    rows.add("a", "clicked", 4_000, "198.51.100.7", CHROME)
    rows.add("b", "reported", 600)
    rows.add("c", "reported", 1_800)
    result = _compute(rows)
    assert (result.people, result.delivered, result.raw) == (4, 3, 1)
    assert (result.missed.people, result.missed.total, result.cannot_tell) == (1, 3, 0)
    assert (result.reported.people, result.first_minutes, result.median_minutes) == (2, 10, 20)


def test_an_open_is_no_miss():
    rows = DrillRows()
    rows.send("ab")
    rows.add("a", "opened", 4_000, "198.51.100.7", CHROME)
    result = _compute(rows)
    assert (result.raw, result.missed.people) == (0, 0)


def test_who_cannot_be_judged_leaves_both_parts_of_the_rate():
    rows = DrillRows()
    rows.send("abcd")
    rows.add("a", "reported", 1_000)
    rows.add("a", "clicked", 9_000, "198.51.100.7", CHROME)
    rows.add("b", "clicked", 4_000, "198.51.100.8", CHROME)
    result = _compute(rows)
    assert (result.raw, result.missed.people, result.missed.total, result.cannot_tell) == (2, 1, 3, 1)


def test_first_times_hide_what_a_person_did_after_a_machine_unless_the_person_posted():
    rows = DrillRows()
    for person in "abcdef":
        rows.add(person, "delivered", 0, first_only=True)
        rows.add(person, "clicked", 5, "198.51.100.7", CHROME, first_only=True)
    rows.add("a", "posted", 9_000, first_only=True)
    result = _compute(rows)
    assert (result.missed.people, result.missed.total, result.cannot_tell) == (1, 1, 5)


def test_a_drill_that_nobody_got_has_no_rate():
    rows = DrillRows()
    rows.send("a")
    rows.add("a", "bounced", 1)
    result = _compute(rows, {"a": "Oak"})
    assert (result.missed.rate, result.missed.interval, result.schools) == (None, None, ())


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"Oak": 12, "Elm": 30}, [("Elm", 30), ("Oak", 12)]),
        ({"Oak": 12, "Elm": 4, "Fir": 3}, [(SMALL_SCHOOLS, 19)]),
        ({"Oak": 12, "Elm": 4, "Ash": 15}, [("Ash", 15), (SMALL_SCHOOLS, 16)]),
        ({"Oak": 12, "Elm": 4, "Fir": 6}, [("Oak", 12), (SMALL_SCHOOLS, 10)]),
        ({"Oak": 9}, []),
    ],
)
def test_schools_with_few_people_are_one_last_row(sizes: dict[str, int], expected: list[tuple[str, int]]):
    rows, schools = DrillRows(), {}
    for school, size in sizes.items():
        for number in range(size):
            schools[f"{school}{number}".lower()] = school
    rows.send(schools)
    schools_shown: Any = _compute(rows, schools).schools
    assert [(row.school, row.delivered) for row in schools_shown] == expected
