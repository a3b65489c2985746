"""Labels for a plan: non-instructional times, and the reasons why a job is left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.apps.manage.planning.ranking import describe_urgency
from homeroom.apps.manage.planning.tasks import DUTY
from homeroom.apps.manage.planning.visits import RolloutRemedy
from homeroom.apps.manage.planning.weeks import DeferredItem, PlannedItem, WeekPlan
from homeroom.domain.manage.planning import AFTER_SCHOOL, BEFORE_SCHOOL, BETWEEN_CLASSES, MaintenanceWindow
from homeroom.domain.schooldays import format_american_time
from homeroom.engines.manage.plan.plan import WaitReason

REASON_LABELS = {
    WaitReason.NO_ROOM: gettext_lazy("no hours left"),
    WaitReason.LONG_ONE_FIRST: gettext_lazy("one long job at a time"),
    WaitReason.NO_QUIET_TIME: gettext_lazy("no time outside class this week"),
    WaitReason.NOBODY: gettext_lazy("no one has hours"),
    WaitReason.DEFERRED: gettext_lazy("snoozed"),
}
MAX_WINDOWS = 3


def describe_time(planned_item: PlannedItem, week: WeekPlan) -> str:
    """Describe when an item may be done: any time if it disturbs no class, else its first suitable times."""
    if not planned_item.item.job.quiet:
        return gettext("any time")
    if not week.calendar:
        return gettext("outside class (no school calendar loaded)")
    return format_windows(planned_item.item.windows)


def describe_place(entry: PlannedItem | DeferredItem, week: WeekPlan, *, today: date) -> str:
    """Describe in one line why an item has its place in the order; of a task what it comes from."""
    if entry.open.task and entry.open.task.origin_kind == DUTY and not entry.pinned:
        return gettext("Legal duty: “%(title)s”") % {"title": entry.open.task.origin_title}
    if entry.open.task and not entry.pinned:
        return gettext("Incident follow-up: “%(title)s”") % {"title": entry.open.task.origin_title}
    return describe_urgency(
        entry.open.control,
        subject_kind=entry.open.subject_kind,
        subjects=entry.job.subjects,
        due_on=entry.job.due_on,
        today=max(today, week.monday),
        pinned_by=week.names.get(entry.status.by, entry.status.by) if entry.pinned else None,
    )


def describe_urgent_unfinished(week: WeekPlan) -> str:
    """Describe that urgent work does not fit the week; empty text if all of it fits."""
    count = len(week.urgent_unfinished)
    if not count:
        return ""
    message = ngettext(
        "%(count)d urgent item does not fit this week’s hours",
        "%(count)d urgent items do not fit this week’s hours",
        count,
    )
    return message % {"count": count}


def describe_missing_part(entry: PlannedItem | DeferredItem, week: WeekPlan) -> str:
    """Describe what of an urgent job does not fit, and why."""
    if isinstance(entry, DeferredItem):
        return describe_deferral(entry, week)
    return gettext("%(part)s of %(total)s fit this week") % {
        "part": f"{entry.item.subjects:,}",
        "total": f"{entry.item.job.subjects:,}",
    }


def describe_visits(week: WeekPlan) -> tuple[str, ...]:
    """Describe in sentences what rollout visits take of the week, and whose visits take none of its hours."""
    sentences = []
    if week.visits.counted:
        counted = sorted(week.visits.counted.items(), key=lambda pair: week.names.get(pair[0], pair[0]).casefold())
        people = ", ".join(f"{week.names.get(person, person)} {format_hours(count)}" for person, count in counted)
        values = {"time": format_hours(week.visits.minutes), "people": people}
        sentences.append(gettext("Rollout visits use %(time)s first (%(people)s).") % values)
    if week.visits.others:
        people = ", ".join(f"{person} {format_hours(count)}" for person, count in week.visits.others.items())
        sentences.append(
            gettext("Rollout visits of people without hours in this plan: %(people)s.") % {"people": people}
        )
    return tuple(sentences)


def describe_remedy(remedy: RolloutRemedy) -> str:
    """Describe what a rollout does about a finding: when its last visit is, or that data has to prove it."""
    if remedy.done_at:
        return gettext("done; we’ll confirm with the next load")
    if remedy.last_day:
        return gettext("last visit on %(day)s") % {"day": date_format(remedy.last_day, "M j")}
    return gettext("under way")


def format_hours(minutes: int) -> str:
    """Format minutes exactly, such as 12 h 30 min; the parts do not break over a line."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{count}\N{NO-BREAK SPACE}{unit}" for count, unit in ((hours, "h"), (rest, "min")) if count]
    return "\N{NO-BREAK SPACE}".join(parts) or "0\N{NO-BREAK SPACE}min"


def list_people(planned_item: PlannedItem, week: WeekPlan) -> str:
    """Return the names of the people who work on an item, or its assignee; empty if only its role is known."""
    people = [person for person, _ in planned_item.item.shares if person] or [planned_item.status.person]
    return ", ".join(week.names.get(person, person) for person in people if person)


def format_windows(windows: Sequence[MaintenanceWindow]) -> str:
    """Format the first three times, and how many more there are."""
    labels = [format_window(window) for window in windows[:MAX_WINDOWS]]
    hidden_count = len(windows) - MAX_WINDOWS
    return ", ".join(labels) + (
        gettext(" and %(count)d more times") % {"count": hidden_count} if hidden_count > 0 else ""
    )


def format_window(window: MaintenanceWindow) -> str:
    """Format a time: Tuesday before 7:55 AM, Tuesday 11:15 AM to 11:55 AM, Friday (Winter break)."""
    day = date_format(window.day, "l")
    if window.kind == BEFORE_SCHOOL:
        return gettext("%(day)s before %(time)s") % {"day": day, "time": format_american_time(window.ends)}
    if window.kind == BETWEEN_CLASSES:
        times = {"from": format_american_time(window.starts), "to": format_american_time(window.ends)}
        return gettext("%(day)s %(from)s to %(to)s") % {"day": day, **times}
    if window.kind == AFTER_SCHOOL:
        return gettext("%(day)s after %(time)s") % {"day": day, "time": format_american_time(window.starts)}
    reason = window.title or gettext("no school")
    return gettext("%(day)s (%(reason)s)") % {"day": day, "reason": reason}


def describe_deferral(deferred_item: DeferredItem, week: WeekPlan) -> str:
    """Describe why a job is left out, and the consequence."""
    sentence = str(REASON_LABELS[deferred_item.left_out.reason])
    if deferred_item.left_out.reason == WaitReason.DEFERRED and deferred_item.left_out.job.deferred_until:
        sentence = gettext("snoozed until %(day)s") % {
            "day": date_format(deferred_item.left_out.job.deferred_until, "M j")
        }
    if deferred_item.left_out.reason == WaitReason.NO_QUIET_TIME and week.free_day:
        day = date_format(week.free_day.day, "M j")
        reason = week.free_day.title or gettext("no school")
        sentence += "; " + gettext("next: %(day)s (%(reason)s)") % {"day": day, "reason": reason}
    if deferred_item.left_out.misses and deferred_item.left_out.job.due_on:
        sentence += "; " + gettext("will miss %(day)s") % {"day": date_format(deferred_item.left_out.job.due_on, "M j")}
    return sentence
