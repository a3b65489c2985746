"""What waits for a visitor: loads to approve, syncs that failed, questions to answer and requests to decide.

A kind of notification is a row of the table below: the permission of whoever can do something about it, and how
many there are. The bell of the header asks for the number once the page is shown, so that no page waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import ngettext_lazy

from homeroom.apps.connections.queries import list_connections
from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.apps.frameworks.queries import HOLDS, list_attestations
from homeroom.apps.tool_requests.queries import get_request_reminders
from homeroom.web.shared.access import DistrictRequest, Visit, district_view

_FAILED = frozenset({"failed", "partly"})


@dataclass(frozen=True, kw_only=True)
class NotificationKind:
    """One kind of notification: its sentence with a number, who sees it, the page that leads on, and its count."""

    sentence: Any
    permission: str
    page: str
    count: Callable[[Visit], int]


def _count_held_loads(visit: Visit) -> int:
    return len(tuple(get_evidence_store(district=visit.district).list_held_loads()))


def _count_failed_syncs(visit: Visit) -> int:
    connections = list_connections(district=visit.district)
    return sum(row.last is not None and row.last.state in _FAILED for row in connections)


def _count_attestations(visit: Visit) -> int:
    rows = list_attestations(district=visit.district, today=visit.today, owner=visit.actor)
    return sum(row.state != HOLDS for row in rows)


def _count_tool_requests(visit: Visit) -> int:
    return get_request_reminders(district=visit.district, today=visit.today).open


NOTIFICATIONS = (
    NotificationKind(
        sentence=ngettext_lazy("%(count)d upload needs approval", "%(count)d uploads need approval", "count"),
        permission="sources.load",
        page="sources",
        count=_count_held_loads,
    ),
    NotificationKind(
        sentence=ngettext_lazy("%(count)d connection failed to sync", "%(count)d connections failed to sync", "count"),
        permission="consoles.sync",
        page="consoles",
        count=_count_failed_syncs,
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
    """Show what waits for the visitor, with the page of each."""
    counts = _count_notifications(request.visit)
    lines = [(kind.sentence % {"count": count}, reverse(kind.page)) for kind, count in counts]
    return render(request, "notifications.html", {"lines": lines})


@district_view(permission="outbox.use")
def show_notification_count(request: DistrictRequest) -> HttpResponse:
    """Return the number of the bell as a piece of a page."""
    total = sum(count for _, count in _count_notifications(request.visit))
    return render(request, "parts/_bell_count.html", {"total": total}) if total else HttpResponse(status=204)


def _count_notifications(visit: Visit) -> list[tuple[NotificationKind, int]]:
    """Return the kinds with something waiting, each with its number."""
    counts = [(kind, kind.count(visit)) for kind in NOTIFICATIONS if visit.holds(kind.permission)]
    return [(kind, count) for kind, count in counts if count]


urlpatterns = [
    path("notifications", show_notifications, name="notifications"),
    path("notifications/count", show_notification_count, name="notification-count"),
]
