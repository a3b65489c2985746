"""Intune's discovered apps into software records: each app with the devices that have it.

Source of the fields: Microsoft Graph v1.0, resource detectedApp and its relationship managedDevices. An app is read
from objects that carry their devices, as `$expand=managedDevices` returns them and as the sync of the apps combines
them; an app whose devices were not requested gives no rows. For an app on more devices than fit into one response, each
object holds a part of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import format_plain_value, list_objects
from homeroom.ingest.rows.field_table import LINE, build_rejects, concat_rejects

PLATFORMS = {"windows": "programs", "macos": "apps", "chromeos": "apps", "ios": "apps"}
_TABLE = ("device_key", "name", "version", "kind")


def read_apps(apps: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read discovered apps into `software_records`, one row per device that has the app.

    `kind` is programs (Windows) or apps.
    """
    unnamed_lines = [
        line for line, app in enumerate(apps, start=first) if not format_plain_value(app.get("displayName"))
    ]
    installs = [
        (key, app, line)
        for line, app in enumerate(apps, start=first)
        if format_plain_value(app.get("displayName"))
        for device in list_objects(app.get("managedDevices")) or ()
        if (key := format_plain_value(device.get("id")))
    ]
    name_rejects = build_rejects(
        pl.DataFrame({LINE: pl.Series(unnamed_lines, dtype=pl.Int64)}),
        field="displayName",
        reason="an app without a name",
        row_lost=True,
    )
    return Reading(tables={"software_records": _build_frame(installs)}, rejects=concat_rejects([name_rejects]))


def _build_frame(installs: Sequence[tuple[str, Mapping[str, Any], int]]) -> pl.DataFrame:
    def build_column(name: str) -> pl.Series:
        return pl.Series([format_plain_value(app.get(name)) for _, app, _ in installs], dtype=pl.String)

    software = pl.DataFrame(
        {
            "device_key": pl.Series([key for key, _, _ in installs], dtype=pl.String),
            "name": build_column("displayName"),
            "version": build_column("version"),
            "kind": build_column("platform")
            .str.to_lowercase()
            .replace_strict(PLATFORMS, default="apps", return_dtype=pl.String),
            "vendor": build_column("publisher"),
            LINE: pl.Series([line for *_, line in installs], dtype=pl.Int64),
        }
    )
    return software.unique(_TABLE, keep="first", maintain_order=True)
