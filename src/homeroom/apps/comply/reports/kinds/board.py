"""Board Report: the score, what is first, done and asked for on a page, and a page about tools, without a name."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.answers import describe_answer, load_answering_controls
from homeroom.apps.comply.reports.board_summary import (
    SEVERE,
    build_done_section,
    build_score_trend,
    build_sentences,
    load_score_history,
)
from homeroom.apps.comply.reports.drill_figures import build_drill_figures
from homeroom.apps.comply.reports.kinds.insurance import get_questionnaire
from homeroom.apps.comply.reports.patching import build_overdue_figures, build_time_figure, load_patching
from homeroom.apps.comply.reports.report import (
    ENGLISH,
    SPANISH,
    DistrictReport,
    ReportColumn,
    ReportFigure,
    ReportKind,
    ReportSection,
)
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.comply.reports.tool_page import build_tool_sections
from homeroom.apps.comply.reports.training import build_training_figures, load_training
from homeroom.apps.manage.budget.queries import load_newest_document
from homeroom.apps.manage.planning.ranking import rank_findings
from homeroom.apps.protect.posture.catalog.labels import area_word
from homeroom.apps.protect.posture.catalog.problems import describe_problem
from homeroom.apps.protect.posture.catalog.translated_controls import translate_content, translate_control
from homeroom.apps.protect.posture.published.queries import (
    AssessedControl,
    OpenFinding,
    list_control_results,
    list_open_findings,
)

MAX_TOP_FINDINGS = 5
MAX_AREAS = 7
"""So many rows by area leave room for everything else on the second page."""
AreaRow = tuple[str, int, int, int, int]
"""An area: its name, its checks, and how many hold, fail somewhere, and cannot tell for somebody."""


def build_report(data: ReportData) -> DistrictReport:
    """Report controls and patching as counts, the five top findings by title, and recent changes."""
    all_results = list_control_results(district=data.district, assessment=data.assessment)
    ranked = rank_findings(
        list_open_findings(district=data.district, assessment=data.assessment), today=data.assessment.today
    )
    history, plan = load_score_history(data), load_newest_document(district=data.district)
    patching_summary = load_patching(data)
    sections = (
        _build_top_findings_section(data, ranked[:MAX_TOP_FINDINGS]),
        *build_done_section(data),
        _build_answer_section(data),
        *build_tool_sections(data, plan=plan),
        _build_area_section(all_results),
    )
    lead = _("What the district’s technology team checks every day, and the results. No person is named here.")
    return data.create_report(
        name=KIND.name,
        title=str(KIND.title),
        lead=lead,
        sentences=build_sentences(data, history=history, findings=ranked, plan=plan),
        trend=build_score_trend(history),
        figures=(
            *_build_control_figures(data, all_results),
            *build_overdue_figures(patching_summary),
            *build_time_figure(patching_summary),
            *build_drill_figures(data),
            *build_training_figures(load_training(data)),
        ),
        sections=sections,
        notes=(_("A check without enough data never counts as passing."),),
    )


def _build_control_figures(data: ReportData, all_results: Sequence[AssessedControl]) -> tuple[ReportFigure, ...]:
    applicable = [control_result for control_result in all_results if control_result.numbers.population]
    unknown = [
        control_result
        for control_result in applicable
        if not control_result.numbers.failing and control_result.numbers.cannot_tell
    ]
    severe = [control_result for control_result in applicable if control_result.control.severity in SEVERE]
    failing = sum(control_result.numbers.failing > 0 for control_result in severe)
    sources = data.list_all_sources()
    return (
        ReportFigure(
            label=_("Critical/high checks with at least one failure"),
            part=failing,
            total=len(severe),
            cannot_tell=sum(control_result in unknown for control_result in severe),
            sources=sources,
        ),
    )


def _build_answer_section(data: ReportData) -> ReportSection:
    """Build the section of the questions that a board asks first, answered in words."""
    questionnaire = get_questionnaire()
    questions = [question for question in questionnaire.questions if question.board]
    rows = [
        (
            translate_content(question.board),
            describe_answer(
                question, controls=load_answering_controls(data, question, exports=questionnaire.exports), brief=True
            ),
        )
        for question in questions
    ]
    columns = (ReportColumn(title=_("Topic")), ReportColumn(title=_("Answer")))
    return ReportSection(name="answers", title=_("In short"), columns=columns, rows=rows)


def _build_top_findings_section(data: ReportData, ranked: Sequence[OpenFinding]) -> ReportSection:
    """Build the section of top findings; a group's name (a cart, a school) is not shown."""
    rows = []
    for finding in ranked:
        control = translate_control(finding.control)
        figure = data.build_figure(control.id, label=control.title)
        problem = describe_problem(control, count=figure.part if figure else finding.members)
        rows.append((problem, figure.number if figure else "", control.because))
    columns = (
        ReportColumn(title=_("What")),
        ReportColumn(title=_("Affected")),
        ReportColumn(title=_("Why it matters")),
    )
    return ReportSection(name="first", title=_("Fix first"), columns=columns, rows=rows)


def _build_area_section(all_results: Sequence[AssessedControl]) -> ReportSection:
    areas = sorted({control_result.control.area for control_result in all_results if control_result.control.area})
    rows: list[AreaRow] = []
    for area in areas:
        area_results = [
            control_result
            for control_result in all_results
            if control_result.control.area == area and control_result.numbers.population
        ]
        passing = sum(
            not control_result.numbers.failing and not control_result.numbers.cannot_tell
            for control_result in area_results
        )
        failing = sum(control_result.numbers.failing > 0 for control_result in area_results)
        rows.append((area_word(area), len(area_results), passing, failing, len(area_results) - passing - failing))
    rows = _fold_areas(rows)
    titles = (_("Checks"), _("Passing"), _("With failures"), _("With unknowns"))
    columns = (ReportColumn(title=_("Area")), *(ReportColumn(title=title, number=True) for title in titles))
    return ReportSection(name="areas", title=_("By area"), columns=columns, rows=rows)


def _fold_areas(rows: Sequence[AreaRow]) -> list[AreaRow]:
    """Return the areas with the most failing checks, and the sum of all others in the last row."""
    if len(rows) <= MAX_AREAS:
        return list(rows)
    ranked = sorted(rows, key=lambda row: -row[3])
    first, others = ranked[: MAX_AREAS - 1], ranked[MAX_AREAS - 1 :]
    label = _("%(n)s other areas") % {"n": len(others)}
    totals = (
        sum(row[1] for row in others),
        sum(row[2] for row in others),
        sum(row[3] for row in others),
        sum(row[4] for row in others),
    )
    return [*(row for row in rows if row in first), (label, *totals)]


KIND = ReportKind(
    name="board",
    title=gettext_lazy("Board Report"),
    about=gettext_lazy("The district’s security on one page and its tools on another. Names no one."),
    build=build_report,
    languages=(ENGLISH, SPANISH),
)
