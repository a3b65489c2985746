"""Google's audit log (Reports API) into audit events: one row per event, since one activity may hold several.

Source of the fields: Admin SDK Reports API v1, schema Activity. Its id is the time, the application and a qualifier
that only distinguishes entries of one moment, so the key is all three and the index of the event in its activity.
Pipelines that forward the log one event at a time, GAM, Cloud Logging and BigQuery have other forms of the same, which
`homeroom.ingest.events.google` reads. Parameters that Google itself marks as sensitive are counted and dropped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.events.event_rows import (
    AUDIT_COLUMNS,
    EventRows,
    find_address,
    find_email,
    find_number,
    find_text,
    hash_record,
)
from homeroom.ingest.events.shapes import EventParts
from homeroom.ingest.json_files.nested_values import list_objects

PRODUCT = "google_workspace"
SENSITIVE = "sensitiveParameters"
TARGETS = (
    "affected_email_address",
    "target_user",
    "USER_EMAIL",
    "GROUP_EMAIL",
    "DEVICE_SERIAL_NUMBER",
    "doc_id",
    "ORG_UNIT_NAME",
    "DOMAIN_NAME",
    "client_id",
)
"""Names of the parameters that name the target of an event, best first."""
APPS = ("app_name", "APP_NAME", "OAUTH2_APP_NAME", "APPLICATION_NAME")
DEVICES = ("device_id", "DEVICE_ID", "RESOURCE_ID")
SESSIONS = ("session_id", "dusi", "api_request_id")
AGENTS = ("user_agent", "USER_AGENT")
FAILURES = frozenset(("login_failure", "2sv_failure", "login_challenge_blocked"))
STATUS = {"succeeded": "success", "succeeded_with_warnings": "success", "failed": "failure"}
_PARAMETERS = "parameters."


def read_activities(activities: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read activities of any form into `audit_events`; one without an id gets a hash of its content."""
    rows = EventRows("audit_events", columns=AUDIT_COLUMNS)
    numbers = _EventNumbers()
    rows.add_records(
        activities,
        first,
        build_row=lambda parts, event, index: _build_row(parts, event, index, rows=rows, numbers=numbers),
    )
    return rows.build_reading()


class _EventNumbers:
    """The numbers of events that come one by one, without their activity."""

    def __init__(self) -> None:
        self._contents: dict[str, dict[str, int]] = {}

    def number(self, activity: str, content: str) -> int:
        """Return the number of an event of an activity: that of an equal one, else the next."""
        contents = self._contents.setdefault(activity, {})
        return contents.setdefault(content, len(contents))


def _build_row(
    parts: EventParts, event: Mapping[str, Any], index: int, *, rows: EventRows, numbers: _EventNumbers
) -> dict[str, Any] | None:
    fields = parts.fields
    if parts.source.product != PRODUCT:
        return None
    name = find_text(fields, "eventName")
    inner = next(iter(list_objects(event.get("events")) or ()), event)
    sensitive = len(list_objects(inner.get(SENSITIVE)) or ())
    if sensitive:
        rows.dropped[SENSITIVE] += sensitive
    details = rows.build_details(event, drops=(SENSITIVE, f"events.{SENSITIVE}"))
    identity = [find_text(fields, "id.time"), parts.source.service, find_text(fields, "id.uniqueQualifier")]
    activity = "/".join(part for part in identity if part)
    number = index if inner is not event else numbers.number(activity, details)
    return {
        "key": f"{activity}/{number}" if all(identity) else hash_record(event),
        "at": parts.time,
        "log": parts.source.service,
        "event": name,
        "outcome": _find_outcome(inner, name),
        "actor_key": find_text(fields, "actor.profileId", "actor.key"),
        "actor_email": find_email(fields, "actor.email"),
        "address": find_address(fields, "ipAddress"),
        "country": find_text(fields, "networkInfo.regionCode"),
        "app": _find_parameter(fields, APPS) or find_text(fields, "actor.applicationInfo.applicationName"),
        "device_key": _find_parameter(fields, DEVICES),
        "target": _find_parameter(fields, TARGETS),
        "details": details,
        "asn": find_number(fields, "networkInfo.ipAsn"),
        "user_agent": _find_parameter(fields, AGENTS),
        "session": _find_parameter(fields, SESSIONS),
        "event_type": find_text(fields, "type"),
    }


def _find_parameter(fields: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return find_text(fields, *(_PARAMETERS + name for name in names), *names)


def _find_outcome(event: Mapping[str, Any], name: str | None) -> str | None:
    status = event.get("status")
    word = status.get("eventStatus") if isinstance(status, Mapping) else None
    if isinstance(word, str) and word.lower() in STATUS:
        return STATUS[word.lower()]
    return "failure" if name in FAILURES else "success" if name == "login_success" else None
