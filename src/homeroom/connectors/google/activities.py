"""Google's audit log (Reports API) into audit events: one row per event, since one activity may hold several.

Source of the fields: Admin SDK Reports API v1, schema Activity. Its id is the time, the application and a qualifier
that only distinguishes entries of one moment, so the key is all three and the index of the event in its activity.
Pipelines that forward the log one event at a time put `name`, `type` and `parameters` beside the id, the last as an
object; such records are read as well. Parameters that Google itself marks as sensitive are counted and dropped on
ingest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.contract.column_usage import ColumnUsage
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import build_raw_rows, format_plain_value, list_objects
from homeroom.ingest.rows.field_table import (
    EMAIL,
    LINE,
    TIME,
    Field,
    build_word_format,
    concat_rejects,
    read_fields,
    require_key,
)

COMMON = (
    Field(to="_time", headings=("id.time",)),
    Field(to="at", headings=("id.time",), form=TIME),
    Field(to="log", headings=("id.applicationName",)),
    Field(to="_qualifier", headings=("id.uniqueQualifier",)),
    Field(to="actor_key", headings=("actor.profileId", "actor.key")),
    Field(to="actor_email", headings=("actor.email",), form=EMAIL),
    Field(to="address", headings=("ipAddress",)),
    Field(to="country", headings=("networkInfo.regionCode",)),
    Field(to="_by", headings=("actor.applicationInfo.applicationName",)),
)
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
FAILURES = ("login_failure", "2sv_failure", "login_challenge_blocked")
SUCCESSES = ("login_success",)
STATUS: dict[str, str | bool | None] = {
    "succeeded": "success",
    "succeeded_with_warnings": "success",
    "failed": "failure",
    "skipped": None,
    "unknown_event_status": None,
}
EVENT = (
    Field(to="event", headings=("name",)),
    Field(to="_status", headings=("status.eventStatus",), form=build_word_format(STATUS, noun="event status")),
)
_VALUES = ("value", "intValue", "boolValue", "multiValue", "multiIntValue", "messageValue", "multiMessageValue")


def read_activities(activities: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read activities into `audit_events`; an event without a name has no key and is rejected."""
    raw = build_raw_rows(activities, first=first, table=COMMON)
    common, value_rejects = read_fields(raw, table=COMMON)
    events = [
        (line, number, event)
        for line, activity in enumerate(activities, start=first)
        for number, event in _iter_events(activity)
    ]
    event_frame = _read_events(events, usage=raw.usage)
    rows = event_frame.join(common, on=LINE, how="left", maintain_order="left")
    event_key = pl.concat_str("_time", "log", "_qualifier", "_number", separator="/")
    rows = rows.with_columns(
        pl.when(pl.col("event").is_not_null()).then(event_key).alias("key"), pl.coalesce("app", "_by").alias("app")
    )
    valid_rows, key_rejects = require_key(
        rows.select(name for name in rows.columns if name == LINE or name[0] != "_"), field="id and name"
    )
    sensitive = sum(len(list_objects(event.get("sensitiveParameters")) or ()) for _, _, event in events)
    return Reading(
        tables={"audit_events": valid_rows},
        rejects=concat_rejects([value_rejects, key_rejects]),
        dropped={"sensitiveParameters": sensitive} if sensitive else {},
        usage=raw.usage,
    )


def _iter_events(activity: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield the events of an activity with their number; the record itself where it is one event."""
    events = list_objects(activity.get("events"))
    yield from enumerate([activity] if events is None else events)


def _read_events(events: Sequence[tuple[int, int, Mapping[str, Any]]], *, usage: ColumnUsage) -> pl.DataFrame:
    """Read the events' own fields, with the line and number of each."""
    parameters = [_get_parameters(event) for _, _, event in events]
    raw = build_raw_rows([event for _, _, event in events], first=0, table=EVENT, usage=usage)
    read, _ = read_fields(raw, table=EVENT)
    failed, succeeded = pl.col("event").is_in(FAILURES), pl.col("event").is_in(SUCCESSES)
    login_outcome = pl.when(failed).then(pl.lit("failure")).when(succeeded).then(pl.lit("success"))
    return read.with_columns(
        pl.coalesce("_status", login_outcome).alias("outcome"),
        pl.Series("app", [_find_first(event_parameters, APPS) for event_parameters in parameters], pl.String),
        pl.Series("device_key", [_find_first(event_parameters, DEVICES) for event_parameters in parameters], pl.String),
        pl.Series("target", [_find_first(event_parameters, TARGETS) for event_parameters in parameters], pl.String),
        pl.Series("details", [_serialize_parameters(event_parameters) for event_parameters in parameters], pl.String),
        pl.Series("_number", [str(number) for _, number, _ in events], pl.String),
        pl.Series(LINE, [line for line, _, _ in events], pl.Int64),
    )


def _get_parameters(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters by name, from a list of names and values or from an object."""
    parameters = event.get("parameters")
    if isinstance(parameters, Mapping):
        return {name: value for name, value in parameters.items() if value not in (None, "", [], {})}
    values_by_name = {
        format_plain_value(parameter.get("name")): _get_value(parameter) for parameter in list_objects(parameters) or ()
    }
    return {name: value for name, value in values_by_name.items() if name and value not in (None, "", [], {})}


def _get_value(parameter: Mapping[str, Any]) -> Any:
    return next((parameter[name] for name in _VALUES if name in parameter), None)


def _find_first(parameters: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((value for name in names if (value := format_plain_value(parameters.get(name)))), None)


def _serialize_parameters(parameters: Mapping[str, Any]) -> str | None:
    return json.dumps(parameters, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if parameters else None
