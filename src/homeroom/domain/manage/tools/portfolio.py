"""The portfolio: a district's tools, what overlaps, what is missing, what is hollow, and what renews soon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from homeroom.domain.manage.tools.capabilities import Audience


class KnownBy(StrEnum):
    """How a tool is known: by content, by the district's own file, or by its name alone."""

    CONTENT = "content"
    STATED = "stated"
    NAME = "name"


class OverlapKind(StrEnum):
    """Why two tools overlap."""

    PAID_TWICE = "paid twice"
    OWNED_ALREADY = "owned already"


class GapKind(StrEnum):
    """Whether a need is met nowhere, or not in all schools."""

    NONE = "none"
    PART = "part"


class HollowKind(StrEnum):
    """Why a tool that costs money does little; the first that holds."""

    NOT_WORKING = "not working"
    NOT_DEPLOYED = "not deployed"
    SILENT = "silent"
    NOT_USED = "not used"


class Suggestion(StrEnum):
    """What to do about a contract before it renews; the first that holds."""

    TOO_LATE = "too late"
    DROP = "drop"
    CHOOSE = "choose"
    CANNOT_TELL = "cannot tell"
    FEWER = "fewer"
    KEEP = "keep"


@dataclass(frozen=True, kw_only=True, order=True)
class ToolRecord:
    """A record of a tool: its table, and its key there."""

    table: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One tool.

    `schools` are those where it runs; `costs`, `year_minor` and `currency` are of its running contracts. `users` are
    those of the newest period of use, `seats` those of running contracts; None where unknown. `contracts` has a year's
    cost of each contract in minor units, None where it is not written. `checks` has, of a tool that may cost money, by
    what would make it hollow whether it is sound in that; None where that is unknown.
    """

    id: str
    name: str
    known: KnownBy
    does: tuple[str, ...] = ()
    also_does: tuple[str, ...] = ()
    runs: bool = False
    schools: tuple[str, ...] = ()
    costs: bool | None = False
    year_minor: int | None = None
    currency: str | None = None
    users: int | None = None
    seats: int | None = None
    records: tuple[ToolRecord, ...] = ()
    contracts: Mapping[str, int | None] = field(default_factory=dict)
    checks: Mapping[HollowKind, bool | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Two tools that do the same where they meet, and a year of the cheaper one there, in minor units."""

    capability: str
    kind: OverlapKind
    tools: tuple[str, str]
    schools: tuple[str, ...]
    people: int
    dollars_minor: int | None


@dataclass(frozen=True, kw_only=True)
class Need:
    """A capability that is needed, for whom, and why."""

    capability: str
    audience: Audience
    because: str


@dataclass(frozen=True, kw_only=True)
class NeedGap:
    """A need that no tool meets, or none in some `schools` (None where it is met nowhere)."""

    capability: str
    audience: str
    kind: GapKind
    schools: tuple[str, ...] | None
    because: str


@dataclass(frozen=True, kw_only=True)
class HollowTool:
    """A tool that costs money and does little: how many work, of how many, and what a year costs."""

    tool: str
    kind: HollowKind
    of: int
    working: int
    dollars_minor: int | None


@dataclass(frozen=True, kw_only=True)
class CannotTell:
    """A tool or a capability that cannot be judged, and why."""

    about: str
    id: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """A contract to decide soon: what is suggested and why, the seats that would do, a year's cost."""

    contract: str
    tool: str
    suggestion: Suggestion
    seats: int | None
    notice_on: date | None
    ends_on: date | None
    dollars_minor: int | None
    why: str


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """What was found, each part in a fixed order."""

    tools: tuple[Tool, ...]
    needs: tuple[Need, ...] = ()
    overlaps: tuple[Overlap, ...]
    gaps: tuple[NeedGap, ...]
    hollow: tuple[HollowTool, ...]
    cannot_tell: tuple[CannotTell, ...]
    renewals: tuple[Renewal, ...]
