"""Add a testing window, a freeze or a closing by hand, end it, and take it back. Each change is in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext

from homeroom.apps.know.calendars.models import CalendarEvent
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.connectors.icalendar.testing_words import FREEZE, TESTING
from homeroom.domain.platform.district import District

CLOSED = "closed"
KINDS = (TESTING, FREEZE, CLOSED)
MAX_TITLE = 200
MAX_SPAN = timedelta(days=400)
"""The longest of them: a bit more than a school year."""


class CalendarEventRefused(ValueError):
    """An event cannot be added or changed like that; the message has what would fit, by field in `errors`."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


@dataclass(frozen=True, kw_only=True)
class EventDraft:
    """A testing window, a freeze or a closing as it was typed; no `schools` means all of them."""

    kind: str = TESTING
    title: str = ""
    first: str = ""
    last: str = ""
    schools: Sequence[str] = field(default=())


@transaction.atomic
def add_event(*, district: District, draft: EventDraft, schools: Sequence[str], actor: str, at: datetime) -> int:
    """Add a testing window, a freeze or a closing; return its number. `schools` are those that the district has.

    Raise CalendarEventRefused for fields that do not fit, and if the same one is there already.
    """
    errors: dict[str, str] = {}
    title = " ".join(draft.title.split())
    if not title or len(title) > MAX_TITLE:
        errors["title"] = gettext("A title of at most %(most)d characters is needed, such as SBAC grades 3 to 5.") % {
            "most": MAX_TITLE
        }
    if draft.kind not in KINDS:
        errors["kind"] = gettext("Choose a testing window, a freeze or a closing.")
    unknown = [name for name in draft.schools if name not in schools]
    if unknown:
        errors["schools"] = gettext("%(name)s is no school of the district; choose from the list.") % {
            "name": unknown[0][:60]
        }
    first, last = _parse_days(draft, errors)
    if errors or first is None or last is None:
        raise CalendarEventRefused(errors)
    names = sorted(set(draft.schools))
    same = CalendarEvent.objects.of(district).filter(
        kind=draft.kind, title=title, first=first, last=last, withdrawn_at=None, ended_on=None
    )
    if any(row.schools == names for row in same):
        raise CalendarEventRefused({"title": gettext("It is there already, for the same days and schools.")})
    row = CalendarEvent.objects.create(
        district_id=district.pk,
        kind=draft.kind,
        title=title,
        first=first,
        last=last,
        schools=names,
        added_by=actor,
        added_at=at,
    )
    _record(row, "add calendar event", district=district, actor=actor, at=at)
    return row.pk


@transaction.atomic
def end_event(*, district: District, number: int, today: date, actor: str, at: datetime) -> None:
    """End an event: from today on it does not count. Raise LookupError, and CalendarEventRefused if it is over."""
    row = _get_row(district, number)
    if row.ended_on is not None or row.last < today or row.first >= today:
        raise CalendarEventRefused({"": gettext("Only what has begun and is not over can be ended; take it back.")})
    row.ended_on, row.ended_by = today, actor
    row.save(update_fields=["ended_on", "ended_by"])
    _record(row, "end calendar event", district=district, actor=actor, at=at)


@transaction.atomic
def withdraw_event(*, district: District, number: int, actor: str, at: datetime) -> None:
    """Take an event back, as if it had never been added. Raise LookupError."""
    row = _get_row(district, number)
    row.withdrawn_at, row.withdrawn_by = at, actor
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    _record(row, "withdraw calendar event", district=district, actor=actor, at=at)


def _get_row(district: District, number: int) -> CalendarEvent:
    row = CalendarEvent.objects.of(district).select_for_update().filter(pk=number, withdrawn_at=None).first()
    if row is None:
        raise LookupError(f"there is no calendar event {number}")
    return row


def _parse_days(draft: EventDraft, errors: dict[str, str]) -> tuple[date | None, date | None]:
    """Parse both days; a day that is missing is the other one."""
    texts = {"first": draft.first or draft.last, "last": draft.last or draft.first}
    days: dict[str, date | None] = {}
    for name, text in texts.items():
        try:
            days[name] = date.fromisoformat(text)
        except ValueError:
            days[name] = None
            errors[name] = gettext("A day such as 2026-04-20 is needed.")
    first, last = days["first"], days["last"]
    if first and last and last < first:
        errors["last"] = gettext("The last day is before the first one; choose a later day.")
    elif first and last and last - first > MAX_SPAN:
        errors["last"] = gettext("That is longer than a school year; choose an earlier day.")
    return first, last


def _record(row: CalendarEvent, action: str, *, district: District, actor: str, at: datetime) -> None:
    detail = {
        "title": row.title,
        "kind": row.kind,
        "from": row.first.isoformat(),
        "until": row.last.isoformat(),
        "schools": ", ".join(row.schools) or "all",
    }
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="calendar event",
        subject=str(row.pk),
        detail=detail,
    )
