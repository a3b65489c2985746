"""Activities of Google's Reports API: whole, one event a line, as Cloud Logging and as BigQuery have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from homeroom.domain.protect.detections.events import LogSource
from homeroom.ingest.events.flattening import flatten_record
from homeroom.ingest.events.shapes import EventParts
from homeroom.ingest.events.times import parse_time

_PRODUCT = "google_workspace"
_VALUES = ("value", "intValue", "boolValue", "multiValue", "multiIntValue", "multiBoolValue")


def iter_google_events(record: Mapping[str, Any]) -> Iterator[tuple[EventParts, Mapping[str, Any]]] | None:
    """Return the events of an activity with the record of each; None if the record is no activity.

    The record of one of several events is the activity with only that event.
    """
    identity = record.get("id")
    if isinstance(identity, dict) and "applicationName" in identity:
        events = record.get("events")
        if isinstance(events, list):
            return _iter_activity(record, identity, [event for event in events if isinstance(event, dict)])
        if isinstance(record.get("name"), str):
            return iter(((_build_event(record, identity, record), record),))
        return None
    if "id.applicationName" in record and ("name" in record or "events.name" in record):
        return iter(((_build_flat(record), record),))
    if isinstance(payload := record.get("protoPayload"), dict):
        return _list_logged(record, payload)
    if {"record_type", "event_name", "time_usec"} <= record.keys():
        return iter(((_build_exported(record), record),))
    return None


def _iter_activity(
    record: Mapping[str, Any], identity: Mapping[str, Any], events: list[dict[str, Any]]
) -> Iterator[tuple[EventParts, Mapping[str, Any]]]:
    for event in events:
        yield _build_event(record, identity, event), record if len(events) == 1 else {**record, "events": [event]}


def _build_event(record: Mapping[str, Any], identity: Mapping[str, Any], event: Mapping[str, Any]) -> EventParts:
    fields = flatten_record({name: value for name, value in record.items() if name not in {"events", "parameters"}})
    for name, value in event.items():
        if name != "parameters" and not isinstance(value, dict | list):
            fields[name] = fields[f"events.{name}"] = value
    _add_parameters(fields, event.get("parameters"))
    return _finish(fields, str(identity["applicationName"]), event.get("name"), parse_time(identity.get("time")))


def _add_parameters(fields: dict[str, Any], parameters: Any) -> None:
    """Add each parameter as `parameters.NAME`, and under its name in lower case as Sigma's rules have it."""
    if isinstance(parameters, list):
        fields["events.parameters.name"] = [item.get("name") for item in parameters if isinstance(item, dict)]
    for name, value in _read_parameters(parameters).items():
        values = flatten_record({name: value}) if isinstance(value, dict | list) else {name: value}
        for inner, item in values.items():
            fields[f"parameters.{inner}"] = fields[f"events.parameters.{inner}"] = item
            fields.setdefault(inner, item)
            fields.setdefault(inner.lower(), item)


def _read_parameters(parameters: Any) -> dict[str, Any]:
    if isinstance(parameters, dict):
        return parameters
    values: dict[str, Any] = {}
    for item in parameters if isinstance(parameters, list) else ():
        if not isinstance(item, dict) or not isinstance(item.get("name"), str):
            continue
        value = next((item[kind] for kind in _VALUES if kind in item), None)
        message = item.get("messageValue")
        if isinstance(message, dict):
            value = _read_parameters(message.get("parameter"))
        elif isinstance(item.get("multiMessageValue"), list):
            messages = (part for part in item["multiMessageValue"] if isinstance(part, dict))
            value = [_read_parameters(part.get("parameter")) for part in messages]
        values[item["name"]] = value
    return values


def _finish(fields: dict[str, Any], application: str, name: Any, time: Any) -> EventParts:
    service = f"{application}.googleapis.com"
    fields["eventName"] = fields["protoPayload.metadata.event.eventName"] = name
    fields["eventService"] = service
    fields["protoPayload.serviceName"] = fields["protoPayload.Servicename"] = service
    user = fields.get("actor.email")
    return EventParts(
        time=time,
        source=LogSource(product=_PRODUCT, service=application),
        user=user if isinstance(user, str) else "",
        fields=fields,
    )


def _build_flat(record: Mapping[str, Any]) -> EventParts:
    """Return the event of a line whose names are dotted already, as GAM writes them."""
    fields = flatten_record({name: value for name, value in record.items() if name != "parameters"})
    _add_parameters(fields, record.get("parameters"))
    for prefix in ("parameters.", "events.parameters."):
        for name in [name for name in fields if name.startswith(prefix)]:
            fields.setdefault(name.removeprefix(prefix), fields[name])
            fields.setdefault(name.removeprefix(prefix).lower(), fields[name])
    name = record.get("name", record.get("events.name"))
    return _finish(fields, str(record["id.applicationName"]), name, parse_time(record.get("id.time")))


def _list_logged(
    record: Mapping[str, Any], payload: Mapping[str, Any]
) -> Iterator[tuple[EventParts, Mapping[str, Any]]] | None:
    """Return the events of an entry of Cloud Logging."""
    metadata = payload.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(payload.get("serviceName"), str):
        return None
    events = metadata.get("event")
    if not isinstance(events, list):
        return None
    application = payload["serviceName"].partition(".")[0]
    singles = [event for event in events if isinstance(event, dict)]
    records = [record] if len(singles) == 1 else [_narrow(record, payload, metadata, event) for event in singles]
    return iter(
        [(_build_logged(single, application, event), single) for single, event in zip(records, singles, strict=True)]
    )


def _narrow(
    record: Mapping[str, Any], payload: Mapping[str, Any], metadata: Mapping[str, Any], event: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the entry with only one of its events."""
    return {**record, "protoPayload": {**payload, "metadata": {**metadata, "event": [event]}}}


def _build_logged(record: Mapping[str, Any], application: str, event: Mapping[str, Any]) -> EventParts:
    fields = flatten_record(record)
    _add_parameters(fields, event.get("parameter"))
    fields["actor.email"] = fields.get("protoPayload.authenticationInfo.principalEmail")
    fields["ipAddress"] = fields.get("protoPayload.requestMetadata.callerIp")
    fields["name"], fields["type"] = event.get("eventName"), event.get("eventType")
    return _finish(fields, application, event.get("eventName"), parse_time(record.get("timestamp")))


def _build_exported(record: Mapping[str, Any]) -> EventParts:
    """Return the event of a row of the BigQuery export, which has one record of parameters an application."""
    application = str(record["record_type"])
    fields = flatten_record(record)
    inner = record.get(application)
    _add_parameters(fields, inner if isinstance(inner, dict) else None)
    for target, source in (("actor.email", "email"), ("ipAddress", "ip_address"), ("name", "event_name"),
                           ("type", "event_type"), ("id.uniqueQualifier", "unique_identifier")):  # fmt: skip
        fields[target] = record.get(source)
    return _finish(fields, application, record["event_name"], parse_time(record["time_usec"]))
