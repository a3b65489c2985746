"""Posture: every control with its numbers, one control, and the rows behind each number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from homeroom.apps.manage.planning.visits import list_planned_remedies
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.exceptions.queries import list_acceptances
from homeroom.apps.protect.finding_work.row_filter import WORK_FILTERS
from homeroom.apps.protect.finding_work.work_lines import list_controls_by_work
from homeroom.apps.protect.posture.catalog.controls import PLACE, load_all_controls
from homeroom.apps.protect.posture.catalog.framework_goals import list_satisfied_goals
from homeroom.apps.protect.posture.catalog.labels import area_word
from homeroom.apps.protect.posture.published.by_school import list_school_scores
from homeroom.apps.protect.posture.published.improvements import rank_improvements
from homeroom.apps.protect.posture.published.queries import (
    SEVERITIES,
    AssessedControl,
    AssessmentRef,
    get_control_result,
    get_published_assessment,
    list_control_history,
    list_control_results,
    list_open_findings,
)
from homeroom.apps.protect.posture.published.score_history import compute_score, get_overall_score, list_score_history
from homeroom.apps.protect.posture.rows.by_state import get_state_page
from homeroom.apps.protect.posture.rows.page import EvidencePage, EvidenceRow
from homeroom.apps.protect.posture.rows.unknown_reasons import MissingValue, list_tested_titles, list_unknown_reasons
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import State
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.protect.posture.masking import mask_page
from homeroom.web.protect.posture.pictures import build_score_picture
from homeroom.web.protect.posture.work_labels import FILTER_LABELS
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.charts import build_bar, build_interval_bar, build_interval_columns, build_trend
from homeroom.web.shared.vulnerability_life import list_control_suppressions

MAX_IMPROVEMENTS = 5
"""Number of controls shown that would raise the score most."""
DAY_SECONDS = 24 * 3600
STATES = tuple(
    str(state) for state in (State.FAIL, State.CANNOT_TELL, State.PASS, State.EXCEPTED, State.NOT_APPLICABLE)
)


@district_view(permission="posture.read", change="posture.accept")
def show_posture(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show all controls by area, with filters."""
    assessment = get_published_assessment(district=district)
    all_results = list_control_results(district=district, assessment=assessment) if assessment else ()
    filters = {name: request.GET.get(name, "") for name in ("severity", "area", "show", "work")}
    worked = _list_worked_controls(request, district, assessment, filters["work"])
    score = get_overall_score(district=district, assessment=assessment) if assessment else None
    context = {
        "judgment": assessment,
        **build_cache_context(request, assessment),
        **({"cache_seconds": 0} if filters["work"] else {}),  # work changes between assessments, and `mine` by visitor
        "work_filters": FILTER_LABELS,
        "areas": lambda: _group_by_area(
            (
                control_result
                for control_result in all_results
                if _matches_filters(control_result, filters) and (worked is None or control_result.control.id in worked)
            ),
            with_totals=not any(filters.values()),
        ),
        "all_areas": sorted(
            {control_result.control.area for control_result in all_results if control_result.control.area},
            key=area_word,
        ),
        "severities": SEVERITIES,
        "asked": filters,
        "any": bool(all_results),
        "filtered": any(filters.values()),
        "failing": sum(control_result.numbers.failing > 0 for control_result in all_results),
        "controls": len(all_results),
        "overall": score,
        "interval": build_interval_bar(score.low, score.high) if score else (),
        "score_picture": lambda: _build_score_picture(district, assessment),
        "school_picture": lambda: _build_school_picture(district, assessment),
        "raises": lambda: (
            rank_improvements(all_results)[:MAX_IMPROVEMENTS] if score and not any(filters.values()) else ()
        ),
    }
    return render(request, "posture/posture.html", context)


def _list_worked_controls(
    request: DistrictRequest, district: District, assessment: AssessmentRef | None, work: str
) -> frozenset[str] | None:
    """Return the controls that fit a filter of work, None without any."""
    if work not in WORK_FILTERS or assessment is None:
        return None
    visit = request.visit
    return list_controls_by_work(
        district=district, assessment=assessment, work=work, actor=visit.actor, today=visit.today
    )


def _build_score_picture(district: District, assessment: AssessmentRef | None) -> dict[str, Any]:
    return build_score_picture(list_score_history(district=district, assessment=assessment)) if assessment else {}


