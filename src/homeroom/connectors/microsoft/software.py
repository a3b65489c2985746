"""Intune's discovered apps into software records: each app with the devices that have it.

Source of the fields: Microsoft Graph v1.0, resource detectedApp and its relationship managedDevices. An app is read from
objects that carry their devices, as `$expand=managedDevices` gives them and as a walk over the apps puts them together;
an app whose devices nobody asked for says nothing about any device. Of an app of more devices than fit into one answer,
each object holds a part of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.connector import Reading
from homeroom.ingest.nested import objects_in, plain
from homeroom.ingest.rows import LINE, joined, rejects

PLATFORMS = {"windows": "programs", "macos": "apps", "chromeos": "apps", "ios": "apps"}
_TABLE = ("device_key", "name", "version", "kind")


def apps(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Discovered apps into `software_records`, a row a device that has the app. `kind` is programs (Windows) or apps."""
    nameless = [line for line, app in enumerate(found, start=first) if not plain(app.get("displayName"))]
    installed = [
        (key, app, line)
        for line, app in enumerate(found, start=first)
        if plain(app.get("displayName"))
        for device in objects_in(app.get("managedDevices")) or ()
        if (key := plain(device.get("id")))
    ]
    lost = rejects(
        pl.DataFrame({LINE: pl.Series(nameless, dtype=pl.Int64)}),
        field="displayName",
        reason="an app without a name",
        row_lost=True,
    )
    return Reading(tables={"software_records": _frame(installed)}, rejects=joined([lost]))


def _frame(installed: Sequence[tuple[str, Mapping[str, Any], int]]) -> pl.DataFrame:
    def texts(name: str) -> pl.Series:
        return pl.Series([plain(app.get(name)) for _, app, _ in installed], dtype=pl.String)

    made = pl.DataFrame(
        {
            "device_key": pl.Series([key for key, _, _ in installed], dtype=pl.String),
            "name": texts("displayName"),
            "version": texts("version"),
            "kind": texts("platform")
            .str.to_lowercase()
            .replace_strict(PLATFORMS, default="apps", return_dtype=pl.String),
            "vendor": texts("publisher"),
            LINE: pl.Series([line for *_, line in installed], dtype=pl.Int64),
        }
    )
    return made.unique(_TABLE, keep="first", maintain_order=True)
