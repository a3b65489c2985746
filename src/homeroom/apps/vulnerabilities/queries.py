"""What is vulnerable, ranked and by what would close it; what is out of support; what nobody could compare."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from datetime import date
from typing import Any

import duckdb

from homeroom.evidence.asking import asker
from homeroom.evidence.kept import Kept
from homeroom.evidence.manifests import Derived
from homeroom.evidence.store import Store

PAGE = 50
MOST = 5000
"""Rows that one question answers at most."""
VIEWS = ("vulnerabilities", "vulnerable_installs", "ends_of_life", "software_unmatched")
"""What is asked here."""


class NothingDerived(Exception):
    """Nothing was resolved yet, so nothing was compared."""


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """One thing to do, and what it closes: an update of a product, a package or what a scanner's check asks for.

    `closes` counts the flaws of which a fix is named, `without_fix` those of which none is. `reasons` are words such as
    exploited or public, of any of them. `due_on` is the earliest day of CISA's catalogue.

    Once reviewed, numbers and reasons are those of what nobody let stand, `excepted` devices and flaws stand beside, `due_on`
    is the earliest day by severity and catalogue, `overdue` the devices whose day has passed, `since` the first day here,
    `missed` the devices that could not be seen.
    """

    thing: str
    product: str | None
    title: str
    update_to: str | None
    closes: int
    without_fix: int
    exploited: int
    worst: str | None
    devices: int
    public: int
    staff: int
    students: int
    due_on: date | None
    points: int
    reasons: tuple[str, ...]
    told_by: tuple[str, ...]
    remedy: str | None
    excepted: int = 0
    excepted_flaws: int = 0
    overdue: int = 0
    missed: int = 0
    since: date | None = None

    @property
    def every_device(self) -> int:
        """The devices that have it, those included where somebody let all of it stand."""
        return self.devices + self.excepted


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One flaw in one thing, over all versions that have it; the columns are those of `vulnerabilities`.

    `devices` and `public` are summed over the versions: a device that has two of them counts for each. `fixed_in` has a
    version for each line of the product that has one.
    """

    cve: str
    thing: str
    title: str
    flaw: str | None
    severity: str | None
    cvss_tenths: int | None
    percentile_ppm: int | None
    exploited: bool | None
    ransomware: bool | None
    due_on: date | None
    fixed_in: tuple[str, ...]
    devices: int
    public: int
    points: int
    reasons: tuple[str, ...]
    told_by: tuple[str, ...]
    matched_by: tuple[str, ...]
    versions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Ending:
    """Of one release of one product, over all its versions, what ends within one month and is over today, or all is not.

    Chromebooks end each on its own day; `ends_on` is the first of those days and `last_on` the last. `extended_until` is
    the earliest day until when updates could go on; what can be had longer, what was taken and all else stand apart.
    """

    thing: str
    title: str
    cycle: str
    ends_on: date | None
    last_on: date | None
    ended: bool
    extended_until: date | None
    extended_taken: bool
    devices: int

    @property
    def longer(self) -> str:
        """Whether longer support was `taken` or is `offered`; empty where there is none."""
        return longer(until=self.extended_until, taken=self.extended_taken)

    def holds(self, *, cycle: str, ends_on: date | None, ended: bool, until: date | None, taken: bool) -> bool:
        """Whether an item of the same thing is among these."""
        same = (cycle, ended, longer(until=until, taken=taken)) == (self.cycle, self.ended, self.longer)
        if not same or ends_on is None or self.ends_on is None or self.last_on is None:
            return same and ends_on is self.ends_on
        return self.ends_on <= ends_on <= self.last_on


def longer(*, until: date | None, taken: bool) -> str:
    """What is said of longer support: taken, offered, or empty for none."""
    return "taken" if taken else "offered" if until else ""


@dataclass(frozen=True, kw_only=True)
class Unmatched:
    """How much software was compared with nothing, for one reason."""

    reason: str
    names: int
    installs: int
    examples: tuple[str, ...]


_WORST = "list_position(['low', 'medium', 'high', 'critical'], severity)"
_LISTS = {
    name: f"coalesce(list_sort(list_distinct(flatten(list({name})))), [])"
    for name in ("reasons", "told_by", "matched_by")
}
# Devices are counted once each, however many versions of one thing they have.
_DEVICES = """(SELECT i.thing AS thing, count(DISTINCT p.device) AS devices FROM vulnerable_installs p
    JOIN (SELECT DISTINCT item, thing FROM vulnerabilities) i USING (item) GROUP BY i.thing)"""
REMEDIES = f"""
    WITH flaws AS (
        SELECT thing, any_value(product) AS product, any_value(title) AS title, max(update_to) AS update_to, count(DISTINCT cve) FILTER (fixed_in IS NOT NULL) AS closes,
            count(DISTINCT cve) - count(DISTINCT cve) FILTER (fixed_in IS NOT NULL) AS without_fix, count(DISTINCT cve) FILTER (exploited) AS exploited,
            arg_max(severity, {_WORST}) AS worst, max(public) AS public, max(staff) AS staff, max(students) AS students,
            min(due_on) FILTER (exploited) AS due_on, max(points) AS points, {_LISTS["reasons"]} AS reasons, {_LISTS["told_by"]} AS told_by, max(remedy) AS remedy
        FROM vulnerabilities GROUP BY thing)
    SELECT thing, product, title, update_to, closes, without_fix, exploited, worst, d.devices, public, staff, students, due_on, points, reasons, told_by, remedy
    FROM flaws JOIN {_DEVICES} d USING (thing)
    ORDER BY points DESC, closes DESC, thing LIMIT $most OFFSET $after"""
