"""The derived table of logs: which of them come, read from the stored events when a district is resolved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from homeroom.apps.protect.detection.coverage import get_log_service, measure_district_coverage
from homeroom.apps.protect.detection.models import PlantedCanary
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.canaries import CanaryPlace
from homeroom.domain.protect.detections.coverage import WINDOWS, LogSourceKind
from homeroom.engines.protect.detect.log_status import RECENT, LogFacts, build_logs_table, describe_logs
from homeroom.engines.protect.enrich.event_enricher import is_weekday
from homeroom.engines.protect.enrich.host_roles import find_system_role
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.evidence.tables.logs import LOGS
from homeroom.library.protect.logs.log_kinds import load_log_kinds

_SENDERS_SQL = """
SELECT lower(split_part(computer, '.', 1)) AS host, bool_or(event_id = 4688) AS starts,
    bool_or(event_id = 4688 AND contains(details, '"CommandLine":"')) AS command_lines
FROM host_events WHERE "at" >= $since AND "at" < $until AND lower(channel) = 'security' AND computer IS NOT NULL
GROUP BY host
"""
_SENDER_KINDS = ("windows-security", "windows-process-creation", "windows-command-lines")
"""Kinds that each domain controller has to send."""
_PRODUCTS: Mapping[str, str] = {"activedirectory": WINDOWS}
"""What else tells that a product is in use, by connector."""
_DIRECTORIES: Mapping[str, str] = {WINDOWS: "activedirectory"}
"""The directory of a product's accounts, where it is called otherwise."""
_KINDS_OF_CANARIES: Mapping[CanaryPlace, str] = {
    CanaryPlace.GOOGLE_ACCOUNT: "google-canaries",
    CanaryPlace.DRIVE_DOCUMENT: "google-canaries",
    CanaryPlace.ENTRA_ACCOUNT: "microsoft-canaries",
    CanaryPlace.AD_ACCOUNT: "windows-canaries",
    CanaryPlace.SHARE_FILE: "windows-canaries",
}
_CANARIES_SQL = """
SELECT DISTINCT c.kind, a.directory FROM canaries c LEFT JOIN _resolved_accounts a ON c.kind = 'account' AND (
    lower(c.value) = lower(a.email) OR list_contains(a.identifiers, lower(c.value))
    OR (a.directory = 'activedirectory' AND split_part(lower(c.value), '@', 1) = split_part(lower(a.email), '@', 1)))
"""
_LOG_TABLES = ("audit_events", "host_events")
"""Tables of events that detection rules are about; events of drills are no log of a system."""
_SYSTEM_COLUMNS = ("os_edition", "os_version", "kind")


def load_log_facts(*, district: District, store: EvidenceStore, today: date) -> LogFacts:
    """Return what the stored events and the loads say of the kinds of logs on a day."""
    zone = ZoneInfo(district.timezone)
    until = datetime.combine(today + timedelta(days=1), time(), zone)
    events, kinds = EventStore(store), load_log_kinds()
    logs = [log for log in events.list_logs() if log.table in _LOG_TABLES]
    loads = store.list_current_loads()
    loaded = {
        kind.id
        for log in logs
        if log.loaded_at is not None and log.loaded_at >= until - RECENT
        for kind in _iter_kinds(kinds, log.table, log.source, log.log)
    }
    connectors = {load.connector for load in loads} | {log.source for log in logs}
    streams = {load.stream for load in loads if load.loaded_at >= until - RECENT}
    return LogFacts(
        coverage=measure_district_coverage(district=district, now=until, store=store),
        products=frozenset(_PRODUCTS.get(name, name) for name in connectors),
        days=_collect_days(events, kinds),
        loaded=frozenset(loaded | {kind.id for kind in kinds if kind.stream in streams}),
        senders=_list_senders(store, since=until - RECENT, until=until),
        planted=_list_planted(district),
    )


