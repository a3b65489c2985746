"""What logs taught: where accounts sign in from, and which tools hosts run, by the day on which each was seen first.

Only successes teach. An event of a day is judged by what was seen two days before and earlier: all of that has come
in, since logs are at most a day late, so that it does not matter in which order and portions events came. Somebody who
travels is new for two days, which are one story, and an intruder's first sign-in does not make the second one usual.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

LAG_DAYS = 2
"""Days that an observation is old before it counts; so the first day counts from the third day of history."""
OWN_ACCOUNTS = 5
OWN_SHARES = ((0.2, 1), (0.05, 3))
"""A network is the district's own if at least these accounts, and such a share of all, sign in from it on so many days.

A fifth of all accounts on one day is a school; behind a carrier's address there are never that many of a district.
"""
HOST_MARK = "//"
"""What stands between source and host where the entries of a host are counted, and not those of a log."""
HOME_SHARE = 0.2
"""A country from which that share of accounts signs in is usual for those without a history."""


class Aspect(StrEnum):
    """What is observed: an account's country, network or carrier; a host's tool or role."""

    COUNTRY = "country"
    NETWORK = "network"
    CARRIER = "carrier"
    TOOL = "tool"
    ROLE = "role"


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """Something that was seen on a day: `subject` is an account or a host, in lower case."""

    aspect: Aspect
    subject: str
    value: str
    day: date


@dataclass(slots=True)
class SeenDays:
    """The days on which something was seen: the first, and all as bits counted from it."""

    first: int
    bits: int = 1

    def add(self, day: int) -> None:
        """Add a day; to add it twice changes nothing."""
        if day < self.first:
            self.bits = (self.bits << (self.first - day)) | 1
            self.first = day
        else:
            self.bits |= 1 << (day - self.first)

    def unite(self, other: SeenDays) -> None:
        """Add all days of another."""
        low = min(self.first, other.first)
        self.bits = (self.bits << (self.first - low)) | (other.bits << (other.first - low))
        self.first = low

    def count(self, *, until: int) -> int:
        """Return on how many days it was seen, up to that day."""
        if until < self.first:
            return 0
        return (self.bits & ((1 << (until - self.first + 1)) - 1)).bit_count()


type Values = dict[str, SeenDays]


@dataclass(slots=True)
class LearnedBehavior:
    """Observations, by aspect, subject and value. `starts` has the first day of each aspect.

    `volumes` has how many files each account took on each day, `entries` how many entries each log had. Unlike all
    else these are counted, so that what is read twice counts twice.
    """

    seen: dict[Aspect, dict[str, Values]] = field(default_factory=lambda: {aspect: {} for aspect in Aspect})
    starts: dict[Aspect, int] = field(default_factory=dict)
    volumes: dict[str, dict[int, int]] = field(default_factory=dict)
    entries: dict[str, dict[int, int]] = field(default_factory=dict)
    volume_start: int | None = None

    def learn(self, observations: Iterable[Observation]) -> int:
        """Add observations, and return how many were new. The order does not matter, nor does learning them twice."""
        added = 0
        for item in observations:
            day = item.day.toordinal()
            values = self.seen[item.aspect].setdefault(item.subject, {})
            days = values.get(item.value)
            if days is None:
                values[item.value] = SeenDays(first=day)
                added += 1
            else:
                before = days.bits
                days.add(day)
                added += days.bits != before
            self.starts[item.aspect] = min(day, self.starts.get(item.aspect, day))
        return added

    def has_history(self, aspect: Aspect, *, day: date) -> bool:
        """Return whether this is at least the third day of what is observed."""
        start = self.starts.get(aspect)
        return start is not None and start + LAG_DAYS <= day.toordinal()

    def list_usual(self, aspect: Aspect, subject: str, *, day: date) -> dict[str, SeenDays]:
        """Return what a subject did before that day, by value."""
        until = day.toordinal() - LAG_DAYS
        values = self.seen[aspect].get(subject, {})
        return {value: days for value, days in values.items() if days.first <= until}

    def is_usual(self, aspect: Aspect, subject: str, value: str, *, day: date) -> bool | None:
        """Return whether a subject did that before the day; None if it did nothing of the kind, or is too new."""
        values = self.seen[aspect].get(subject)
        if not values or not self.has_history(aspect, day=day):
            return None
        until = day.toordinal() - LAG_DAYS
        days = values.get(value)
        if days is not None and days.first <= until:
            return True
        return False if any(other.first <= until for other in values.values()) else None

    def add_volume(self, account: str, *, day: date, count: int) -> None:
        """Add to the number of files that an account took on a day."""
        number = day.toordinal()
        days = self.volumes.setdefault(account, {})
        days[number] = days.get(number, 0) + count
        self.volume_start = min(number, self.volume_start if self.volume_start is not None else number)

    def add_entries(self, log: str, *, day: date, count: int) -> None:
        """Add to the number of entries of a log, or of a host, on a day."""
        days = self.entries.setdefault(log, {})
        days[day.toordinal()] = days.get(day.toordinal(), 0) + count

    def is_volume_unusual(self, account: str, *, day: date, is_school_day: Callable[[date], bool]) -> bool | None:
        """Return whether an account took more files on a day than on any like it; None before the third day."""
        number = day.toordinal()
        if self.volume_start is None or self.volume_start + LAG_DAYS > number:
            return None
        days, kind = self.volumes.get(account, {}), is_school_day(day)
        earlier = [
            count
            for other, count in days.items()
            if other <= number - LAG_DAYS and is_school_day(date.fromordinal(other)) == kind
        ]
        return days.get(number, 0) > max(earlier, default=0)

    def forget(self, *, before: date) -> None:
        """Drop networks and carriers that were last seen before a day, so that what is stored stays bounded."""
        limit = before.toordinal()
        for aspect in (Aspect.NETWORK, Aspect.CARRIER):
            for values in self.seen[aspect].values():
                for value in [name for name, days in values.items() if days.first + days.bits.bit_length() - 1 < limit]:
                    del values[value]
        for counts in (*self.volumes.values(), *self.entries.values()):
            for day in [day for day in counts if day < limit]:
                del counts[day]

    def iter_rows(self) -> Iterator[tuple[str, str, str, int, int]]:
        """Yield all observations as rows to store: aspect, subject, value, first day, bits."""
        for aspect, subjects in self.seen.items():
            for subject, values in subjects.items():
                for value, days in values.items():
                    yield aspect, subject, value, days.first, days.bits

    def add_row(self, aspect: str, subject: str, value: str, first: int, bits: int) -> None:
        """Add a stored row."""
        kind = Aspect(aspect)
        row = SeenDays(first=first, bits=bits)
        values = self.seen[kind].setdefault(subject, {})
        if value in values:
            values[value].unite(row)
        else:
            values[value] = row
        self.starts[kind] = min(first, self.starts.get(kind, first))


class DistrictHabits:
    """What many accounts have in common: the district's own networks, and the countries that its people are in."""

    def __init__(self, learned: LearnedBehavior) -> None:
        self._own_since = _find_own_networks(learned)
        self._first_own = min(self._own_since.values(), default=None)
        self._countries = _collect_first_days(learned, Aspect.COUNTRY)
        self._accounts = sorted(
            min(days.first for days in values.values()) for values in learned.seen[Aspect.COUNTRY].values() if values
        )
        self._answers: dict[tuple[str, date], bool] = {}

    def is_own_network(self, network: str, *, day: date) -> bool:
        """Return whether a network was the district's own before that day."""
        since = self._own_since.get(network)
        return since is not None and since + LAG_DAYS <= day.toordinal()

    def has_own_networks(self, *, day: date) -> bool:
        """Return whether any network was the district's own before that day: only then are others known not to be."""
        return self._first_own is not None and self._first_own + LAG_DAYS <= day.toordinal()

    def is_home_country(self, country: str, *, day: date) -> bool:
        """Return whether a good part of the accounts signed in from that country before the day."""
        key = (country, day)
        if key not in self._answers:
            until = day.toordinal() - LAG_DAYS
            of_country = bisect_right(self._countries.get(country, []), until)
            self._answers[key] = of_country > 0 and of_country >= HOME_SHARE * bisect_right(self._accounts, until)
        return self._answers[key]


