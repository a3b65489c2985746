"""The check before a tool is adopted: whether it is here, what does the same, and who would lose what without it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from homeroom.domain.manage.tools.portfolio import KnownBy


class AgreementVerdict(StrEnum):
    """Whether a privacy agreement covers a tool today."""

    COVERED = "covered"
    EXPIRES = "expires"
    MISSING = "missing"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, kw_only=True, order=True)
class NamedRecord:
    """A record of a tool: its table, its key there, and the text by which it names the tool."""

    table: str
    key: str
    text: str


@dataclass(frozen=True, kw_only=True)
class CheckedContract:
    """A contract of a tool; `year_minor` is a year's cost in minor units, None where no price is written."""

    key: str
    starts_on: date | None
    ends_on: date | None
    runs: bool
    seats: int | None
    year_minor: int | None
    currency: str


@dataclass(frozen=True, kw_only=True)
class SimilarTool:
    """A running tool that does some of the same. `comes_with` is true where it is bought for something else.

    `costs` is whether its contracts cost money, None where no price is written; `hollow` is why it does little.
    """

    tool: str
    name: str
    capabilities: tuple[str, ...]
    comes_with: bool
    costs: bool | None
    year_minor: int | None
    currency: str | None
    schools: tuple[str, ...]
    hollow: str | None


@dataclass(frozen=True, kw_only=True)
class GrantedScope:
    """A permission that a tool has in a tenant: by how many accounts, and if an administrator let it in for all."""

    system: str
    scope: str
    accounts: int | None
    everybody: bool


@dataclass(frozen=True, kw_only=True)
class ToolReach:
    """Whom a tool reaches; None where no list counts it, and where the count is in `hidden`, being under ten.

    `users` are of the newest period of use, `accounts` gave it permissions, `devices` have its program or are on its
    lists of coverage, `browsers` have its extension.
    """

    users: int | None = None
    since: date | None = None
    until: date | None = None
    accounts: int | None = None
    devices: int | None = None
    browsers: int | None = None
    scopes: tuple[GrantedScope, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SchoolLoss:
    """What a school would lose without a tool. `only_here` are capabilities that no other running tool has there.

    Counts are None where unknown; `hidden` names those that are hidden because they, or what they reveal, are under
    ten. `school` is empty for whom no school is known.
    """

    school: str
    users: int | None = None
    accounts: int | None = None
    devices: int | None = None
    only_here: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LikelyTool:
    """A tool that a name nearly is, to be asked and never taken for it; `here` is whether the district has it."""

    id: str
    name: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class CheckedTool:
    """The tool that a name means. `runs`, `schools`, `seats` and the year's cost are those of the portfolio."""

    id: str
    name: str
    known: KnownBy
    vendor: str
    does: tuple[str, ...]
    also_does: tuple[str, ...]
    software: tuple[str, ...] = ()
    runs: bool = False
    schools: tuple[str, ...] = ()
    seats: int | None = None
    costs: bool | None = False
    year_minor: int | None = None
    currency: str | None = None
    hollow: str | None = None


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """What the evidence does not show of a tool, and why."""

    about: str
    why: str


@dataclass(frozen=True, kw_only=True)
class ToolCheck:
    """What the evidence has of a tool by a name, `query`. `tool` is None for a name that nobody knows.

    `records` are those that name it, `vendors` who sells it as contracts and consoles write it.
    """

    query: str
    does: tuple[str, ...]
    tool: CheckedTool | None
    records: tuple[NamedRecord, ...]
    vendors: tuple[str, ...]
    contracts: tuple[CheckedContract, ...]
    same: tuple[SimilarTool, ...]
    reach: ToolReach
    loses: tuple[SchoolLoss, ...]
    questions: tuple[LikelyTool, ...]
    doubts: tuple[Doubt, ...]

    @property
    def is_here(self) -> bool:
        """Whether any record of the district names it."""
        return bool(self.records)


@dataclass(frozen=True, kw_only=True)
class AgreementCheck:
    """The privacy agreement of a tool: the verdict, how it is listed, its key and end, and the schools it is for.

    `status` is signed, ended, refused, asked, unsigned, none or unknown. No schools means all.
    """

    verdict: AgreementVerdict
    status: str
    key: str | None = None
    vendor: str | None = None
    ends_on: date | None = None
    schools: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FitReason:
    """Why devices of a kind do not fit, or cannot be judged, and how many."""

    verdict: str
    reason: str
    kind: str
    devices: int


@dataclass(frozen=True, kw_only=True)
class DeviceFit:
    """How many active devices have what a program of the tool needs."""

    product: str
    source: str
    fits: int
    blocked: int
    unknown: int
    reasons: tuple[FitReason, ...]
