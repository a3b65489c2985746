"""The first run, step by step: from nothing to an assessed district."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.dates import MONTHS
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.comply.laws.facts import ENTERED, KnownFact, load_known_facts
from homeroom.apps.manage.planning.hours import PersonHours, load_team_hours
from homeroom.apps.manage.setup.answers import MAX_RULES, InvalidSetupForm, format_closures
from homeroom.apps.manage.setup.commands import answer_step
from homeroom.apps.manage.setup.queries import (
    LATER_STEPS,
    MAIN_STEPS,
    STEPS,
    SetupProgress,
    load_setup,
    render_answers_file,
)
from homeroom.apps.manage.setup.system_exports import load_first_scan
from homeroom.domain.comply.laws.facts import FISCAL_YEAR_STARTS, format_fact
from homeroom.domain.guides import ExportGuide
from homeroom.domain.platform.district import District
from homeroom.library.know.guides import load_guides
from homeroom.web.manage.setup.drafts import Answers, drop_draft, find_draft, keep_draft
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download

TITLES = {
    "district": gettext_lazy("District"),
    "systems": gettext_lazy("Your systems"),
    "exports": gettext_lazy("Exports"),
    "people": gettext_lazy("Source of truth for people"),
    "sign-in": gettext_lazy("Single sign-on"),
    "calendar": gettext_lazy("School calendar"),
    "facts": gettext_lazy("Legal facts"),
    "hours": gettext_lazy("Team hours"),
    "load": gettext_lazy("First scan"),
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
    context = {
        "progress": progress,
        "main": build_steps(progress, MAIN_STEPS),
        "later": build_steps(progress, LATER_STEPS),
        "next": progress.next_step,
    }
    return render(request, "setup/setup.html", context)


@district_view(permission="setup.read", change="setup.change", methods=("GET", "POST"))
def answer_step_view(request: DistrictRequest, *, district: District, step: str) -> HttpResponse:
    """Show one step with its questions and answers; a POST stores the answers, or keeps them and goes back."""
    if step not in STEPS:
        raise Http404
    if request.method != "POST":
        return _render_step(request, district, step, answers=find_draft(request, step))
    answers = {name: request.POST.getlist(name) for name in request.POST}
    if "back" in answers:
        keep_draft(request, step, answers)
        return redirect(_find_address_before(step))
    if settings.DEMO:
        return _render_step(request, district, step, errors={"": _explain_demo()}, answers=answers)
    visit = request.visit
    try:
        answer_step(district=district, step=step, form=answers, actor=visit.actor, at=visit.now)
    except InvalidSetupForm as error:
        return _render_step(request, district, step, errors=error.problems, answers=answers)
    drop_draft(request, step)
    if _is_from_settings(request):
        messages.success(request, gettext("Saved."), extra_tags="good")
        return redirect("settings")
    return redirect(_find_address_after(step, load_setup(district=district)))


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
    answers: Answers | None = None,
) -> HttpResponse:
    progress = load_setup(district=district)
    values = (
        {name: value[-1] for name, value in answers.items() if value}
        if answers is not None
        else _load_values(district, step, progress)
    )
    context = {
        "step": step,
        "title": TITLES[step],
        "number": MAIN_STEPS.index(step) + 1 if step in MAIN_STEPS else 0,
        "steps": build_steps(progress, MAIN_STEPS, current=step),
        "from_settings": _is_from_settings(request),
        "skip": "" if step == MAIN_STEPS[-1] else _find_address_after(step, progress),
        "before": "" if step == MAIN_STEPS[0] else _find_address_before(step),
        "wrong": errors or {},
        "given": values,
        "chosen": progress.systems if answers is None else answers.get("systems", ()),
        **_build_choices(district, step, progress, values),
    }
    template = "setup/_scan.html" if request.GET.get("part") and step == "load" else f"setup/{step}.html"
    return render(request, template, context, status=400 if errors else 200)


def _is_from_settings(request: DistrictRequest) -> bool:
    """Check whether the step was opened on the page Settings, to which it then returns."""
    return request.GET.get("from") == "settings"


def _find_address_after(step: str, progress: SetupProgress) -> str:
    """Return the address that follows a step; that of the exports is the screen of the first system."""
    order = MAIN_STEPS if step in MAIN_STEPS else (*LATER_STEPS, MAIN_STEPS[-1])
    following = order[min(order.index(step) + 1, len(order) - 1)]
    if following == "exports" and progress.chosen_guides:
        return reverse("setup-system", kwargs={"system": progress.chosen_guides[0].id})
    return reverse("setup-step", kwargs={"step": following})


def _find_address_before(step: str) -> str:
    """Return the address of the step before; that of a later question is the last step to the first scan."""
    if step == MAIN_STEPS[0]:
        return reverse("setup")
    before = MAIN_STEPS[MAIN_STEPS.index(step) - 1] if step in MAIN_STEPS else MAIN_STEPS[-1]
    return reverse("setup-step", kwargs={"step": before})


def build_steps(progress: SetupProgress, steps: Sequence[str], *, current: str = "") -> list[dict[str, Any]]:
    """Return the steps as a page shows them: title, whether answered, and whether it is the current one."""
    return [
        {
            "id": step_id,
            "title": TITLES[step_id],
            "answered": step_id in progress.answered,
            "here": step_id == current,
        }
        for step_id in steps
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
    choices: dict[str, Any] = {}
    if step == "district":
        choices = {"common": COMMON, "zones": ZONES, "months": list(MONTHS.items())}
    elif step == "systems":
        choices = _group_guides()
    elif step == "exports":
        choices = {
            "systems": load_first_scan(district=district).systems,
            "others": [guide for guide in load_guides() if guide.id not in progress.systems],
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
        choices = {"scan": load_first_scan(district=district), "later": build_steps(progress, LATER_STEPS)}
    return choices


def _group_guides() -> dict[str, list[ExportGuide]]:
    """Return the systems to begin with, by what they are, then the others."""
    guides = load_guides()
    return {
        "accounts": [guide for guide in guides if guide.start == "accounts"],
        "rosters": [guide for guide in guides if guide.start == "roster"],
        "others": [guide for guide in guides if not guide.start and not guide.training],
        "training_tools": [guide for guide in guides if guide.training],
    }


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
