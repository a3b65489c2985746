"""Queries of testing windows and freezes: those of loaded calendars and those added by hand, as one set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q

from homeroom.apps.know.calendars.commands import CLOSED
from homeroom.apps.know.calendars.models import CalendarEvent
from homeroom.apps.platform.districts.evidence_store import fetch_evidence, get_evidence_store
from homeroom.apps.platform.districts.school_keys import list_school_keys
from homeroom.connectors.icalendar.testing_words import find_quiet_word
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import fold_name

_EVENTS_SQL = """
    SELECT DISTINCT kind, title, first, last, coalesce(org_key, '') FROM calendar_events
    WHERE first <= last ORDER BY ALL"""


@dataclass(frozen=True, kw_only=True)
class QuietPeriod:
    """Days on which devices and systems are left alone, at some schools or at all (then `schools` is empty).

    `kind` is testing, freeze, or closed: a school without class, such as on a snow day. `number` is that of an event
    added by hand; 0 for one of a calendar, which `word` made a test or a freeze. `last` is the last day that counts;
    `ended_by` is who ended it before its time.
    """

    kind: str
    title: str
    first: date
    last: date
    schools: tuple[str, ...] = ()
    word: str = ""
    number: int = 0
    added_by: str = ""
    added_at: datetime | None = None
    ended_by: str = ""

    def covers(self, day: date) -> bool:
        """Return True if the day is one of it."""
        return self.first <= day <= self.last


def list_quiet_periods(*, district: District) -> tuple[QuietPeriod, ...]:
    """Return the testing windows and freezes of all schools, by their days. Raise QueryTimeout."""
    names = list_school_keys(district=district).names
    periods = [*_list_loaded_periods(district, names), *_list_added_periods(district)]
    return tuple(sorted(periods, key=lambda period: (period.first, period.last, period.title, period.number)))


def list_school_periods(*, district: District, schools: Iterable[str]) -> dict[str, tuple[QuietPeriod, ...]]:
    """Return the testing windows and freezes of each school, with those of all schools. Raise QueryTimeout."""
    periods = list_quiet_periods(district=district)
    return {
        school: tuple(period for period in periods if not period.schools or school in period.schools)
        for school in schools
    }


def list_quiet_days(
    *, district: District, schools: Iterable[str], is_strict: bool = True
) -> dict[str, tuple[str, ...]]:
    """Return the days without visits of each school, as the spec of a rollout has them. Raise QueryTimeout.

    They are those on which it is closed, and if `is_strict` those of tests and freezes.
    """
    return {
        school: tuple(
            dict.fromkeys(
                _format_days(period.first, period.last) for period in periods if is_strict or period.kind == CLOSED
            )
        )
        for school, periods in list_school_periods(district=district, schools=schools).items()
    }


def are_events_newer(*, district: District, since: datetime) -> bool:
    """Return True if an event was added by hand, ended or taken back at a moment or later."""
    changed = Q(added_at__gte=since) | Q(withdrawn_at__gte=since) | Q(ended_on__gte=since.date())
    return CalendarEvent.objects.of(district).filter(changed).exists()


def _format_days(first: date, last: date) -> str:
    return f"{first}..{last}" if first != last else f"{first}"


def _list_loaded_periods(district: District, names: Mapping[str, str]) -> list[QuietPeriod]:
    rows = fetch_evidence(get_evidence_store(district=district), _EVENTS_SQL)
    return [
        QuietPeriod(
            kind=kind,
            title=title or "",
            first=first,
            last=last,
            schools=(names.get(fold_name(org), org),) if org else (),
            word=find_quiet_word(title or "")[1],
        )
        for kind, title, first, last, org in rows
    ]


def _list_added_periods(district: District) -> list[QuietPeriod]:
    rows = CalendarEvent.objects.of(district).filter(withdrawn_at=None)
    return [_build_added_period(row) for row in rows]


def _build_added_period(row: CalendarEvent) -> QuietPeriod:
    last = row.last if row.ended_on is None else min(row.last, row.ended_on - timedelta(days=1))
    return QuietPeriod(
        kind=row.kind,
        title=row.title,
        first=row.first,
        last=last,
        schools=tuple(row.schools),
        number=row.pk,
        added_by=row.added_by,
        added_at=row.added_at,
        ended_by=row.ended_by,
    )
