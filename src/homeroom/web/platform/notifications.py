"""What waits for a visitor: alerts, loads to approve, failed syncs, the plan, fixes to prove, questions, requests.

A kind of notification is a row of the table below: the permission of whoever can do something about it, and how
many there are. The bell of the header asks for the number once the page is shown, so that no page waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy, ngettext_lazy

from homeroom.apps.know.connections.queries import list_connections
from homeroom.apps.know.sources.queries import LoadDetail, summarize_held_load
from homeroom.apps.manage.planning.due_items import count_late_items, is_plan_due
from homeroom.apps.manage.tool_requests.queries import get_request_reminders
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.alert_pages import summarize_open_alerts
from homeroom.apps.protect.fixes.queries import count_unproven_fixes
from homeroom.apps.protect.frameworks.queries import HOLDS, list_attestations
from homeroom.web.shared.access import DistrictRequest, Visit, district_view

_FAILED = frozenset({"failed", "partly"})
MAX_NAMED_LOADS = 5
"""So many loads that need approval are named; the others are on the page of the sources."""
MAX_PROOF_AGE = timedelta(days=30)
"""A fix file that was taken longer ago is no longer counted as waiting for its proof."""


@dataclass(frozen=True, kw_only=True)
class NotificationKind:
    """One kind of notification: its sentence with a number, who sees it, the page that leads on, and its count.

    `list_loads` is of a kind whose loads are named under its sentence.
    """

    sentence: Any
    permission: str
    page: str
    count: Callable[[Visit], int]
    list_loads: Callable[[Visit], tuple[LoadDetail, ...]] | None = None


def _count_new_alerts(visit: Visit) -> int:
    return summarize_open_alerts(district=visit.district).new


def _list_held_loads(visit: Visit) -> tuple[LoadDetail, ...]:
    return tuple(map(summarize_held_load, get_evidence_store(district=visit.district).list_held_loads()))


def _count_held_loads(visit: Visit) -> int:
    return len(_list_held_loads(visit))


def _count_failed_syncs(visit: Visit) -> int:
    connections = list_connections(district=visit.district)
    return sum(row.last is not None and row.last.state in _FAILED for row in connections)


def _count_plan_due(visit: Visit) -> int:
    return int(is_plan_due(district=visit.district, today=visit.today))


def _count_late_items(visit: Visit) -> int:
    return count_late_items(district=visit.district, today=visit.today)


def _count_unproven_fixes(visit: Visit) -> int:
    return count_unproven_fixes(district=visit.district, since=visit.now - MAX_PROOF_AGE)


def _count_attestations(visit: Visit) -> int:
    rows = list_attestations(district=visit.district, today=visit.today, owner=visit.actor)
    return sum(row.state != HOLDS for row in rows)


def _count_tool_requests(visit: Visit) -> int:
    return get_request_reminders(district=visit.district, today=visit.today).open


NOTIFICATIONS = (
    NotificationKind(
        sentence=ngettext_lazy("%(count)d new alert", "%(count)d new alerts", "count"),
        permission="alerts.handle",
        page="alerts",
        count=_count_new_alerts,
    ),
    NotificationKind(
        sentence=ngettext_lazy("%(count)d upload needs approval", "%(count)d uploads need approval", "count"),
        permission="sources.load",
        page="sources",
        count=_count_held_loads,
        list_loads=_list_held_loads,
    ),
    NotificationKind(
        sentence=ngettext_lazy("%(count)d connection failed to sync", "%(count)d connections failed to sync", "count"),
        permission="consoles.sync",
        page="consoles",
        count=_count_failed_syncs,
    ),
    NotificationKind(
        sentence=gettext_lazy("This week’s plan is not saved yet"),
        permission="plan.change",
        page="plan",
        count=_count_plan_due,
    ),
    NotificationKind(
        sentence=ngettext_lazy(
            "%(count)d item of this week’s plan is overdue", "%(count)d items of this week’s plan are overdue", "count"
        ),
        permission="plan.change",
        page="plan",
        count=_count_late_items,
    ),
    NotificationKind(
        sentence=ngettext_lazy(
            "%(count)d fix file needs a new export that shows it worked",
            "%(count)d fix files need a new export that shows they worked",
            "count",
        ),
        permission="fixes.prepare",
        page="fixes",
        count=_count_unproven_fixes,
    ),
    NotificationKind(
        sentence=ngettext_lazy("%(count)d question is asked of you", "%(count)d questions are asked of you", "count"),
        permission="attestations.answer",
        page="attestations",
        count=_count_attestations,
    ),
    NotificationKind(
        sentence=ngettext_lazy(
            "%(count)d tool request needs a decision", "%(count)d tool requests need a decision", "count"
        ),
        permission="tool_requests.decide",
        page="tool-requests",
        count=_count_tool_requests,
    ),
)


@district_view(permission="outbox.use")
def show_notifications(request: DistrictRequest) -> HttpResponse:
    """Show what waits for the visitor, with the page of each, and the first loads that need approval."""
    visit = request.visit
    lines = [
        (*_describe_kind(kind, count), kind.list_loads(visit)[:MAX_NAMED_LOADS] if kind.list_loads else ())
        for kind, count in _count_notifications(visit)
    ]
    return render(request, "notifications.html", {"lines": lines})


@district_view(permission="outbox.use")
def show_notification_count(request: DistrictRequest) -> HttpResponse:
    """Return the number of the bell as a piece of a page."""
    total = sum(count for _, count in _count_notifications(request.visit))
    return render(request, "parts/_bell_count.html", {"total": total}) if total else HttpResponse(status=204)


def list_notification_lines(visit: Visit) -> list[tuple[str, str]]:
    """Return the sentence of each kind with something waiting, and the address of its page."""
    return [_describe_kind(kind, count) for kind, count in _count_notifications(visit)]


def _describe_kind(kind: NotificationKind, count: int) -> tuple[str, str]:
    return kind.sentence % {"count": count}, reverse(kind.page)


def _count_notifications(visit: Visit) -> list[tuple[NotificationKind, int]]:
    """Return the kinds with something waiting, each with its number."""
    counts = [(kind, kind.count(visit)) for kind in NOTIFICATIONS if visit.holds(kind.permission)]
    return [(kind, count) for kind, count in counts if count]


urlpatterns = [
    path("notifications", show_notifications, name="notifications"),
    path("notifications/count", show_notification_count, name="notification-count"),
]
