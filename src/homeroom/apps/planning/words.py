"""What a plan says in words: quiet times, and why something waits."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.planning.weeks import PlannedItem, Waiting, Week
from homeroom.domain.work import AFTER, BEFORE, Window
from homeroom.engines.plan.plan import Why

WHY = {
    Why.NO_ROOM: gettext_lazy("no hours left"),
    Why.LONG_ONE_FIRST: gettext_lazy("one long job at a time"),
    Why.NO_QUIET_TIME: gettext_lazy("no time outside class this week"),
    Why.NOBODY: gettext_lazy("nobody has hours"),
    Why.DEFERRED: gettext_lazy("deferred"),
}
SHOWN = 3


def when(one: PlannedItem, week: Week) -> str:
    """When the item may be done: at any time where it disturbs nobody, else its first quiet times."""
    if not one.item.job.quiet:
        return gettext("any time")
    if not week.calendar:
        return gettext("outside class; no school calendar says when that is")
    return listed(one.item.windows)


def who(one: PlannedItem, week: Week) -> str:
    """The people who give an item their hours, or whom the team named for it; empty where only its role is known."""
    people = [person for person, _ in one.item.shares if person] or [one.told.person]
    return ", ".join(week.names.get(person, person) for person in people if person)


def listed(windows: Sequence[Window]) -> str:
    """The first three quiet times, and how many more there are."""
    told = [window_words(one) for one in windows[:SHOWN]]
    more = len(windows) - SHOWN
    return ", ".join(told) + (gettext(" and %(count)d more times") % {"count": more} if more > 0 else "")


def window_words(window: Window) -> str:
    """A quiet time: Tuesday before 7:55, Tuesday after 15:05, Friday (Winter break)."""
    day = date_format(window.day, "l")
    if window.kind == BEFORE:
        return gettext("%(day)s before %(time)s") % {"day": day, "time": _clock(window.ends)}
    if window.kind == AFTER:
        return gettext("%(day)s after %(time)s") % {"day": day, "time": _clock(window.starts)}
    reason = window.title or gettext("no school")
    return gettext("%(day)s (%(reason)s)") % {"day": day, "reason": reason}


def why_left(one: Waiting, week: Week) -> str:
    """Why a job waits, and what its waiting leads to."""
    told = str(WHY[one.left.why])
    if one.left.why == Why.DEFERRED and one.left.job.deferred_until:
        told = gettext("deferred until %(day)s") % {"day": date_format(one.left.job.deferred_until, "M j")}
    if one.left.why == Why.NO_QUIET_TIME and week.free_day:
        day = date_format(week.free_day.day, "M j")
        reason = week.free_day.title or gettext("no school")
        told += "; " + gettext("next: %(day)s (%(reason)s)") % {"day": day, "reason": reason}
    if one.left.misses and one.left.job.due_on:
        told += "; " + gettext("misses %(day)s") % {"day": date_format(one.left.job.due_on, "M j")}
    return told


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02}"
