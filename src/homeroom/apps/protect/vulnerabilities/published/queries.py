"""Ranked vulnerabilities and the remedies for them, ends of support, and software that matched no feed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from datetime import date
from typing import Any

import duckdb

from homeroom.evidence.files.manifests import Derived
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.query.executor import query_executor

PAGE = 50
MAX_ROWS = 5000
"""Maximum number of rows that one query returns."""
VIEWS = ("vulnerabilities", "vulnerable_installs", "ends_of_life", "software_unmatched")
"""The views that are queried here."""


class NothingDerived(Exception):
    """Nothing was resolved yet, so nothing was compared."""


@dataclass(frozen=True, kw_only=True)
class RemedySummary:
    """One remedy and what it fixes: an update of a product or a package, or the request of a scanner's check.

    `closes` counts the vulnerabilities with a named fix, `without_fix` those without. `reasons` are words such as
    exploited or public, of any of them. `due_on` is the earliest day of CISA's catalog.

    Once reviewed, numbers and reasons are those of what is not suppressed; `excepted` devices and vulnerabilities are
    counted separately, `due_on` is the earliest day by severity and catalog, `overdue` the devices whose day has
    passed, `since` the first day here, `missed` the devices that could not be observed.
    """

    product_key: str
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
    excepted_vulnerabilities: int = 0
    overdue: int = 0
    missed: int = 0
    since: date | None = None

    @property
    def every_device(self) -> int:
        """Number of devices that have it, including those where all of it is suppressed."""
        return self.devices + self.excepted


@dataclass(frozen=True, kw_only=True)
class Vulnerability:
    """One vulnerability in one product, over all affected versions; the columns are those of `vulnerabilities`.

    `devices` and `public` are summed over the versions: a device that has two of them counts for each. `fixed_in` has a
    version for each line of the product that has one.
    """

    cve: str
    product_key: str
    title: str
    cve_title: str | None
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
class EndOfSupport:
    """Items of one product release whose support ends within one month, either all over today or all not.

    Chromebooks end each on its own day; `ends_on` is the first of those days and `last_on` the last. `extended_until`
    is the earliest end of extended updates; releases with an offered, a taken and no extension are separate.
    """

    product_key: str
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
        """Extended support: `taken`, `offered`, or empty if there is none."""
        return describe_extended_support(extended_until=self.extended_until, extended_taken=self.extended_taken)

    def includes(
        self, *, cycle: str, ends_on: date | None, ended: bool, extended_until: date | None, extended_taken: bool
    ) -> bool:
        """Check whether an item of the same product is among these."""
        is_same_release = (
            cycle,
            ended,
            describe_extended_support(extended_until=extended_until, extended_taken=extended_taken),
        ) == (self.cycle, self.ended, self.longer)
        if not is_same_release or ends_on is None or self.ends_on is None or self.last_on is None:
            return is_same_release and ends_on is self.ends_on
        return self.ends_on <= ends_on <= self.last_on


def describe_extended_support(*, extended_until: date | None, extended_taken: bool) -> str:
    """Return the extended support as a word: taken, offered, or empty for none."""
    return "taken" if extended_taken else "offered" if extended_until else ""


@dataclass(frozen=True, kw_only=True)
class UnmatchedSummary:
    """Number of software names that were compared with no feed for one reason, with examples."""

    reason: str
    names: int
    installs: int
    examples: tuple[str, ...]


_WORST = "list_position(['low', 'medium', 'high', 'critical'], severity)"
_LISTS = {
    name: f"coalesce(list_sort(list_distinct(flatten(list({name})))), [])"
    for name in ("reasons", "told_by", "matched_by")
}
# A device is counted once, however many versions of one product it has.
_DEVICES = """(SELECT i.product_key AS product_key, count(DISTINCT p.device) AS devices FROM vulnerable_installs p
    JOIN (SELECT DISTINCT item, product_key FROM vulnerabilities) i USING (item) GROUP BY i.product_key)"""
REMEDIES_SQL = f"""
    WITH counts AS (
        SELECT product_key, any_value(product) AS product, any_value(title) AS title, max(update_to) AS update_to,
            count(DISTINCT cve) FILTER (fixed_in IS NOT NULL) AS closes,
            count(DISTINCT cve) - count(DISTINCT cve) FILTER (fixed_in IS NOT NULL) AS without_fix,
                count(DISTINCT cve) FILTER (exploited) AS exploited,
            arg_max(severity, {_WORST}) AS worst, max(public) AS public, max(staff) AS staff, max(students) AS students,
            min(due_on) FILTER (exploited) AS due_on, max(points) AS points, {_LISTS["reasons"]} AS reasons,
                {_LISTS["told_by"]} AS told_by, max(remedy) AS remedy
        FROM vulnerabilities GROUP BY product_key)
    SELECT product_key, product, title, update_to, closes, without_fix, exploited, worst, d.devices, public, staff,
        students, due_on, points, reasons, told_by, remedy
    FROM counts JOIN {_DEVICES} d USING (product_key)
    ORDER BY points DESC, closes DESC, product_key LIMIT $most OFFSET $after"""
VULNERABILITIES_SQL = f"""
    SELECT cve, product_key, any_value(title), max(cve_title), arg_max(severity, {_WORST}), max(cvss_tenths),
        max(percentile_ppm), bool_or(exploited), bool_or(ransomware),
        min(due_on), coalesce(list_sort(list(DISTINCT fixed_in) FILTER (fixed_in IS NOT NULL)), []),
            sum(devices)::BIGINT AS devices, sum(public)::BIGINT, max(points) AS points, {_LISTS["reasons"]},
                {_LISTS["told_by"]},
        {_LISTS["matched_by"]}, coalesce(list_sort(list(DISTINCT version) FILTER (version IS NOT NULL)), [])
    FROM vulnerabilities {{where}} GROUP BY cve, product_key ORDER BY points DESC, devices DESC, cve,
        product_key LIMIT $most OFFSET $after"""
ENDS_OF_SUPPORT_SQL = """
    SELECT product_key, any_value(title), cycle, min(ends_on) AS first, max(ends_on), ended, min(extended_until),
        extended_taken, sum(devices)::BIGINT AS devices
    FROM ends_of_life
    GROUP BY product_key, cycle, date_trunc('month', ends_on), ended, extended_taken, extended_until IS NULL
    ORDER BY ended DESC, first, devices DESC, product_key, cycle, extended_taken, extended_until IS NULL
    LIMIT $most OFFSET $after"""
UNMATCHED_SQL = """
    SELECT reason, count(DISTINCT name), sum(installs)::BIGINT AS installs, list(name ORDER BY installs DESC, name)[1:5]
    FROM software_unmatched GROUP BY reason ORDER BY installs DESC, reason LIMIT $most OFFSET $after"""


MAX_CACHED_PAGES = 32
_vulnerability_cache: SingleFlightCache[tuple[Vulnerability, ...]] = SingleFlightCache(max_entries=MAX_CACHED_PAGES)
"""Vulnerabilities of a snapshot never change, and many users look at the same few."""


def list_remedies(*, store: EvidenceStore, after: int = 0, limit: int = PAGE) -> tuple[RemedySummary, ...]:
    """Return the remedies, highest score first.

    Raise NothingDerived and QueryTimeout.
    """
    return _query_page(store, REMEDIES_SQL, RemedySummary, after=after, limit=limit)


def list_vulnerabilities(
    *, store: EvidenceStore, product: str = "", cve: str = "", after: int = 0, limit: int = PAGE
) -> tuple[Vulnerability, ...]:
    """Return ranked vulnerabilities, of one product or of all, or one vulnerability in each affected product.

    Raise NothingDerived and QueryTimeout.
    """
    filters = {name: value for name, value in (("product_key", product), ("cve", cve)) if value}
    newest = store.get_latest_derived()
    key = (str(store.folder), newest.id if newest else "", product, cve, after, limit)
    text = VULNERABILITIES_SQL.format(where=build_where(*filters))
    return _vulnerability_cache.get(
        key, lambda: _query_page(store, text, Vulnerability, after=after, limit=limit, **filters)
    )


def build_where(*names: str) -> str:
    """Build the WHERE clause for the given columns: plain comparisons, with which the scan skips row groups."""
    return "WHERE " + " AND ".join(f"{name} = ${name}" for name in names) if names else ""


def list_ends_of_support(*, store: EvidenceStore, after: int = 0, limit: int = PAGE) -> tuple[EndOfSupport, ...]:
    """Return releases that are out of support or will be, earliest first.

    Raise NothingDerived and QueryTimeout.
    """
    return _query_page(store, ENDS_OF_SUPPORT_SQL, EndOfSupport, after=after, limit=limit)


def summarize_unmatched(*, store: EvidenceStore) -> tuple[UnmatchedSummary, ...]:
    """Summarize software that was compared with no feed, by reason.

    Raise NothingDerived and QueryTimeout.
    """
    return _query_page(store, UNMATCHED_SQL, UnmatchedSummary, after=0, limit=MAX_ROWS)


def query_overview(
    session: duckdb.DuckDBPyConnection,
) -> tuple[tuple[RemedySummary, ...], tuple[EndOfSupport, ...], tuple[UnmatchedSummary, ...]]:
    """Query remedies, ends of support and unmatched software of the session's snapshot: at most MAX_ROWS each."""
    parameters = {"most": MAX_ROWS, "after": 0}
    return (
        _fetch_rows(session, REMEDIES_SQL, RemedySummary, parameters),
        _fetch_rows(session, ENDS_OF_SUPPORT_SQL, EndOfSupport, parameters),
        _fetch_rows(session, UNMATCHED_SQL, UnmatchedSummary, parameters),
    )


