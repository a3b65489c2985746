"""The form of a visit: what it shows, and the record that it makes, from a page or later from a phone's outbox."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext

from homeroom.apps.manage.rollouts.queries import VisitView
from homeroom.apps.manage.rollouts.records import COMPLETED, LEFT_BEHIND, NO_ENTRY, RolloutRefused
from homeroom.apps.manage.rollouts.visits.visit_records import CHECKS, MAX_NOTE, VisitRecord
from homeroom.apps.platform.outbox.commands import OutboxRefused, correct_moment
from homeroom.domain.know.devices.labels import LabelRefused, parse_device_labels
from homeroom.web.shared.access import Visit

MAX_LEFT_BEHIND = 100_000
ARRIVAL = "began"
"""The outcome that the button *I’m in* sends: there is none yet."""
_TEXTS = (
    "left_behind",
    "note",
    "began",
    "ended",
    "installed",
    "taken",
    "version",
    "unites",
    "key",
    "made_at",
    "sent_at",
)


def read_visit_form(post: QueryDict) -> dict[str, Any]:
    """Return the texts of a form that was sent."""
    form: dict[str, Any] = {name: post.get(name, "").strip() for name in _TEXTS}
    form["outcome"], form["second_key"] = post.get("outcome", ""), form["key"] or create_record_key()
    return form | {"checks": [name for name in CHECKS if post.get(name) == "1"]}


def fill_visit_form(item: VisitView) -> dict[str, Any]:
    """Return the texts of the form for a visit as it is, with new keys of its two forms."""
    return {
        "left_behind": str(item.left_behind),
        "note": item.note,
        "began": _format_time(item.began_at),
        "ended": _format_time(item.ended_at),
        "installed": "\n".join(item.installed),
        "taken": "\n".join(item.taken),
        "checks": [name for name in CHECKS if item.checks.get(name)],
        "version": item.version,
        "unites": "",
        "key": create_record_key(),
        "second_key": create_record_key(),
    }


def create_record_key() -> str:
    """Return a new key of a record, as phones make them."""
    return str(uuid4())


def parse_visit_form(form: dict[str, Any], *, item: VisitView | None, visit: Visit) -> VisitRecord:
    """Return what a form records; `item` is the visit as it is now. Raise RolloutRefused for a field that does not fit.

    Times of a visit that ended are of that day, others of the day on which the record was made.
    """
    made_at = _parse_made_at(form, received_at=visit.now)
    ended_at = item and item.ended_at
    day = timezone.localtime(ended_at or made_at).date()
    left_behind = _parse_left_behind(form["left_behind"] or "0")
    outcome = form["outcome"] if form["outcome"] in (NO_ENTRY, ARRIVAL) else COMPLETED
    if outcome == COMPLETED and left_behind:
        outcome = LEFT_BEHIND
    if len(form["note"]) > MAX_NOTE:
        raise RolloutRefused("note", gettext("It is too long."))
    return VisitRecord(
        outcome=outcome,
        made_at=made_at,
        version=form["version"],
        unites=form["unites"] == "1",
        checks=form["checks"],
        left_behind=left_behind,
        note=form["note"],
        began_at=_parse_time(day, "began", form["began"]),
        ended_at=_parse_time(day, "ended", form["ended"]),
        installed=_parse_labels("installed", form["installed"]),
        taken=_parse_labels("taken", form["taken"]),
    )


def _parse_made_at(form: dict[str, Any], *, received_at: datetime) -> datetime:
    """Return when the record was made, by the server's clock: now, unless a phone kept it for a time."""
    if not form["made_at"]:
        return received_at
    try:
        made_at, sent_at = (_parse_moment(form[name]) for name in ("made_at", "sent_at"))
        return correct_moment(made_at, sent_at=sent_at, received_at=received_at)
    except OutboxRefused as error:
        raise RolloutRefused("made_at", str(error)) from None
    except (ValueError, OverflowError):
        raise RolloutRefused("made_at", gettext("A moment such as 2026-01-19T10:14:00Z would fit.")) from None


def _parse_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _parse_left_behind(text: str) -> int:
    if not text.isdecimal() or len(text) > 7 or int(text) > MAX_LEFT_BEHIND:
        raise RolloutRefused("left_behind", gettext("A whole number would fit, such as 2."))
    return int(text)


def _parse_labels(name: str, text: str) -> tuple[str, ...]:
    try:
        return parse_device_labels(text)
    except LabelRefused as error:
        raise RolloutRefused(name, str(error)) from None


def _parse_time(day: date, name: str, text: str) -> datetime | None:
    """Return a time of a day in the district's zone."""
    if not text:
        return None
    try:
        return timezone.make_aware(datetime.combine(day, time.fromisoformat(text)))
    except ValueError:
        raise RolloutRefused(name, gettext("A time would fit, such as 10:14.")) from None


def _format_time(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%H:%M}" if moment else ""