def hash_log_facts(facts: LogFacts) -> str:
    """Hash what the table of logs is built from (12 hex digits), so that a log that arrives derives it again."""
    coverage = facts.coverage
    parts = (
        [_list_values(kind) for kind in load_log_kinds()],
        sorted(coverage.seen),
        sorted(coverage.newest.items()),
        [(gain.kind.id, gain.rules) for gain in coverage.gains],
        sorted(facts.products),
        sorted((name, sorted(days)) for name, days in facts.days.items()),
        sorted(facts.loaded),
        sorted(facts.planted),
        sorted((name, sorted(hosts)) for name, hosts in facts.senders.items()),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _list_values(kind: LogSourceKind) -> list[object]:
    """Return the values of a kind; those of sets are sorted, since their order differs from process to process."""
    values = [getattr(kind, field.name) for field in fields(kind)]
    return [sorted(value) if isinstance(value, frozenset) else value for value in values]


def add_log_table(
    session: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], *, facts: LogFacts, today: date
) -> dict[str, pa.Table]:
    """Return the resolved tables and that of logs, by the school days of the session's calendar.

    A district without loads has no logs that it could lack.
    """
    if not facts.products:
        return {**tables, LOGS.name: build_logs_table(())}
    statuses = describe_logs(
        facts,
        kinds=load_log_kinds(),
        controllers=frozenset(_iter_controllers(tables["devices"])),
        canaries=_find_canaries(session, tables["accounts"], planted=facts.planted),
        today=today,
        is_school_day=_load_school_days(session),
    )
    return {**tables, LOGS.name: build_logs_table(statuses)}


def _iter_kinds(kinds: Iterable[LogSourceKind], table: str, source: str, log: str) -> Iterator[LogSourceKind]:
    """Yield the kinds that are one log, not some of its events, and this one."""
    product, service = get_log_service(source, log)
    for kind in kinds:
        if kind.event_ids or not kind.is_log:
            continue
        is_log = log.lower() in kind.channels if table == "host_events" else service in kind.services
        if is_log and (table == "host_events" or kind.product == product):
            yield kind


def _collect_days(events: EventStore, kinds: Iterable[LogSourceKind]) -> dict[str, frozenset[date]]:
    days: dict[str, frozenset[date]] = {}
    for table in _LOG_TABLES:
        for (source, log), dates in events.list_log_days(table).items():
            for kind in _iter_kinds(kinds, table, source, log):
                days[kind.id] = days.get(kind.id, frozenset()) | dates
    return days


def _list_senders(store: EvidenceStore, *, since: datetime, until: datetime) -> dict[str, frozenset[str]]:
    """Return the computers that sent each of the kinds that domain controllers have to send."""
    pinned = store.pin_snapshot().restrict_to("host_events")
    if "host_events" not in pinned.catalog.tables:
        return {kind: frozenset() for kind in _SENDER_KINDS}
    with open_session(pinned) as session:
        rows = session.execute(_SENDERS_SQL, {"since": since, "until": until}).fetchall()
    return {
        kind: frozenset(host for host, *facts in rows if all(facts[:number]))
        for number, kind in enumerate(_SENDER_KINDS)
    }


def _iter_controllers(devices: pa.Table) -> Iterator[str]:
    """Yield the short names of the domain controllers among the resolved devices."""
    is_server = None
    for column in _SYSTEM_COLUMNS:
        matches = pc.fill_null(pc.match_substring(devices[column], "server", ignore_case=True), False)
        is_server = matches if is_server is None else pc.or_(is_server, matches)
    for row in devices.filter(is_server).select(["name", "org_unit", *_SYSTEM_COLUMNS]).to_pylist():
        short = (row["name"] or "").partition(".")[0].casefold()
        system = " ".join(row[column] or "" for column in _SYSTEM_COLUMNS)
        if short and find_system_role(short, system, unit=row["org_unit"] or "") == "domain_controller":
            yield short


def _list_planted(district: District) -> frozenset[str]:
    """Return the kinds of canaries that have one planted on the page and watched."""
    rows = PlantedCanary.objects.of(district).filter(planted_at__isnull=False, retired_at__isnull=True)
    return frozenset(_KINDS_OF_CANARIES[CanaryPlace(place)] for place in rows.values_list("place", flat=True))


def _find_canaries(
    session: duckdb.DuckDBPyConnection, accounts: pa.Table, *, planted: frozenset[str]
) -> dict[str, bool | None]:
    """Return whether a canary of each kind is planted; None where one could be, of an account in no directory."""
    session.register("_resolved_accounts", accounts)
    listed = set(session.execute(_CANARIES_SQL).fetchall())
    session.unregister("_resolved_accounts")
    places = {kind for kind, _ in listed if kind != "account"}
    states: dict[str, bool | None] = {}
    for kind in load_log_kinds():
        if not kind.canaries:
            continue
        directory = _DIRECTORIES.get(kind.connector, kind.connector)
        is_planted = kind.id in planted or bool(kind.canaries & places) or ("account", directory) in listed
        states[kind.id] = is_planted or (None if ("account", None) in listed else False)
    return states


def _load_school_days(session: duckdb.DuckDBPyConnection) -> Callable[[date], bool]:
    days = dict(session.execute("SELECT date, kind = 'school' FROM district_days").fetchall())
    return lambda day: bool(days.get(day, False)) if days else is_weekday(day)
