"""Records of a simulated drill: people, events with their true origin, and the drill itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

EventKind = Literal["sent", "delivered", "bounced", "opened", "clicked", "posted", "reported", "replied"]
Origin = Literal["own", "machine", "other"]
SCORED: Final = ("opened", "clicked", "posted")
"""Kinds of events that somebody may have caused in place of the recipient."""


@dataclass(frozen=True, kw_only=True)
class DrillBrowser:
    """A browser as it names itself in a request, and as products name it: name, version, operating system."""

    agent: str
    name: str
    version: str
    system: str


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """A member of the staff, with a browser and an address on the computer at work, at home and on the phone.

    `haste` multiplies the seconds between reading and clicking; `gullible` the chance that a lure works.
    """

    email: str
    school: str
    work: DrillBrowser
    home: DrillBrowser
    phone: DrillBrowser
    work_address: str
    home_address: str
    phone_address: str
    haste: float
    gullible: float
    reads_in_gmail: bool


@dataclass(frozen=True, kw_only=True)
class DrillEvent:
    """An event of a drill. `link`, `method` and `script` are of a click; `story` names a near-miss, if it is of any."""

    person: str
    kind: EventKind
    at: datetime
    address: str | None = None
    browser: DrillBrowser | None = None
    link: Literal["main", "hidden"] | None = None
    method: str | None = None
    script: bool | None = None
    origin: Origin = "own"
    story: str = ""

    def shift_by(self, seconds: float) -> datetime:
        """Return the time so many seconds after this event."""
        return self.at + timedelta(seconds=seconds)


@dataclass(kw_only=True)
class Drill:
    """A sending of a lure to people.

    `delivered_at` has the people whose mail arrived, `chance` their planted mean chance of a miss, `missed` the people
    who clicked themselves, `near_misses` those of them who look like a machine, `reported` the people who reported.
    """

    name: str
    lure: str
    launched: datetime
    ends: datetime
    people: Sequence[Recipient]
    delivered_at: dict[str, datetime] = field(default_factory=dict)
    events: list[DrillEvent] = field(default_factory=list)
    chance: float = 0.0
    missed: set[str] = field(default_factory=set)
    near_misses: set[str] = field(default_factory=set)
    reported: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WrittenFile:
    """A file of a drill: the events that it shows, in its order, with the row of each (None: the file has no row)."""

    name: str
    drill: Drill
    shown: Sequence[tuple[int, DrillEvent]]


@dataclass(frozen=True, kw_only=True)
class DrillWorld:
    """Simulated drills of a district, each with the format of its file."""

    name: str
    schools: Sequence[str]
    people: Sequence[Recipient]
    drills: Sequence[tuple[Drill, str]]
    facts: Mapping[str, str] = field(default_factory=dict)
