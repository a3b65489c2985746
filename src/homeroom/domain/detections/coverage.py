"""Which rules can see anything in a district, and what the next log would open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from homeroom.domain.detections.rules import RuleHeading


@dataclass(frozen=True, kw_only=True, slots=True)
class LogSourceKind:
    """A kind of log that rules are about.

    A kind with `event_ids` gives those events only, a kind without them all others of its log. `field` is one that its
    events have besides; `after` is the kind that has to come first. `minutes` is what it takes to have it, and `how`
    the steps in words.
    """

    id: str
    title: str
    product: str
    how: str
    minutes: int
    services: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    event_ids: frozenset[int] = frozenset()
    field: str = ""
    after: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenEvents:
    """Events that came lately: their log and ID, and those of the fields of kinds that they have."""

    product: str
    service: str = ""
    channel: str = ""
    event_id: int | None = None
    count: int = 1
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleCoverage:
    """Whether a rule can see anything: some log that it is about came, or a log of `kinds` would let it see."""

    heading: RuleHeading
    can_see: bool
    kinds: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LogGain:
    """What one more log would open: so many rules that see nothing now, for so many minutes of work."""

    kind: LogSourceKind
    first: tuple[LogSourceKind, ...]
    """Kinds that have to come before."""
    rules: int
    minutes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """The coverage of a district: of each rule, the events of each kind that came, and what to add, the best first."""

    rules: tuple[RuleCoverage, ...]
    seen: Mapping[str, int] = field(default_factory=dict)
    gains: tuple[LogGain, ...] = ()

    @property
    def seeing(self) -> int:
        """Number of rules that can see something."""
        return sum(rule.can_see for rule in self.rules)
