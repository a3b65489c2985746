"""Snipe-IT assets into device records.

Source of the headings: Snipe-IT's Importer (lower-case keys such as `asset tag`, `item name`) and the columns of its
hardware export. Snipe-IT escapes text for web pages in exports and responses, which ingest undoes. Status labels are
the district's own, so they are read by the words in them.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.snipeit.custom_fields import read_hardware_ids, read_host_names, read_network_addresses
from homeroom.connectors.snipeit.responses import convert_to_export
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    DATE,
    EMAIL,
    MONEY,
    TEXT,
    Field,
    RawRows,
    ValueFormat,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import device_types, locations, parsers

ROW_ID = ValueFormat(parse=lambda column: parsers.strip_text(column).str.extract(r"^0*([1-9][0-9]*)$"))
"""The number that Snipe-IT's database assigns; a district's own column ID may hold anything else."""
NUMBER = ValueFormat(parse=parsers.parse_integer, kind=pl.Int64(), fits="not a number of months; 36 fits")
ASSETS = (
    Field(to="_id", headings=("ID",), form=ROW_ID),
    Field(to="_tag", headings=("Asset Tag", "Tag")),
    Field(to="serial", headings=("Serial", "Serial Number", "Serial No")),
    Field(to="name", headings=("Asset Name", "Item Name", "Name"), form=TEXT),
    Field(to="model", headings=("Model", "Model Name"), form=TEXT),
    Field(to="_model_number", headings=("Model No", "Model Number"), form=TEXT),
    Field(to="category", headings=("Category", "Asset Category"), form=TEXT),
    Field(to="manufacturer", headings=("Manufacturer",), form=TEXT),
    Field(to="status_word", headings=("Status", "Status Label", "Asset Status"), form=TEXT),
    Field(to="_default_location", headings=("Default Location", "RTD Location"), form=TEXT),
    Field(to="_location", headings=("Location", "Checkout Location", "Current Location"), form=TEXT),
    Field(to="school_name", headings=("School", "School Name", "Building", "Campus"), form=TEXT),
    Field(to="_cart", headings=("Cart", "Cart Name"), form=TEXT),
    Field(to="_type", headings=("Checkout Type", "Assigned Type", "Type"), form=ValueFormat(parse=parsers.lower_text)),
    Field(to="_holder", headings=("Checked Out To", "Assigned To", "Full Name", "Checked Out"), form=TEXT),
    Field(to="_email", headings=("Email", "Checked Out To Email", "Assigned To Email", "User Email"), form=EMAIL),
    Field(to="_username", headings=("Username", "User Name")),
    Field(to="holder_number", headings=("Employee Number", "Employee No", "Employee ID", "Employee Num")),
    Field(to="purchased_on", headings=("Purchase Date", "Purchased"), form=DATE),
    Field(to="cost_minor", headings=("Purchase Cost", "Cost"), form=MONEY),
    Field(to="_currency", headings=("Currency",)),
    Field(to="_months", headings=("Warranty", "Warranty Months"), form=NUMBER),
    Field(to="_warranty", headings=("Warranty Expires", "Warranty Expiration", "Warranty End"), form=DATE),
    Field(to="funding", headings=("Funding Source", "Funding", "Fund", "Grant"), form=TEXT),
    Field(to="_notes", headings=("Notes", "Asset Notes", "Note"), form=TEXT),
)
STATUS_WORDS: tuple[tuple[str, str], ...] = (
    ("lost", r"(?i)\b(lost|stolen|missing)\b"),
    (
        "retired",
        r"(?i)retired|dispos|surplus|recycl|\bsold\b|donated|decommission|archived|scrap|written off|not fixable"
        r"|e-?waste|auction|end of life",
    ),
    ("repair", r"(?i)\brepair|diagnos|\bbroken\b|damaged|\brma\b"),
    ("storage", r"(?i)\b(storage|stock|warehouse|storeroom)\b"),
    ("spare", r"(?i)\bspares?\b"),
    (
        "active",
        r"(?i)deployed|deployable|ready to deploy|in use|in service|checked out|\bactive\b|assigned|issued|available"
        r"|loaner",
    ),
)
"""The first match wins; `Lost/Stolen`, `Out for Repair` and `Broken - Not Fixable` ship with Snipe-IT."""
_STATE = r"(?i)[\s(]+(deployed|deployable|undeployable|requestable|pending|archived)\)?$"
"""The state that Snipe-IT's screens write after a label: `Spare (deployable)`, `Ready to Deploy Deployed`."""
_LOCATION_WORDS = r"(?i)\b(room|rm|cart|lab|library|closet|office|media center|storage)\b"
_TARGETS = ("user", "location", "asset")
"""What Snipe-IT checks out to; a district's own column Type has other values, which are ignored."""
_HOLDERS = ("Checked Out To", "Assigned To", "Full Name", "Checked Out", "Email", "Username")


