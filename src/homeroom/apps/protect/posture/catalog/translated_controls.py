"""Controls in the language of a report: their texts have translations in the catalog, as those of pages have."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import get_language, gettext

from homeroom.domain.problem_texts import ProblemText
from homeroom.domain.protect.controls import Control


def translate_control(control: Control) -> Control:
    """Return a control with the texts that a report prints in the active language; what has no translation stays."""
    if is_english():
        return control
    return replace(
        control,
        title=translate_content(control.title),
        because=translate_content(control.because),
        problem=_translate_problem(control.problem),
        behind=_translate_problem(control.behind),
    )


def translate_content(text: str) -> str:
    """Return a text of content in the active language; one of a district's own content stays."""
    return gettext(text) if text else ""


def is_english() -> bool:
    """Check whether the active language is that of content itself."""
    return (get_language() or "en").startswith("en")


def _translate_problem(problem: ProblemText | None) -> ProblemText | None:
    if problem is None:
        return None
    return ProblemText(singular=translate_content(problem.singular), plural=translate_content(problem.plural))
