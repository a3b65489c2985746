"""Falcon's hosts into coverage records.

Source of the names: PSFalcon's documentation of Get-FalconHost, whose fields are those of the API (device_id, hostname,
serial_number, agent_version, last_seen, reduced_functionality_mode, status). A sensor in reduced functionality mode, as
after an operating system update that it does not know yet, protects nothing: such a host is listed and not covered.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import TEXT, TIME, TRUTH, Field, RawRows, concat_rejects, read_fields, require_key

HOSTS = (
    Field(to="key", headings=("device_id",)),
    Field(to="name", headings=("hostname",), form=TEXT),
    Field(to="serial", headings=("serial_number",)),
    Field(to="version", headings=("agent_version",)),
    Field(to="status_word", headings=("status",), form=TEXT),
    Field(to="last_seen", headings=("last_seen",), form=TIME),
    Field(to="_reduced", headings=("reduced_functionality_mode",), form=TRUTH),
)


def read_hosts(frame: pl.DataFrame) -> Reading:
    """Read hosts into `coverage_records`.

    `status` is whether a host was contained, which does not describe its protection.
    """
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=HOSTS)
    rows = read.with_columns(
        pl.lit("antivirus").alias("purpose"),
        pl.lit("CrowdStrike Falcon").alias("tool"),
        (~pl.col("_reduced")).alias("covered"),
    ).drop("_reduced")
    valid_rows, key_rejects = require_key(rows, field="device_id")
    return Reading(
        tables={"coverage_records": valid_rows}, rejects=concat_rejects([value_rejects, key_rejects]), usage=raw.usage
    )
