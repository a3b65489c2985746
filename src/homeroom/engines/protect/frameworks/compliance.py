"""Compute compliance with a framework as one interval, and which improvements raise it most for an hour of work.

The measure, in full. It is a share between 0 and 1, always given as *at least* and *at most*:

1. A check (a control, or a policy over a tenant's settings) that could assess anybody has a population: how many pass
   and how many are unknown. At least `passing / population` of it is met, at most `(passing + cannot_tell) /
   population`. Subjects that are excepted do not pass: somebody accepted that risk.
2. A goal with at least one such check is *measured*: the mean of its checks, at least and at most.
3. Else a goal with an attestation that has not expired is *attested*: yes is 1, partly is from 0 to 1/2, no is 0.
   An answer that it does not apply takes the goal out.
4. Else there is *nothing yet*: from 0 to 1.
5. The framework is the mean over its goals. So its width is what is unknown, and every number in it can be counted
   again.

There are no weights: all goals of a framework count the same. What a control's severity and exposure mean is for the
plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Basis(StrEnum):
    """The basis on which a goal's result is known."""

    MEASURED = "measured"
    ATTESTED = "attested"
    NOTHING = "nothing yet"
    OUT = "does not apply"


class AttestationAnswer(StrEnum):
    """The answer of an attestation for a goal that no data can show."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    OUT = "does not apply"


SHARES: Mapping[AttestationAnswer, tuple[float, float]] = {
    AttestationAnswer.YES: (1, 1),
    AttestationAnswer.PARTLY: (0, 0.5),
    AttestationAnswer.NO: (0, 0),
}


@dataclass(frozen=True, kw_only=True)
class ComplianceCheck:
    """One control or policy with its numbers.

    `goals` are framework:goal ids; `minutes` is the work that fixes what fails of it. `problem` is what is wrong,
    with its number; it is the title where nothing fails.
    """

    id: str
    title: str
    goals: tuple[str, ...]
    passing: int
    failing: int
    cannot_tell: int
    excepted: int = 0
    minutes: float = 0
    policy: bool = False
    problem: str = ""

    @property
    def population(self) -> int:
        """Number of subjects that it is about."""
        return self.passing + self.failing + self.cannot_tell + self.excepted

    @property
    def is_assessed(self) -> bool:
        """True if anybody could be assessed."""
        return self.population > self.cannot_tell

    @property
    def low(self) -> float:
        """Share that is met at least."""
        return self.passing / self.population

    @property
    def high(self) -> float:
        """Share that is met at most."""
        return (self.passing + self.cannot_tell) / self.population


@dataclass(frozen=True, kw_only=True)
class GoalResult:
    """The result of one goal.

    `checks` are all its checks, also those that could assess nobody; `answer` is an attestation in effect.
    """

    id: str
    title: str
    basis: Basis
    low: float
    high: float
    checks: tuple[ComplianceCheck, ...] = ()
    answer: AttestationAnswer | None = None


@dataclass(frozen=True, kw_only=True)
class Improvement:
    """What fixing everything that fails a check would add to the framework's `at least`, and per hour of work."""

    check: ComplianceCheck
    gain: float
    per_hour: float


@dataclass(frozen=True, kw_only=True)
class ComplianceResult:
    """The result of a framework: its goals in order, and the share of them that is met, at least and at most."""

    framework: str
    goals: tuple[GoalResult, ...]
    low: float
    high: float
    improvements: tuple[Improvement, ...]

    def count_goals(self, basis: Basis) -> int:
        """Return the number of goals with that basis."""
        return sum(goal.basis is basis for goal in self.goals)

    @property
    def applicable_count(self) -> int:
        """Number of goals that apply."""
        return len(self.goals) - self.count_goals(Basis.OUT)


def index_checks(checks: Iterable[ComplianceCheck]) -> Mapping[str, Sequence[ComplianceCheck]]:
    """Return the checks by framework:goal, once for all frameworks."""
    by_goal: dict[str, list[ComplianceCheck]] = {}
    for check in checks:
        for goal in check.goals:
            by_goal.setdefault(goal, []).append(check)
    return by_goal


def compute_compliance(
    *,
    framework: str,
    goals: Mapping[str, str],
    mappings: Mapping[str, Sequence[str]],
    checks: Mapping[str, Sequence[ComplianceCheck]],
    answers: Mapping[str, AttestationAnswer],
) -> ComplianceResult:
    """Compute the result of one framework.

    `mappings` has, by goal, the equivalent goals of other frameworks; `checks` are by framework:goal, as `index_checks`
    returns them; `answers` has the attestations in effect, by goal.
    """
    results = tuple(
        _evaluate_goal(goal_id, title, _find_checks(framework, goal_id, mappings, checks), answers.get(goal_id))
        for goal_id, title in goals.items()
    )
    applicable = [goal for goal in results if goal.basis is not Basis.OUT]
    goal_count = len(applicable) or 1
    return ComplianceResult(
        framework=framework,
        goals=results,
        low=sum(goal.low for goal in applicable) / goal_count,
        high=sum(goal.high for goal in applicable) / goal_count,
        improvements=_rank_improvements(applicable, goal_count),
    )


def _find_checks(
    framework: str, goal: str, maps: Mapping[str, Sequence[str]], by_goal: Mapping[str, Sequence[ComplianceCheck]]
) -> tuple[ComplianceCheck, ...]:
    """Return each check of a goal once, its own and those of equivalent goals."""
    names = (f"{framework}:{goal}", *maps.get(goal, ()))
    return tuple({check.id: check for name in names for check in by_goal.get(name, ())}.values())


def _evaluate_goal(
    goal: str, title: str, checks: tuple[ComplianceCheck, ...], answer: AttestationAnswer | None
) -> GoalResult:
    assessed = [check for check in checks if check.is_assessed]
    if answer is AttestationAnswer.OUT:
        return GoalResult(id=goal, title=title, basis=Basis.OUT, low=0, high=0, checks=checks, answer=answer)
    if assessed:
        low, high = (
            sum(shares) / len(assessed)
            for shares in ([item.low for item in assessed], [item.high for item in assessed])
        )
        return GoalResult(id=goal, title=title, basis=Basis.MEASURED, low=low, high=high, checks=checks, answer=answer)
    if answer is not None:
        low, high = SHARES[answer]
        return GoalResult(id=goal, title=title, basis=Basis.ATTESTED, low=low, high=high, checks=checks, answer=answer)
    return GoalResult(id=goal, title=title, basis=Basis.NOTHING, low=0, high=1, checks=checks)


def _rank_improvements(goals: Sequence[GoalResult], goal_count: int) -> tuple[Improvement, ...]:
    """Return the improvements, best first; checks without an estimate of minutes are left out, as no rate is known."""
    gains: dict[str, float] = {}
    checks: dict[str, ComplianceCheck] = {}
    for goal in goals:
        assessed = [check for check in goal.checks if check.is_assessed]
        for check in assessed:
            if check.failing and check.minutes > 0:
                checks[check.id] = check
                share = check.failing / check.population / len(assessed) / goal_count
                gains[check.id] = gains.get(check.id, 0) + share
    improvements = (
        Improvement(check=checks[name], gain=gain, per_hour=gain * 60 / checks[name].minutes)
        for name, gain in gains.items()
    )
    return tuple(sorted(improvements, key=lambda improvement: (-improvement.per_hour, improvement.check.id)))
