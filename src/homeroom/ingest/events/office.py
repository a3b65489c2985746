"""Records of Microsoft 365's unified audit log: the Management API's, the portal's AuditData, and OfficeActivity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homeroom.domain.protect.detections.events import LogSource
from homeroom.ingest.events.flattening import flatten_record
from homeroom.ingest.events.rejections import RecordRejected
from homeroom.ingest.events.shapes import EventParts
from homeroom.ingest.events.times import parse_time
from homeroom.ingest.json_files.nesting import decode_json

_AUDIT = LogSource(product="m365", service="audit")
_NAMED_LISTS = ("ExtendedProperties", "Parameters", "ModifiedProperties", "DeviceProperties", "OperationProperties")
_SUCCESS = frozenset({"success", "succeeded", "true", "partiallysucceeded"})
_ALERTS = frozenset({"AlertTriggered", "AlertEntityGenerated", "AlertUpdated"})
_TIMES = ("CreationTime", "CreationDate", "TimeGenerated", "CreationTimeUtc")


def build_office_event(record: Mapping[str, Any]) -> EventParts | None:
    """Return the parts of an event of the unified audit log; None if the record is none.

    The columns of a portal's row stay beside its AuditData. Raise RecordRejected if that is no JSON.
    """
    text = record.get("AuditData", record.get("auditData"))
    if isinstance(text, str):
        return _build_event(_decode_audit_data(text), record)
    if isinstance(text, dict):
        return _build_event(text, record)
    if "Operation" in record and record.keys() & {"Workload", "RecordType", "OfficeWorkload", "UserKey"}:
        return _build_event(record, {})
    return None


def _decode_audit_data(text: str) -> dict[str, Any]:
    try:
        value = decode_json(text)
    except (ValueError, RecursionError) as error:
        raise RecordRejected(f"the AuditData is no JSON: {str(error)[:120]}") from None
    if not isinstance(value, dict):
        raise RecordRejected("the AuditData is no object")
    return value


def _build_event(data: Mapping[str, Any], row: Mapping[str, Any]) -> EventParts:
    fields = flatten_record(data)
    for name in _NAMED_LISTS:
        _add_named(fields, data.get(name), name)
    for name, value in row.items():
        if name not in {"AuditData", "auditData"} and not isinstance(value, dict | list):
            fields.setdefault(name, value)
    operation, workload = fields.get("Operation"), fields.get("Workload", fields.get("OfficeWorkload"))
    fields["Workload"] = workload
    fields.setdefault("eventSource", workload)
    fields.setdefault("eventName", fields.get("Name") if operation in _ALERTS and fields.get("Name") else operation)
    fields.setdefault("status", _name_status(fields.get("ResultStatus"), operation))
    times = (data.get(name) or row.get(name) for name in _TIMES)
    user = fields.get("UserId")
    return EventParts(
        time=parse_time(next((time for time in times if time), None)),
        source=_AUDIT,
        user=user if isinstance(user, str) else "",
        fields=fields,
    )


def _name_status(result: Any, operation: Any) -> str | None:
    if not isinstance(result, str) or not result:
        return "success" if operation in _ALERTS else None
    return "success" if result.lower() in _SUCCESS else result.lower()


def _add_named(fields: dict[str, Any], values: Any, prefix: str) -> None:
    """Add the values of a list of names and values under those names."""
    for item in values if isinstance(values, list) else ():
        if not isinstance(item, dict) or not isinstance(name := item.get("Name"), str):
            continue
        value = item.get("Value", item.get("NewValue"))
        if not isinstance(value, dict | list):
            fields.setdefault(f"{prefix}.{name}", value)
            fields.setdefault(name, value)
