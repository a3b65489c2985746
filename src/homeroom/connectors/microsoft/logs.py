"""Microsoft's logs into audit events: Entra's sign-ins and directory log, Azure's activities, the unified audit log.

Source of the fields: Microsoft Graph v1.0, resources signIn and directoryAudit; the Office 365 Management Activity API
and the portal's export of the unified audit log. An export to storage or to an event hub wraps the same resource as
`properties` and names its log in `category`. The forms are read by `homeroom.ingest.events`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from homeroom.ingest.json_files.nested_values import get_nested_value, list_objects
from homeroom.ingest.json_files.nesting import decode_json

LOGS = {
    "signinlogs": "login",
    "auditlogs": "directory",
    "activitylogs": "activity",
    "riskdetection": "risk",
    "audit": "unified",
}
"""The log of a row by Sigma's service; another log of Azure has its category's name."""
PRODUCTS = frozenset(("azure", "m365"))
INTERRUPTED = frozenset(("16000", "50058", "50072", "50074", "50076", "50079", "50125", "50140"))
"""Codes for a step of a sign-in, such as the request for a second factor: neither a success nor a failure."""
RESULTS = {
    "success": "success",
    "succeeded": "success",
    "true": "success",
    "partiallysucceeded": "success",
    "0": "success",
    "failure": "failure",
    "failed": "failure",
    "fail": "failure",
    "false": "failure",
    "timeout": "failure",
}
PLACES = tuple(
    f"{prefix}{name}"
    for prefix in ("", "properties.")
    for name in (
        "location.city", "location.state", "location.geoCoordinates", "LocationDetails.city", "LocationDetails.state",
        "LocationDetails.geoCoordinates",
    )
)  # fmt: skip
"""Where somebody was is stored as a country, no closer."""


def read_logs(records: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read records of any of Microsoft's logs into `audit_events`; one without any id gets a hash of its content."""
    rows = EventRows("audit_events", columns=AUDIT_COLUMNS)
    rows.add_records(records, first, build_row=lambda parts, event, _index: _build_row(parts, event, rows=rows))
    return rows.build_reading()


def _build_row(parts: EventParts, event: Mapping[str, Any], *, rows: EventRows) -> dict[str, Any] | None:
    if parts.source.product not in PRODUCTS:
        return None
    fields, service = parts.fields, parts.source.service
    build_columns = _COLUMNS.get(service, _build_activity_columns)
    record = _decode_audit_data(event) if service == "audit" else event
    return {
        "key": find_text(fields, "id", "Id", "RecordId") or _build_fallback_key(event, service) or hash_record(event),
        "at": parts.time,
        "log": LOGS.get(service) or (find_text(fields, "category", "Category") or "azure").lower(),
        **build_columns(fields, event),
        "details": rows.build_details(record, drops=PLACES),
    }


def _build_fallback_key(event: Mapping[str, Any], service: str) -> str | None:
    """Return the correlation id with time and operation, which identify a record of Entra's diagnostic settings."""
    if service not in ("signinlogs", "auditlogs") or not isinstance(event.get("properties"), dict):
        return None
    parts = [find_text(event, name) for name in ("correlationId", "time", "operationName")]
    return "/".join(part for part in parts if part) if all(parts) else None


