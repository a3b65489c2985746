"""The applications that Jamf lists on its devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from homeroom.ingest.json_files.nested_values import format_plain_value, list_objects
from homeroom.ingest.rows.field_table import LINE

_TEXTS = ("device_key", "name", "version", "kind", "vendor", "identifier")


@dataclass(frozen=True, kw_only=True)
class SoftwareListing:
    """Field names of a device's list of applications, and of an application's id and version."""

    under: str
    identifier: tuple[str, ...]
    versions: tuple[str, ...]


def build_software(
    devices: Sequence[Mapping[str, Any]], *, keys: Sequence[str | None], first: int, listing: SoftwareListing
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Build `software_records` of the devices that have a key, one row per name and version.

    Also return a frame of `_line` for each application without a name. Jamf does not look for vulnerabilities, so that
    these columns stay null.
    """
    rows: dict[tuple[str, str, str | None], tuple[str | None, str | None, int]] = {}
    unnamed_lines: list[int] = []
    for line, (device, key) in enumerate(zip(devices, keys, strict=True), start=first):
        for entry in (list_objects(device.get(listing.under)) or []) if key else ():
            name = format_plain_value(entry.get("name"))
            if name:
                version = _find_first(entry, listing.versions)
                details = (format_plain_value(entry.get("vendor")), _find_first(entry, listing.identifier), line)
                rows.setdefault((str(key), name, version), details)
            else:
                unnamed_lines.append(line)
    return _build_frame(rows, kind=listing.under), pl.DataFrame({LINE: pl.Series(unnamed_lines, dtype=pl.Int64)})


def _find_first(entry: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((value for name in names if (value := format_plain_value(entry.get(name)))), None)


def _build_frame(
    rows: Mapping[tuple[str, str, str | None], tuple[str | None, str | None, int]], *, kind: str
) -> pl.DataFrame:
    texts = [(*key, kind, vendor, identifier) for key, (vendor, identifier, _) in rows.items()]
    columns = {name: pl.Series([text[at] for text in texts], dtype=pl.String) for at, name in enumerate(_TEXTS)}
    return pl.DataFrame({**columns, LINE: pl.Series([line for _, _, line in rows.values()], dtype=pl.Int64)})
