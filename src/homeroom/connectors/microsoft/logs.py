"""Entra's sign-in log and directory log into audit events, from Graph and from exports of diagnostic settings.

Source of the fields: Microsoft Graph v1.0, resources signIn and directoryAudit. An export to storage or to an event hub
wraps the same resource as `properties` and names its log in `category`; some of its records lack the resource's id, and
there the correlation id with the time and the operation identifies the record.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from homeroom.ingest.contract.column_usage import ColumnUsage, merge_usage
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import JsonObjects, build_raw_rows, format_plain_value, list_objects
from homeroom.ingest.rows.field_table import (
    EMAIL,
    LINE,
    LOWER,
    TEXT,
    TIME,
    Field,
    build_word_format,
    concat_rejects,
    read_fields,
    require_key,
)

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
    Field(to="outcome", headings=("result", "_result"), form=build_word_format(RESULTS, noun="result")),
    Field(
        to="actor_key", headings=("initiatedBy.user.id", "initiatedBy.app.servicePrincipalId", "initiatedBy.app.appId")
    ),
    Field(to="actor_email", headings=("initiatedBy.user.userPrincipalName",), form=EMAIL),
    Field(to="address", headings=("initiatedBy.user.ipAddress", "_address")),
    Field(to="app", headings=("initiatedBy.app.displayName", "loggedByService"), form=TEXT),
)
INTERRUPTED = ("16000", "50058", "50072", "50074", "50076", "50079", "50125", "50140")
"""Codes for a step of a sign-in, such as the request for a second factor: neither a success nor a failure."""
_FAILED = ("failure", "failed")
_STORED_FIELDS = (
    "clientAppUsed", "conditionalAccessStatus", "isInteractive", "riskDetail", "riskLevelAggregated",
    "riskLevelDuringSignIn", "riskState", "riskEventTypes_v2", "appId", "authenticationRequirement",
    "authenticationProtocol", "incomingTokenType", "userAgent", "autonomousSystemNumber", "status", "deviceDetail",
    "servicePrincipalName", "crossTenantAccessType", "signInEventTypes",
)  # fmt: skip
"""The fields of a sign-in that are stored beside the columns, for detections; not the city and its coordinates."""
_AUDIT_FIELDS = ("category", "operationType", "loggedByService", "resultReason", "additionalDetails")


def read_sign_ins(records: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read sign-ins into `audit_events`.

    An error code of 0 is a success, another one a failure, those of INTERRUPTED neither.
    """
    resources = [_unwrap_record(resource) for resource in records]
    raw = build_raw_rows(resources, first=first, table=SIGN_IN)
    read, value_rejects = read_fields(raw, table=SIGN_IN)
    has_failed, has_succeeded = pl.col("_told").is_in(_FAILED), pl.col("_told") == "success"
    stated_outcome = pl.when(has_failed).then(pl.lit("failure")).when(has_succeeded).then(pl.lit("success"))
    is_interrupted = pl.col("_code").is_in(INTERRUPTED)
    code = pl.when(pl.col("_code") == "0").then(pl.lit("success")).when(~is_interrupted).then(pl.lit("failure"))
    rows = read.with_columns(
        pl.lit("login").alias("log"),
        pl.lit("sign-in").alias("event"),
        pl.when(pl.col("_code").is_null()).then(stated_outcome).otherwise(code).alias("outcome"),
        pl.Series(
            "details",
            [
                _serialize_details({name: resource[name] for name in _STORED_FIELDS if name in resource})
                for resource in resources
            ],
            pl.String,
        ),
    )
    return _build_reading(rows, resources, value_rejects, usage=raw.usage)


