"""GLPI's asset lists into device records.

Source of the English headings: the search options of GLPI's classes Computer and CommonDBTM (Name, ID, Location, Type,
Model, Status, UUID, Serial number, Inventory number, Last inventory date, Comments, Alternate username, User, Last
update, Manufacturer, Entity). The French ones are the field names of GLPI's own user guide (Fabricant, Modèle, Type,
Numéro de série, Numéro d'inventaire); Nom, Entité, Statut, Lieu, Dernière modification and Date de dernier inventaire
are recalled from memory, as is `Operating System - Name`, the form of a heading of another table. Each user chooses the
columns of a list. Headings in other languages are not read: map them, or change the language in My settings for the
export. Times are in the form that the user chose: 2026-11-20 14:03, 20-11-2026 14:03 or 11-20-2026 14:03, without a
zone, and taken as UTC. One export has one form; where no value proves which, the day comes first in French and the
month in English.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    EMAIL,
    LOWER,
    TEXT,
    DateFormat,
    Field,
    RawRows,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import asset_status, device_types, locations, parsers
from homeroom.ingest.values.datetimes import FormatReporter

UTC_TIME = pl.Datetime("us", "UTC")
SEEN = ("Last inventory date", "Date de dernier inventaire")
ASSETS = (
    Field(to="_id", headings=("ID",)),
    Field(to="name", headings=("Name", "Nom"), form=TEXT),
    Field(to="serial", headings=("Serial number", "Numéro de série")),
    Field(to="asset_tag", headings=("Inventory number", "Numéro d'inventaire")),
    Field(to="_uuid", headings=("UUID",), form=LOWER),
    Field(to="_entity", headings=("Entity", "Entité"), form=TEXT),
    Field(to="status_word", headings=("Status", "Statut"), form=TEXT),
    Field(to="manufacturer", headings=("Manufacturer", "Manufacturers", "Fabricant"), form=TEXT),
    Field(to="category", headings=("Type", "Types"), form=TEXT),
    Field(to="model", headings=("Model", "Models", "Modèle"), form=TEXT),
    Field(
        to="_system",
        headings=("Operating System - Name", "Operating System", "Système d'exploitation - Nom"),
        form=TEXT,
    ),
    Field(to="os_version", headings=("Operating System - Version", "Système d'exploitation - Version")),
    Field(to="location", headings=("Location", "Locations", "Lieu", "Localisation"), form=TEXT),
    Field(to="_user", headings=("User", "Users", "Utilisateur"), form=TEXT),
)
_DASHED = r"^\s*(\d{1,2})-(\d{1,2})-(\d{4})(.*)$"
_NO_SECONDS = r"^\s*(\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d\d)\s*$"
_ABOVE = r"^[^>]*>?\s*"
"""The root entity, with which every entity's full name begins."""


def read_assets(frame: pl.DataFrame) -> Reading:
    """Read assets into `device_records`, keyed by GLPI's ID if listed, else serial, inventory number or name."""
    return _read_asset_rows(RawRows(frame), day_first=False)


def read_french_assets(frame: pl.DataFrame) -> Reading:
    """Read assets of a list with French headings; see `read_assets`."""
    return _read_asset_rows(RawRows(frame), day_first=True)


def _read_asset_rows(raw: RawRows, *, day_first: bool) -> Reading:
    table = (*ASSETS, Field(to="last_seen", headings=SEEN, form=_build_time_format(raw, day_first=day_first)))
    read, value_rejects = read_fields(raw, table=table)
    description = pl.concat_str("category", "manufacturer", "model", separator=" ", ignore_nulls=True)
    platform = device_types.detect_platform(
        pl.concat_str("_system", "category", "model", separator=" ", ignore_nulls=True)
    )
    path = pl.col("_entity").str.replace(_ABOVE, "").str.replace_all("/", "-", literal=True)
    rows = read.with_columns(
        pl.coalesce("_id", "serial", "asset_tag", "name").alias("key"),
        pl.lit(False).alias("managed"),
        asset_status.classify_status(pl.col("status_word")).alias("status"),
        platform.alias("platform"),
        device_types.classify_device(description, platform=platform).alias("kind"),
        pl.when(pl.col("_entity").is_not_null())
        .then(parsers.normalize_org_unit(path.str.replace_all(r"\s*>\s*", "/")).fill_null("/"))
        .alias("org_unit"),
        locations.extract_cart(location=pl.col("location"), org_unit=pl.lit(None, dtype=pl.String)).alias("cart"),
        EMAIL.parse(pl.col("_user")).alias("holder_email"),
        # GLPI shows a person as `Last First`, and by the login alone where it knows no name.
        pl.when(pl.col("_user").str.contains(" ", literal=True)).then(pl.col("_user")).alias("holder_name"),
        parsers.collect_list([pl.concat_str(pl.lit("udid:"), "_uuid")]).alias("hardware_ids"),
    )
    public = [name for name in rows.columns if name == "_line" or not name.startswith("_")]
    id_headings = raw.find_columns("ID", "Serial number", "Numéro de série") or ["ID"]
    valid_rows, key_rejects = require_key(rows.select(public), field=id_headings[0])
    return Reading(
        tables={"device_records": valid_rows}, rejects=concat_rejects([value_rejects, key_rejects]), usage=raw.usage
    )


def _build_time_format(raw: RawRows, *, day_first: bool) -> DateFormat:
    """Build the format of this file's times.

    A value above 12 proves whether the day comes first, else the language decides.
    """
    parts = [
        raw.frame.select(raw.select_value(*SEEN).str.extract(_DASHED, at).cast(pl.Int64).max()).item() for at in (1, 2)
    ]
    first, second = (part or 0 for part in parts)
    starts_with_day = first > 12 or (day_first and second <= 12)
    order = "${3}-${2}-${1}${4}" if starts_with_day else "${3}-${1}-${2}${4}"

    def parse(column: pl.Expr, report: FormatReporter | None = None) -> pl.Expr:
        completed = column.str.replace(_DASHED, order).str.replace(_NO_SECONDS, "$1:00")
        return parsers.parse_time(completed, report)

    return DateFormat(parse=parse, kind=UTC_TIME, fits="not a time; 2026-11-20 14:03 and 20-11-2026 14:03 fit")