def _build_school_picture(district: District, assessment: AssessmentRef | None) -> dict[str, Any]:
    """Return {lines, columns}: the score of each school by name, as a row with its bar and as a column."""
    scores = list_school_scores(district=district, assessment=assessment) if assessment else ()
    return {
        "lines": [(score, build_interval_bar(score.low, score.high)) for score in scores],
        "columns": build_interval_columns([(score.low, score.high) for score in scores]),
    }


def build_cache_context(request: DistrictRequest, assessment: AssessmentRef | None) -> dict[str, Any]:
    """Return the context with which `{% cache %}` caches the rows of a page.

    The rows depend on one assessment and not on the visitor, so they never change. The key has the district, the full
    address (with the filters), the assessment, the language, and the date, since times on the page are relative to the
    day.
    """
    visit = request.visit
    assessment_key = (assessment.number, assessment.derived, assessment.at) if assessment else ()
    language = getattr(request, "LANGUAGE_CODE", "")
    return {
        "cache_seconds": DAY_SECONDS,
        "cache_key": (
            str(settings.DATA),
            visit.district.pk,
            request.get_full_path(),
            *assessment_key,
            visit.today,
            language,
        ),
    }


@district_view(permission="posture.read", change="posture.accept")
def show_control(request: DistrictRequest, *, district: District, control: str) -> HttpResponse:
    """Show one control: its requirement, the district's numbers, their history, and what to do."""
    assessment, control_result = _get_result_or_404(district, control)
    past = list_control_history(district=district, assessment=assessment, control=control)
    context = {
        "judgment": assessment,
        "result": control_result,
        "bar": build_bar(control_result.numbers),
        "states": [(state, control_result.numbers.count_state(state)) for state in STATES],
        "history": past[::-1],
        "trend": build_trend(past) if len(past) > 1 else None,
        "findings": list_open_findings(district=district, assessment=assessment, control=control),
        "planned": list_planned_remedies(district=district, assessment=assessment),
        "satisfies": list_satisfied_goals(control_result.control),
        "accepted": list_acceptances(district=district, today=request.visit.today, control=control),
        "lets": list_control_suppressions(request, district, control_result.control),
    }
    return render(request, "posture/control.html", context)


@district_view(permission="posture.read", change="posture.accept")
def show_state(request: DistrictRequest, *, district: District, control: str, state: str) -> HttpResponse:
    """Show the subjects in one state under one control."""
    assessment, control_result = _get_result_or_404(district, control)
    if state not in STATES:
        raise Http404
    after, all_columns, school = (
        parse_row_key(request, "after"),
        should_show_all_columns(request),
        request.GET.get("school"),
    )
    rows = None
    with suppress(QueryTimeout):
        rows = get_state_page(
            district=district,
            assessment=assessment,
            control=control_result.control,
            state=state,
            after=after,
            all_columns=all_columns,
            school=school,
        )
    reasons: Mapping[int, Sequence[MissingValue]] = {}
    if rows is not None:
        record_students(request, rows, action="list subjects", subject=f"{control}/{state}")
        rows = mask_page(rows, hide_students=not request.visit.may_read_private)
        if state == State.CANNOT_TELL:
            with suppress(QueryTimeout):
                reasons = list_unknown_reasons(
                    district=district, assessment=assessment, control=control_result.control, rows=rows.rows
                )
    context = {
        "known": control_result.control.id in load_all_controls(),
        "judgment": assessment,
        "result": control_result,
        "state": state,
        "states": [(state_name, control_result.numbers.count_state(state_name)) for state_name in STATES],
        "number": control_result.numbers.count_state(state),
        "rows": rows,
        "reasons": _list_rows_with_reasons(rows, reasons),
        "tested": list_tested_titles(control_result.control)
        if state == State.CANNOT_TELL and rows and rows.rows and not reasons and control_result.control.subject != PLACE
        else (),
        "guide_url": reverse("setup-step", args=["exports"]),
        "one_school": school is not None,
        "school": school,
        **build_page_links(request, reverse("state", args=[control, state]), rows, after=after),
    }
    return render(request, "posture/state.html", context)


