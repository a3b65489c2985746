"""Insurance Answers: what an insurer asks at renewal, answered from what was counted and from nothing else."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.reports.asking import Asked
from homeroom.apps.reports.patching import Patching, measured, patching
from homeroom.apps.reports.report import Column, Figure, Kind, Report, Section
from homeroom.domain.questionnaires import Question
from homeroom.library.questionnaires import questionnaires

QUESTIONS = "cyber-insurance"


def make(asked: Asked) -> Report:
    """One row a question; a question that no data answers says so."""
    asks = next(one for one in questionnaires() if one.id == QUESTIONS)
    found = patching(asked)
    answered = [(question, _figures(asked, question, found)) for question in asks.questions]
    columns = (Column(title=_("Question")), Column(title=_("Answer")), Column(title=_("What was counted")))
    section = Section(
        name="answers",
        title=_("Questions and answers"),
        columns=columns,
        rows=[
            (question.asks, answer(question, _deciding(question, figures)), _counted(figures))
            for question, figures in answered
        ],
        note=_(
            "The questions are in our own words; an insurer's form may ask more. Answers come from the controls named, never from hope."
        ),
    )
    every = {figure.label: figure for _question, figures in answered for figure in figures}
    lead = _(
        "A wrong answer on an insurance form can cost the cover. Here is what the district can show today, and what it cannot."
    )
    return asked.report(
        name=KIND.name, title=str(KIND.title), lead=lead, figures=tuple(every.values()), sections=(section,)
    )


def answer(question: Question, figures: tuple[Figure, ...]) -> str:
    """Yes only where everybody was judged and nobody fails; no data is never a yes."""
    if not question.controls and not question.measures:
        return _("To be answered by a person: no data here tells.")
    if not question.controls:
        return "; ".join(f"{one.label}: {one.number}" for one in figures) or _("Cannot tell")
    looked = [one for one in figures if one.whole]
    if not looked or all(one.cannot_tell == one.whole for one in looked):
        return _("Cannot tell")
    if any(one.part for one in looked):
        return _("Not everywhere")
    complete = len(looked) == len(question.controls) and not any(one.cannot_tell for one in looked)
    return _("Yes") if complete else _("As far as it can be told")


def _deciding(question: Question, figures: tuple[Figure, ...]) -> tuple[Figure, ...]:
    """Where controls answer, what else is counted stands beside and decides nothing."""
    return tuple(one for one in figures if one.control) if question.controls else figures


def _figures(asked: Asked, question: Question, patched: Patching) -> tuple[Figure, ...]:
    found = (asked.result(control) for control in question.controls)
    titles = {one.control.id: one.control.title for one in found if one is not None}
    figures = (asked.figure(control, label=title) for control, title in titles.items())
    counted = (one for measure in question.measures for one in measured(patched, measure))
    return (*(one for one in figures if one is not None), *counted)


def _counted(figures: tuple[Figure, ...]) -> str:
    return "; ".join(
        _("%(title)s: %(part)s of %(whole)s fail, %(unknown)s cannot tell")
        % {"title": one.label, "part": _n(one.part), "whole": _n(one.whole or 0), "unknown": _n(one.cannot_tell)}
        if one.control
        else f"{one.label}: {one.number}"
        for one in figures
    )


def _n(count: int) -> str:
    return number_format(count, force_grouping=True)


KIND = Kind(
    name="insurance",
    title=gettext_lazy("Insurance Answers"),
    about=gettext_lazy("What an insurer asks at renewal, and what the district can show."),
    make=make,
)