def read_audits(records: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read changes in the directory into `audit_events`; the target is the first one by address, else name, else id."""
    resources = [_unwrap_record(resource) for resource in records]
    raw = build_raw_rows(resources, first=first, table=AUDIT)
    read, value_rejects = read_fields(raw, table=AUDIT)
    rows = read.with_columns(
        pl.lit("directory").alias("log"),
        pl.Series("target", [_find_target(resource) for resource in resources], pl.String),
        pl.Series("details", [_serialize_details(_describe_changes(resource)) for resource in resources], pl.String),
    )
    return _build_reading(rows, resources, value_rejects, usage=raw.usage)


def read_exported_logs(records: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read records of diagnostic settings: sign-ins by one reader, other directory records by the other."""
    sign_in_records = [(line, record) for line, record in enumerate(records, start=first) if _is_sign_in(record)]
    audit_records = [(line, record) for line, record in enumerate(records, start=first) if not _is_sign_in(record)]
    readings = [
        _read_with_lines(reader, chunk)
        for reader, chunk in ((read_sign_ins, sign_in_records), (read_audits, audit_records))
        if chunk
    ]
    frames = [reading.tables["audit_events"] for reading in readings]
    events = pl.concat(frames, how="diagonal") if frames else read_audits([], first).tables["audit_events"]
    rejects = concat_rejects([reading.rejects for reading in readings])
    return Reading(
        tables={"audit_events": events}, rejects=rejects, usage=merge_usage(reading.usage for reading in readings)
    )


def _read_with_lines(reader: Any, numbered_records: Sequence[tuple[int, Mapping[str, Any]]]) -> Reading:
    """Read some of the records with a reader, and restore their original line numbers."""
    reading: Reading = reader([record for _, record in numbered_records], 1)
    lines = {number: line for number, (line, _) in enumerate(numbered_records, start=1)}
    original_line = pl.col(LINE).replace_strict(lines, return_dtype=pl.Int64)
    rejects = reading.rejects.with_columns(pl.col("line").replace_strict(lines, return_dtype=pl.Int64))
    events = reading.tables["audit_events"].with_columns(original_line)
    return replace(reading, tables={"audit_events": events}, rejects=rejects)


def _is_sign_in(record: Mapping[str, Any]) -> bool:
    return (format_plain_value(record.get("category")) or "").lower().endswith("signinlogs")


def _unwrap_record(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the resource itself, with the fields that only the record around it has, under names of their own."""
    resource = record.get("properties")
    if not isinstance(resource, Mapping):
        return record
    outer_names = {
        "_time": "time",
        "_address": "callerIpAddress",
        "_operation": "operationName",
        "_result": "resultType",
    }
    outer_fields = {name: record.get(outer_name) for name, outer_name in outer_names.items()}
    return {"correlationId": record.get("correlationId"), **outer_fields, **resource}


def _build_reading(
    rows: pl.DataFrame, resources: JsonObjects, value_rejects: pl.DataFrame, *, usage: ColumnUsage
) -> Reading:
    key = [format_plain_value(resource.get("id")) or _build_fallback_key(resource) for resource in resources]
    rows = rows.with_columns(pl.Series("key", key, pl.String))
    valid_rows, key_rejects = require_key(
        rows.select(name for name in rows.columns if name == LINE or name[0] != "_"), field="id"
    )
    return Reading(
        tables={"audit_events": valid_rows}, rejects=concat_rejects([value_rejects, key_rejects]), usage=usage
    )


def _build_fallback_key(resource: Mapping[str, Any]) -> str | None:
    parts = [format_plain_value(resource.get(name)) for name in ("correlationId", "_time", "_operation")]
    return "/".join(part for part in parts if part) if all(parts) else None


def _find_target(resource: Mapping[str, Any]) -> str | None:
    names = ("userPrincipalName", "displayName", "id")
    first = next(iter(list_objects(resource.get("targetResources")) or ()), {})
    return next((value for name in names if (value := format_plain_value(first.get(name)))), None)


def _describe_changes(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the changes, old and new, target by target, and the reason of a failure.

    Entra leaves values of passwords and keys empty.
    """
    targets = [
        {name: target[name] for name in ("id", "type", "displayName", "modifiedProperties") if target.get(name)}
        for target in list_objects(resource.get("targetResources")) or ()
    ]
    return {**{name: resource[name] for name in _AUDIT_FIELDS if resource.get(name)}, "targetResources": targets}


def _serialize_details(details: Mapping[str, Any]) -> str | None:
    filled = {name: value for name, value in details.items() if value not in (None, "", [], {})}
    return json.dumps(filled, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if filled else None
