"""Alerts of Microsoft's security tools (Graph alerts_v2) into alert records.

Source of the fields: Microsoft Graph v1.0, resource microsoft.graph.security.alert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import build_list_column, build_raw_rows, format_plain_value, list_objects
from homeroom.ingest.rows.field_table import TEXT, TIME, Field, concat_rejects, read_fields, require_key

LEVELS = {"informational": 0, "low": 1, "medium": 2, "high": 3}
ALERTS = (
    Field(to="key", headings=("id",)),
    Field(to="at", headings=("firstActivityDateTime", "createdDateTime"), form=TIME),
    Field(to="rule", headings=("detectorId", "serviceSource"), form=TEXT),
    Field(to="title", headings=("title", "category"), form=TEXT),
    Field(to="_severity", headings=("severity",)),
)
_DEVICES = ("deviceDnsName", "hostName")
_ACCOUNTS = ("userPrincipalName", "primaryAddress")


def read_alerts(alerts: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read alerts into `alert_records`; the level is 0 for informational up to 3 for high."""
    raw = build_raw_rows(alerts, first=first, table=ALERTS)
    read, value_rejects = read_fields(raw, table=ALERTS)
    level = pl.col("_severity").str.to_lowercase().replace_strict(LEVELS, default=None, return_dtype=pl.Int64)
    rows = read.with_columns(
        level.alias("level"),
        pl.Series("agent_name", [_find_name(alert) for alert in alerts], dtype=pl.String),
        build_list_column([_list_texts(alert.get("mitreTechniques")) for alert in alerts]).alias("techniques"),
        build_list_column([_list_texts([alert.get("category")]) for alert in alerts]).alias("groups"),
    ).drop("_severity")
    valid_rows, key_rejects = require_key(rows, field="id")
    return Reading(
        tables={"alert_records": valid_rows}, rejects=concat_rejects([value_rejects, key_rejects]), usage=raw.usage
    )


def _find_name(alert: Mapping[str, Any]) -> str | None:
    """Return the first device that the evidence names, else the first account."""
    evidence = list_objects(alert.get("evidence")) or []
    accounts = [item["userAccount"] for item in evidence if isinstance(item.get("userAccount"), dict)]
    for items, names in ((evidence, _DEVICES), (accounts, _ACCOUNTS), (evidence, _ACCOUNTS)):
        for item in items:
            for name in names:
                if value := format_plain_value(item.get(name)):
                    return value.lower()
    return None


def _list_texts(values: Any) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
