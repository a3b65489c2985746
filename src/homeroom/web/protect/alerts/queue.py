"""The queue of alerts: what needs somebody, most urgent first, and until when each log was judged."""

from __future__ import annotations

from datetime import date
from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import truncatechars
from django.urls import path
from django.utils import timezone
from django.utils.translation import ngettext

from homeroom.apps.protect.detection.alert_pages import AlertLine, QueueView, list_queue_page
from homeroom.apps.protect.detection.queries import PAGE, get_judged_until, list_suppressions
from homeroom.apps.protect.exceptions.queries import DetectionSuppression
from homeroom.apps.protect.posture.catalog.labels import get_severity_label
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.alerts import AlertState
from homeroom.web.protect.alerts.list_paging import build_list_url, build_page_url, build_paging, parse_start
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.templatetags.alerts import alert_state
from homeroom.web.templatetags.homeroom import as_of

SHOWN_ENTITIES, REASON_CHARACTERS = 3, 120
"""Of an alert, its line names so many entities, and so much of why it is closed, expected or suppressed."""


@district_view(permission="alerts.read", change="alerts.handle")
def show_queue(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show a page of the open alerts, or of those in another state."""
    shown, after = _parse_view(request), parse_start(request)
    page = list_queue_page(district=district, view=shown, after=after, at=request.visit.now)
    context = {
        "lines": [_build_cells(line, request.visit.today) for line in page.lines],
        "shown": shown,
        "views": [(view, _build_url(view)) for view in QueueView],
        "judged": get_judged_until(district=district),
        "suppressions": _list_suppressions(request, district) if shown == QueueView.SUPPRESSED else (),
        **build_paging(
            partial(_build_url, shown), after=after, lines=len(page.lines), size=PAGE, has_more=page.has_more
        ),
    }
    return render(request, "alerts/queue.html", context)


def _build_cells(line: AlertLine, today: date) -> dict[str, str]:
    """Return the texts of a line; a template that looks up each one takes most of the page's time."""
    alert, more = line.alert, len(line.entities) - SHOWN_ENTITIES
    names = ", ".join(entity.label for entity in line.entities[:SHOWN_ENTITIES]) or "–"
    if more > 0:
        names += " " + ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more}
    return {
        "url": build_page_url("alert", alert.public),
        "title": alert.title,
        "severity": alert.severity,
        "severity_word": get_severity_label(alert.severity),
        "who": names,
        "fired_at": timezone.localtime(alert.fired_at).isoformat(),
        "when": as_of(alert.fired_at, today),
        "state": alert_state(alert.state, alert.verdict),
        "by": alert.acknowledged_by if alert.state == AlertState.ACKNOWLEDGED else "",
        "reason": truncatechars(alert.reason, REASON_CHARACTERS)
        if len(alert.reason) > REASON_CHARACTERS
        else alert.reason,
    }


def _list_suppressions(request: DistrictRequest, district: District) -> list[DetectionSuppression]:
    """Return the suppressions in effect, those that end first on top."""
    active = [entry for entry in list_suppressions(district=district) if entry.expires_on >= request.visit.today]
    return sorted(active, key=lambda entry: (entry.expires_on, entry.id))


def _parse_view(request: DistrictRequest) -> QueueView:
    name = request.GET.get("state", "")
    return QueueView(name) if name in set(QueueView) else QueueView.OPEN


def _build_url(view: QueueView, after: int = 0) -> str:
    return build_list_url("alerts", state="" if view == QueueView.OPEN else str(view), after=after)


urlpatterns = [path("alerts", show_queue, name="alerts")]
