"""The first run, step by step: from nothing to an assessed district."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.apps.laws.facts import ENTERED, KnownFact, load_known_facts
from homeroom.apps.planning.hours import PersonHours, load_team_hours
from homeroom.apps.setup.answers import MAX_RULES, InvalidSetupForm, format_closures
from homeroom.apps.setup.commands import answer_step
from homeroom.apps.setup.queries import STEPS, SetupProgress, find_missing_systems, load_setup, render_answers_file
from homeroom.apps.sources.queries import list_recent_jobs
from homeroom.domain.district import District
from homeroom.domain.laws.facts import FISCAL_YEAR_STARTS, format_fact
from homeroom.library.guides import load_guides
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download

TITLES = {
    "district": gettext_lazy("District"),
    "systems": gettext_lazy("Your systems"),
    "exports": gettext_lazy("Export your data"),
    "people": gettext_lazy("Source of truth for people"),
    "sign-in": gettext_lazy("Single sign-on"),
    "calendar": gettext_lazy("School calendar"),
    "facts": gettext_lazy("Legal facts"),
    "hours": gettext_lazy("Team hours"),
    "load": gettext_lazy("Upload"),
}
ZONES = tuple(sorted(zone for zone in available_timezones() if zone.startswith(("America/", "US/", "Pacific/"))))
COMMON = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "Pacific/Guam",
)
PROVIDERS = (("google", "Google"), ("microsoft", "Microsoft"), ("other", gettext_lazy("Another provider")))


@district_view(permission="setup.read", change="setup.change")
def show_setup(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the progress of the first run, with a link to the first unanswered step."""
    progress = load_setup(district=district)
    return render(
        request,
        "setup/setup.html",
        {"said": progress, "steps": _build_steps(progress, current=""), "next": progress.next_step},
    )


@district_view(permission="setup.read", change="setup.change", methods=("GET", "POST"))
def answer_step_view(request: DistrictRequest, *, district: District, step: str) -> HttpResponse:
    """Show one step with its questions and answers; a POST stores the answers."""
    if step not in STEPS:
        raise Http404
    if request.method != "POST":
        return _render_step(request, district, step)
    if settings.DEMO:
        return _render_step(request, district, step, errors={"": _explain_demo()})
    visit = request.visit
    answers = {name: request.POST.getlist(name) for name in request.POST}
    try:
        answer_step(district=district, step=step, form=answers, actor=visit.actor, at=visit.now)
    except InvalidSetupForm as error:
        return _render_step(request, district, step, errors=error.problems, answers=answers)
    return redirect("setup-step", step=STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)])


@district_view(permission="setup.read")
def download_facts(_request: DistrictRequest, *, district: District) -> HttpResponse:
    """Download all answers as the file that the command line loads."""
    text = render_answers_file(district=district)
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    return name_download(response, "district-facts.yaml")


def _render_step(
    request: DistrictRequest,
    district: District,
    step: str,
    *,
    errors: dict[str, str] | None = None,
    answers: dict[str, list[str]] | None = None,
) -> HttpResponse:
    progress = load_setup(district=district)
    values = (
        {name: value[-1] for name, value in answers.items() if value}
        if answers
        else _load_values(district, step, progress)
    )
    context = {
        "said": progress,
        "step": step,
        "title": TITLES[step],
        "number": STEPS.index(step) + 1,
        "steps": _build_steps(progress, current=step),
        "before": STEPS[STEPS.index(step) - 1] if step != STEPS[0] else "",
        "wrong": errors or {},
        "given": values,
        **_build_choices(district, step, progress, values),
    }
    return render(request, f"setup/{step}.html", context, status=400 if errors else 200)


def _build_steps(progress: SetupProgress, *, current: str) -> list[dict[str, Any]]:
    return [
        {
            "id": step_id,
            "title": TITLES[step_id],
            "answered": step_id in progress.answered,
            "here": step_id == current,
            "number": number,
        }
        for number, step_id in enumerate(STEPS, 1)
    ]


