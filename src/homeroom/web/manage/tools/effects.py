"""Did it work: studies from a file, of a control, of a tool's use or of tickets, with their verdict and charts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.manage.effects.control_studies import NoWeeks
from homeroom.apps.manage.effects.list_studies import NoLists
from homeroom.apps.manage.effects.stored_studies import (
    MAX_BYTES,
    PAGE,
    StudyRecord,
    UploadTooLarge,
    find_stored_study,
    list_stored_studies,
    remove_study,
    store_control_study,
    store_panel,
    store_ticket_study,
    store_use_study,
)
from homeroom.apps.manage.tools.published_portfolio import load_published_portfolio
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.catalog.controls import get_control
from homeroom.apps.protect.posture.published.control_weeks import list_weekly_controls
from homeroom.domain.manage.estimates.studies import StudyVerdict
from homeroom.domain.platform.district import District
from homeroom.ingest.contract.errors import FileRefused
from homeroom.web.manage.tools.effect_charts import build_course_chart
from homeroom.web.protect.alerts.list_paging import build_list_url, build_paging, parse_start
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.interval_chart import build_interval_chart
from homeroom.web.shared.navigation import NavItem
from homeroom.web.shared.request_bodies import accept_files, mark_file_view

AREA_PAGE = NavItem(order=5, title=gettext_lazy("Effects"), name="tool-effects")
VERDICTS = {
    StudyVerdict.HIGHER: gettext_lazy("Higher after the start"),
    StudyVerdict.LOWER: gettext_lazy("Lower after the start"),
    StudyVerdict.NOT_SEEN: gettext_lazy("No change seen"),
    StudyVerdict.CANNOT_TELL: gettext_lazy("Unknown"),
}
PERCENT = 100
"""A control's values are shares, which pages show in percent."""


@mark_file_view
@district_view(permission="tools.read", change="tools.change", methods=("GET", "POST"))
@accept_files
def show_effects(request: DistrictRequest, *, district: District) -> HttpResponseBase:
    """List the stored studies; a posted file is estimated and stored, or refused with all that does not fit."""
    if request.method != "POST":
        return _render(request, district)
    if settings.DEMO:
        return _render(request, district, wrong=[gettext("The demo takes no files of your own.")])
    upload = request.FILES.get("file")
    if upload is None:
        return _render(request, district, wrong=[gettext("Choose a CSV file.")])
    try:
        numbers = _store_upload(request, district, file=upload.name or "", content=upload.read(MAX_BYTES + 1))
    except FileRefused as error:
        return _render(request, district, wrong=[str(problem) for problem in error.problems])
    except (NoWeeks, NoLists, UploadTooLarge) as error:
        return _render(request, district, wrong=[f"{str(error)[:1].upper()}{str(error)[1:]}."])
    return redirect("tool-effect", number=numbers[0]) if len(numbers) == 1 else redirect("tool-effects")


