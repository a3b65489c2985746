"""Entra's sign-in log and directory log into audit events, as Graph answers and as diagnostic settings export them.

Source of the fields: Microsoft Graph v1.0, resources signIn and directoryAudit. An export to storage or to an event hub
wraps the same resource as `properties` and says in `category` which log it is of; some of its records lack the resource's
id, and there the correlation id with the time and the operation tells one from others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.connector import Reading
from homeroom.ingest.nested import Objects, objects_in, plain, raw_of
from homeroom.ingest.rows import EMAIL, LINE, LOWER, TEXT, TIME, Field, joined, keyed, taken, words

SIGN_IN = (
    Field(to="key", headings=("id",)),
    Field(to="at", headings=("createdDateTime", "activityDateTime", "_time"), form=TIME),
    Field(to="actor_key", headings=("userId", "servicePrincipalId")),
    Field(to="actor_email", headings=("userPrincipalName",), form=EMAIL),
    Field(to="address", headings=("ipAddress", "_address")),
    Field(to="country", headings=("location.countryOrRegion",)),
    Field(to="app", headings=("appDisplayName",), form=TEXT),
    Field(to="device_key", headings=("deviceDetail.deviceId",)),
    Field(to="target", headings=("resourceDisplayName",), form=TEXT),
    Field(to="_code", headings=("status.errorCode",)),
    Field(to="_told", headings=("_result",), form=LOWER),
)
RESULTS: dict[str, str | bool | None] = {
    "success": "success",
    "failure": "failure",
    "timeout": "failure",
    "unknownfuturevalue": None,
    "none": None,
}
AUDIT = (
    Field(to="key", headings=("id",)),
    Field(to="at", headings=("activityDateTime", "_time"), form=TIME),
    Field(to="event", headings=("activityDisplayName", "operationName", "_operation"), form=TEXT),
    Field(to="outcome", headings=("result", "_result"), form=words(RESULTS, what="result")),
    Field(
        to="actor_key", headings=("initiatedBy.user.id", "initiatedBy.app.servicePrincipalId", "initiatedBy.app.appId")
    ),
    Field(to="actor_email", headings=("initiatedBy.user.userPrincipalName",), form=EMAIL),
    Field(to="address", headings=("initiatedBy.user.ipAddress", "_address")),
    Field(to="app", headings=("initiatedBy.app.displayName", "loggedByService"), form=TEXT),
)
INTERRUPTED = ("16000", "50058", "50072", "50074", "50076", "50079", "50125", "50140")
"""Codes by which Entra only asks for more on the way, such as the second factor: neither a success nor a failure."""
_FAILED = ("failure", "failed")
_KEPT = (
    "clientAppUsed", "conditionalAccessStatus", "isInteractive", "riskDetail", "riskLevelAggregated",
    "riskLevelDuringSignIn", "riskState", "riskEventTypes_v2", "appId", "authenticationRequirement",
    "authenticationProtocol", "incomingTokenType", "userAgent", "autonomousSystemNumber", "status", "deviceDetail",
    "servicePrincipalName", "crossTenantAccessType", "signInEventTypes",
)  # fmt: skip
"""What is kept of a sign-in beside the columns: what a detection asks for. The city and its coordinates are not."""
_AUDITED = ("category", "operationType", "loggedByService", "resultReason", "additionalDetails")


def sign_ins(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Sign-ins into `audit_events`. An error code of 0 is a success, another one a failure, those of INTERRUPTED neither."""
    inner = [_unwrapped(one) for one in found]
    read, unread = taken(raw_of(inner, first=first, table=SIGN_IN), table=SIGN_IN)
    bad, good = pl.col("_told").is_in(_FAILED), pl.col("_told") == "success"
    told = pl.when(bad).then(pl.lit("failure")).when(good).then(pl.lit("success"))
    asked = pl.col("_code").is_in(INTERRUPTED)
    code = pl.when(pl.col("_code") == "0").then(pl.lit("success")).when(~asked).then(pl.lit("failure"))
    rows = read.with_columns(
        pl.lit("login").alias("log"),
        pl.lit("sign-in").alias("event"),
        pl.when(pl.col("_code").is_null()).then(told).otherwise(code).alias("outcome"),
        pl.Series("details", [_json({name: one[name] for name in _KEPT if name in one}) for one in inner], pl.String),
    )
    return _reading(rows, inner, unread)


