"""Insurance Answers: an insurer's renewal questions, answered only from counted data."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.answers import describe_answer, load_answering_controls
from homeroom.apps.comply.reports.patching import PatchingSummary, build_measure_figures, load_patching
from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportFigure, ReportKind, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.protect.posture.catalog.problems import describe_count
from homeroom.domain.comply.questionnaires import Questionnaire, QuestionnaireItem
from homeroom.library.comply.questionnaires import load_questionnaires

QUESTIONNAIRE_ID = "cyber-insurance"


def build_report(data: ReportData) -> DistrictReport:
    """Report one row per question, answered in words; a question without data names the export that is missing."""
    questionnaire = get_questionnaire()
    patching_summary = load_patching(data)
    answered = [
        _answer_question(data, question, patching_summary, exports=questionnaire.exports)
        for question in questionnaire.questions
    ]
    columns = (
        ReportColumn(title=_("Question")),
        ReportColumn(title=_("Answer")),
        ReportColumn(title=_("What was counted")),
    )
    section = ReportSection(
        name="answers",
        title=_("Questions and answers"),
        columns=columns,
        rows=[(question.asks, answer, _describe_figures(figures)) for question, answer, figures in answered],
        note=_(
            "The questions are in our own words, and an insurer’s form may ask more. Answers come from the controls "
            "named, never from hope."
        ),
    )
    by_label = {figure.label: figure for _question, _answer, figures in answered for figure in figures}
    lead = _(
        "A wrong answer on an insurance form can void coverage. Here is what the district can show today, and what "
        "it cannot."
    )
    return data.create_report(
        name=KIND.name, title=str(KIND.title), lead=lead, figures=tuple(by_label.values()), sections=(section,)
    )


def get_questionnaire() -> Questionnaire:
    """Return the questions that insurers ask."""
    return next(entry for entry in load_questionnaires() if entry.id == QUESTIONNAIRE_ID)


def _answer_question(
    data: ReportData, question: QuestionnaireItem, patching_summary: PatchingSummary, *, exports: Mapping[str, str]
) -> tuple[QuestionnaireItem, str, tuple[ReportFigure, ...]]:
    """Return the question, its answer, and the figures behind it."""
    measures = tuple(
        figure for measure in question.measures for figure in build_measure_figures(patching_summary, measure)
    )
    answer = describe_answer(
        question,
        controls=load_answering_controls(data, question, exports=exports),
        measures=measures,
        exports=exports,
    )
    return question, answer, (*_build_control_figures(data, question), *measures)


def _build_control_figures(data: ReportData, question: QuestionnaireItem) -> tuple[ReportFigure, ...]:
    """Build a figure for each control that was assessed, labeled with what fails."""
    control_results = (data.get_result(control) for control in question.controls)
    figures = (
        data.build_figure(result.control.id, label=describe_count(result.control, count=result.numbers.failing))
        for result in control_results
        if result is not None
    )
    return tuple(figure for figure in figures if figure is not None)


def _describe_figures(figures: tuple[ReportFigure, ...]) -> str:
    return "; ".join(
        _("%(problem)s (%(part)s of %(whole)s affected, %(unknown)s unknown)")
        % {
            "problem": figure.label,
            "part": _format_number(figure.part),
            "whole": _format_number(figure.total or 0),
            "unknown": _format_number(figure.cannot_tell),
        }
        if figure.control
        else f"{figure.label}: {figure.number}"
        for figure in figures
    )


def _format_number(count: int) -> str:
    return number_format(count, force_grouping=True)


KIND = ReportKind(
    name="insurance",
    title=gettext_lazy("Insurance Answers"),
    about=gettext_lazy("Answers to an insurer’s renewal questions, with proof."),
    build=build_report,
)