FLAWS = f"""
    SELECT cve, thing, any_value(title), max(flaw), arg_max(severity, {_WORST}), max(cvss_tenths), max(percentile_ppm), bool_or(exploited), bool_or(ransomware),
        min(due_on), coalesce(list_sort(list(DISTINCT fixed_in) FILTER (fixed_in IS NOT NULL)), []), sum(devices)::BIGINT AS devices, sum(public)::BIGINT, max(points) AS points, {_LISTS["reasons"]}, {_LISTS["told_by"]},
        {_LISTS["matched_by"]}, coalesce(list_sort(list(DISTINCT version) FILTER (version IS NOT NULL)), [])
    FROM vulnerabilities {{where}} GROUP BY cve, thing ORDER BY points DESC, devices DESC, cve, thing LIMIT $most OFFSET $after"""
ENDINGS = """
    SELECT thing, any_value(title), cycle, min(ends_on) AS first, max(ends_on), ended, min(extended_until), extended_taken, sum(devices)::BIGINT AS devices
    FROM ends_of_life GROUP BY thing, cycle, date_trunc('month', ends_on), ended, extended_taken, extended_until IS NULL
    ORDER BY ended DESC, first, devices DESC, thing, cycle, extended_taken, extended_until IS NULL LIMIT $most OFFSET $after"""
UNMATCHED = """
    SELECT reason, count(DISTINCT name), sum(installs)::BIGINT AS installs, list(name ORDER BY installs DESC, name)[1:5]
    FROM software_unmatched GROUP BY reason ORDER BY installs DESC, reason LIMIT $most OFFSET $after"""


KEPT = 32
_flaws: Kept[tuple[Flaw, ...]] = Kept(most=KEPT)
"""Flaws of a snapshot never change, and many look at the same few."""


def remedies(*, store: Store, after: int = 0, limit: int = PAGE) -> tuple[Remedy, ...]:
    """What to do, the heaviest first. Raises NothingDerived, and TooSlow."""
    return _asked(store, REMEDIES, Remedy, after=after, limit=limit)


def flaws(*, store: Store, thing: str = "", cve: str = "", after: int = 0, limit: int = PAGE) -> tuple[Flaw, ...]:
    """Flaws ranked, of one thing or of all; or one flaw in each thing that has it. Raises NothingDerived, and TooSlow."""
    asked = {name: value for name, value in (("thing", thing), ("cve", cve)) if value}
    newest = store.latest_derived()
    key = (str(store.folder), newest.id if newest else "", thing, cve, after, limit)
    text = FLAWS.format(where=only(*asked))
    return _flaws.get(key, lambda: _asked(store, text, Flaw, after=after, limit=limit, **asked))


def only(*names: str) -> str:
    """The WHERE of the columns that are asked for: plain comparisons, with which the scan skips what cannot fit."""
    return "WHERE " + " AND ".join(f"{name} = ${name}" for name in names) if names else ""


def endings(*, store: Store, after: int = 0, limit: int = PAGE) -> tuple[Ending, ...]:
    """What is out of support, and what will be, the earliest first. Raises NothingDerived, and TooSlow."""
    return _asked(store, ENDINGS, Ending, after=after, limit=limit)


def unmatched(*, store: Store) -> tuple[Unmatched, ...]:
    """How much software was compared with nothing, by reason. Raises NothingDerived, and TooSlow."""
    return _asked(store, UNMATCHED, Unmatched, after=0, limit=MOST)


def everything(
    session: duckdb.DuckDBPyConnection,
) -> tuple[tuple[Remedy, ...], tuple[Ending, ...], tuple[Unmatched, ...]]:
    """What to do, ends of support and silences of the session's snapshot: at most MOST of each, as the three above give them."""
    top = {"most": MOST, "after": 0}
    return (
        _told(session, REMEDIES, Remedy, top),
        _told(session, ENDINGS, Ending, top),
        _told(session, UNMATCHED, Unmatched, top),
    )


ASKED = hashlib.sha256("".join((REMEDIES, ENDINGS, UNMATCHED)).encode()).hexdigest()[:8]
"""What `everything` asks, so that answers to other questions are not taken for these."""


def _asked[T](store: Store, sql: str, made: Callable[..., T], *, after: int, limit: int, **given: Any) -> tuple[T, ...]:
    parameters = {"most": min(limit, MOST), "after": after, **given}
    return asked_of(store, lambda session: _told(session, sql, made, parameters))


def asked_of[T](store: Store, ask: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
    """What `ask` makes of a session over what the newest snapshot says of flaws. Raises NothingDerived and TooSlow."""
    newest = newest_of(store)
    return asker().answer(
        pinned_to=f"{store.folder}/flaws/{newest.id}",
        pinned=lambda: store.pinned(derived=newest.id).only(*VIEWS),
        ask=ask,
    )


def newest_of(store: Store) -> Derived:
    """The newest snapshot. Raises NothingDerived."""
    newest = store.latest_derived()
    if newest is None:
        raise NothingDerived("nothing was resolved yet; run homeroom resolve")
    return newest


def _told[T](
    session: duckdb.DuckDBPyConnection, sql: str, made: Callable[..., T], parameters: dict[str, Any]
) -> tuple[T, ...]:
    names = [one.name for one in fields(made) if one.default is MISSING]  # type: ignore[arg-type]
    rows = session.execute(sql, parameters).fetchall()
    return tuple(made(**{name: _plain(value) for name, value in zip(names, row, strict=True)}) for row in rows)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
