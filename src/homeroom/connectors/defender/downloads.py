"""The device inventory that Defender's portal exports as CSV, into device and coverage records.

Source of the headings: the columns of the page Assets > Devices and its export, recalled from memory. The ids are those
of the API. Devices that Defender only discovered on the network are listed too, by their onboarding status.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import LOWER, TEXT, TIME, Field, RawRows, concat_rejects, read_fields, require_key
from homeroom.ingest.values import device_types

PURPOSE, TOOL = "antivirus", "Microsoft Defender for Endpoint"
"""What a machine of Defender is covered by, in the API and in the portal's list."""
INVENTORY = (
    Field(to="key", headings=("Device ID",), form=LOWER),
    Field(to="name", headings=("Device Name",), form=TEXT),
    Field(to="last_seen", headings=("Last device update", "Last Seen"), form=TIME),
    Field(to="_system", headings=("OS Platform",), form=TEXT),
    Field(to="_health", headings=("Health Status",), form=TEXT),
    Field(to="_onboarding", headings=("Onboarding Status",), form=TEXT),
)


def read_inventory(frame: pl.DataFrame) -> Reading:
    """Read devices into `device_records` and `coverage_records`; `managed` is null, as Defender manages none."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=INVENTORY)
    valid_rows, key_rejects = require_key(read, field="Device ID")
    system = pl.col("_system").str.replace("(?i)^windows.*", "Windows")
    devices = valid_rows.select(
        *("_line", "key", "name", "last_seen"),
        device_types.detect_platform(system).alias("platform"),
        pl.col("_health").alias("status_word"),
    )
    coverage = valid_rows.select(
        *("_line", "key", "name", "last_seen"),
        pl.lit(PURPOSE).alias("purpose"),
        pl.lit(TOOL).alias("tool"),
        pl.col("_onboarding").str.to_lowercase().eq("onboarded").fill_null(True).alias("covered"),
        pl.col("_health").str.contains("(?i)^no ?sensor ?data").fill_null(False).alias("unclear"),
        pl.col("_onboarding").alias("status_word"),
    )
    return Reading(
        tables={"device_records": devices, "coverage_records": coverage},
        rejects=concat_rejects([value_rejects, key_rejects]),
        usage=raw.usage,
    )
