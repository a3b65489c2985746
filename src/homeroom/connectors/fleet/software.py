"""What Fleet's hosts list as installed, and the flaws that Fleet itself knows of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from homeroom.ingest.nested import Objects, listed, objects_in, plain
from homeroom.ingest.rows import LINE

_NUMBERS = re.compile(r"\d+(\.\d+)*")
_TEXTS = ("device_key", "name", "version", "kind", "vendor", "identifier", "fixed_in")

Key = tuple[str, str, str | None, str | None]
"""Device, name, version and source."""


@dataclass(kw_only=True)
class _Installed:
    """One row: `flaws` are those reported, None where Fleet did not look for any."""

    line: int
    vendor: str | None
    identifier: str | None
    flaws: dict[str, Mapping[str, Any]] | None = field(default=None)


def software_of(hosts: Objects, *, keys: Sequence[str | None], first: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`software_records` of the hosts that have a key, and a frame of `_line` for each entry without a name.

    What a host lists twice under one name, version and source (in two folders, say) is one row with the flaws of both.
    """
    rows: dict[Key, _Installed] = {}
    nameless: list[int] = []
    for line, (host, key) in enumerate(zip(hosts, keys, strict=True), start=first):
        for entry in (objects_in(host.get("software")) or []) if key else ():
            name = plain(entry.get("name"))
            if name:
                same = (str(key), name, plain(entry.get("version")), plain(entry.get("source")))
                if same not in rows:
                    rows[same] = _seen(entry, line=line)
                _add(rows[same], entry)
            else:
                nameless.append(line)
    return _frame(rows), pl.DataFrame({LINE: pl.Series(nameless, dtype=pl.Int64)})


def _seen(entry: Mapping[str, Any], *, line: int) -> _Installed:
    identifier = plain(entry.get("generated_cpe")) or plain(entry.get("bundle_identifier"))
    return _Installed(line=line, vendor=plain(entry.get("vendor")), identifier=identifier)


def _add(row: _Installed, entry: Mapping[str, Any]) -> None:
    """Add the entry's flaws. Fleet writes null both for none and for software that it has no CPE of to look under."""
    reported = objects_in(entry.get("vulnerabilities"))
    if reported is None and not plain(entry.get("generated_cpe")):
        return
    named = {cve.upper(): flaw for flaw in reported or () if (cve := plain(flaw.get("cve")))}
    row.flaws = {**(row.flaws or {}), **named}


def _frame(rows: Mapping[Key, _Installed]) -> pl.DataFrame:
    texts = [(*key, row.vendor, row.identifier, _fixed_in(row.flaws)) for key, row in rows.items()]
    columns = {name: pl.Series([text[at] for text in texts], dtype=pl.String) for at, name in enumerate(_TEXTS)}
    found = [row.flaws for row in rows.values()]
    return pl.DataFrame(
        {
            **columns,
            "flaws": listed(found),
            "exploited_flaws": listed([_exploited(flaws) for flaws in found]),
            LINE: pl.Series([row.line for row in rows.values()], dtype=pl.Int64),
        }
    )


def _exploited(flaws: Mapping[str, Mapping[str, Any]] | None) -> list[str] | None:
    """Those that Fleet calls known to be exploited; None where it says so of none, as without a Premium licence."""
    if flaws is None or any(not isinstance(flaw.get("cisa_known_exploit"), bool) for flaw in flaws.values()):
        return None
    return [cve for cve, flaw in flaws.items() if flaw["cisa_known_exploit"]]


def _fixed_in(flaws: Mapping[str, Mapping[str, Any]] | None) -> str | None:
    """The highest of the versions that resolve one flaw each; None where one of them names none."""
    fixes = [plain(flaw.get("resolved_in_version")) for flaw in (flaws or {}).values()]
    return highest(fix for fix in fixes if fix) if all(fixes) else None


def highest(versions: Iterable[str]) -> str | None:
    """The highest of versions that are numbers with dots between; of others only where all are the same, else None."""
    distinct = list(dict.fromkeys(versions))
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    if not all(_NUMBERS.fullmatch(version) for version in distinct):
        return None
    return max(distinct, key=lambda version: [int(part) for part in version.split(".")])
