"""The applications that Jamf lists on its devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from homeroom.ingest.nested import objects_in, plain
from homeroom.ingest.rows import LINE

_TEXTS = ("device_key", "name", "version", "kind", "vendor", "identifier")


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Under which name a device lists its applications, and under which an application has its id and version."""

    under: str
    identifier: tuple[str, ...]
    versions: tuple[str, ...]


def software_of(
    found: Sequence[Mapping[str, Any]], *, keys: Sequence[str | None], first: int, listing: Listing
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`software_records` of the devices that have a key, one row a name and version, and a frame of `_line` for each
    application without a name. Jamf does not look for flaws, so all of these stay null.
    """
    rows: dict[tuple[str, str, str | None], tuple[str | None, str | None, int]] = {}
    nameless: list[int] = []
    for line, (device, key) in enumerate(zip(found, keys, strict=True), start=first):
        for entry in (objects_in(device.get(listing.under)) or []) if key else ():
            name = plain(entry.get("name"))
            if name:
                version = _first(entry, listing.versions)
                about = (plain(entry.get("vendor")), _first(entry, listing.identifier), line)
                rows.setdefault((str(key), name, version), about)
            else:
                nameless.append(line)
    return _frame(rows, kind=listing.under), pl.DataFrame({LINE: pl.Series(nameless, dtype=pl.Int64)})


def _first(entry: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((value for name in names if (value := plain(entry.get(name)))), None)


def _frame(
    rows: Mapping[tuple[str, str, str | None], tuple[str | None, str | None, int]], *, kind: str
) -> pl.DataFrame:
    texts = [(*key, kind, vendor, identifier) for key, (vendor, identifier, _) in rows.items()]
    columns = {name: pl.Series([text[at] for text in texts], dtype=pl.String) for at, name in enumerate(_TEXTS)}
    return pl.DataFrame({**columns, LINE: pl.Series([line for _, _, line in rows.values()], dtype=pl.Int64)})