def audits(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Changes in the directory into `audit_events`. The target is the first one by address, else by name, else by id."""
    inner = [_unwrapped(one) for one in found]
    read, unread = taken(raw_of(inner, first=first, table=AUDIT), table=AUDIT)
    rows = read.with_columns(
        pl.lit("directory").alias("log"),
        pl.Series("target", [_target(one) for one in inner], pl.String),
        pl.Series("details", [_json(_changes(one)) for one in inner], pl.String),
    )
    return _reading(rows, inner, unread)


def exported(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Records of diagnostic settings: sign-ins by one reader, everything else of the directory by the other."""
    signed = [(line, one) for line, one in enumerate(found, start=first) if _is_sign_in(one)]
    others = [(line, one) for line, one in enumerate(found, start=first) if not _is_sign_in(one)]
    parts = [_lined(reader, some) for reader, some in ((sign_ins, signed), (audits, others)) if some]
    frames = [part.tables["audit_events"] for part in parts]
    events = pl.concat(frames, how="diagonal") if frames else audits([], first).tables["audit_events"]
    return Reading(tables={"audit_events": events}, rejects=joined([part.rejects for part in parts]))


def _lined(reader: Any, some: Sequence[tuple[int, Mapping[str, Any]]]) -> Reading:
    """What a reader makes of some of the records, under the lines on which they stood."""
    made: Reading = reader([one for _, one in some], 1)
    lines = {number: line for number, (line, _) in enumerate(some, start=1)}
    told = pl.col(LINE).replace_strict(lines, return_dtype=pl.Int64)
    rejected = made.rejects.with_columns(pl.col("line").replace_strict(lines, return_dtype=pl.Int64))
    return Reading(tables={"audit_events": made.tables["audit_events"].with_columns(told)}, rejects=rejected)


def _is_sign_in(found: Mapping[str, Any]) -> bool:
    return (plain(found.get("category")) or "").lower().endswith("signinlogs")


def _unwrapped(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The resource itself, with what only the record around it says under names of their own."""
    inside = found.get("properties")
    if not isinstance(inside, Mapping):
        return found
    about = {"_time": "time", "_address": "callerIpAddress", "_operation": "operationName", "_result": "resultType"}
    around = {name: found.get(theirs) for name, theirs in about.items()}
    return {"correlationId": found.get("correlationId"), **around, **inside}


def _reading(rows: pl.DataFrame, inner: Objects, unread: pl.DataFrame) -> Reading:
    key = [plain(one.get("id")) or _otherwise(one) for one in inner]
    rows = rows.with_columns(pl.Series("key", key, pl.String))
    kept, lost = keyed(rows.select(name for name in rows.columns if name == LINE or name[0] != "_"), field="id")
    return Reading(tables={"audit_events": kept}, rejects=joined([unread, lost]))


def _otherwise(found: Mapping[str, Any]) -> str | None:
    parts = [plain(found.get(name)) for name in ("correlationId", "_time", "_operation")]
    return "/".join(part for part in parts if part) if all(parts) else None


def _target(found: Mapping[str, Any]) -> str | None:
    names = ("userPrincipalName", "displayName", "id")
    first = next(iter(objects_in(found.get("targetResources")) or ()), {})
    return next((said for name in names if (said := plain(first.get(name)))), None)


def _changes(found: Mapping[str, Any]) -> dict[str, Any]:
    """What was changed, old and new, target by target, and why it failed. Values of passwords and keys Entra leaves empty."""
    targets = [
        {name: one[name] for name in ("id", "type", "displayName", "modifiedProperties") if one.get(name)}
        for one in objects_in(found.get("targetResources")) or ()
    ]
    return {**{name: found[name] for name in _AUDITED if found.get(name)}, "targetResources": targets}


def _json(given: Mapping[str, Any]) -> str | None:
    kept = {name: value for name, value in given.items() if value not in (None, "", [], {})}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if kept else None
