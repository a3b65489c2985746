"""Which rules can see anything in a district, and what the next log would open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from homeroom.domain.protect.detections.rules import RuleHeading

WINDOWS = "windows"
PRODUCTS: Mapping[str, str] = {
    "google_workspace": "google",
    "azure": "microsoft",
    "m365": "microsoft",
    WINDOWS: WINDOWS,
}
"""The connector of each of Sigma's products."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogSourceKind:
    """A kind of log that rules are about.

    A kind with `event_ids` gives those events only, a kind without them all others of its log. `field` is one that its
    events have besides; `after` is the kind that has to come first, `instead` are kinds that say the same. A kind with
    `stream` is no log, but what another tool found, loaded as that stream, and one with `canaries` is one planted of
    such a kind (account, document, file). `minutes` is what it takes to have it, and `how` the steps in words.
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
    instead: frozenset[str] = frozenset()
    stream: str = ""
    canaries: frozenset[str] = frozenset()

    @property
    def is_log(self) -> bool:
        """True if events of it are what detection rules see with."""
        return not self.stream and not self.canaries

    @property
    def connector(self) -> str:
        """The connector of its product: google, microsoft or windows."""
        return PRODUCTS.get(self.product, self.product)


@dataclass(frozen=True, kw_only=True, slots=True)
class SeenEvents:
    """Events that came lately: their log and ID, the day of the newest, and the fields of kinds that they have."""

    product: str
    service: str = ""
    channel: str = ""
    event_id: int | None = None
    count: int = 1
    newest: date | None = None
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
    """The coverage of a district: of each rule, the events of each kind that came, and what to add, the best first.

    `newest` is the day of the newest event of each kind that came.
    """

    rules: tuple[RuleCoverage, ...]
    seen: Mapping[str, int] = field(default_factory=dict)
    newest: Mapping[str, date] = field(default_factory=dict)
    gains: tuple[LogGain, ...] = ()

    @property
    def seeing(self) -> int:
        """Number of rules that can see something."""
        return sum(rule.can_see for rule in self.rules)


@dataclass(frozen=True, kw_only=True, slots=True)
class LogStatus:
    """What is known of one kind of log in a district.

    `here` is true if the district has what writes it; None if nothing of that product was loaded. `read` is true if it,
    or a kind with the same content, came in the last days; None if that is not known. `stopped` is true if it came on
    most days before and does not now, `ready` if all that has to come before comes. `rules` are those that see nothing
    without it and would with it. `silent_servers` are domain controllers that sent none of it; None if none is known.
    """

    kind: LogSourceKind
    here: bool | None
    read: bool | None
    stopped: bool
    ready: bool
    last_day: date | None = None
    rules: int = 0
    first: tuple[LogSourceKind, ...] = ()
    silent_servers: tuple[str, ...] | None = None
