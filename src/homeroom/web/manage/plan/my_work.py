"""My work: what the visitor has to do, what waits, and fix files; the same of a colleague, or of everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy

from homeroom.apps.manage.my_work.queries import MyWorkLine, load_my_work
from homeroom.apps.protect.finding_work.queries import list_workers
from homeroom.apps.protect.finding_work.states import OPEN, REOPENED
from homeroom.domain.platform.district import District
from homeroom.web.protect.fixes.labels import describe_outcome
from homeroom.web.protect.posture.work_labels import describe_line_state
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem
from homeroom.web.templatetags.duties import task_url

AREA_PAGE = NavItem(order=2, title=gettext_lazy("My work"), name="my-work")
EVERYBODY = "all"


@district_view(permission="findings.work")
def show_my_work(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the work of the visitor, or of the person whom the address names."""
    visit = request.visit
    workers = dict(list_workers(district=district))
    name = request.GET.get("person", "")
    shown = name if name in workers or name == EVERYBODY else visit.actor
    work = load_my_work(district=district, today=visit.today, person="" if shown == EVERYBODY else shown)
    context = {
        "workers": sorted(workers.items(), key=lambda pair: (pair[0] != visit.actor, pair[1].casefold())),
        "shown": shown,
        "everybody": EVERYBODY,
        "is_own": shown == visit.actor,
        "name": workers.get(shown, ""),
        "work": work,
        "open": [_build_row(line, workers) for line in work.open],
        "waiting": [_build_row(line, workers) for line in work.waiting],
        "fixes": [(fix, describe_outcome(fix)) for fix in work.fixes],
    }
    return render(request, "plan/my_work.html", context)


def _build_row(line: MyWorkLine, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "line": line,
        "url": _build_address(line),
        "state": describe_line_state(line.state),
        "people": ", ".join(names.get(person, person) for person in line.people),
    }


def _build_address(line: MyWorkLine) -> str:
    """Return the page of the work: that of a task, a finding, its rows in a state, or a control of several findings."""
    if line.task:
        return str(task_url(line.task))
    if len(line.findings) != 1:
        return reverse("control", args=[line.control.id])
    address = reverse("finding", args=[line.findings[0].public])
    work = OPEN if line.state.state == REOPENED else line.state.state
    return f"{address}?{urlencode({'work': work})}#rows" if line.rows else address


urlpatterns = [path("my-work", show_my_work, name="my-work")]
