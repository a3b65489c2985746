"""Apps and extensions of Chrome, as GAM prints them and as the Chrome Management API pages them.

Source of the fields: Chrome Management API v1, `customers.reports.countInstalledApps`, schema InstalledApp; GAM's
`print chromeapps` has the same names, with `orgUnitPath` if it was asked for units.
"""

from __future__ import annotations

import polars as pl

from homeroom.connectors.google.columns import spread_json_column
from homeroom.connectors.google.tenant import COUNT, SCOPES
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    ORG_UNIT,
    TEXT,
    TRUTH,
    Field,
    ValueFormat,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import parsers


def _build_word_format(prefix: str) -> ValueFormat:
    """Return the format of an enumeration's word: in small letters, without the prefix; UNSPECIFIED is no value."""

    def parse(column: pl.Expr) -> pl.Expr:
        word = parsers.lower_text(column).str.strip_prefix(prefix)
        return pl.when(~word.str.ends_with("unspecified")).then(word)

    return ValueFormat(parse=parse)


EXTENSIONS = (
    Field(to="app_key", headings=("appId",)),
    Field(to="name", headings=("displayName",), form=TEXT),
    Field(to="kind", headings=("appType",), form=_build_word_format("app_type_")),
    Field(to="install_kind", headings=("appInstallType",), form=_build_word_format("app_install_type_")),
    Field(to="source", headings=("appSource",), form=_build_word_format("app_source_")),
    Field(to="browsers", headings=("browserDeviceCount",), form=COUNT),
    Field(to="users", headings=("osUserCount",), form=COUNT),
    Field(to="disabled", headings=("disabled",), form=TRUTH),
    Field(to="homepage", headings=("homepageUri",)),
    Field(to="permissions", headings=("permissions",), form=SCOPES),
    Field(to="org_unit", headings=("orgUnitPath",), form=ORG_UNIT),
)


def read_extensions(frame: pl.DataFrame) -> Reading:
    """Read apps and extensions into `extension_records`, by app, unit and way of installing."""
    raw, broken = spread_json_column(frame)
    read, value_rejects = read_fields(raw, table=EXTENSIONS)
    numbered = raw.match_columns(r"permissions\.\d+")
    if numbered:
        listed = raw.frame.select(
            parsers.collect_list([parsers.strip_text(pl.col(name)) for name in numbered]).alias("permissions")
        )
        read = read.with_columns(listed.to_series())
    rows = read.with_columns(pl.col("org_unit", "install_kind").fill_null(""))
    parts = pl.concat_str("app_key", "org_unit", "install_kind", separator=" ")
    valid_rows, key_rejects = require_key(rows.with_columns(parts.alias("_parts")), key="_parts", field="appId")
    return Reading(
        tables={"extension_records": valid_rows.drop("_parts")},
        rejects=concat_rejects([broken, value_rejects, key_rejects]),
        usage=raw.usage,
    )
