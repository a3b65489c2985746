"""Alerts of Google's Alert Center into alert records.

Source of the fields: Google Workspace Alert Center API v1beta1, resource alerts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import build_raw_rows
from homeroom.ingest.rows.field_table import LOWER, TEXT, TIME, Field, concat_rejects, read_fields, require_key

LEVELS = {"LOW": 1, "MEDIUM": 2, "HIGH": 3}
ALERTS = (
    Field(to="key", headings=("alertId",)),
    Field(to="at", headings=("startTime", "createTime"), form=TIME),
    Field(to="agent_name", headings=("data.email", "data.maliciousEntity.fromHeader"), form=LOWER),
    Field(to="address", headings=("data.loginDetails.ipAddress",)),
    Field(to="rule", headings=("source",), form=TEXT),
    Field(to="title", headings=("type",), form=TEXT),
    Field(to="_severity", headings=("metadata.severity",)),
)


def read_alerts(alerts: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read alerts into `alert_records`; the level is 1 for low, 2 for medium, 3 for high."""
    raw = build_raw_rows(alerts, first=first, table=ALERTS)
    read, value_rejects = read_fields(raw, table=ALERTS)
    level = pl.col("_severity").str.to_uppercase().replace_strict(LEVELS, default=None, return_dtype=pl.Int64)
    rows, key_rejects = require_key(read.with_columns(level.alias("level")).drop("_severity"), field="alertId")
    return Reading(
        tables={"alert_records": rows}, rejects=concat_rejects([value_rejects, key_rejects]), usage=raw.usage
    )
