"""Cases of a district that start clocks of laws: other apps have them, such as incidents (`case_sources`)."""

from __future__ import annotations

from typing import Protocol

from homeroom.apps.platform.districts.app_sources import load_sources
from homeroom.domain.comply.laws.duties import LawCase
from homeroom.domain.platform.district import District


class CaseSource(Protocol):
    """Where cases are kept."""

    def list_cases(self, *, district: District) -> tuple[LawCase, ...]:
        """Return the cases whose duties still count, newest first."""

    def find_case(self, *, district: District, case: str) -> LawCase | None:
        """Return a case by its id, also one that is closed; None if this source has no such case."""


def _load_sources() -> tuple[CaseSource, ...]:
    return load_sources("case_sources")


def list_law_cases(*, district: District) -> tuple[LawCase, ...]:
    """Return the cases of all sources."""
    return tuple(case for source in _load_sources() for case in source.list_cases(district=district))


def find_law_case(*, district: District, case: str) -> LawCase | None:
    """Return a case by its id, or None."""
    cases = (source.find_case(district=district, case=case) for source in _load_sources())
    return next((item for item in cases if item is not None), None)
