"""Google's audit log (Reports API) into audit events: one row an event, since one activity may hold several.

Source of the fields: Admin SDK Reports API v1, schema Activity. Its id is the time, the application and a qualifier that
only tells entries of one moment apart, so the key is all three and the place of the event in its activity. Pipelines
that hand the log on one event at a time put `name`, `type` and `parameters` beside the id, the last as an object; such
records are read as well. What Google itself calls sensitive parameters is counted and left at the door.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.connector import Reading
from homeroom.ingest.nested import objects_in, plain, raw_of
from homeroom.ingest.rows import EMAIL, LINE, TIME, Field, joined, keyed, taken, words

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
"""Names of the parameters that say whom or what it was done to, best first."""
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
    Field(to="_status", headings=("status.eventStatus",), form=words(STATUS, what="event status")),
)
_VALUES = ("value", "intValue", "boolValue", "multiValue", "multiIntValue", "messageValue", "multiMessageValue")


def activities(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Activities into `audit_events`. An event without a name is one that nobody can tell from others, and is lost."""
    common, unread = taken(raw_of(found, first=first, table=COMMON), table=COMMON)
    events = [(line, number, event) for line, one in enumerate(found, start=first) for number, event in _events(one)]
    said = _said(events)
    rows = said.join(common, on=LINE, how="left", maintain_order="left")
    named = pl.concat_str("_time", "log", "_qualifier", "_number", separator="/")
    rows = rows.with_columns(
        pl.when(pl.col("event").is_not_null()).then(named).alias("key"), pl.coalesce("app", "_by").alias("app")
    )
    kept, lost = keyed(
        rows.select(name for name in rows.columns if name == LINE or name[0] != "_"), field="id and name"
    )
    sensitive = sum(len(objects_in(event.get("sensitiveParameters")) or ()) for _, _, event in events)
    return Reading(
        tables={"audit_events": kept},
        rejects=joined([unread, lost]),
        dropped={"sensitiveParameters": sensitive} if sensitive else {},
    )


def _events(activity: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The events of an activity with their number; the record itself where it is one event."""
    inside = objects_in(activity.get("events"))
    yield from enumerate([activity] if inside is None else inside)


def _said(events: Sequence[tuple[int, int, Mapping[str, Any]]]) -> pl.DataFrame:
    """What the events say of themselves, with the line and number of each."""
    parameters = [_parameters(event) for _, _, event in events]
    read, _ = taken(raw_of([event for _, _, event in events], first=0, table=EVENT), table=EVENT)
    failed, succeeded = pl.col("event").is_in(FAILURES), pl.col("event").is_in(SUCCESSES)
    told = pl.when(failed).then(pl.lit("failure")).when(succeeded).then(pl.lit("success"))
    return read.with_columns(
        pl.coalesce("_status", told).alias("outcome"),
        pl.Series("app", [_first(given, APPS) for given in parameters], pl.String),
        pl.Series("device_key", [_first(given, DEVICES) for given in parameters], pl.String),
        pl.Series("target", [_first(given, TARGETS) for given in parameters], pl.String),
        pl.Series("details", [_json(given) for given in parameters], pl.String),
        pl.Series("_number", [str(number) for _, number, _ in events], pl.String),
        pl.Series(LINE, [line for line, _, _ in events], pl.Int64),
    )


def _parameters(event: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters by name, whether they stand as a list of names and values or as an object."""
    given = event.get("parameters")
    if isinstance(given, Mapping):
        return {name: value for name, value in given.items() if value not in (None, "", [], {})}
    listed = {plain(one.get("name")): _value(one) for one in objects_in(given) or ()}
    return {name: value for name, value in listed.items() if name and value not in (None, "", [], {})}


def _value(parameter: Mapping[str, Any]) -> Any:
    return next((parameter[name] for name in _VALUES if name in parameter), None)


def _first(given: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((said for name in names if (said := plain(given.get(name)))), None)


def _json(given: Mapping[str, Any]) -> str | None:
    return json.dumps(given, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if given else None
