"""Template filters for money, counts of people, and words of tools."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.manage.tools.need_matrix import get_capability_titles
from homeroom.apps.manage.tools.record_rows import HIDDEN
from homeroom.domain.small_counts import MIN_COUNT
from homeroom.web.templatetags.homeroom import format_day, shown

register = template.Library()

_SIGNS = {"USD": "$", None: "$", "": "$"}
_HOLLOW = {
    "not working": gettext_lazy("Not working"),
    "not deployed": gettext_lazy("Not deployed"),
    "silent": gettext_lazy("Silent"),
    "not used": gettext_lazy("Not used"),
}
_SUGGESTIONS = {
    "too late": gettext_lazy("Too late to cancel"),
    "drop": gettext_lazy("Drop"),
    "choose": gettext_lazy("Choose one"),
    "cannot tell": gettext_lazy("Unknown"),
    "fewer": gettext_lazy("Fewer seats"),
    "keep": gettext_lazy("Keep"),
}
_SUGGESTION_TAGS = {"drop": "bad", "too late": "bad", "choose": "warn", "fewer": "warn", "keep": "good"}
_AUDIENCES = {
    "students": gettext_lazy("students"),
    "staff": gettext_lazy("staff"),
    "everybody": gettext_lazy("students and staff"),
    "computers": gettext_lazy("computers"),
    "chromebooks": gettext_lazy("Chromebooks"),
    "tablets": gettext_lazy("tablets"),
    "district": gettext_lazy("the district"),
}
_TABLES = {
    "contract_records": gettext_lazy("Contracts"),
    "agreement_records": gettext_lazy("Agreements"),
    "app_use_records": gettext_lazy("App use"),
    "coverage_records": gettext_lazy("Coverage"),
    "backup_records": gettext_lazy("Backups"),
    "app_grants": gettext_lazy("Permissions"),
    "extension_records": gettext_lazy("Extensions"),
    "software_records": gettext_lazy("Installed software"),
    "sources": gettext_lazy("Connected consoles"),
}


@register.filter
def money(minor: int | None, currency: str | None = None) -> str:
    """Format an amount in minor units; Unknown for None."""
    return gettext("Unknown") if minor is None else format_money(minor, currency)


def format_money(minor: int, currency: str | None) -> str:
    """Format an amount in minor units: whole amounts without cents, others than dollars with their code."""
    major, cents = divmod(abs(minor), 100)
    amount = number_format(major, force_grouping=True) + (f".{cents:02}" if cents else "")
    sign = "-" if minor < 0 else ""
    return f"{sign}${amount}" if currency in _SIGNS else f"{sign}{amount} {currency}"


@register.filter
def people(count: int | None) -> str:
    """Format a count of people; a small one is hidden, as in reports."""
    return format_people(count)


def format_people(count: int | None) -> str:
    """Format a count of people: empty for None, and under ten without its number."""
    if count is None:
        return ""
    return gettext("fewer than 10") if 0 < count < MIN_COUNT else number_format(count, force_grouping=True)


@register.filter
def hollow_word(kind: str) -> str:
    """Return why a tool is hollow, in words."""
    return str(_HOLLOW.get(kind, kind))


@register.filter
def suggestion_word(suggestion: str) -> str:
    """Return a suggestion in words."""
    return str(_SUGGESTIONS.get(suggestion, suggestion))


@register.filter
def suggestion_tag(suggestion: str) -> str:
    """Return the class of the tag of a suggestion."""
    return _SUGGESTION_TAGS.get(suggestion, "")


@register.filter
def audience_word(audience: str) -> str:
    """Return for whom a capability is, in words."""
    return str(_AUDIENCES.get(audience, audience))


@register.filter
def capability_title(name: str) -> str:
    """Return the title of a capability; its id if content has none."""
    return get_capability_titles().get(name, name)


@register.filter
def record_word(table: str) -> str:
    """Return the kind of records in a table."""
    return str(_TABLES.get(table, table))


@register.filter
def record_cell(value: Any) -> str:
    """Format a cell of a record; a hidden count is named as such."""
    if value is HIDDEN:
        return gettext("hidden (small)")
    if isinstance(value, int) and not isinstance(value, bool):
        return number_format(value, force_grouping=True)
    return shown(value)


@register.filter
def full_day(value: date | None) -> str:
    """Format a day with its year; empty for None."""
    return "" if value is None else format_day(value, "M j, Y")
