"""How pages write numbers, times, ages, states and severities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.apps.posture.shelf import PLACE
from homeroom.apps.posture.words import area_word, product_word

register = template.Library()
register.filter(area_word)
register.filter(product_word)

SEVERITY = {
    "critical": gettext_lazy("Critical"),
    "high": gettext_lazy("High"),
    "medium": gettext_lazy("Medium"),
    "low": gettext_lazy("Low"),
}
STATE = {
    "pass": gettext_lazy("Passing"),
    "fail": gettext_lazy("Failing"),
    "cannot_tell": gettext_lazy("Cannot tell"),
    "excepted": gettext_lazy("Excepted"),
    "not_applicable": gettext_lazy("Does not apply"),
}
STALE_DAYS = 7
DAY_MINUTES = 360
MORNING_MINUTES = 240
PLURAL_PATH = {"account": "accounts", "device": "devices", "person": "people"}
WHO = {
    "technician": gettext_lazy("Technician"),
    "director": gettext_lazy("Technology director"),
    "auditor": gettext_lazy("Auditor"),
}


@register.filter
def counted(value: Any) -> str:
    """A whole number with thousands separated; empty text for None."""
    return "" if value is None else number_format(value, force_grouping=True)


@register.filter
def severity_word(value: str) -> str:
    """The word for a severity."""
    return str(SEVERITY.get(value, value))


@register.filter
def state_word(value: str) -> str:
    """The word for a state of a subject."""
    return str(STATE.get(value, value))


@register.filter
def as_of(value: datetime | None, today: date | None = None) -> str:
    """A time in the district's zone: 5:10 on the day itself, with the date on any other, and the year in another year."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    clock = f"{local.hour}:{local.minute:02}"
    if local.date() == today:
        return clock
    form = "M j" if today is None or local.year == today.year else "M j, Y"
    return f"{date_format(local.date(), form)}, {clock}"


@register.filter
def age(days: int) -> str:
    """How old something is, in words: today, yesterday, 9 days old."""
    if days <= 0:
        return gettext("today")
    return (
        gettext("yesterday") if days == 1 else ngettext("%(days)d day old", "%(days)d days old", days) % {"days": days}
    )


@register.filter
def minutes(value: int) -> str:
    """Estimated work in words: about 40 min, about 2 h 10 min, about 3 days (of 6 working hours), about 4 weeks of one person."""
    if value < 8 * 60:
        hours, rest = divmod(max(5, 5 * round(value / 5)), 60)
        return gettext("about %(time)s") % {"time": " ".join(filter(None, (_part(hours, "h"), _part(rest, "min"))))}
    days = round(value / DAY_MINUTES)
    if days <= 10:
        return ngettext("about %(count)d day", "about %(count)d days", days) % {"count": days}
    weeks = round(days / 5)
    return gettext("about %(count)s weeks of one person") % {"count": counted(weeks)}


def _part(count: int, unit: str) -> str:
    """A part of a time, such as "2 h", that does not break over a line; empty for none."""
    return f"{count}\N{NO-BREAK SPACE}{unit}" if count else ""


@register.filter
def work(finding: Any) -> str:
    """What closing a finding costs: the whole, and beyond a morning also what each subject costs."""
    each = finding.control.effort.minutes_per_subject
    whole = minutes(finding.minutes)
    if finding.members < 2 or finding.minutes <= MORNING_MINUTES or not each:
        return whole
    return gettext("%(each)s min each, %(whole)s in all") % {"each": number_format(each), "whole": whole}


@register.filter
def shown(value: Any) -> str:
    """One cell of evidence as text: lists joined, truths in words, times as the day in the district's zone; empty where null."""
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
def pairs(told: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The names and values of a mapping, whatever it names: in a template `x.items` is what x keeps under that name."""
    return list(told.items())


@register.filter
def stale(since: date, today: date) -> bool:
    """Whether nobody could look for over a week."""
    return (today - since).days > STALE_DAYS


@register.filter
def named(row: Any, titles: tuple[str, ...]) -> list[tuple[str, Any]]:
    """The cells of a row, each with its column's title."""
    return list(zip(titles, row.cells, strict=True))


@register.filter
def subject_url(row: Any) -> str:
    """The page of a row's subject in the inventory; of a place in a tenant's settings, that of its policy."""
    if row.kind == PLACE:
        return reverse("setting-of-tenants", args=[row.public])
    return f"{reverse('today')}{PLURAL_PATH.get(row.kind, 'things')}/{row.public}"


@register.filter
def kind_word(kind: str, count: int) -> str:
    """The word for one or many subjects of a kind."""
    return {
        "account": ngettext("account", "accounts", count),
        "device": ngettext("device", "devices", count),
        "person": ngettext("person", "people", count),
        "directory": ngettext("directory", "directories", count),
        "system": ngettext("system", "systems", count),
        "backup": ngettext("backup job", "backup jobs", count),
        "domain": ngettext("mail domain", "mail domains", count),
        "agreement": ngettext("agreement", "agreements", count),
        "contract": ngettext("contract", "contracts", count),
        "app": ngettext("app", "apps", count),
        "group": ngettext("group", "groups", count),
        "unit": ngettext("unit", "units", count),
        "place": ngettext("place", "places", count),
    }.get(kind, kind)


@register.filter
def finding_title(finding: Any) -> str:
    """A finding in words: its control's title, with the group where it is about one."""
    control, group = finding.control, finding.group
    if not group:
        return str(control.title)
    return control.groups.title.replace("{group}", group) if control.groups else f"{control.title}: {group}"


@register.filter
def who_word(who: str) -> str:
    """Who does the work."""
    return str(WHO.get(who) or who.replace("_", " ").replace("-", " ").capitalize())
