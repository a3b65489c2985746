"""Windows events, in the forms of evtx_dump, Winlogbeat, Wazuh and flat lines, as one set of fields.

The fields are those that Sigma's rules name: the system's (`Channel`, `EventID`, `Provider_Name`, ...) and each value
of EventData and UserData under its own name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from homeroom.domain.protect.detections.events import LogSource
from homeroom.ingest.events.flattening import flatten_record
from homeroom.ingest.events.rejections import RecordRejected
from homeroom.ingest.events.shapes import EventParts
from homeroom.ingest.events.times import parse_time

_SERVICES = {
    "security": "security",
    "system": "system",
    "application": "application",
    "microsoft-windows-sysmon/operational": "sysmon",
    "microsoft-windows-powershell/operational": "powershell",
    "powershellcore/operational": "powershell",
    "windows powershell": "powershell-classic",
    "microsoft-windows-taskscheduler/operational": "taskscheduler",
    "microsoft-windows-windows defender/operational": "windefend",
    "microsoft-windows-wmi-activity/operational": "wmi",
    "directory service": "ldap",
    "dns server": "dns-server",
}
"""Sigma's services by channel, in lower case; the engine maps all others by the channel itself."""
_SOURCES = {channel: LogSource(product="windows", service=service) for channel, service in _SERVICES.items()}
_OTHER = LogSource(product="windows", service="")
_FIXED = ("Channel", "EventID", "Provider_Name", "Computer", "EventRecordID", "TimeCreated")
"""Fields of the system that no value of EventData replaces."""
_WHOLE = frozenset({"EventID", "EventRecordID", "Level", "Task", "Opcode", "Version"})
_SYSTEM_NAMES = ("Version", "Level", "Task", "Opcode", "Keywords")
_ACCOUNTS = ("User", "SubjectUserName", "TargetUserName", "AccountName", "UserName", "Security_UserID")
_LOGONS = frozenset({4624, 4625, 4648, 4768, 4769, 4771, 4776})
"""Events whose account is the one that signs in, not the one that asks for it."""
_NOBODY = frozenset({"", "-", None})
_TEXT_NAMES = frozenset({"#attributes", "#text"})
_ESCAPED = re.compile(r'(?:[^\\]|\\\\|\\")*')
_BEAT_PREFIX = "winlog."


def build_windows_event(record: Mapping[str, Any]) -> EventParts | None:
    """Return the parts of a Windows event of any form; None if the record is none."""
    if "EventID" in record:
        parts = _read_flat(record)
    else:
        parts = _read_event_document(record) or _read_wazuh(record) or _read_beat(record) or _read_flat(record)
    if parts is None:
        return None
    return build_event_parts(*parts)


def build_event_parts(system: dict[str, Any], data: Mapping[str, Any]) -> EventParts:
    """Return the parts of an event of the given fields of the system and values of the event."""
    for name in _WHOLE:
        if name in system and system[name].__class__ is not int:
            system[name] = _convert_whole(system[name])
    if not isinstance(system.get("EventID"), int) or isinstance(system["EventID"], bool):
        raise RecordRejected("a Windows event without a number as EventID")
    time = parse_time(system.get("TimeCreated"))
    fields = {**system, **data}
    for name in _FIXED:
        if name in system:
            fields[name] = system[name]
    if " " in "".join(fields):
        for name in [name for name in fields if " " in name]:
            fields.setdefault(name.replace(" ", ""), fields[name])
    return EventParts(
        time=time,
        source=find_windows_source(system.get("Channel")),
        host=_take_text(system.get("Computer")),
        user=_find_user(fields),
        fields=fields,
    )


def find_windows_source(channel: Any) -> LogSource:
    """Return the log source of a channel."""
    return _SOURCES.get(str(channel or "").lower(), _OTHER)


def _find_user(fields: Mapping[str, Any]) -> str:
    order = ("TargetUserName", *_ACCOUNTS) if fields["EventID"] in _LOGONS else _ACCOUNTS
    for name in order:
        value = fields.get(name)
        if isinstance(value, str) and value not in _NOBODY:
            return value
    return ""