@district_view(permission="tools.read", change="tools.change")
def show_effect(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Show one study: its verdict in words, the estimate with its interval, and the course of its weeks."""
    study = find_stored_study(district=district, number=number)
    if study is None:
        raise Http404
    return render(request, "tools/effect.html", _build_context(study))


@district_view(permission="tools.change", methods=("POST",))
def remove_effect(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Remove a stored study."""
    try:
        remove_study(district=district, number=number, at=request.visit.now, actor=request.visit.actor)
    except LookupError:
        raise Http404 from None
    messages.success(request, gettext("Removed."), extra_tags="good")
    return redirect("tool-effects")


def format_value(value: float | None, *, unit: str = "") -> str:
    """Format a value to three significant digits, a share in percent if it has a unit; empty for None."""
    if value is None:
        return ""
    text = f"{value * PERCENT if unit else value:.3g}"
    plain = f"{float(text):,.0f}" if "e" in text and abs(float(text)) >= 1 else text
    return f"{plain}{unit}"


def _store_upload(request: DistrictRequest, district: District, *, file: str, content: bytes) -> list[int]:
    """Store what the form asks for, and return the numbers of the studies. Raise what the commands raise."""
    shared: dict[str, Any] = {
        "district": district,
        "file": file,
        "content": content,
        "at": request.visit.now,
        "actor": request.visit.actor,
    }
    match request.POST.get("act"):
        case "control":
            return store_control_study(control=request.POST.get("control", ""), **shared)
        case "use":
            return store_use_study(
                tool=request.POST.get("tool", ""), store=get_evidence_store(district=district), **shared
            )
        case "tickets":
            return store_ticket_study(store=get_evidence_store(district=district), **shared)
    return store_panel(**shared)


def _list_used_tools(district: District) -> list[tuple[str, str]]:
    """List (id, name) of the tools whose users are known."""
    portfolio = load_published_portfolio(store=get_evidence_store(district=district))
    used = [(tool.tool, tool.name) for tool in portfolio.tools if tool.users is not None]
    return sorted(used, key=lambda pair: pair[1].casefold())


def _render(request: DistrictRequest, district: District, *, wrong: list[str] | None = None) -> HttpResponse:
    after = parse_start(request)
    studies, has_more = list_stored_studies(district=district, after=after)
    controls = [(name, get_control(name).title) for name in list_weekly_controls(district=district)]
    context = {
        "studies": [_build_line(study) for study in studies],
        "controls": sorted(controls, key=lambda pair: str(pair[1]).casefold()),
        "chosen": request.POST.get("control", ""),
        "tools": _list_used_tools(district) if request.visit.may_change else [],
        "chosen_tool": request.POST.get("tool", ""),
        "wrong": wrong or [],
        **build_paging(
            lambda start: build_list_url("tool-effects", after=start),
            after=after,
            lines=len(studies),
            size=PAGE,
            has_more=has_more,
        ),
    }
    return render(request, "tools/effects.html", context, status=422 if wrong else 200)


def _build_line(study: StudyRecord) -> dict[str, Any]:
    return {
        "study": study,
        "title": _get_title(study),
        "verdict": VERDICTS[StudyVerdict(study.verdict)],
        **_format_effect(study),
    }


def _build_context(study: StudyRecord) -> dict[str, Any]:
    effect = study.effect
    words = _build_formatter(study, "%")
    return {
        **_build_line(study),
        "sentence": _describe(study),
        "effect": effect,
        "interval": build_interval_chart(effect["low"], effect["estimate"], effect["high"])
        if effect["estimate"] is not None
        else None,
        "chart": (chart := build_course_chart(study.course)),
        "edges": (words(chart.low), words(chart.high)) if chart else (),
        "weeks": [
            (week.week, words(week.started), week.started_schools, words(week.waiting), week.waiting_schools)
            for week in study.course
        ],
    }


def _describe(study: StudyRecord) -> str:
    """Return the verdict as a sentence."""
    numbers, verdict = _format_effect(study), StudyVerdict(study.verdict)
    if verdict is StudyVerdict.CANNOT_TELL:
        return gettext("Cannot tell whether it changed anything: %(why)s.") % {"why": study.effect["why"]}
    if verdict is StudyVerdict.NOT_SEEN:
        return gettext(
            "No change was seen. That does not prove that there was none: a change of %(least)s or more would have "
            "been seen four times in five."
        ) % {"least": numbers["least"]}
    words = {
        StudyVerdict.HIGHER: gettext("After the start, values were higher by %(estimate)s on average"),
        StudyVerdict.LOWER: gettext("After the start, values were lower by %(estimate)s on average"),
    }[verdict]
    size = numbers["estimate"].removeprefix("-")
    interval = gettext("(95%% interval: %(low)s to %(high)s).") % {"low": numbers["low"], "high": numbers["high"]}
    return f"{words % {'estimate': size}} {interval}"


def _format_effect(study: StudyRecord) -> dict[str, str]:
    words, effect = _build_formatter(study, gettext(" points")), study.effect
    return {
        "estimate": words(effect["estimate"]),
        "low": words(effect["low"]),
        "high": words(effect["high"]),
        "least": words(effect["seen_if_at_least"]),
    }


def _build_formatter(study: StudyRecord, unit: str) -> Callable[[float | None], str]:
    """Return how the values of a study are formatted: those of a control are shares and have the unit."""
    return lambda value: format_value(value, unit=unit if study.control else "")


def _get_title(study: StudyRecord) -> str:
    return str(get_control(study.control).title) if study.control else study.name


urlpatterns = [
    path("tools/effects", show_effects, name="tool-effects"),
    path("tools/effects/<int:number>", show_effect, name="tool-effect"),
    path("tools/effects/<int:number>/remove", remove_effect, name="tool-effect-remove"),
]
