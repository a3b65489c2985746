"""Canaries: the list, a name for a new one, how to plant it, and a test that a touch is seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.protect.detection.canaries import registry
from homeroom.apps.protect.detection.canaries.naming import propose_canary_names
from homeroom.apps.protect.detection.canaries.page import (
    CanaryLine,
    export_canaries,
    find_canary,
    find_file_canary,
    list_canaries,
)
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.canaries import CanaryPlace, InvalidCanary
from homeroom.library.protect.detections.canary_guides import get_canary_guide, load_canary_guides
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download

MAX_TURNS = 1000
_SHARE = re.compile(r"[\w .&-]{1,80}\Z")


@district_view(permission="alerts.read", change="canaries.manage")
def show_canaries(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List the canaries of the page and of files, with whether their logs are read and what tests showed."""
    lines = list_canaries(district=district, now=request.visit.now)
    blind = [line for line in lines if line.is_watched and not line.reading.seen]
    context = {
        "lines": lines,
        "blind": blind,
        "has_watched": any(line.is_watched for line in lines),
    }
    return render(request, "alerts/canaries.html", context)


@district_view(permission="canaries.manage", methods=("GET", "POST"))
def choose_canary(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Propose names for a place; posting chooses one of them, or one's own."""
    values = request.POST if request.method == "POST" else request.GET
    place, turn = _parse_place(values.get("place", "")), _parse_turn(values.get("turn", ""))
    own, share, wrong = values.get("own", "").strip(), _parse_share(values.get("share", "")), ""
    if request.method == "POST":
        title = own or values.get("name", "").strip()
        try:
            number = registry.add_canary(
                district=district, place=place, title=title, actor=request.visit.actor, at=request.visit.now
            )
        except InvalidCanary as error:
            wrong = str(error) if title else gettext("Choose a name, or enter one.")
        else:
            return redirect("canary", number=number)
    context = {
        "guides": load_canary_guides(),
        "guide": get_canary_guide(place),
        "names": propose_canary_names(district=district, place=place, now=request.visit.now, turn=turn, share=share),
        "share": share,
        "turn": turn,
        "next_turn": turn + 1,
        "own": own,
        "wrong": wrong,
    }
    return render(request, "alerts/canary_new.html", context, status=422 if wrong else 200)


@district_view(permission="alerts.read", change="canaries.manage")
def show_canary(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Show a canary: how to plant it, whether its log is read, its tests, and how to retire it."""
    return _render_canary(request, district, number)


@district_view(permission="canaries.manage", methods=("POST",))
def plant_canary_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Begin to watch a canary that was planted."""
    value, visit = request.POST.get("value", ""), request.visit
    try:
        registry.plant_canary(district=district, number=number, value=value, actor=visit.actor, at=visit.now)
    except InvalidCanary as error:
        return _render_canary(request, district, number, wrong=str(error), value=value)
    except LookupError as error:
        raise Http404 from error
    messages.success(request, gettext("It is watched from now on. Test it next."), extra_tags="good")
    return redirect("canary", number=number)


@district_view(permission="canaries.manage", methods=("POST",))
def start_test_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Begin a test of a canary."""
    message = gettext("The test runs. Touch the canary within half an hour, as described below.")
    return _change_canary(request, district, number, registry.start_canary_test, message)


@district_view(permission="canaries.manage", methods=("POST",))
def retire_canary_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """End the watch over a canary."""
    message = gettext("Retired. You may delete it now: nothing that happens to it alerts.")
    return _change_canary(request, district, number, registry.retire_canary, message, leads_to="canaries")


@district_view(permission="canaries.manage", methods=("POST",))
def import_canary_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Put a canary of a loaded file on the page as well, so that it can be tested."""
    kind, value, visit = request.POST.get("kind", ""), request.POST.get("value", ""), request.visit
    line = find_file_canary(district=district, kind=kind, value=value, now=visit.now)
    if line is None:
        raise Http404
    number = registry.import_canary(
        district=district, place=line.place, value=line.value, actor=visit.actor, at=visit.now
    )
    return redirect("canary", number=number)


@district_view(permission="alerts.read")
def download_canaries(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Download all canaries that are watched as the file that the command line loads."""
    visit = request.visit
    text = export_canaries(district=district, actor=visit.actor, at=visit.now)
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    return name_download(response, "canaries.yaml")


def _change_canary(
    request: DistrictRequest,
    district: District,
    number: int,
    change: Callable[..., Any],
    message: str,
    *,
    leads_to: str = "",
) -> HttpResponse:
    visit = request.visit
    try:
        change(district=district, number=number, actor=visit.actor, at=visit.now)
    except LookupError as error:
        raise Http404 from error
    messages.success(request, message, extra_tags="good")
    return redirect(leads_to) if leads_to else redirect("canary", number=number)


def _render_canary(
    request: DistrictRequest, district: District, number: int, *, wrong: str = "", value: str = ""
) -> HttpResponse:
    line = find_canary(district=district, number=number, now=request.visit.now)
    if line is None:
        raise Http404
    name = _choose_name(line)
    guide = line.guide
    context = {
        "line": line,
        "guide": guide,
        "plant": [step.fill(name) for step in guide.plant],
        "test": [step.fill(name) for step in guide.test],
        "retire": [step.fill(name) for step in guide.retire],
        "value": value or ("" if line.place == CanaryPlace.DRIVE_DOCUMENT else line.title),
        "wrong": wrong,
    }
    return render(request, "alerts/canary.html", context, status=422 if wrong else 200)


def _choose_name(line: CanaryLine) -> str:
    """Return what people call the canary: of a document its title, of all else what logs call it."""
    return line.title if line.place == CanaryPlace.DRIVE_DOCUMENT else line.value or line.title


def _parse_place(text: str) -> CanaryPlace:
    return CanaryPlace(text) if text in set(CanaryPlace) else CanaryPlace.GOOGLE_ACCOUNT


def _parse_share(text: str) -> str:
    text = text.strip().strip("\\/")
    return text if _SHARE.match(text) else ""


def _parse_turn(text: str) -> int:
    return min(int(text), MAX_TURNS) if text.isdecimal() and len(text) < 9 else 0


urlpatterns = [
    path("alerts/canaries", show_canaries, name="canaries"),
    path("alerts/canaries/new", choose_canary, name="canary-new"),
    path("alerts/canaries/file", download_canaries, name="canaries-file"),
    path("alerts/canaries/import", import_canary_view, name="canary-import"),
    path("alerts/canaries/<int:number>", show_canary, name="canary"),
    path("alerts/canaries/<int:number>/plant", plant_canary_view, name="canary-plant"),
    path("alerts/canaries/<int:number>/test", start_test_view, name="canary-test"),
    path("alerts/canaries/<int:number>/retire", retire_canary_view, name="canary-retire"),
]