def _decode_audit_data(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a portal's row with its AuditData as an object, so that secrets within it are found by their names."""
    name = next((name for name in ("AuditData", "auditData") if isinstance(event.get(name), str)), "")
    return {**event, name: decode_json(event[name])} if name else event


def _build_sign_in_columns(fields: Mapping[str, Any], _event: Mapping[str, Any]) -> dict[str, Any]:
    code = find_text(fields, "status.errorCode")
    code = find_text(fields, "resultType", "ResultType") if code is None else code
    outcome = RESULTS.get((code or "").lower())
    if outcome is None and code is not None and code.isdigit() and code not in INTERRUPTED:
        outcome = "failure"
    return {
        "event": "sign-in",
        "outcome": outcome,
        "actor_key": find_text(fields, "userId", "servicePrincipalId"),
        "actor_email": find_email(fields, "userPrincipalName"),
        "address": find_address(fields, "ipAddress", "callerIpAddress", "IPAddress"),
        "country": find_text(fields, "location.countryOrRegion", "LocationDetails.countryOrRegion"),
        "app": find_text(fields, "appDisplayName"),
        "device_key": find_text(fields, "deviceDetail.deviceId", "DeviceDetail.deviceId"),
        "target": find_text(fields, "resourceDisplayName"),
        "asn": find_number(fields, "autonomousSystemNumber"),
        "user_agent": find_text(fields, "userAgent"),
        "session": find_text(fields, "sessionId", "correlationId"),
        "event_type": find_text(fields, "signInEventTypes", "category"),
    }


def _build_audit_columns(fields: Mapping[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    actor = find_text(fields, "initiatedBy.user.id", "initiatedBy.app.servicePrincipalId", "initiatedBy.app.appId")
    return {
        "event": find_text(fields, "activityDisplayName", "operationName", "OperationName"),
        "outcome": RESULTS.get((find_text(fields, "result", "Result", "resultType") or "").lower()),
        "actor_key": actor,
        "actor_email": find_email(fields, "initiatedBy.user.userPrincipalName"),
        "address": find_address(fields, "initiatedBy.user.ipAddress", "callerIpAddress"),
        "app": find_text(fields, "initiatedBy.app.displayName", "loggedByService"),
        "target": _find_target(event),
        "session": find_text(fields, "correlationId"),
        "user_agent": find_text(fields, "additionalDetails.User-Agent", "additionalDetails.userAgent"),
        "event_type": find_text(fields, "operationType", "OperationType", "category"),
    }


def _find_target(event: Mapping[str, Any]) -> str | None:
    """Return the first target by address, else name, else id."""
    lists = (get_nested_value(event, path) for path in ("targetResources", "properties.targetResources"))
    targets = next((objects for item in lists if (objects := list_objects(item))), [])
    return find_text(targets[0], "userPrincipalName", "displayName", "id") if targets else None


def _build_unified_columns(fields: Mapping[str, Any], _event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "event": find_text(fields, "Operation", "Operations"),
        "outcome": RESULTS.get((find_text(fields, "ResultStatus") or "").lower()),
        "actor_key": find_text(fields, "UserKey"),
        "actor_email": find_email(fields, "UserId", "UserIds"),
        "address": find_address(fields, "ClientIP", "ClientIPAddress", "ActorIpAddress"),
        "app": find_text(fields, "ApplicationDisplayName", "Workload"),
        "device_key": find_text(fields, "DeviceProperties.Id", "DeviceId"),
        "target": find_text(fields, "ObjectId", "MailboxOwnerUPN"),
        "session": find_text(fields, "AppAccessContext.AADSessionId", "SessionId", "InterSystemsId"),
        "user_agent": find_text(fields, "UserAgent", "ClientInfoString"),
        "event_type": find_text(fields, "Workload", "RecordType"),
    }


def _build_activity_columns(fields: Mapping[str, Any], _event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "event": find_text(fields, "operationName", "operationName.value", "OperationName", "riskEventType"),
        "outcome": RESULTS.get((find_text(fields, "resultType", "status.value", "ResultType") or "").lower()),
        "actor_key": find_text(fields, "userId"),
        "actor_email": find_email(fields, "userPrincipalName", "caller", "identity"),
        "address": find_address(fields, "callerIpAddress", "ipAddress", "CallerIpAddress"),
        "country": find_text(fields, "location.countryOrRegion"),
        "target": find_text(fields, "resourceId", "ResourceId", "_ResourceId"),
        "session": find_text(fields, "correlationId", "CorrelationId"),
        "event_type": find_text(fields, "category", "Category", "category.value"),
    }


_COLUMNS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]] = {
    "signinlogs": _build_sign_in_columns,
    "auditlogs": _build_audit_columns,
    "audit": _build_unified_columns,
}
"""The columns of a row by Sigma's service, those of an activity for all others."""
