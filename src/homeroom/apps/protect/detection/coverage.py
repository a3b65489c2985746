"""Which detection rules can see anything in a district, by the events that came in the last seven days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.judging.alert_rules import load_district_rules
from homeroom.apps.protect.detection.rule_imports import get_imports_version
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.coverage import Coverage, SeenEvents
from homeroom.engines.protect.detect.coverage import measure_coverage
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.query.session import open_session
from homeroom.library.protect.logs.log_kinds import load_log_kinds

if TYPE_CHECKING:
    import duckdb

COVERAGE_DAYS = 7
_SERVICES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("microsoft", "login"): ("azure", "signinlogs"),
    ("microsoft", "directory"): ("azure", "auditlogs"),
    ("microsoft", "activity"): ("azure", "activitylogs"),
    ("microsoft", "risk"): ("azure", "riskdetection"),
    ("microsoft", "unified"): ("m365", "audit"),
}
"""Sigma's product and service of a source and its log; Google's logs have the names of Sigma's services."""
_AUDIT_SQL = """
SELECT connector, log, count(*) AS events, max("at")::DATE AS newest FROM audit_events
WHERE "at" >= $since AND "at" < $until GROUP BY ALL
"""
_HOST_SQL = """
SELECT channel, event_id, count(*) AS events, max("at")::DATE AS newest FROM host_events
WHERE "at" >= $since AND "at" < $until GROUP BY ALL
"""
_FIELD_SQL = """
SELECT count(*) > 0 AS has_field FROM host_events
WHERE "at" >= $since AND "at" < $until
  AND event_id = $event_id AND lower(channel) = $channel AND contains(details, $field)
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class EventField:
    """A field of the events of a channel that have an ID."""

    name: str
    channel: str
    event_id: int


def measure_district_coverage(*, district: District, now: datetime, store: EvidenceStore | None = None) -> Coverage:
    """Return the coverage of the shipped rules and of those that the district imported and has on."""
    store = store or get_evidence_store(district=district)
    position = EventStore(store).get_position()
    version = get_imports_version(district=district)
    hour = now.replace(minute=0, second=0, microsecond=0)
    key = (store.folder, district.pk, position, version, hour)
    return _measured.get(key, lambda: _measure(district, store, now=hour))


_measured: SingleFlightCache[Coverage] = SingleFlightCache(max_entries=32)
"""Coverage by district: measured anew only if events came, rules changed, or an hour passed."""


def _measure(district: District, store: EvidenceStore, *, now: datetime) -> Coverage:
    rules = load_district_rules(district).rules
    audible = {rule.heading.id for rule in rules.rules if not rule.silent}
    audible |= {rule.heading.id for rule in rules.correlations if not rule.silent}
    seen = _list_seen_events(store, now=now)
    return measure_coverage(rules, headings=audible, kinds=load_log_kinds(), seen=seen)


def _list_seen_events(store: EvidenceStore, *, now: datetime) -> list[SeenEvents]:
    times = {"since": now - timedelta(days=COVERAGE_DAYS), "until": now + timedelta(days=1)}
    pinned = store.pin_snapshot().restrict_to("audit_events", "host_events")
    if not pinned.catalog.tables:
        return []
    with open_session(pinned) as session:
        audits = session.execute(_AUDIT_SQL, times).to_arrow_table().to_pylist()
        hosts = session.execute(_HOST_SQL, times).to_arrow_table().to_pylist()
        present = [field for field in _list_fields() if _has_field(session, field, times)]
    return [*map(_build_audit, audits), *(_build_host(row, present) for row in hosts)]


def _list_fields() -> list[EventField]:
    """Return the fields that make a kind of log of their own, with the events that may have them."""
    return [
        EventField(name=kind.field, channel=channel, event_id=event_id)
        for kind in load_log_kinds()
        if kind.field
        for channel in kind.channels
        for event_id in kind.event_ids
    ]


def _has_field(session: duckdb.DuckDBPyConnection, field: EventField, times: Mapping[str, datetime]) -> bool:
    values = {"event_id": field.event_id, "channel": field.channel, "field": f'"{field.name}":"'}
    row = session.execute(_FIELD_SQL, {**times, **values}).fetchone()
    return bool(row and row[0])


def get_log_service(source: str, log: str) -> tuple[str, str]:
    """Return Sigma's product and service of a log of a source."""
    default = ("google_workspace" if source == "google" else source, log)
    return _SERVICES.get((source, log), default)


def _build_audit(row: Mapping[str, Any]) -> SeenEvents:
    product, service = get_log_service(row["connector"], row["log"] or "")
    return SeenEvents(product=product, service=service, count=row["events"], newest=row["newest"])


def _build_host(row: Mapping[str, Any], fields: Sequence[EventField]) -> SeenEvents:
    channel = (row["channel"] or "").lower()
    names = frozenset(field.name for field in fields if (field.channel, field.event_id) == (channel, row["event_id"]))
    return SeenEvents(
        product="windows",
        channel=channel,
        event_id=row["event_id"],
        count=row["events"],
        newest=row["newest"],
        fields=names,
    )