def _take_text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _convert_whole(value: Any) -> Any:
    """Return a whole number for its text; anything else as it is."""
    if isinstance(value, dict):
        value = value.get("#text")
    if isinstance(value, str) and value.isascii() and value.strip().isdigit() and len(value) < 20:
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


# Event.System and Event.EventData, as evtx_dump and the EVTX reader write them


def _read_event_document(record: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    event = record.get("Event")
    if not isinstance(event, dict):
        event = record
    parts = event.get("System")
    if not isinstance(parts, dict) or "EventID" not in parts:
        return None
    provider, execution, security = (_get_attributes(parts, name) for name in ("Provider", "Execution", "Security"))
    system: dict[str, Any] = {
        "Channel": parts.get("Channel"),
        "EventID": parts["EventID"],
        "Provider_Name": provider.get("Name"),
        "Computer": parts.get("Computer"),
        "EventRecordID": parts.get("EventRecordID"),
        "TimeCreated": _get_attributes(parts, "TimeCreated").get("SystemTime"),
        **{name: parts[name] for name in _SYSTEM_NAMES if name in parts},
    }
    optional = {
        "Provider_Guid": provider.get("Guid"),
        "Execution_ProcessID": execution.get("ProcessID"),
        "Execution_ThreadID": execution.get("ThreadID"),
        "Security_UserID": security.get("UserID"),
    }
    system.update((name, value) for name, value in optional.items() if value is not None)
    data: dict[str, Any] = {}
    for section in ("EventData", "UserData"):
        _collect_values(event.get(section), data, section)
    return system, data


def _get_attributes(parts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an element's attributes, however the writer separates them from its text."""
    value = parts.get(name)
    if isinstance(value, dict):
        attributes = value.get("#attributes")
        return attributes if isinstance(attributes, dict) else {key.lstrip("@"): item for key, item in value.items()}
    attributes = parts.get(f"{name}_attributes")
    if isinstance(attributes, dict):
        return attributes
    return {"Name": value, "SystemTime": value} if isinstance(value, str) else {}


def _collect_values(value: Any, data: dict[str, Any], name: str) -> None:
    """Add each value below an element under the name nearest to it."""
    if isinstance(value, dict):
        if value.keys() <= _TEXT_NAMES:
            if "#text" in value:
                _add_value(data, name, value["#text"])
            return
        for key, item in value.items():
            if item.__class__ is str and key not in data:  # as nearly all are
                data[key] = item
            elif key != "#attributes" and not key.endswith("_attributes"):
                _collect_values(item, data, key)
    elif isinstance(value, list):
        _collect_list(value, data, name)
    elif name not in {"EventData", "UserData"}:
        _add_value(data, name, value)


def _collect_list(values: list[Any], data: dict[str, Any], name: str) -> None:
    for value in values:
        if isinstance(value, dict) and ("@Name" in value or "Name" in value):  # <Data Name="…">, as converters write it
            _add_value(data, str(value.get("@Name", value.get("Name"))), value.get("#text", value.get("Value")))
        else:
            _collect_values(value, data, name)


def _add_value(data: dict[str, Any], name: str, value: Any) -> None:
    if name not in data:
        data[name] = value
        return
    present = data[name]
    data[name] = [
        *(present if isinstance(present, list) else (present,)),
        *(value if isinstance(value, list) else (value,)),
    ]


# Wazuh: data.win.system and data.win.eventdata


def _read_wazuh(record: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    for holder in (record, record.get("_source")):
        data = holder.get("data") if isinstance(holder, dict) else None
        win = data.get("win") if isinstance(data, dict) else None
        if isinstance(win, dict) and isinstance(win.get("system"), dict):
            break
    else:
        return None
    parts = win["system"]
    names = {"providerName": "Provider_Name", "providerGuid": "Provider_Guid", "systemTime": "TimeCreated",
             "processID": "Execution_ProcessID", "threadID": "Execution_ThreadID", "message": "Message"}  # fmt: skip
    system = {names.get(name, name[:1].upper() + name[1:]): value for name, value in parts.items()}
    system.setdefault("EventID", None)
    values: dict[str, Any] = {}
    for section in ("eventdata", "eventData", "userdata", "userData"):
        _collect_values(win.get(section), values, "Data")
    is_escaped = any(isinstance(value, str) and "\\" in value for value in values.values()) and all(
        _ESCAPED.fullmatch(value) for value in values.values() if isinstance(value, str)
    )
    fields: dict[str, Any] = {}
    for name, value in values.items():
        text = value.replace('\\"', '"').replace("\\\\", "\\") if is_escaped and isinstance(value, str) else value
        fields[name[:1].upper() + name[1:]] = fields[name] = text
    return system, fields


# Winlogbeat


def _read_beat(record: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    inner = record.get("_source")
    record = inner if isinstance(inner, dict) else record
    log = record.get("winlog")
    if not isinstance(log, dict):
        log = {
            name.removeprefix(_BEAT_PREFIX): value for name, value in record.items() if name.startswith(_BEAT_PREFIX)
        }
        log = log or (dict(record) if "log_name" in record and "event_id" in record else {})  # Winlogbeat 6 and older
    if not log or not {"channel", "log_name", "event_id", "event_data"} & log.keys():
        return None
    event, host = (part if isinstance(part := record.get(name), dict) else {} for name in ("event", "host"))
    system: dict[str, Any] = {
        "Channel": log.get("channel", log.get("log_name")),
        "EventID": _get_first(log.get("event_id"), event.get("code"), record.get("event.code")),
        "Provider_Name": _get_first(log.get("provider_name"), log.get("source_name"), event.get("provider")),
        "Computer": _get_first(log.get("computer_name"), host.get("name"), record.get("host.name")),
        "EventRecordID": _get_first(log.get("record_id"), log.get("record_number")),
        "TimeCreated": _get_first(record.get("@timestamp"), event.get("created")),
        **{name.capitalize(): log[name] for name in ("level", "task", "opcode", "keywords", "version") if name in log},
    }
    level = record.get("log")
    if "Level" not in system and isinstance(level, dict) and "level" in level:
        system["Level"] = level["level"]
    if isinstance(record.get("message"), str):
        system["Message"] = record["message"]
    data: dict[str, Any] = {}
    for section in ("event_data", "user_data"):
        _collect_values(log.get(section), data, "Data")
        dotted = f"{section}."
        data.update((name.removeprefix(dotted), value) for name, value in log.items() if name.startswith(dotted))
    return system, data


def _get_first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


# Flat lines: OTRF's host captures, NXLog, SecurityEvent of Log Analytics

_FLAT_NAMES = (
    ("Channel", ("Channel", "LogName", "EventLog")),
    ("EventID", ("EventID", "EventId", "Id", "event_id")),
    ("Provider_Name", ("Provider_Name", "ProviderName", "SourceName", "EventSourceName", "Provider")),
    ("Computer", ("Computer", "Hostname", "ComputerName", "MachineName", "host")),
    ("EventRecordID", ("EventRecordID", "RecordNumber", "RecordId", "EventRecordId")),
    ("TimeCreated", ("TimeCreated", "EventTime", "@timestamp", "SystemTime", "TimeGenerated", "UtcTime")),
)


def _has_objects(values: list[Any]) -> bool:
    return any(isinstance(item, dict | list) for item in values)


def _read_flat(record: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
    if "EventID" not in record and not ("Channel" in record or ("LogName" in record and "ProviderName" in record)):
        return None
    data = dict(record)
    nested = [
        name
        for name, value in record.items()
        if (kind := value.__class__) is not str and (kind is dict or (kind is list and _has_objects(value)))
    ]
    for name in nested:
        value = data.pop(name)
        data |= flatten_record({name: value})
        if isinstance(value, dict):
            _collect_values(value, data, name)
    system: dict[str, Any] = {}
    for target, names in _FLAT_NAMES:
        for name in names:
            if (value := record.get(name)) is not None:
                system[target] = value
                break
    for name in _SYSTEM_NAMES:
        if name in data:
            system[name] = data.pop(name)
    return system, data
