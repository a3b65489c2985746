"""The first run, step by step: from nothing to a judged district."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.districts.stores import store_of
from homeroom.apps.planning.hours import Hours, team_hours
from homeroom.apps.setup.answers import RULES, Wrong, written
from homeroom.apps.setup.commands import answer
from homeroom.apps.setup.queries import STEPS, SoFar, facts_file, missing, so_far
from homeroom.apps.sources.queries import recent_jobs
from homeroom.library.guides import guides
from homeroom.web.access import district_view

TITLES = {
    "district": gettext_lazy("The district"),
    "systems": gettext_lazy("What you have"),
    "exports": gettext_lazy("Make the exports"),
    "people": gettext_lazy("Who decides who belongs"),
    "sign-in": gettext_lazy("Who signs in where"),
    "calendar": gettext_lazy("School days"),
    "hours": gettext_lazy("Hours"),
    "load": gettext_lazy("Load, and look"),
}
ZONES = tuple(sorted(zone for zone in available_timezones() if zone.startswith(("America/", "US/", "Pacific/"))))
COMMON = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu",
    "America/Puerto_Rico", "Pacific/Guam",
)  # fmt: skip
PROVIDERS = (("google", "Google"), ("microsoft", "Microsoft"), ("other", gettext_lazy("Another provider")))


@district_view()
def setup(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Where the first run stands; leads to the first step that nobody has answered."""
    said = so_far(district=district)
    return render(request, "setup/setup.html", {"said": said, "steps": _steps(said, here=""), "next": said.next_step})


@district_view(methods=("GET", "POST"))
def step(request: HttpRequest, *, district: Any, step: str) -> HttpResponse:
    """One step: what it asks, and what was said."""
    if step not in STEPS:
        raise Http404
    if request.method != "POST":
        return _shown(request, district, step)
    if settings.DEMO:
        return _shown(request, district, step, wrong={"": _demo()})
    visit: Any = request.visit  # type: ignore[attr-defined]
    given = {name: request.POST.getlist(name) for name in request.POST}
    try:
        answer(district=district, step=step, given=given, actor=visit.actor, at=visit.now)
    except Wrong as why:
        return _shown(request, district, step, wrong=why.problems, given=given)
    return redirect("setup-step", step=STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)])


@district_view()
def facts(_request: HttpRequest, *, district: Any) -> HttpResponse:
    """What was said, as the file that the command line loads."""
    text = facts_file(district=district, facts=so_far(district=district).facts)
    answered = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    answered["Content-Disposition"] = 'attachment; filename="district-facts.yaml"'
    return answered


def _shown(
    request: HttpRequest,
    district: Any,
    step: str,
    *,
    wrong: dict[str, str] | None = None,
    given: dict[str, list[str]] | None = None,
) -> HttpResponse:
    said = so_far(district=district)
    values = {name: value[-1] for name, value in given.items() if value} if given else _values(district, step, said)
    context = {
        "said": said,
        "step": step,
        "title": TITLES[step],
        "number": STEPS.index(step) + 1,
        "steps": _steps(said, here=step),
        "before": STEPS[STEPS.index(step) - 1] if step != STEPS[0] else "",
        "wrong": wrong or {},
        "given": values,
        **_choices(district, step, said, values),
    }
    return render(request, f"setup/{step}.html", context, status=400 if wrong else 200)


def _steps(said: SoFar, *, here: str) -> list[dict[str, Any]]:
    return [
        {"id": one, "title": TITLES[one], "answered": one in said.answered, "here": one == here, "number": number}
        for number, one in enumerate(STEPS, 1)
    ]


def _values(district: Any, step: str, said: SoFar) -> dict[str, Any]:
    """What a step's form shows before somebody writes into it."""
    if step == "district":
        named = {"name": district.name, "timezone": district.timezone}
        return {**named, "fiscal_year_starts": str(district.fiscal_year_starts)}
    if step == "people":
        chosen = said.facts.get("authority") or {}
        first = {kind: next((name for name, _ in said.choices(kind)), "") for kind in ("staff", "student")}
        return {kind: chosen.get(kind, "" if "people" in said.answered else first[kind]) for kind in first}
    if step == "calendar":
        told = said.facts.get("calendar") or {}
        return {**told, "closed": written(told.get("closed", ()))}
    return {}


def _choices(district: Any, step: str, said: SoFar, values: dict[str, Any]) -> dict[str, Any]:
    """What a step offers."""
    store = store_of(district=district)
    offered: dict[str, Any] = {}
    if step == "district":
        offered = {"common": COMMON, "zones": ZONES, "months": range(1, 13)}
    elif step == "systems":
        offered = {"guides": guides()}
    elif step == "people":
        offered = {"staff": said.choices("staff"), "student": said.choices("student")}
    elif step == "sign-in":
        offered = {"rows": _rules(said, values), "directories": said.directories, "providers": PROVIDERS}
    elif step == "hours":
        offered = {"team": [_seat(one, values) for one in team_hours(district=district)]}
    elif step == "load":
        loaded = [one.connector for one in store.standing()]
        offered = {"missing": missing(said, loaded=loaded), "loaded": loaded, "jobs": recent_jobs(district=district)}
    return offered


def _seat(one: Hours, values: dict[str, Any]) -> dict[str, Any]:
    """Somebody's row of the form: what was just written, else what stands, else what is suggested."""
    return {"person": one.person, "name": one.name, "said": values.get(f"hours-{one.person}", f"{one.hours:g}")}


def _rules(said: SoFar, values: dict[str, Any]) -> list[dict[str, Any]]:
    """One row a rule, and two empty ones."""
    told = said.facts.get("sign_in") or []
    rows = []
    for number in range(min(RULES, max(len(told) + 2, 3))):
        rule = told[number] if number < len(told) and not values else {}
        names = ("directory", "unit", "domain", "provider")
        rows.append({"n": number, **{name: values.get(f"{name}-{number}", rule.get(name, "")) for name in names}})
    return rows


def _demo() -> str:
    return gettext("This is the demo: everything in it is invented, and nothing about a real district belongs into it.")


urlpatterns = [
    path("setup", setup, name="setup"),
    path("setup/facts.yaml", facts, name="setup-facts"),
    path("setup/<slug:step>", step, name="setup-step"),
]
