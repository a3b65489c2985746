"""How long devices are good: ends of support by model and system, and an age by kind where nothing else is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from homeroom.domain.manage.refresh.programs import ProgramSource

UNKNOWN = "nothing known"
_OTHER_SIGNS = re.compile(r"[^a-z0-9+]+")


@lru_cache(maxsize=4096)
def fold_model(text: str) -> str:
    """Return a model as it is compared: words of letters, digits and plus signs, in lower case, with a space around."""
    return f" {_OTHER_SIGNS.sub(' ', text.casefold()).strip()} "


def add_years(day: date, years: int) -> date:
    """Return the same day so many years later; the 28th for February 29 in other years."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


@dataclass(frozen=True, kw_only=True)
class LifetimeFacts:
    """What is known of a device; `release` is the one of its system, such as 10 of Windows."""

    kind: str = "other"
    model: str = ""
    platform: str = ""
    release: str = ""
    bought_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class LifetimeRule:
    """Until when devices are good: to a day (`ends_on`), or `years` after they were bought.

    It holds for devices whose model has one of `models` as whole words, of a platform and release, and of `kinds`; what
    is empty holds for all. `origin` is what the day is from. `minutes` is the work for a device of the kind.
    """

    origin: str
    models: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    platform: str = ""
    release: str = ""
    ends_on: date | None = None
    years: int | None = None
    minutes: int | None = None

    def fits(self, device: LifetimeFacts) -> bool:
        """Return True if the rule holds for a device, but for its model."""
        return (
            (not self.kinds or device.kind in self.kinds)
            and (not self.platform or device.platform == self.platform)
            and (not self.release or device.release == self.release)
        )

    def match_model(self, folded: str) -> int:
        """Return the length of the longest of its models that a folded model has; 0 if it has none."""
        return max((len(model) for model in map(fold_model, self.models) if model in folded), default=0)


@dataclass(frozen=True, kw_only=True)
class SupportExtension:
    """Support beyond the usual end, with its dollars by year for a device, and what it means.

    `until` is None where the console has the day of each device.
    """

    id: str
    title: str
    platform: str
    release: str
    until: date | None
    dollars: tuple[Fraction, ...]
    means: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LifetimeExample:
    """A device, and its last good day with what that is from."""

    device: LifetimeFacts
    last_good: date | None
    origin: str


@dataclass(frozen=True, kw_only=True)
class LifetimeFile:
    """The rules of one content file, with their sources and examples."""

    id: str
    title: str
    rules: tuple[LifetimeRule, ...]
    extensions: tuple[SupportExtension, ...]
    sources: tuple[ProgramSource, ...]
    checked_on: date
    examples: tuple[LifetimeExample, ...]


def find_last_good(device: LifetimeFacts, rules: Sequence[LifetimeRule]) -> tuple[date | None, str]:
    """Return the last good day of a device and what it is from; None if nothing is known.

    The earlier of the ends of its model and its system counts; the age rule only where neither is known.
    """
    ends = [(rule.ends_on, rule.origin) for rule in _list_ends(device, rules) if rule.ends_on is not None]
    if ends:
        return min(ends)
    rule = find_age_rule(device.kind, rules)
    if rule is None or rule.years is None or device.bought_on is None:
        return None, UNKNOWN
    return add_years(device.bought_on, rule.years), rule.origin


def find_age_rule(kind: str, rules: Iterable[LifetimeRule]) -> LifetimeRule | None:
    """Return the age rule of a kind, else the one for all kinds."""
    by_age = [rule for rule in rules if rule.years is not None and (not rule.kinds or kind in rule.kinds)]
    return next((rule for rule in by_age if rule.kinds), by_age[0] if by_age else None)


def _list_ends(device: LifetimeFacts, rules: Iterable[LifetimeRule]) -> list[LifetimeRule]:
    """Return the rules that end on a day and hold: those of the system, and the one with the longest model."""
    folded = fold_model(device.model)
    fitting = [rule for rule in rules if rule.ends_on is not None and rule.fits(device)]
    by_model = [(size, rule) for rule in fitting if rule.models and (size := rule.match_model(folded))]
    best = max((size for size, _ in by_model), default=0)
    return [rule for rule in fitting if not rule.models] + [rule for size, rule in by_model if size == best]
