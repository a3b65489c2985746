"""Incident IQ's assets into device records.

Asset tag, serial, model, name, status, owner and location are the properties of an asset that published scripts read
from its API; the headings of the grid's export (Asset Tag, Serial Number, Owner, Owner Email, Room, Funding Source,
Last Verified and others) are recalled from memory, so each has several spellings. Status words are the district's own.

An asset that was verified was seen by a person with a scanner: that is no report of the device, so `last_seen` stays
empty.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    DATE,
    EMAIL,
    MONEY,
    TEXT,
    Field,
    RawRows,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import asset_status, device_types, locations, parsers

ASSETS = (
    Field(to="asset_tag", headings=("Asset Tag", "Tag")),
    Field(to="serial", headings=("Serial Number", "Serial", "Serial No", "Serial #")),
    Field(to="name", headings=("Asset Name", "Device Name", "Host Name", "Name"), form=TEXT),
    Field(to="manufacturer", headings=("Manufacturer", "Brand"), form=TEXT),
    Field(to="model", headings=("Model", "Model Name"), form=TEXT),
    Field(to="category", headings=("Category", "Model Category", "Asset Type"), form=TEXT),
    Field(to="status_word", headings=("Status", "Asset Status"), form=TEXT),
    Field(to="school_name", headings=("Location", "Location Name", "School", "Site"), form=TEXT),
    Field(to="location", headings=("Room", "Location Room", "Room Name"), form=TEXT),
    Field(to="_cart", headings=("Storage Unit", "Cart"), form=TEXT),
    Field(to="_owner", headings=("Owner", "Owner Name"), form=TEXT),
    Field(to="_email", headings=("Owner Email", "Owner Username", "Email"), form=EMAIL),
    Field(to="holder_number", headings=("Owner School ID", "Owner School ID Number", "Owner ID", "Student ID")),
    Field(to="purchased_on", headings=("Purchase Date", "Purchased Date"), form=DATE),
    Field(to="cost_minor", headings=("Purchase Price", "Purchase Cost", "Cost"), form=MONEY),
    Field(
        to="warranty_until", headings=("Warranty Expiration", "Warranty Expiration Date", "Warranty Expires"), form=DATE
    ),
    Field(to="funding", headings=("Funding Source", "Funding"), form=TEXT),
    Field(to="_notes", headings=("Notes", "Comments"), form=TEXT),
)
_NOBODY = ("unassigned", "no owner", "none", "n/a", "-")


def read_assets(frame: pl.DataFrame) -> Reading:
    """Read assets into `device_records`, keyed by asset tag, else serial number; costs are US dollars."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=ASSETS)
    description = pl.concat_str("category", "model", separator=" ", ignore_nulls=True)
    platform = device_types.detect_platform(
        pl.concat_str("category", "manufacturer", "model", separator=" ", ignore_nulls=True)
    )
    owner = pl.when(~pl.col("_owner").str.to_lowercase().is_in(list(_NOBODY))).then(pl.col("_owner"))
    rows = read.with_columns(owner.alias("_owner")).with_columns(
        pl.coalesce("asset_tag", "serial").alias("key"),
        pl.lit(False).alias("managed"),
        platform.alias("platform"),
        device_types.classify_device(description, platform=platform).alias("kind"),
        asset_status.classify_status(pl.col("status_word")).alias("status"),
        pl.coalesce(
            "_cart", locations.extract_cart(location=pl.col("location"), org_unit=pl.lit(None, dtype=pl.String))
        ).alias("cart"),
        pl.coalesce("_email", parsers.parse_email(pl.col("_owner"))).alias("holder_email"),
        pl.when(~pl.col("_owner").str.contains("@", literal=True)).then(pl.col("_owner")).alias("holder_name"),
        pl.coalesce("_owner", "_email").is_not_null().alias("checked_out"),
        pl.when(pl.col("cost_minor").is_not_null()).then(pl.lit("USD")).alias("currency"),
        device_types.extract_support_note(pl.col("_notes")).alias("os_support_note"),
    )
    public = [name for name in rows.columns if name == "_line" or not name.startswith("_")]
    valid_rows, key_rejects = require_key(
        rows.select(public), field=(raw.find_columns("Asset Tag", "Tag") or ["Asset Tag"])[0]
    )
    return Reading(
        tables={"device_records": valid_rows}, rejects=concat_rejects([value_rejects, key_rejects]), usage=raw.usage
    )
