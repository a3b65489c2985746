"""Frameworks: the district's compliance with each, goal by goal (measured, attested or unknown), and files."""

from __future__ import annotations

import json
from itertools import groupby
from math import ceil, floor
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.frameworks.oscal import NoFailingChecks, build_assessment_results, build_plan_of_action
from homeroom.apps.protect.frameworks.queries import (
    FrameworkCompliance,
    get_compliance,
    list_attestations,
    list_compliance,
)
from homeroom.apps.protect.frameworks.serialize import render_action_plan
from homeroom.domain.platform.district import District
from homeroom.engines.protect.frameworks.compliance import Basis, ComplianceResult
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.charts import build_interval_bar
from homeroom.web.shared.downloads import name_download

MAX_IMPROVEMENTS = 10
FILES = ("assessment-results", "poam", "action-plan")


@district_view(permission="posture.read", change="attestations.answer")
def show_frameworks(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show every framework with its interval, as a picture and in numbers."""
    visit = request.visit
    results = list_compliance(district=district, at=visit.now, today=visit.today)
    all_attestations = list_attestations(district=district, today=visit.today)
    context = {
        "lines": [{"under": entry, **_build_compliance_context(entry.result)} for entry in results],
        "judgment": results[0].assessment if results else None,
        "waiting": sum(entry.state in ("waiting", "overdue", "expired") for entry in all_attestations),
    }
    return render(request, "posture/frameworks.html", context)


@district_view(permission="posture.read", change="attestations.answer")
def show_framework(request: DistrictRequest, *, district: District, framework: str) -> HttpResponse:
    """Show one framework: its interval, the largest improvements for an hour's work, and every goal by part."""
    compliance = _load_compliance(request, district, framework)
    if compliance is None:
        return render(request, "503.html", status=503)
    visit = request.visit
    attestation_by_goal = {
        attestation.goal: attestation
        for attestation in reversed(list_attestations(district=district, today=visit.today, framework=framework))
    }
    lines = [
        {
            "goal": goal,
            "part": compliance.framework.find_part_title(goal.id),
            "bar": build_interval_bar(goal.low, goal.high),
            "asked": attestation_by_goal.get(goal.id),
        }
        for goal in compliance.result.goals
    ]
    context = {
        "under": compliance,
        "judgment": compliance.assessment,
        **_build_compliance_context(compliance.result),
        "raises": compliance.result.improvements[:MAX_IMPROVEMENTS],
        "parts": [(part, list(goals)) for part, goals in groupby(lines, key=lambda line: line["part"])],
    }
    return render(request, "posture/framework.html", context)


@district_view(permission="posture.read", change="attestations.answer")
def show_goal(request: DistrictRequest, *, district: District, framework: str, goal: str) -> HttpResponse:
    """Show one goal: every control and policy that covers it with its numbers, and its attestations."""
    compliance = _load_compliance(request, district, framework)
    if compliance is None:
        return render(request, "503.html", status=503)
    goal_result = next((entry for entry in compliance.result.goals if entry.id == goal), None)
    if goal_result is None:
        raise Http404
    visit = request.visit
    context = {
        "under": compliance,
        "judgment": compliance.assessment,
        "goal": goal_result,
        "part": compliance.framework.find_part_title(goal),
        "bar": build_interval_bar(goal_result.low, goal_result.high),
        "answers": list_attestations(district=district, today=visit.today, framework=framework, goal=goal),
    }
    return render(request, "posture/goal.html", context)


@district_view(permission="posture.read")
def download_framework_file(request: DistrictRequest, *, district: District, framework: str, name: str) -> HttpResponse:
    """Download the compliance as OSCAL assessment results, OSCAL plan of action, or CSV action plan.

    Notes that are marked private go only to roles that may change things.
    """
    compliance = _load_compliance(request, district, framework)
    if compliance is None:
        return render(request, "503.html", status=503)
    if name not in FILES:
        raise Http404
    visit = request.visit
    answers = list_attestations(district=district, today=visit.today, framework=framework)
    detail = {"framework": framework, "file": name}
    record_audit_entry(district=district, at=visit.now, actor=visit.actor, action="export framework", detail=detail)
    if name == "action-plan":
        return _download(render_action_plan(compliance), f"{framework}-action-plan.csv", kind="text/csv; charset=utf-8")
    try:
        document = (
            build_plan_of_action(compliance, district=district, at=visit.now)
            if name == "poam"
            else build_assessment_results(
                compliance, district=district, at=visit.now, answers=answers, redacted=not visit.may_read_private
            )
        )
    except NoFailingChecks:
        error = gettext("Nothing fails under this framework, so there is no plan of action.")
        return JsonResponse({"error": error}, status=404)
    return _download(json.dumps(document, indent=1), f"{framework}-{name}.json", kind="application/json")


def _build_compliance_context(compliance: ComplianceResult) -> dict[str, Any]:
    """Return a compliance result in whole percents, and how its goals are known.

    The percents are rounded so that they never promise more than is known.
    """
    return {
        "low": floor(100 * compliance.low),
        "high": ceil(100 * compliance.high),
        "bar": build_interval_bar(compliance.low, compliance.high),
        "measured": compliance.count_goals(Basis.MEASURED),
        "attested": compliance.count_goals(Basis.ATTESTED),
        "nothing": compliance.count_goals(Basis.NOTHING),
        "out": compliance.count_goals(Basis.OUT),
        "counted": compliance.applicable_count,
    }


def _load_compliance(request: DistrictRequest, district: District, framework: str) -> FrameworkCompliance | None:
    """Return the compliance with a framework, or None if the evidence took too long.

    Raise Http404 if there is no such framework.
    """
    visit = request.visit
    try:
        return get_compliance(district=district, framework=framework, at=visit.now, today=visit.today)
    except LookupError:
        raise Http404 from None
    except QueryTimeout:
        return None


def _download(text: str, name: str, *, kind: str) -> HttpResponse:
    response = HttpResponse(text, content_type=kind)
    return name_download(response, name)


urlpatterns = [
    path("frameworks", show_frameworks, name="frameworks"),
    path("frameworks/<str:framework>", show_framework, name="framework"),
    path("frameworks/<str:framework>/goals/<str:goal>", show_goal, name="goal"),
    path("frameworks/<str:framework>/files/<str:name>", download_framework_file, name="framework-file"),
]
