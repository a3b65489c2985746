"""Snipe-IT's API pages under the headings of its CSV export, so that one reader reads both.

Source of the fields: Snipe-IT's AssetsTransformer. Times come as `{"datetime", "formatted"}`, days as
`{"date", "formatted"}`, custom fields under their labels.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

HEADINGS: Mapping[str, str] = {
    "id": "ID",
    "asset_tag": "Asset Tag",
    "serial": "Serial",
    "name": "Asset Name",
    "model.name": "Model",
    "model_number": "Model No",
    "category.name": "Category",
    "manufacturer.name": "Manufacturer",
    "rtd_location.name": "Default Location",
    "location.name": "Location",
    "assigned_to.type": "Checkout Type",
    "assigned_to.name": "Checked Out To",
    "assigned_to.email": "Email",
    "assigned_to.username": "Username",
    "assigned_to.employee_number": "Employee Number",
    "purchase_date.date": "Purchase Date",
    "purchase_cost": "Purchase Cost",
    "warranty_expires.date": "Warranty Expires",
    "notes": "Notes",
}
_CUSTOM = r"^custom_fields\.(.+)\.value$"
_STATUS, _META = "status_label.name", "status_label.status_meta"


def convert_to_export(frame: pl.DataFrame) -> pl.DataFrame:
    """Convert a frame of flattened responses to a frame of the export.

    It has the export's headings, the months of a warranty as a bare number, and a district's custom fields under its
    labels. An asset without a holder lacks `assigned_to`; its columns are there, and null.
    """
    present_columns = set(frame.columns)
    columns = [
        (pl.col(name) if name in present_columns else pl.lit(None, pl.String)).alias(to)
        for name, to in HEADINGS.items()
    ]
    months = (
        pl.col("warranty_months").str.extract(r"(\d+)")
        if "warranty_months" in present_columns
        else pl.lit(None, pl.String)
    )
    return frame.select(
        "_line",
        *columns,
        _build_status(present_columns).alias("Status"),
        months.alias("Warranty"),
        *_list_custom_columns(frame),
    )


def _build_status(present_columns: set[str]) -> pl.Expr:
    """Build the label with its state behind it, as Snipe-IT's screens and exports write it."""
    label = pl.col(_STATUS) if _STATUS in present_columns else pl.lit(None, pl.String)
    if _META not in present_columns:
        return label
    return pl.when(pl.col(_META).is_null()).then(label).otherwise(pl.format("{} ({})", label, _META))


def _list_custom_columns(frame: pl.DataFrame) -> list[pl.Expr]:
    used_labels = {*HEADINGS.values(), "Status", "Warranty"}
    labels = frame.select(pl.Series("name", frame.columns).str.extract(_CUSTOM).alias("label"))["label"]
    labeled_columns = zip(frame.columns, labels.to_list(), strict=True)
    return [
        pl.col(name).alias(label) for name, label in labeled_columns if label is not None and label not in used_labels
    ]