def read_assets(frame: pl.DataFrame) -> Reading:
    """Read assets into `device_records`; costs without a currency are US dollars.

    The key is Snipe-IT's own number of the asset where each row has one, else the asset tag, else the serial: several
    assets may carry one tag, and a tag moves on to the next device. Rows of one tag are keyed by tag and serial.
    """
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=ASSETS)
    macs, address_rejects = read_network_addresses(raw)
    has_ids = read["_id"].null_count() == 0 and read["_id"].is_unique().all()
    key = pl.col("_id") if has_ids else _distinguish_shared_tags()
    hosts = read_host_names(raw)
    with_holder = _add_holder(read, raw=raw).with_columns(
        pl.coalesce(key, "_tag", "serial").alias("key"), pl.coalesce(hosts, "name").alias("name"), macs
    )
    description = pl.concat_str("category", "model", "_model_number", separator=" ", ignore_nulls=True)
    platform = device_types.detect_platform(
        pl.concat_str("category", "manufacturer", "model", separator=" ", ignore_nulls=True)
    )
    rows = with_holder.with_columns(
        pl.col("_tag").alias("asset_tag"),
        pl.lit(False).alias("managed"),
        platform.alias("platform"),
        device_types.classify_device(description, platform=platform).alias("kind"),
        _derive_status().alias("status"),
        pl.coalesce(
            "_cart", locations.extract_cart(location=pl.col("location"), org_unit=pl.lit(None, dtype=pl.String))
        ).alias("cart"),
        pl.when(pl.col("cost_minor").is_not_null())
        .then(pl.coalesce(pl.col("_currency").str.to_uppercase(), pl.lit("USD")))
        .alias("currency"),
        pl.coalesce("_warranty", pl.col("purchased_on").dt.offset_by(pl.format("{}mo", "_months"))).alias(
            "warranty_until"
        ),
        device_types.extract_support_note(pl.col("_notes")).alias("os_support_note"),
        read_hardware_ids(raw),
    )
    public = [name for name in rows.columns if name == "_line" or not name.startswith("_")]
    valid_rows, key_rejects = require_key(
        rows.select(public), field=(raw.find_columns("Asset Tag", "Tag", "Serial") or ["Asset Tag"])[0]
    )
    return Reading(
        tables={"device_records": valid_rows},
        rejects=concat_rejects([value_rejects, address_rejects, key_rejects]),
        usage=raw.usage,
    )


def _distinguish_shared_tags() -> pl.Expr:
    """Return the tag with the serial for rows whose tag is on rows of other serials or of none; null for all others."""
    serials = pl.col("serial").n_unique().over("_tag")
    return pl.when(pl.col("_tag").is_not_null() & (serials > 1)).then(pl.concat_str("_tag", "serial", separator=" "))


def read_api_assets(frame: pl.DataFrame) -> Reading:
    """Read pages of the API into `device_records`, as their export would be read."""
    return read_assets(convert_to_export(frame))


def _add_holder(rows: pl.DataFrame, *, raw: RawRows) -> pl.DataFrame:
    """Add the holder or the location that the asset is checked out to.

    Snipe-IT checks out to users, locations and other assets in one column.
    """
    holder = pl.col("_holder")
    equals_location = holder.str.to_lowercase() == pl.col("_location").str.to_lowercase()
    looks_like_location = pl.col("_email").is_null() & (equals_location | holder.str.contains(_LOCATION_WORDS))
    has_other_type = pl.when(pl.col("_type").is_in(_TARGETS)).then(pl.col("_type") != "user")
    is_not_person = pl.coalesce(has_other_type, looks_like_location, pl.lit(False))
    holder_email = pl.coalesce("_email", parsers.parse_email(holder), parsers.parse_email(pl.col("_username")))
    holder_name = pl.when(~holder.str.contains("@", literal=True)).then(holder.str.replace(r"\s*\([^)]*\)$", ""))
    has_holder_columns = bool(raw.find_columns(*_HOLDERS))
    return rows.with_columns(
        pl.when(~is_not_person).then(holder_email).alias("holder_email"),
        pl.when(~is_not_person).then(holder_name).alias("holder_name"),
        pl.when(~is_not_person).then(pl.col("holder_number")).alias("holder_number"),
        pl.coalesce("_location", pl.when(is_not_person).then(holder), "_default_location").alias("location"),
        (
            pl.coalesce("_holder", "_email", "_username").is_not_null()
            if has_holder_columns
            else pl.lit(None, dtype=pl.Boolean)
        ).alias("checked_out"),
    )


def _derive_status() -> pl.Expr:
    label = pl.col("status_word").str.replace(_STATE, "")
    state = pl.col("status_word").str.extract(_STATE).str.to_lowercase()
    by_word = pl.coalesce(pl.when(label.str.contains(pattern)).then(pl.lit(name)) for name, pattern in STATUS_WORDS)
    by_state = state.replace_strict(
        {"deployed": "active", "deployable": "active", "requestable": "active", "archived": "retired"},
        default=None,
        return_dtype=pl.String,
    )
    return pl.coalesce(by_word, by_state)
