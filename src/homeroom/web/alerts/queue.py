"""The queue of alerts: what needs somebody, most urgent first, and until when each log was judged."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from homeroom.apps.detection.alert_pages import QueueView, list_queue_page
from homeroom.apps.detection.queries import PAGE, get_judged_until, list_suppressions
from homeroom.apps.exceptions.queries import DetectionSuppression
from homeroom.domain.district import District
from homeroom.web.shared.access import DistrictRequest, district_view


@district_view()
def show_queue(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show a page of the open alerts, or of those in another state."""
    shown, after = _parse_view(request), _parse_start(request)
    page = list_queue_page(district=district, view=shown, after=after, at=request.visit.now)
    context = {
        "lines": page.lines,
        "shown": shown,
        "views": [(view, _build_url(view, 0)) for view in QueueView],
        "judged": get_judged_until(district=district),
        "suppressions": _list_suppressions(request, district) if shown == QueueView.SUPPRESSED else (),
        "first": _build_url(shown, 0) if after else "",
        "next": _build_url(shown, after + PAGE) if page.has_more else "",
        "numbers": (after + 1, after + len(page.lines)),
    }
    return render(request, "alerts/queue.html", context)


def _list_suppressions(request: DistrictRequest, district: District) -> list[DetectionSuppression]:
    """Return the suppressions in effect, those that end first on top."""
    active = [entry for entry in list_suppressions(district=district) if entry.expires_on >= request.visit.today]
    return sorted(active, key=lambda entry: (entry.expires_on, entry.id))


def _parse_view(request: DistrictRequest) -> QueueView:
    name = request.GET.get("state", "")
    return QueueView(name) if name in set(QueueView) else QueueView.OPEN


def _parse_start(request: DistrictRequest) -> int:
    text = request.GET.get("after", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _build_url(view: QueueView, after: int) -> str:
    parameters = ({"state": str(view)} if view != QueueView.OPEN else {}) | ({"after": str(after)} if after else {})
    return reverse("alerts") + (f"?{urlencode(parameters)}" if parameters else "")


urlpatterns = [path("alerts", show_queue, name="alerts")]
