"""Template filters for numbers, times, ages, states and severities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from homeroom.apps.protect.posture.catalog.controls import PLACE
from homeroom.apps.protect.posture.catalog.labels import area_word, get_kind_label, get_severity_label, product_word
from homeroom.domain.schooldays import format_american_time

register = template.Library()
register.filter(area_word)
register.filter(product_word)
register.filter("severity_word", get_severity_label)
register.filter("kind_word", get_kind_label)

STATE_LABELS = {
    "pass": gettext_lazy("Passing"),
    "fail": gettext_lazy("Failing"),
    "cannot_tell": gettext_lazy("Unknown"),
    "excepted": gettext_lazy("Excepted"),
    "not_applicable": gettext_lazy("Does not apply"),
}
STALE_DAYS = 7
DAY_MINUTES = 360
MORNING_MINUTES = 240
PLURAL_PATH = {"account": "accounts", "device": "devices", "person": "people"}
ROLE_LABELS = {
    "technician": gettext_lazy("Technician"),
    "director": gettext_lazy("Technology director"),
    "privacy": gettext_lazy("Privacy officer"),
    "auditor": gettext_lazy("Auditor"),
}


@register.filter
def counted(value: Any) -> str:
    """Format an integer with thousands separated; empty text for None."""
    return "" if value is None else number_format(value, force_grouping=True)


@register.filter
def state_word(value: str) -> str:
    """Return the label of a state of a subject."""
    return str(STATE_LABELS.get(value, value))


@register.filter
def as_of(value: datetime | None, today: date | None = None) -> str:
    """Format a time in the district's zone.

    It is 5:10 AM on the same day, else it has the date, and in another year the year.
    """
    if value is None:
        return ""
    local = timezone.localtime(value)
    clock = format_american_time(local.hour * 60 + local.minute)
    if local.date() == today:
        return clock
    form = "M j" if today is None or local.year == today.year else "M j, Y"
    return f"{format_day(local.date(), form)}, {clock}"


def format_day(day: date, form: str) -> str:
    """Format a day; a list has dozens of lines of the same few days."""
    return _remember_day(day, form, get_language())


@lru_cache(maxsize=4096)
def _remember_day(day: date, form: str, language: str | None) -> str:
    del language  # in which `date_format` names the month
    return date_format(day, form)


@register.filter
def age(days: int) -> str:
    """Format an age in words: today, yesterday, 9 days old."""
    if days <= 0:
        return gettext("today")
    return (
        gettext("yesterday") if days == 1 else ngettext("%(days)d day old", "%(days)d days old", days) % {"days": days}
    )


@register.filter
def minutes(value: int) -> str:
    """Format estimated work in words: about 40 min, about 2 h 10 min, about 3 days, about 4 weeks of one person.

    A day has 6 working hours.
    """
    if value < 8 * 60:
        hours, rest = divmod(max(5, 5 * round(value / 5)), 60)
        return gettext("about %(time)s") % {
            "time": " ".join(filter(None, (_format_duration_part(hours, "h"), _format_duration_part(rest, "min"))))
        }
    days = round(value / DAY_MINUTES)
    if days <= 10:
        return ngettext("about %(count)d day", "about %(count)d days", days) % {"count": days}
    weeks = round(days / 5)
    return gettext("about %(count)s weeks of one person") % {"count": counted(weeks)}


def _format_duration_part(count: int, unit: str) -> str:
    """Format a part of a duration, such as "2 h", that does not break over a line; empty for 0."""
    return f"{count}\N{NO-BREAK SPACE}{unit}" if count else ""


@register.filter
def work(finding: Any) -> str:
    """Format the work of closing a finding: the total, and beyond a morning also the minutes per subject."""
    minutes_each = finding.control.effort.minutes_per_subject
    total = minutes(finding.minutes)
    if finding.members < 2 or finding.minutes <= MORNING_MINUTES or not minutes_each:
        return total
    return gettext("%(each)s min each, %(whole)s in all") % {"each": number_format(minutes_each), "whole": total}


@register.filter
def shown(value: Any) -> str:
    """Format one cell of evidence as text; empty for null.

    Lists are joined, booleans are words, and times are the date in the district's zone.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "M j, Y")
    if isinstance(value, date):
        return date_format(value, "M j, Y")
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@register.filter
def pairs(mapping: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return the names and values of a mapping, since in a template `x.items` looks up the key "items" first."""
    return list(mapping.items())


@register.filter
def stale(since: date, today: date) -> bool:
    """Check whether a value has not been seen for over a week."""
    return (today - since).days > STALE_DAYS


@register.filter
def named(row: Any, titles: tuple[str, ...]) -> list[tuple[str, Any]]:
    """Return the cells of a row, each with its column's title."""
    return list(zip(titles, row.cells, strict=True))


@register.filter
def subject_url(row: Any) -> str:
    """Return the inventory page of a row's subject; for a unit in a tenant's settings, its policy's page."""
    if row.kind == PLACE:
        return reverse("setting-of-tenants", args=[row.public])
    return f"{reverse('today')}{PLURAL_PATH.get(row.kind, 'things')}/{row.public}"


@register.filter
def who_word(role: str) -> str:
    """Return the label of the role that does the work."""
    return str(ROLE_LABELS.get(role) or role.replace("_", " ").replace("-", " ").capitalize())
