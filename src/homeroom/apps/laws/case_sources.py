"""Cases of a district that start clocks of laws: other apps have them, such as incidents, and register as a source."""

from __future__ import annotations

from typing import Protocol

from homeroom.domain.district import District
from homeroom.domain.laws.duties import LawCase


class CaseSource(Protocol):
    """Where cases are kept."""

    def list_cases(self, *, district: District) -> tuple[LawCase, ...]:
        """Return the cases whose duties still count, newest first."""

    def find_case(self, *, district: District, case: str) -> LawCase | None:
        """Return a case by its id, also one that is closed; None if this source has no such case."""


_sources: list[CaseSource] = []


def register_case_source(source: CaseSource) -> None:
    """Let the duties have the cases of a source; an app calls it when Django is ready."""
    _sources.append(source)


def list_law_cases(*, district: District) -> tuple[LawCase, ...]:
    """Return the cases of all sources."""
    return tuple(case for source in _sources for case in source.list_cases(district=district))


def find_law_case(*, district: District, case: str) -> LawCase | None:
    """Return a case by its id, or None."""
    cases = (source.find_case(district=district, case=case) for source in _sources)
    return next((item for item in cases if item is not None), None)
