"""Insurance Answers: an insurer's renewal questions, answered only from counted data."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.reports.patching import PatchingSummary, build_measure_figures, load_patching
from homeroom.apps.reports.report import DistrictReport, ReportColumn, ReportFigure, ReportKind, ReportSection
from homeroom.apps.reports.report_data import ReportData
from homeroom.domain.questionnaires import QuestionnaireItem
from homeroom.library.questionnaires import load_questionnaires

QUESTIONNAIRE_ID = "cyber-insurance"


def build_report(data: ReportData) -> DistrictReport:
    """Report one row per question; a question without data is marked as such."""
    questionnaire = next(entry for entry in load_questionnaires() if entry.id == QUESTIONNAIRE_ID)
    patching_summary = load_patching(data)
    answered = [(question, _build_figures(data, question, patching_summary)) for question in questionnaire.questions]
    columns = (
        ReportColumn(title=_("Question")),
        ReportColumn(title=_("Answer")),
        ReportColumn(title=_("What was counted")),
    )
    section = ReportSection(
        name="answers",
        title=_("Questions and answers"),
        columns=columns,
        rows=[
            (
                question.asks,
                answer_question(question, _select_deciding_figures(question, figures)),
                _describe_figures(figures),
            )
            for question, figures in answered
        ],
        note=_(
            "The questions are in our own words; an insurer's form may ask more. Answers come from the controls "
            "named, never from hope."
        ),
    )
    by_label = {figure.label: figure for _question, figures in answered for figure in figures}
    lead = _(
        "A wrong answer on an insurance form can cost the cover. Here is what the district can show today, and what "
        "it cannot."
    )
    return data.create_report(
        name=KIND.name, title=str(KIND.title), lead=lead, figures=tuple(by_label.values()), sections=(section,)
    )


def answer_question(question: QuestionnaireItem, figures: tuple[ReportFigure, ...]) -> str:
    """Answer yes only if everything was assessed and nothing fails; missing data is never a yes."""
    if not question.controls and not question.measures:
        return _("To be answered by a person: no data here tells.")
    if not question.controls:
        return "; ".join(f"{figure.label}: {figure.number}" for figure in figures) or _("Cannot tell")
    assessed_figures = [figure for figure in figures if figure.total]
    if not assessed_figures or all(figure.cannot_tell == figure.total for figure in assessed_figures):
        return _("Cannot tell")
    if any(figure.part for figure in assessed_figures):
        return _("Not everywhere")
    complete = len(assessed_figures) == len(question.controls) and not any(
        figure.cannot_tell for figure in assessed_figures
    )
    return _("Yes") if complete else _("As far as it can be told")


def _select_deciding_figures(
    question: QuestionnaireItem, figures: tuple[ReportFigure, ...]
) -> tuple[ReportFigure, ...]:
    """Return the figures that decide the answer: those of controls if the question has controls, else all."""
    return tuple(figure for figure in figures if figure.control) if question.controls else figures


def _build_figures(
    data: ReportData, question: QuestionnaireItem, patching_summary: PatchingSummary
) -> tuple[ReportFigure, ...]:
    control_results = (data.get_result(control) for control in question.controls)
    titles = {entry.control.id: entry.control.title for entry in control_results if entry is not None}
    figures = (data.build_figure(control, label=title) for control, title in titles.items())
    measure_figures = (
        entry for measure in question.measures for entry in build_measure_figures(patching_summary, measure)
    )
    return (*(entry for entry in figures if entry is not None), *measure_figures)


def _describe_figures(figures: tuple[ReportFigure, ...]) -> str:
    return "; ".join(
        _("%(title)s: %(part)s of %(whole)s fail, %(unknown)s cannot tell")
        % {
            "title": figure.label,
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
    about=gettext_lazy("What an insurer asks at renewal, and what the district can show."),
    build=build_report,
)