def _list_rows_with_reasons(
    rows: EvidencePage | None, reasons: Mapping[int, Sequence[MissingValue]]
) -> list[tuple[EvidenceRow, Sequence[MissingValue]]]:
    """Return the first row of each subject with what is missing of it."""
    first_rows: dict[int, EvidenceRow] = {}
    for row in rows.rows if rows else ():
        first_rows.setdefault(row.subject, row)
    return [(row, reasons[subject]) for subject, row in first_rows.items() if subject in reasons]


def parse_row_key(request: DistrictRequest, name: str) -> int:
    """Return the key of the row before the page, or -1 if it is missing or not a number."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 20 else -1


def should_show_all_columns(request: DistrictRequest) -> bool:
    """Check whether the request wants every column of the rows."""
    return request.GET.get("columns") == "all"


def build_page_links(
    request: DistrictRequest, address: str, rows: EvidencePage | None, *, after: int
) -> dict[str, str]:
    """Return the addresses of the first page and the next, and of this one with more or fewer columns.

    An address is empty if there is no such page.
    """
    filters = {name: request.GET[name] for name in ("school", "work") if name in request.GET}
    next_parameters = filters | ({"columns": "all"} if should_show_all_columns(request) else {})
    page_parameters = filters | ({"after": after} if after >= 0 else {})
    has_all_columns, has_more_columns = should_show_all_columns(request), rows is not None and rows.more > 0
    return {
        "first": _build_url(address, next_parameters) if after >= 0 else "",
        "next": ""
        if rows is None or rows.after is None
        else _build_url(address, {"after": rows.after} | next_parameters),
        "more_columns": _build_url(address, page_parameters | {"columns": "all"}) + "#rows" if has_more_columns else "",
        "fewer_columns": _build_url(address, page_parameters) + "#rows" if has_all_columns else "",
    }


def _build_url(address: str, parameters: dict[str, Any]) -> str:
    return f"{address}?{urlencode(parameters)}" if parameters else address


def record_students(request: DistrictRequest, rows: EvidencePage, *, action: str, subject: str) -> None:
    """Log a list that shows students with its subject and how many students it showed."""
    if rows.students:
        visit = request.visit
        record_audit_entry(
            district=visit.district,
            at=visit.now,
            actor=visit.actor,
            action=action,
            subject_kind="control",
            subject=subject,
            detail={"students": rows.students},
        )


def _get_result_or_404(district: District, control: str) -> tuple[AssessmentRef, AssessedControl]:
    assessment = get_published_assessment(district=district)
    control_result = (
        get_control_result(district=district, assessment=assessment, control=control) if assessment else None
    )
    if assessment is None or control_result is None:
        raise Http404
    return assessment, control_result


def _group_by_area(control_results: Iterable[AssessedControl], *, with_totals: bool) -> list[dict[str, Any]]:
    """Return each area with its controls.

    If `with_totals`, also how many controls have something failing, and the mean of their intervals as a bar.
    """
    areas: dict[str, list[AssessedControl]] = defaultdict(list)
    for control_result in control_results:
        areas[control_result.control.area].append(control_result)
    return [
        {
            "area": area,
            "lines": [
                {"result": control_result, "bar": build_bar(control_result.numbers)} for control_result in area_results
            ],
            **(
                _summarize_area(
                    [control_result for control_result in area_results if control_result.numbers.population]
                )
                if with_totals
                else {}
            ),
        }
        for area, area_results in sorted(areas.items(), key=lambda pair: area_word(pair[0]))
    ]


def _summarize_area(measured: Sequence[AssessedControl]) -> dict[str, Any]:
    if not measured:
        return {}
    score = compute_score(measured)
    failing = sum(control_result.numbers.failing > 0 for control_result in measured)
    return {
        "controls": len(measured),
        "failing": failing,
        "met": score,
        "bar": build_interval_bar(score.low, score.high),
    }


def _matches_filters(control_result: AssessedControl, filters: dict[str, str]) -> bool:
    return (
        filters["severity"] in ("", control_result.control.severity)
        and filters["area"] in ("", control_result.control.area)
        and (filters["show"] != "failing" or control_result.numbers.failing > 0)
        and (filters["show"] != "unknown" or control_result.numbers.cannot_tell > 0)
    )


urlpatterns = [
    path("posture", show_posture, name="posture"),
    path("posture/<slug:control>", show_control, name="control"),
    path("posture/<slug:control>/<slug:state>", show_state, name="state"),
]
