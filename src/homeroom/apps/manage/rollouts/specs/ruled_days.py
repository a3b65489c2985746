"""Bells of a rollout's schools, and what its rules keep free of visits by them: edges of the school year, and tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from homeroom.apps.platform.districts.bell_rows import load_school_bells
from homeroom.connectors.icalendar.testing_words import is_test_type
from homeroom.domain.platform.district import District
from homeroom.domain.schooldays import BellCalendar, DayType, list_edge_days
from homeroom.library.manage.rollouts.spec_values import parse_day

YEAR = timedelta(days=400)
"""More than a school year, so that its first and last week of classes are seen."""


def load_ruled_bells(
    *, district: District, rules: Mapping[str, Any], schools: Iterable[str]
) -> dict[str, BellCalendar | None]:
    """Return the bells of schools in the days of a rollout.

    Where the rules name the first and the last week of classes, they reach far enough that both are seen. Raise
    QueryTimeout.
    """
    first, last = parse_bounds(rules)
    reach = YEAR if rules.get("edge_weeks") else timedelta()
    return load_school_bells(district=district, schools=list(schools), first=first - reach, last=last + reach)


def parse_bounds(rules: Mapping[str, Any]) -> tuple[date, date]:
    """Return the first and the last day of a rollout's rules."""
    return parse_day(rules["from"]), parse_day(rules["until"])


def list_ruled_edges(bells: BellCalendar, rules: Mapping[str, Any]) -> tuple[date, ...]:
    """Return the days of a rollout that are in the first or the last week of classes, if its rules avoid these."""
    if not rules.get("edge_weeks"):
        return ()
    first, last = parse_bounds(rules)
    return tuple(day for day in list_edge_days(bells) if first <= day <= last)


def list_test_types(bells: BellCalendar, rules: Mapping[str, Any]) -> tuple[DayType, ...]:
    """Return the types of day that the bells name as tests, if the rules of a rollout avoid tests."""
    if not rules.get("quiet_days"):
        return ()
    return tuple(item for item in bells.types.values() if item.stretches and is_test_type(item.name, item.title))