QUERY_HASH = hashlib.sha256("".join((REMEDIES_SQL, ENDS_OF_SUPPORT_SQL, UNMATCHED_SQL)).encode()).hexdigest()[:8]
"""Hash of the queries of `query_overview`, so that results of other queries are not used for these."""


def _query_page[T](
    store: EvidenceStore, sql: str, row_type: Callable[..., T], *, after: int, limit: int, **filters: Any
) -> tuple[T, ...]:
    parameters = {"most": min(limit, MAX_ROWS), "after": after, **filters}
    return query_newest_snapshot(store, lambda session: _fetch_rows(session, sql, row_type, parameters))


def query_newest_snapshot[T](store: EvidenceStore, query: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
    """Run a query in a session over the vulnerability tables of the newest snapshot and return its result.

    Raise NothingDerived and QueryTimeout.
    """
    newest = get_newest_snapshot(store)
    return query_executor().run(
        snapshot_id=f"{store.folder}/vulnerabilities/{newest.id}",
        pin=lambda: store.pin_snapshot(derived=newest.id).restrict_to(*VIEWS),
        query=query,
    )


def get_newest_snapshot(store: EvidenceStore) -> Derived:
    """Return the newest snapshot.

    Raise NothingDerived.
    """
    newest = store.get_latest_derived()
    if newest is None:
        raise NothingDerived("nothing was resolved yet; run homeroom resolve")
    return newest


def _fetch_rows[T](
    session: duckdb.DuckDBPyConnection, sql: str, row_type: Callable[..., T], parameters: dict[str, Any]
) -> tuple[T, ...]:
    names = [column.name for column in fields(row_type) if column.default is MISSING]  # type: ignore[arg-type]
    rows = session.execute(sql, parameters).fetchall()
    return tuple(
        row_type(**{name: _convert_list(value) for name, value in zip(names, row, strict=True)}) for row in rows
    )


def _convert_list(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
