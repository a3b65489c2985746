"""The planning rules are read strictly: what makes no sense is refused with its field."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from homeroom.domain.protect.control_states import Severity
from homeroom.library.manage.planning import load_planning_rules
from homeroom.library.protect.controls import load_controls
from homeroom.library.validate_content import find_content_problems
from homeroom.library.yaml_loader import BUILTIN_CONTENT, ContentRefused

GOOD = (BUILTIN_CONTENT / "planning.yaml").read_text(encoding="utf-8")


def test_the_shipped_rules_are_six_hours_a_quarter_and_a_deadline_for_what_is_critical():
    rules = load_planning_rules()
    assert (rules.suggested_hours, rules.long_keeps, dict(rules.due_days)) == (6, 0.25, {Severity.CRITICAL: 15})
    assert (rules.day_starts, rules.day_ends) == (7 * 60, 16 * 60)


def test_nobody_is_planned_to_work_on_thanksgiving_christmas_and_the_fourth_of_july():
    rules = load_planning_rules()
    shut = [date(2026, 11, 26), date(2026, 12, 25), date(2026, 7, 3), date(2027, 1, 1), date(2026, 5, 25)]
    assert all(map(rules.is_holiday, shut))
    assert not any(map(rules.is_holiday, [date(2026, 11, 25), date(2026, 12, 24), date(2026, 10, 12)]))


@pytest.mark.parametrize(("was", "becomes", "field"), [
    ("suggested_hours: 6", "suggested_hours: 0", "suggested_hours"),
    ("long_keeps: 0.25", "long_keeps: 1.5", "long_keeps"),
    ("critical: 15", "critical: 0", "due_days"),
    ("critical: 15", "urgent: 15", "due_days.urgent"),
    ('starts: "07:00"', 'starts: "17:00"', "working_day"),
    ('starts: "07:00"', 'starts: "7 am"', "working_day"),
    ("before: 30", "before: -5", "without_bells"),
    ("nov-thu-4", "nov-thu-5", "holidays"),
    ('"07-04"', '"13-04"', "holidays"),
    ("least: 0.25", "least: 2", "learning"),
    ("suggested_hours: 6\n", "", "suggested_hours"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_with_its_field(tmp_path: Path, was: str, becomes: str, field: str):
    assert was in GOOD
    (tmp_path / "planning.yaml").write_text(GOOD.replace(was, becomes), encoding="utf-8")
    with pytest.raises(ContentRefused) as refused:
        load_planning_rules(tmp_path)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert any(problem.field == field for problem in find_content_problems(tmp_path))


def test_work_that_disturbs_class_says_so_in_its_control():
    disturbing = {control.id for control in load_controls() if control.disturbs == "class"}
    assert "windows-10" in disturbing
    assert "leaver-account" not in disturbing
