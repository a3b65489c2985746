"""A story: what an intruder did in stages, or what only looks like it, with the records that hold it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from homeroom.sample.fortnights.district.calendar import DAYS
from homeroom.sample.fortnights.district.plan import FortnightDistrict
from homeroom.sample.fortnights.logs.log_book import LogEntry
from homeroom.sample.fortnights.logs.vendors import VendorLogs

FIRST_DAY = 4
"""No intrusion begins earlier, so that what is ordinary can be learned."""


@dataclass(slots=True, kw_only=True)
class StoryStage:
    """A stage of a story, and its records."""

    name: str
    entries: list[LogEntry]


@dataclass(kw_only=True)
class Story:
    """A story and what takes part in it; `actors` are accounts that an intruder uses, `victims` those that suffer."""

    kind: str
    actors: list[str] = field(default_factory=list)
    victims: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    apps: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    stages: list[StoryStage] = field(default_factory=list)

    def add_stage(self, name: str, *entries: LogEntry) -> None:
        """Add records to a stage; the same name continues the last stage."""
        if self.stages and self.stages[-1].name == name:
            self.stages[-1].entries.extend(entries)
        else:
            self.stages.append(StoryStage(name=name, entries=list(entries)))

    @property
    def entries(self) -> list[LogEntry]:
        """All records."""
        return [entry for stage in self.stages for entry in stage.entries]


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """Work that the team announced, as an entry of the district's list of expected activity."""

    reason: str
    who: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    first: str = ""
    until: str = ""
    daily: str = ""


@dataclass(kw_only=True)
class Scene:
    """What a story needs: the district, its logs, random numbers of its own, and the list of announcements."""

    district: FortnightDistrict
    logs: VendorLogs
    dice: Random
    announcements: list[Announcement] = field(default_factory=list)
    pinned_day: int | None = None

    def choose_day(self, *, latest: int = DAYS - 2, school: bool = False) -> int:
        """Choose the day of an intrusion, or a school day; the pinned one if there is one."""
        if self.pinned_day is not None:
            return self.pinned_day
        days = [day for day in range(FIRST_DAY, latest + 1) if not school or self.district.calendar.is_school_day(day)]
        return self.dice.choice(days)


StoryTeller = Callable[[Scene], Story]
"""Writes the records of one story and returns it."""