def _load_values(district: District, step: str, progress: SetupProgress) -> dict[str, Any]:
    """Return the initial values of a step's form."""
    if step == "district":
        fields = {"name": district.name, "timezone": district.timezone}
        return {**fields, "fiscal_year_starts": str(district.fiscal_year_starts)}
    if step == "people":
        authority = progress.facts.get("authority") or {}
        first_choice = {
            kind: next((name for name, _ in progress.list_choices(kind)), "") for kind in ("staff", "student")
        }
        return {
            kind: authority.get(kind, "" if "people" in progress.answered else first_choice[kind])
            for kind in first_choice
        }
    if step == "calendar":
        calendar = progress.facts.get("calendar") or {}
        return {**calendar, "closed": format_closures(calendar.get("closed", ()))}
    return {}


def _build_choices(district: District, step: str, progress: SetupProgress, values: dict[str, Any]) -> dict[str, Any]:
    """Return the choices that a step offers."""
    store = get_evidence_store(district=district)
    choices: dict[str, Any] = {}
    if step == "district":
        choices = {"common": COMMON, "zones": ZONES, "months": range(1, 13)}
    elif step == "systems":
        guides = load_guides()
        choices = {
            "guides": [guide for guide in guides if not guide.training],
            "training_tools": [guide for guide in guides if guide.training],
        }
    elif step == "people":
        choices = {"staff": progress.list_choices("staff"), "student": progress.list_choices("student")}
    elif step == "sign-in":
        choices = {
            "rows": _build_rule_rows(progress, values),
            "directories": progress.directories,
            "providers": PROVIDERS,
        }
    elif step == "facts":
        choices = {"facts": _list_facts(district, values)}
    elif step == "hours":
        choices = {"team": [_build_hours_row(entry, values) for entry in load_team_hours(district=district)]}
    elif step == "load":
        loaded = [load.connector for load in (*store.list_current_loads(), *store.list_newest_event_loads())]
        choices = {
            "missing": find_missing_systems(progress, loaded=loaded),
            "loaded": loaded,
            "jobs": list_recent_jobs(district=district),
        }
    return choices


def _list_facts(district: District, values: dict[str, Any]) -> list[tuple[KnownFact, str]]:
    """Return each fact with the value of its field: the value just entered, else the stored one.

    The first day of the month that the district named for its fiscal year is suggested.
    """
    facts = load_known_facts(district=district)
    stored = {fact.field.name: format_fact(fact.value) if fact.origin == ENTERED else "" for fact in facts}
    suggested = {FISCAL_YEAR_STARTS: f"{district.fiscal_year_starts:02}-01"}
    answered = "district" in load_setup(district=district).answered
    return [
        (
            fact,
            values.get(fact.field.name)
            or stored[fact.field.name]
            or (suggested.get(fact.field.name, "") if answered and fact.value is None else ""),
        )
        for fact in facts
    ]


def _build_hours_row(hours: PersonHours, values: dict[str, Any]) -> dict[str, Any]:
    """Return a person's row of the form: the value just entered, else the stored one, else the suggested one."""
    return {"person": hours.person, "name": hours.name, "said": values.get(f"hours-{hours.person}", f"{hours.hours:g}")}


def _build_rule_rows(progress: SetupProgress, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one row per rule, plus two empty ones."""
    rules = progress.facts.get("sign_in") or []
    rows = []
    for number in range(min(MAX_RULES, max(len(rules) + 2, 3))):
        rule = rules[number] if number < len(rules) and not values else {}
        names = ("directory", "unit", "domain", "provider")
        rows.append({"n": number, **{name: values.get(f"{name}-{number}", rule.get(name, "")) for name in names}})
    return rows


def _explain_demo() -> str:
    return gettext("This is the demo with invented data. Do not enter anything about a real district.")


urlpatterns = [
    path("setup", show_setup, name="setup"),
    path("setup/facts.yaml", download_facts, name="setup-facts"),
    path("setup/<slug:step>", answer_step_view, name="setup-step"),
]
