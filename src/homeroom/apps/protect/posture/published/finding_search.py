"""Open findings by words of what is wrong, for a search: all words have to begin a word of a control's texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language

from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.apps.protect.posture.catalog.labels import area_word
from homeroom.apps.protect.posture.catalog.problems import describe_count
from homeroom.apps.protect.posture.published.queries import (
    AssessmentRef,
    OpenFinding,
    get_published_assessment,
    list_findings_of_controls,
)
from homeroom.domain.platform.district import District
from homeroom.domain.protect.urgency import build_urgency_key
from homeroom.library.protect.risk import load_risk_table

_WORD = re.compile(r"\w+")
MIN_LETTERS = 3
"""A shorter word begins too many words."""


@dataclass(frozen=True, kw_only=True)
class FindingMatches:
    """The most urgent findings whose texts match a search, their number in total, and the assessment."""

    findings: tuple[OpenFinding, ...] = ()
    count: int = 0
    assessment: AssessmentRef | None = None


def search_findings(*, district: District, text: str, limit: int) -> FindingMatches:
    """Return the `limit` most urgent open findings whose problem, title or area has all words of a text."""
    controls = find_controls(text)
    assessment = get_published_assessment(district=district) if controls else None
    if assessment is None:
        return FindingMatches()
    findings = list_findings_of_controls(district=district, assessment=assessment, controls=controls)
    ordered = sorted(findings, key=_build_sort_key)
    return FindingMatches(findings=tuple(ordered[:limit]), count=len(ordered), assessment=assessment)


def find_controls(text: str) -> tuple[str, ...]:
    """Return the ids of the controls whose problem, title or area has all words of a text; none for short words."""
    words = split_words(text)
    if not words:
        return ()
    texts = _index_controls(get_language())
    return tuple(name for name, own in texts.items() if has_words(own, words))


def split_words(text: str) -> tuple[str, ...]:
    """Return the words of a typed text in lower case; none if no word is long enough to search by."""
    words = tuple(_WORD.findall(text.casefold()))
    return words if any(len(word) >= MIN_LETTERS and not word.isdecimal() for word in words) else ()


def has_words(own: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Check whether each typed word begins one of the words of a text."""
    return all(any(candidate.startswith(word) for candidate in own) for word in words)


@lru_cache(maxsize=8)
def _index_controls(language: str | None) -> Mapping[str, tuple[str, ...]]:
    del language  # in which areas are named
    return {
        name: split_words(f"{control.title} {describe_count(control, count=2)} {area_word(control.area)}")
        for name, control in load_all_controls().items()
    }


def _build_sort_key(finding: OpenFinding) -> tuple[object, ...]:
    control = finding.control
    urgency = build_urgency_key(
        load_risk_table(), severity=control.severity, danger=control.danger, area=control.area, subjects=finding.members
    )
    return (finding.accepted_until is not None, urgency, finding.problem)
