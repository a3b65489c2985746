"""The queue of alerts: what needs somebody, most urgent first, and until when each log was judged."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from homeroom.apps.detection.alert_pages import QueueView, list_queue_page
from homeroom.apps.detection.queries import PAGE, get_judged_until, list_suppressions
from homeroom.apps.exceptions.queries import DetectionSuppression
from homeroom.domain.district import District
from homeroom.web.alerts.list_paging import build_list_url, build_paging, parse_start
from homeroom.web.shared.access import DistrictRequest, district_view


@district_view()
def show_queue(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show a page of the open alerts, or of those in another state."""
    shown, after = _parse_view(request), parse_start(request)
    page = list_queue_page(district=district, view=shown, after=after, at=request.visit.now)
    context = {
        "lines": page.lines,
        "shown": shown,
        "views": [(view, _build_url(view)) for view in QueueView],
        "judged": get_judged_until(district=district),
        "suppressions": _list_suppressions(request, district) if shown == QueueView.SUPPRESSED else (),
        **build_paging(
            partial(_build_url, shown), after=after, lines=len(page.lines), size=PAGE, has_more=page.has_more
        ),
    }
    return render(request, "alerts/queue.html", context)


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
