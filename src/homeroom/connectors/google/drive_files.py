"""Files of Drive with who may open them.

Source of the fields: Drive API v3, File and Permission; GAM's `print filelist` prints them with the owner, either with
all permissions in a row (`permissions.0.type`) or one in each row (`permission.type`).
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.google.columns import spread_json_column
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    EMAIL,
    TEXT,
    TIME,
    Field,
    RawRows,
    concat_rejects,
    read_fields,
    require_key,
)

FILES = (
    Field(to="key", headings=("id",)),
    Field(to="title", headings=("name", "title"), form=TEXT),
    Field(to="owner_email", headings=("Owner", "owners.0.emailAddress"), form=EMAIL),
    Field(to="kind", headings=("mimeType",), form=TEXT),
    Field(to="modified_at", headings=("modifiedTime", "modifiedDate"), form=TIME),
)
_TYPE, _ROLE = r"permissions?(\.\d+)?\.type", r"permissions?(\.\d+)?\.role"
_FINDABLE = r"permissions?(\.\d+)?\.allowFileDiscovery"
_WRITES = ("writer", "fileorganizer", "organizer", "owner")
_SHARED = ("anyone", "domain")


def read_drive_files(frame: pl.DataFrame) -> Reading:
    """Read one row of `shared_file_records` for each file, with all of its permissions together."""
    raw, json_rejects = spread_json_column(frame)
    read, value_rejects = read_fields(raw, table=FILES)
    valid_rows, key_rejects = require_key(read, key="key", field="id")
    permissions = _read_permissions(raw)
    rows = valid_rows.join(permissions, on="_line", how="left").group_by("key", maintain_order=True).agg(
        pl.first("title", "owner_email", "kind", "modified_at", "_line"),
        pl.col("is_anyone").any(),
        pl.col("is_domain").any(),
        pl.col("findable").any(),
        pl.col("writable").any(),
        pl.col("people").sum(),
    )  # fmt: skip
    access = pl.when("is_anyone").then(pl.lit("anyone")).when("is_domain").then(pl.lit("domain"))
    shared = rows.with_columns(
        access.otherwise(pl.lit("people")).alias("access"),
        *(
            pl.when(pl.col("is_anyone") | pl.col("is_domain")).then(name).alias(name)
            for name in ("findable", "writable")
        ),
    ).drop("is_anyone", "is_domain")
    return Reading(
        tables={"shared_file_records": shared},
        rejects=concat_rejects([json_rejects, value_rejects, key_rejects]),
        usage=raw.usage,
    )


def _read_permissions(raw: RawRows) -> pl.DataFrame:
    """Return for each row whether anyone or the domain may open the file, and how many people are named."""
    types, roles = raw.match_columns(_TYPE), raw.match_columns(_ROLE)
    findable = raw.match_columns(_FINDABLE)
    kinds = {name.rpartition(".")[0]: pl.col(name).str.to_lowercase() for name in types}
    is_shared = {name: kind.is_in(_SHARED) for name, kind in kinds.items()}
    none = pl.lit(value=False)
    return raw.frame.select(
        "_line",
        pl.any_horizontal(none, *(kind == "anyone" for kind in kinds.values())).alias("is_anyone"),
        pl.any_horizontal(none, *(kind == "domain" for kind in kinds.values())).alias("is_domain"),
        pl.any_horizontal(none, *_test_columns(findable, is_shared, ("true",))).alias("findable"),
        pl.any_horizontal(none, *_test_columns(roles, is_shared, _WRITES)).alias("writable"),
        pl.sum_horizontal(
            pl.lit(0), *(kind.is_in(("user", "group")).cast(pl.Int64) for kind in kinds.values())
        ).alias("people"),
    )  # fmt: skip


def _test_columns(names: list[str], is_shared: dict[str, pl.Expr], values: tuple[str, ...]) -> list[pl.Expr]:
    prefixes = {name: name.rpartition(".")[0] for name in names}
    return [
        is_shared[prefix] & pl.col(name).str.to_lowercase().is_in(values)
        for name, prefix in prefixes.items()
        if prefix in is_shared
    ]
