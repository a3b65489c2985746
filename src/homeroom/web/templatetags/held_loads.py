"""Template filter for the heading of a held load: which file, from where, when, and what it would change."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.apps.know.sources.queries import LoadDetail, TableChange
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.web.templatetags.homeroom import as_of, counted
from homeroom.web.templatetags.tables import table_word

register = template.Library()

_PEOPLE = {"students": gettext_lazy("students"), "staff": gettext_lazy("staff members")}
"""Names of the people of a stream that lists only one kind of them."""
_SUBJECTS = frozenset({"person_records", "account_records", "device_records"})


@register.filter
def describe_held_load(details: LoadDetail, today: date) -> str:
    """Return the heading of a held load, such as "staff.csv from HR, 7:42 AM, would remove 42 of 80 people"."""
    load = details.load
    when = as_of(load.loaded_at, today)
    if timezone.localtime(load.loaded_at).date() == today:
        when = gettext("today %(time)s") % {"time": when}
    return gettext("%(files)s from %(source)s, %(time)s, %(change)s") % {
        "files": _name_files([file.name for file in load.files]),
        "source": product_word(load.instance),
        "time": when,
        "change": _describe_change(details),
    }


def _name_files(names: list[str]) -> str:
    others = len(names) - 1
    if not names:
        return gettext("Data")
    if not others:
        return names[0]
    text = ngettext("%(name)s and %(count)d other file", "%(name)s and %(count)d other files", others)
    return text % {"name": names[0], "count": others}


def _describe_change(details: LoadDetail) -> str:
    """Describe the largest removal of a held load, or its largest change if it removes nothing."""
    for number, share, text in (
        ("removed", "removed_share", gettext("would remove %(number)s of %(before)s %(things)s")),
        ("changed", "changed_share", gettext("would change %(number)s of %(before)s %(things)s")),
    ):
        changes = [change for change in details.changes if getattr(change, number)]
        if changes:
            largest = _choose_largest(changes, share)
            values = {"number": counted(getattr(largest, number)), "before": counted(largest.before)}
            return text % {**values, "things": _name_things(details.load.stream, largest.table)}
    return gettext("would change what is loaded")


def _choose_largest(changes: list[TableChange], share: str) -> TableChange:
    """Return the change with the largest share; people, accounts and devices come before lists of them."""
    half = max(getattr(change, share) or 0 for change in changes) / 2
    return max(
        changes,
        key=lambda change: (
            change.table in _SUBJECTS and (getattr(change, share) or 0) >= half,
            getattr(change, share) or 0,
        ),
    )


def _name_things(stream: str, table: str) -> str:
    people = _PEOPLE.get(stream.partition(".")[2]) if table == "person_records" else None
    return str(people or table_word(table).lower())
