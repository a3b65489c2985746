"""A framework's standing as one interval, and what would raise it most for an hour of work.

The measure, in full. It is a share between 0 and 1, always told as *at least* and *at most*:

1. A check (a control, or a policy over a tenant's settings) of which anybody could be judged tells of its population how many
   pass and how many cannot be told. At least `passing / population` of it is met, at most `(passing + cannot tell) / population`.
   Who is excepted does not pass: somebody accepted that it is so.
2. A goal that any such check speaks of is *measured*: the mean of its checks, at least and at most.
3. Else a goal that somebody answers for, with an answer that has not expired, is *attested*: yes is 1, partly is from 0 to 1/2, no is 0.
   Who says that it does not apply takes the goal out.
4. Else there is *nothing yet*: from 0 to 1.
5. The framework is the mean over its goals. So its width is what nobody knows, and every number in it can be counted again.

No weights: a goal of a framework counts as another one. What a control's severity and exposure mean is for the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class How(StrEnum):
    """How a goal's standing is known."""

    MEASURED = "measured"
    ATTESTED = "attested"
    NOTHING = "nothing yet"
    OUT = "does not apply"


class Said(StrEnum):
    """What somebody answers for a goal that no data can show."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    OUT = "does not apply"


SHARES: Mapping[Said, tuple[float, float]] = {Said.YES: (1, 1), Said.PARTLY: (0, 0.5), Said.NO: (0, 0)}


@dataclass(frozen=True, kw_only=True)
class Check:
    """One control or policy with its numbers. `goals` are framework:goal ids; `minutes` close what fails of it."""

    id: str
    title: str
    goals: tuple[str, ...]
    passing: int
    failing: int
    cannot_tell: int
    excepted: int = 0
    minutes: float = 0
    policy: bool = False

    @property
    def population(self) -> int:
        """Everybody whom it is about."""
        return self.passing + self.failing + self.cannot_tell + self.excepted

    @property
    def judged(self) -> bool:
        """Whether anybody could be judged."""
        return self.population > self.cannot_tell

    @property
    def low(self) -> float:
        """The share that is met at least."""
        return self.passing / self.population

    @property
    def high(self) -> float:
        """The share that is met at most."""
        return (self.passing + self.cannot_tell) / self.population


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One goal's standing. `checks` speak of it, also those of which nobody could be judged; `said` is an answer that holds."""

    id: str
    title: str
    how: How
    low: float
    high: float
    checks: tuple[Check, ...] = ()
    said: Said | None = None


@dataclass(frozen=True, kw_only=True)
class Raise:
    """What closing all that fails of a check would add to the framework's `at least`, and per hour of work."""

    check: Check
    gain: float
    per_hour: float


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A framework's standing: the goals in their order, and the share of them that is met, at least and at most."""

    framework: str
    goals: tuple[Goal, ...]
    low: float
    high: float
    raises: tuple[Raise, ...]

    def count(self, how: How) -> int:
        """How many goals are known in that way."""
        return sum(goal.how is how for goal in self.goals)

    @property
    def counted(self) -> int:
        """How many goals apply."""
        return len(self.goals) - self.count(How.OUT)


def standing(
    *, framework: str, goals: Mapping[str, str], maps: Mapping[str, Sequence[str]], checks: Iterable[Check],
    said: Mapping[str, Said],
) -> Standing:  # fmt: skip
    """The standing under one framework. `maps` leads a goal to goals of other frameworks that say the same, `said` has the
    answers that hold, by goal."""
    by_goal: dict[str, list[Check]] = {}
    for check in checks:
        for goal in check.goals:
            by_goal.setdefault(goal, []).append(check)
    found = tuple(
        _goal(one, title, _speaking(framework, one, maps, by_goal), said.get(one)) for one, title in goals.items()
    )
    counted = [goal for goal in found if goal.how is not How.OUT]
    many = len(counted) or 1
    return Standing(
        framework=framework,
        goals=found,
        low=sum(goal.low for goal in counted) / many,
        high=sum(goal.high for goal in counted) / many,
        raises=_raises(counted, many),
    )


def _speaking(
    framework: str, goal: str, maps: Mapping[str, Sequence[str]], by_goal: Mapping[str, list[Check]]
) -> tuple[Check, ...]:
    """Every check that speaks of a goal, once, by itself or through a goal that says the same."""
    names = (f"{framework}:{goal}", *maps.get(goal, ()))
    return tuple({check.id: check for name in names for check in by_goal.get(name, ())}.values())


def _goal(goal: str, title: str, checks: tuple[Check, ...], said: Said | None) -> Goal:
    judged = [check for check in checks if check.judged]
    if said is Said.OUT:
        return Goal(id=goal, title=title, how=How.OUT, low=0, high=0, checks=checks, said=said)
    if judged:
        low, high = (sum(of) / len(judged) for of in ([one.low for one in judged], [one.high for one in judged]))
        return Goal(id=goal, title=title, how=How.MEASURED, low=low, high=high, checks=checks, said=said)
    if said is not None:
        low, high = SHARES[said]
        return Goal(id=goal, title=title, how=How.ATTESTED, low=low, high=high, checks=checks, said=said)
    return Goal(id=goal, title=title, how=How.NOTHING, low=0, high=1, checks=checks)


def _raises(goals: Sequence[Goal], many: int) -> tuple[Raise, ...]:
    """Best first. What takes no minutes by anybody's estimate is left out: nothing can be said of it per hour."""
    gains: dict[str, float] = {}
    known: dict[str, Check] = {}
    for goal in goals:
        judged = [check for check in goal.checks if check.judged]
        for check in judged:
            if check.failing and check.minutes > 0:
                known[check.id] = check
                share = check.failing / check.population / len(judged) / many
                gains[check.id] = gains.get(check.id, 0) + share
    made = (
        Raise(check=known[name], gain=gain, per_hour=gain * 60 / known[name].minutes) for name, gain in gains.items()
    )
    return tuple(sorted(made, key=lambda one: (-one.per_hour, one.check.id)))
