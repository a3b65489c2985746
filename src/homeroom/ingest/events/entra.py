"""Sign-ins, directory audits and Azure's activities: of Graph, of diagnostic settings, and of Log Analytics.

The vendor's names stay; beside them are those that SigmaHQ's rules use, which are the columns of Log Analytics.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from homeroom.domain.protect.detections.events import UNKNOWN_SOURCE, LogSource
from homeroom.ingest.events.flattening import flatten_record
from homeroom.ingest.events.shapes import EventParts
from homeroom.ingest.events.times import parse_time
from homeroom.ingest.json_files.nesting import decode_json

_SIGN_INS = LogSource(product="azure", service="signinlogs")
_AUDITS = LogSource(product="azure", service="auditlogs")
_ACTIVITIES = LogSource(product="azure", service="activitylogs")
_RISKS = LogSource(product="azure", service="riskdetection")
_ACTIVITY_CATEGORIES = frozenset(
    ("administrative", "policy", "servicehealth", "alert", "autoscale", "recommendation", "security", "resourcehealth")
)
_AADIAM = "microsoft.aadiam"
_ENCODED = ("InitiatedBy", "TargetResources", "AdditionalDetails", "Status", "DeviceDetail", "LocationDetails",
            "MfaDetail", "ConditionalAccessPolicies")  # fmt: skip
_USER_NAMES = frozenset(
    (
        "displayName",
        "accountEnabled",
        "givenName",
        "surname",
        "assignedLicenses",
        "onPremisesSyncEnabled",
        "signInActivity",
    )
)
"""Fields of a user of the directory, who has a time of creation and a name as a sign-in has."""
_TIMES = ("createdDateTime", "activityDateTime", "time", "eventTimestamp", "TimeGenerated", "timeGenerated",
          "detectedDateTime", "ActivityDateTime", "CreatedDateTime", "Timestamp")  # fmt: skip
_USERS = ("userPrincipalName", "initiatedBy.user.userPrincipalName", "initiatedBy.app.displayName", "identity",
          "caller", "Identity", "AccountUpn", "InitiatingProcessAccountUpn", "servicePrincipalName")  # fmt: skip


def build_entra_event(record: Mapping[str, Any]) -> EventParts | None:
    """Return the parts of an event of Entra ID or Azure; None if the record is none."""
    inner = record.get("properties")
    inner = inner if isinstance(inner, dict) else {}
    if "LoggedByService" in record or ("OperationName" in record and "TimeGenerated" in record):
        return _build_from_columns(record)
    source = _find_source(record, inner)
    if source is None:
        return None
    fields = flatten_record(record)
    for name, value in (flatten_record(inner) if inner else {}).items():
        fields.setdefault(name, value)
    return _finish(fields, {**record, **inner}, source)


def _find_source(record: Mapping[str, Any], inner: Mapping[str, Any]) -> LogSource | None:
    names = record.keys() | inner.keys()
    has_account = "servicePrincipalId" in names or ("userPrincipalName" in names and not names & _USER_NAMES)
    if "createdDateTime" in names and has_account:
        return _RISKS if "riskEventType" in names else _SIGN_INS
    if "activityDisplayName" in names and names & {"activityDateTime", "loggedByService", "initiatedBy"}:
        return _AUDITS
    if "riskEventType" in names:
        return _RISKS
    lower = {name.lower(): value for name, value in record.items()}
    if "category" in lower and "operationname" in lower:
        return _find_diagnostic_source(lower)
    if "eventTimestamp" in record and isinstance(record.get("operationName"), dict):
        return _ACTIVITIES
    is_alert = {"serviceSource", "createdDateTime"} <= names
    return UNKNOWN_SOURCE if is_alert or {"Timestamp", "ActionType"} <= names else None


def _find_diagnostic_source(lower: Mapping[str, Any]) -> LogSource:
    category = lower["category"]
    name = str(category.get("value") if isinstance(category, dict) else category).lower()
    if name.endswith("signinlogs"):
        return _SIGN_INS
    if name == "auditlogs" or _AADIAM in str(lower.get("resourceid", "")).lower():
        return _AUDITS
    return _ACTIVITIES if name in _ACTIVITY_CATEGORIES else LogSource(product="azure", service="")


def _build_from_columns(record: Mapping[str, Any]) -> EventParts:
    """Return the event of a row of Log Analytics, in which some columns are JSON."""
    row = dict(record)
    for name in _ENCODED:
        row[name] = _decode_text(row[name]) if isinstance(row.get(name), str) else row.get(name)
    vendor = {name[:1].lower() + name[1:]: value for name, value in row.items()}
    is_sign_in = "ResultType" in row and ("UserPrincipalName" in row or "AppDisplayName" in row)
    is_audit = "LoggedByService" in row or "InitiatedBy" in record
    fields = flatten_record({name: value for name, value in row.items() if value is not None})
    for name, value in flatten_record({name: value for name, value in vendor.items() if value is not None}).items():
        fields.setdefault(name, value)
    vendor["activityDisplayName"] = vendor.get("activityDisplayName") or vendor.get("operationName")
    source = _SIGN_INS if is_sign_in else _AUDITS if is_audit else _ACTIVITIES
    return _finish(fields, vendor, source)


def _decode_text(text: str) -> Any:
    if text[:1] not in ("{", "["):
        return text
    try:
        return decode_json(text)
    except (ValueError, RecursionError, msgspec.DecodeError):
        return text


def _finish(fields: dict[str, Any], record: Mapping[str, Any], source: LogSource) -> EventParts:
    if source is _SIGN_INS:
        _add_sign_in_names(fields, record)
    elif source is _AUDITS:
        _add_audit_names(fields, record)
    elif source is _ACTIVITIES:
        _add_activity_names(fields, record)
    for name in [name for name in fields if name[:1].islower()]:
        fields.setdefault(name[:1].upper() + name[1:], fields[name])
    time = next((record[name] for name in _TIMES if record.get(name)), None)
    user = next((value for name in _USERS if isinstance(value := fields.get(name), str) and value), "")
    device = next((value for name in ("DeviceName", "deviceDetail.displayName") if (value := fields.get(name))), "")
    return EventParts(
        time=parse_time(time), source=source, host=device if isinstance(device, str) else "", user=user, fields=fields
    )


def _set_names(fields: dict[str, Any], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if value is not None and not isinstance(value, dict | list):
            fields.setdefault(name, value)


def _add_sign_in_names(fields: dict[str, Any], record: Mapping[str, Any]) -> None:
    code = fields.get("status.errorCode", fields.get("resultType"))
    reason = fields.get("status.failureReason", fields.get("resultDescription"))
    _set_names(
        fields,
        {
            "ResultType": None if code is None else str(code),
            "ResultDescription": reason,
            "Resultdescription": reason,
            "properties.message": reason,
            "Status": None if code is None else "Success" if str(code) == "0" else "Failure",
            "Username": record.get("userPrincipalName"),
            "ClientApp": record.get("clientAppUsed"),
            "Category": fields.get("category", "SignInLogs"),
            "ActivityDetails": "Sign-ins",
            "DeviceDetail.trusttype": fields.get("deviceDetail.trustType"),
            "NetworkLocationDetails": record.get("networkLocationDetails"),
        },
    )


def _add_audit_names(fields: dict[str, Any], record: Mapping[str, Any]) -> None:
    activity = record.get("activityDisplayName", fields.get("operationName"))
    activity = activity if isinstance(activity, str) else None
    result = record.get("result", record.get("resultType"))
    _set_names(
        fields,
        {
            "properties.message": activity,
            "OperationName": activity,
            "operationName": activity,
            "ActivityDisplayName": activity,
            "ActivityType": activity,
            "activityType": activity,
            "Status": result if isinstance(result, str) else None,
            "properties.result": result,
            "failure_status_reason": record.get("resultReason"),
            "Initiatedby": fields.get("initiatedBy.user.userPrincipalName", fields.get("initiatedBy.app.displayName")),
        },
    )
    target = fields.get("targetResources.userPrincipalName", fields.get("targetResources.displayName"))
    if target is not None:
        fields.setdefault("Target", target)
    _add_target_names(fields, record.get("targetResources"))
    details = record.get("additionalDetails")
    for item in details if isinstance(details, list) else ():
        if isinstance(item, dict) and isinstance(item.get("key"), str):
            _set_names(fields, {f"additionalDetails.{item['key']}": item.get("value")})


def _add_target_names(fields: dict[str, Any], targets: Any) -> None:
    """Add the modified properties by their own names, and the whole as the texts within it."""
    if not isinstance(targets, list):
        return
    texts: list[Any] = []
    for target in targets:
        for value in flatten_record(target).values() if isinstance(target, dict) else ():
            texts.extend(value if isinstance(value, list) else (value,))
        changes = target.get("modifiedProperties") if isinstance(target, dict) else None
        for change in changes if isinstance(changes, list) else ():
            name = change.get("displayName") if isinstance(change, dict) else None
            if isinstance(name, str) and isinstance(value := change.get("newValue"), str):
                fields.setdefault(name, value.strip('"'))
    for prefix in ("targetResources", "TargetResources", "properties.targetResources"):
        fields.setdefault(prefix, texts)
        for name, spelling in (("newValue", "NewValue"), ("oldValue", "OldValue"), ("displayName", "DisplayName")):
            value = fields.get(f"targetResources.modifiedProperties.{name}")
            if value is not None:
                fields.setdefault(f"{prefix}.modifiedProperties.{name}", value)
                fields.setdefault(f"{prefix}.ModifiedProperties.{spelling}", value)


def _add_activity_names(fields: dict[str, Any], record: Mapping[str, Any]) -> None:
    operation = fields.get("operationName", fields.get("operationName.value"))
    operation = operation if isinstance(operation, str) else fields.get("operationname", "")
    category = fields.get("category", fields.get("category.value"))
    _set_names(
        fields,
        {
            "operationName": operation,
            "OperationName": operation,
            "OperationNameValue": operation,
            "CategoryValue": category,
            "ResourceProviderValue": str(operation).partition("/")[0] or None,
            "ResourceId": fields.get("resourceId"),
            "properties.message": operation,
            "Status": record.get("resultType"),
        },
    )