def _collect_first_days(learned: LearnedBehavior, aspect: Aspect) -> dict[str, list[int]]:
    """Return by value the first days of all subjects, in order."""
    first_days: dict[str, list[int]] = defaultdict(list)
    for values in learned.seen[aspect].values():
        for value, days in values.items():
            first_days[value].append(days.first)
    return {value: sorted(days) for value, days in first_days.items()}


def _find_own_networks(learned: LearnedBehavior) -> dict[str, int]:
    """Return the day since which each own network is one: when enough accounts had signed in on enough days."""
    accounts = sorted(
        min(days.first for days in values.values()) for values in learned.seen[Aspect.NETWORK].values() if values
    )
    first_days = _collect_first_days(learned, Aspect.NETWORK)
    candidates = {network for network, days in first_days.items() if len(days) >= OWN_ACCOUNTS}
    used: dict[str, SeenDays] = {}
    for values in learned.seen[Aspect.NETWORK].values():
        for network, days in values.items():
            if network in candidates:
                used.setdefault(network, SeenDays(first=days.first, bits=0)).unite(days)
    own = {}
    for network in candidates:
        since = _find_own_since(first_days[network], accounts, used[network])
        if since is not None:
            own[network] = since
    return own


def _find_own_since(first_days: list[int], accounts: list[int], used: SeenDays) -> int | None:
    for day in _list_days(used):
        count = bisect_right(first_days, day)
        share = count / bisect_right(accounts, day)
        days = used.count(until=day)
        if count >= OWN_ACCOUNTS and any(share >= least and days >= needed for least, needed in OWN_SHARES):
            return day
    return None


def _list_days(used: SeenDays) -> list[int]:
    return [used.first + place for place in range(used.bits.bit_length()) if used.bits >> place & 1]
