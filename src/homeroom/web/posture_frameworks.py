"""Frameworks: where the district stands under each, goal by goal, with what is measured, attested and unknown, and its files."""

from __future__ import annotations

import json
from itertools import groupby
from math import ceil, floor
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

from homeroom.apps.audit.commands import record
from homeroom.apps.frameworks.oscal import NothingOpen, assessment_results, plan_of_action
from homeroom.apps.frameworks.queries import Under, attestations, standing_under, standings
from homeroom.apps.frameworks.telling import action_plan
from homeroom.engines.frameworks.standing import How, Standing
from homeroom.evidence.asking import TooSlow
from homeroom.web.access import CHANGERS, district_view
from homeroom.web.charts import interval

FIRST = 10
FILES = ("assessment-results", "poam", "action-plan")


@district_view()
def frameworks(request: HttpRequest, *, district: Any) -> HttpResponse:
    """Every framework with its interval, as a picture and in numbers."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    found = standings(district=district, at=visit.now, today=visit.today)
    waiting = attestations(district=district, today=visit.today)
    given = {
        "lines": [{"under": one, **_shown(one.standing)} for one in found],
        "judgement": found[0].of if found else None,
        "waiting": sum(one.state in ("waiting", "overdue", "expired") for one in waiting),
    }
    return render(request, "posture/frameworks.html", given)


@district_view()
def framework(request: HttpRequest, *, district: Any, framework: str) -> HttpResponse:
    """One framework: its interval, what would raise it most for an hour, and every goal by part."""
    under = _under(request, district, framework)
    if under is None:
        return render(request, "503.html", status=503)
    visit: Any = request.visit  # type: ignore[attr-defined]
    asked = {one.goal: one for one in reversed(attestations(district=district, today=visit.today, framework=framework))}
    lines = [
        {
            "goal": goal,
            "part": under.framework.part_of(goal.id),
            "bar": interval(goal.low, goal.high),
            "asked": asked.get(goal.id),
        }
        for goal in under.standing.goals
    ]
    given = {
        "under": under,
        "judgement": under.of,
        **_shown(under.standing),
        "raises": under.standing.raises[:FIRST],
        "parts": [(part, list(goals)) for part, goals in groupby(lines, key=lambda line: line["part"])],
    }
    return render(request, "posture/framework.html", given)


@district_view()
def goal(request: HttpRequest, *, district: Any, framework: str, goal: str) -> HttpResponse:
    """One goal: every control and policy that speaks of it with its numbers, and what was attested."""
    under = _under(request, district, framework)
    if under is None:
        return render(request, "503.html", status=503)
    found = next((one for one in under.standing.goals if one.id == goal), None)
    if found is None:
        raise Http404
    visit: Any = request.visit  # type: ignore[attr-defined]
    given = {
        "under": under,
        "judgement": under.of,
        "goal": found,
        "part": under.framework.part_of(goal),
        "bar": interval(found.low, found.high),
        "answers": attestations(district=district, today=visit.today, framework=framework, goal=goal),
    }
    return render(request, "posture/goal.html", given)


@district_view()
def file(request: HttpRequest, *, district: Any, role: str, framework: str, name: str) -> HttpResponse:
    """The standing as OSCAL assessment results, OSCAL plan of action, or CSV action plan. Notes that are marked private go only
    to those who may change."""
    under = _under(request, district, framework)
    if under is None:
        return render(request, "503.html", status=503)
    if name not in FILES:
        raise Http404
    visit: Any = request.visit  # type: ignore[attr-defined]
    answers = attestations(district=district, today=visit.today, framework=framework)
    detail = {"framework": framework, "file": name}
    record(district=district, at=visit.now, actor=visit.actor, action="export framework", detail=detail)
    if name == "action-plan":
        return _download(action_plan(under), f"{framework}-action-plan.csv", kind="text/csv; charset=utf-8")
    try:
        document = (
            plan_of_action(under, district=district, at=visit.now)
            if name == "poam"
            else assessment_results(
                under, district=district, at=visit.now, answers=answers, redacted=role not in CHANGERS
            )
        )
    except NothingOpen:
        return JsonResponse(
            {"error": "nothing fails under this framework, so that there is no plan of action"}, status=404
        )
    return _download(json.dumps(document, indent=1), f"{framework}-{name}.json", kind="application/json")


def _shown(standing: Standing) -> dict[str, Any]:
    """A standing in whole percents, rounded so that it never promises more than is known, and how its goals are known."""
    return {
        "low": floor(100 * standing.low),
        "high": ceil(100 * standing.high),
        "bar": interval(standing.low, standing.high),
        "measured": standing.count(How.MEASURED),
        "attested": standing.count(How.ATTESTED),
        "nothing": standing.count(How.NOTHING),
        "out": standing.count(How.OUT),
        "counted": standing.counted,
    }


def _under(request: HttpRequest, district: Any, framework: str) -> Under | None:
    """The standing; None where the evidence took too long. There is nothing (404) where there is no such framework."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    try:
        return standing_under(district=district, framework=framework, at=visit.now, today=visit.today)
    except LookupError:
        raise Http404 from None
    except TooSlow:
        return None


def _download(text: str, name: str, *, kind: str) -> HttpResponse:
    answer = HttpResponse(text, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


urlpatterns = [
    path("frameworks", frameworks, name="frameworks"),
    path("frameworks/<str:framework>", framework, name="framework"),
    path("frameworks/<str:framework>/goals/<str:goal>", goal, name="goal"),
    path("frameworks/<str:framework>/files/<str:name>", file, name="framework-file"),
]
