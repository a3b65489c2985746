"""What a trial can be expected to see, from earlier drills or from stated assumptions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PastOutcome:
    """A delivered drill of a person with a known outcome, before a trial."""

    person: str
    school: str
    cell: str
    missed: bool


@dataclass(frozen=True, kw_only=True)
class ExpectedOutcomes:
    """The share that is expected to miss a drill, and how alike outcomes are.

    `person_correlation` is between two drills of one person beyond that of the school, `school_correlation` between two
    people of one school. `people` and `drills` are what they were estimated from; none for stated assumptions.
    """

    rate: float
    person_correlation: float
    school_correlation: float
    people: int = 0
    drills: int = 0

    @property
    def is_assumed(self) -> bool:
        """Check whether the rate is a stated assumption."""
        return not self.people


ASSUMED = ExpectedOutcomes(rate=0.15, person_correlation=0.1, school_correlation=0.02)
"""Where a district has no drills yet: round figures on the careful side, since rarer misses are told apart sooner."""
