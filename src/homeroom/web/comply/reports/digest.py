"""The weekly digest: one sheet of paper for the team's meeting."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from homeroom.apps.manage.agendas.weekly_digest import load_weekly_digest
from homeroom.apps.manage.planning.words import describe_deferral, describe_place
from homeroom.domain.platform.district import District
from homeroom.web.platform.notifications import list_notification_lines
from homeroom.web.shared.access import DistrictRequest, district_view

MAX_LINES = 5
"""So many lines of a list are on the sheet; the rest is counted."""


@district_view(permission="reports.read")
def show_digest(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show what changed in the last seven days, what waits, and what comes next."""
    visit = request.visit
    digest = load_weekly_digest(district=district, today=visit.today)
    changes = digest.changes
    next_items = [
        (entry, describe_place(entry, digest.week, today=visit.today), describe_deferral(entry, digest.week))
        for entry in digest.next_items[:MAX_LINES]
    ]
    context = {
        "digest": digest,
        "changes": changes,
        "new": changes.new[:MAX_LINES] if changes else (),
        "more_new": max(0, len(changes.new) - MAX_LINES) if changes else 0,
        "fixed": changes.fixed[:MAX_LINES] if changes else (),
        "more_fixed": max(0, len(changes.fixed) - MAX_LINES) if changes else 0,
        "waiting": list_notification_lines(visit),
        "next_items": next_items,
        "more_next": max(0, len(digest.next_items) - MAX_LINES),
        "failed": digest.failed_syncs[:MAX_LINES],
        "more_failed": max(0, len(digest.failed_syncs) - MAX_LINES),
        "old": digest.old_sources[:MAX_LINES],
        "more_old": max(0, len(digest.old_sources) - MAX_LINES),
        "fresh": len(digest.sources) - len(digest.old_sources),
    }
    return render(request, "reports/digest.html", context)


urlpatterns = [path("digest", show_digest, name="digest")]
