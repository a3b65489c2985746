"""Answers to a questionnaire, in words of what is true: met, not met, or the export that is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from homeroom.apps.comply.reports.report import ReportFigure
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.protect.posture.catalog.controls import get_control
from homeroom.apps.protect.posture.catalog.translated_controls import translate_content, translate_control
from homeroom.domain.comply.questionnaires import QuestionnaireItem


@dataclass(frozen=True, kw_only=True)
class AnsweringControl:
    """One control of a question: what should be true, what is wrong, and how many subjects fail or are unknown.

    `total` is None if it was not assessed; `export` is what to load so that it can answer.
    """

    title: str
    problem: str = ""
    failing: int = 0
    total: int | None = None
    cannot_tell: int = 0
    export: str = ""

    @property
    def is_known(self) -> bool:
        """True if anybody could be assessed."""
        return bool(self.total) and self.cannot_tell < (self.total or 0)


def load_answering_controls(
    data: ReportData, question: QuestionnaireItem, *, exports: Mapping[str, str]
) -> tuple[AnsweringControl, ...]:
    """Return the controls of a question with their numbers in the published assessment."""
    return tuple(
        _load_control(data, name, export=translate_content(exports.get(name, ""))) for name in question.controls
    )


def describe_answer(
    question: QuestionnaireItem,
    *,
    controls: Sequence[AnsweringControl],
    measures: Sequence[ReportFigure] = (),
    exports: Mapping[str, str] | None = None,
    brief: bool = False,
) -> str:
    """Return the answer in words. It is met only if everything was assessed and nothing fails.

    A `brief` answer that is not met leaves out what is not known beside it.
    """
    if not question.controls and not question.measures:
        return _("Someone has to answer this: the data does not show it.")
    if not question.controls:
        missing = [translate_content((exports or {}).get(name, "")) for name in question.measures]
        return "; ".join(f"{figure.label}: {figure.number}" for figure in measures) or _describe_unknown(missing)
    failing = [control for control in controls if control.failing]
    unknown = [control for control in controls if control.cannot_tell or not control.is_known]
    if not failing and not any(control.is_known for control in controls):
        return _describe_unknown([control.export for control in controls])
    gaps = "" if brief and failing else _describe_gaps(unknown)
    return " ".join(filter(None, (_describe_known(controls, failing, unknown), gaps)))


def _load_control(data: ReportData, name: str, *, export: str) -> AnsweringControl:
    control, result = translate_control(get_control(name)), data.get_result(name)
    if result is None:
        return AnsweringControl(title=control.title, export=export)
    return AnsweringControl(
        title=control.title,
        problem=data.describe_failing(result),
        failing=result.numbers.failing,
        total=result.numbers.population,
        cannot_tell=result.numbers.cannot_tell,
        export=export,
    )


def _describe_known(
    controls: Sequence[AnsweringControl], failing: Sequence[AnsweringControl], unknown: Sequence[AnsweringControl]
) -> str:
    if failing:
        return _("Not met: %(problems)s.") % {"problems": "; ".join(control.problem for control in failing)}
    titles = "; ".join(control.title for control in controls if control.is_known)
    return (_("Met as far as known: %(titles)s.") if unknown else _("Met: %(titles)s.")) % {"titles": titles}


def _describe_gaps(unknown: Sequence[AnsweringControl]) -> str:
    """Return what is not known, and which exports it would come from."""
    partly = [control for control in unknown if control.is_known]
    unassessed = [control for control in unknown if not control.is_known]
    sentences = []
    if partly:
        counts = (
            _("%(n)s of %(all)s (%(title)s)")
            % {
                "title": control.title,
                "n": number_format(control.cannot_tell, force_grouping=True),
                "all": number_format(control.total or 0, force_grouping=True),
            }
            for control in partly
        )
        missing = _("Unknown for %(counts)s.") % {"counts": "; ".join(counts)}
        sentences.append(_add_exports(missing, _("The rest would come from %(exports)s."), partly))
    if unassessed:
        missing = _("Unknown: %(titles)s.") % {"titles": "; ".join(control.title for control in unassessed)}
        sentences.append(_add_exports(missing, _("To answer, load %(exports)s."), unassessed))
    return " ".join(sentences)


def _describe_unknown(exports: Iterable[str]) -> str:
    """Return that there is no answer yet, and what to load for it."""
    return _join_exports(_("Unknown."), _("To answer, load %(exports)s."), exports)


def _add_exports(sentence: str, advice: str, controls: Iterable[AnsweringControl]) -> str:
    return _join_exports(sentence, advice, (control.export for control in controls))


def _join_exports(sentence: str, advice: str, exports: Iterable[str]) -> str:
    needed = "; ".join(dict.fromkeys(filter(None, exports)))
    return f"{sentence} {advice % {'exports': needed}}" if needed else sentence
