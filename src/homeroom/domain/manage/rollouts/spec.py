"""What a rollout is planned from: schools with their bells, rooms, the team, and the rules.

Times are minutes after midnight in the rollout's zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from homeroom.domain.schooldays import (
    DEFAULT_NON_CLASS,
    BellCalendar,
    NonClassNames,
    Span,
    Stretch,
    list_class_stretches,
    merge_spans,
)


@dataclass(frozen=True, kw_only=True)
class RolloutSchool:
    """A school: its bells, and when a visit may be there.

    `at_once` limits the visits at the same time, None for no limit. `no_visit_types` are globs over the names of types
    of day, compared without case.
    """

    id: str
    bells: BellCalendar
    opens: int
    closes: int
    at_once: int | None = None
    closed: frozenset[date] = frozenset()
    open_days: frozenset[date] = frozenset()
    no_visit_days: frozenset[date] = frozenset()
    no_visit_types: tuple[str, ...] = ()

    def is_visited(self, day: date, *, between: NonClassNames = DEFAULT_NON_CLASS) -> bool:
        """Return True if a visit may be there on that day: its type is known, and it has class or is an open day."""
        day_type = self.bells.get_day_type(day)
        if day_type is None or day in self.closed or day in self.no_visit_days:
            return False
        name = (self.bells.get_type_name(day) or "").casefold()
        if any(fnmatchcase(name, pattern.casefold()) for pattern in self.no_visit_types):
            return False
        return day in self.open_days or bool(list_class_stretches(day_type, between=between))


@dataclass(frozen=True, kw_only=True)
class RolloutRoom:
    """A room to visit once: `minutes` long, by `hands` people at the same time.

    `free` are the names of the stretches without class in it; a visit is later than the day `after`.
    """

    id: str
    school: str
    minutes: int
    devices: int = 0
    hands: int = 1
    free: frozenset[str] = frozenset()
    ring: str = ""
    after: date | None = None
    not_on: frozenset[date] = frozenset()


@dataclass(frozen=True, kw_only=True)
class TeamMember:
    """A person: usual hours by weekday (Monday is 0), days away, and the busy spans of their calendar by day."""

    id: str
    works: Mapping[int, tuple[Span, ...]]
    away: frozenset[date] = frozenset()
    busy: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    minutes_a_week: int | None = None

    def list_hours(self, day: date) -> tuple[Span, ...]:
        """Return the spans of a day in which the person is there and not busy, in order."""
        if day in self.away:
            return ()
        hours = list(merge_spans(self.works.get(day.weekday(), ())))
        for begins, ends in self.busy.get(day, ()):
            hours = [part for span in hours for part in _subtract(span, begins, ends)]
        return tuple(hours)


def _subtract(span: Span, begins: int, ends: int) -> list[Span]:
    parts = [(span[0], min(span[1], begins)), (max(span[0], ends), span[1])]
    return [(first, last) for first, last in parts if first < last] if begins < ends else [span]


@dataclass(frozen=True, kw_only=True)
class TravelTimes:
    """Minutes between two schools, the same both ways: those named, else the default."""

    default: int = 0
    pairs: Mapping[frozenset[str], int] = field(default_factory=dict)

    def get_minutes(self, start: str, end: str) -> int:
        """Return the minutes between two schools; 0 within one."""
        return 0 if start == end else self.pairs.get(frozenset((start, end)), self.default)


@dataclass(frozen=True, kw_only=True)
class RolloutRing:
    """Rooms that go together; the next ring begins at the earliest `soak_days` days after this one's last visit."""

    id: str
    soak_days: int = 0


@dataclass(frozen=True, kw_only=True)
class StockDelivery:
    """Devices that arrive on a day and can be used from then on."""

    on: date
    devices: int


@dataclass(frozen=True, kw_only=True)
class RolloutLimits:
    """Limits of a plan; None for no limit. A week goes from Monday to Sunday."""

    visits_a_day_in_a_school: int | None = None
    visits_a_week: int | None = None


@dataclass(frozen=True, kw_only=True)
class RolloutSpec:
    """All that a plan depends on. `class_costs` is False if no class may be disturbed. No `stock` means no limit."""

    title: str
    zone: ZoneInfo
    first: date
    last: date
    schools: tuple[RolloutSchool, ...]
    rooms: tuple[RolloutRoom, ...]
    team: tuple[TeamMember, ...]
    grid: int = 5
    walk: int = 0
    class_costs: bool = False
    between: NonClassNames = DEFAULT_NON_CLASS
    travel: TravelTimes = TravelTimes()
    rings: tuple[RolloutRing, ...] = (RolloutRing(id=""),)
    stock: tuple[StockDelivery, ...] | None = None
    limits: RolloutLimits = RolloutLimits()

    def list_days(self) -> list[date]:
        """Return each day that may be planned."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


class ClassTimes:
    """When rooms have class, each combination of type of day and free stretches computed once."""

    def __init__(self, spec: RolloutSpec) -> None:
        """Remember the schools by their ids."""
        self._between = spec.between
        self._schools = {school.id: school for school in spec.schools}
        self._stretches: dict[tuple[str, str | None, frozenset[str]], tuple[Stretch, ...] | None] = {}

    def list_class(self, room: RolloutRoom, day: date) -> tuple[Stretch, ...] | None:
        """Return the stretches in which a room has class on a day; None if the day's type is unknown."""
        school = self._schools[room.school]
        if day in school.closed:
            return ()
        name = school.bells.get_type_name(day)
        key = (school.id, name, room.free)
        if key not in self._stretches:
            day_type = school.bells.types.get(name or "")
            self._stretches[key] = (
                list_class_stretches(day_type, between=self._between, free=room.free) if day_type else None
            )
        return self._stretches[key]
