"""Software that Fleet's hosts list as installed, and the vulnerabilities that Fleet itself knows for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from homeroom.ingest.json_files.nested_values import JsonObjects, build_list_column, format_plain_value, list_objects
from homeroom.ingest.rows.field_table import LINE

_NUMBERS = re.compile(r"\d+(\.\d+)*")
_TEXTS = ("device_key", "name", "version", "kind", "vendor", "identifier", "fixed_in")

SoftwareKey = tuple[str, str, str | None, str | None]
"""Device, name, version and source."""


@dataclass(kw_only=True)
class _InstalledSoftware:
    """One row; `vulnerabilities` are those reported, None where Fleet did not look for any."""

    line: int
    vendor: str | None
    identifier: str | None
    vulnerabilities: dict[str, Mapping[str, Any]] | None = field(default=None)


def build_software(hosts: JsonObjects, *, keys: Sequence[str | None], first: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Build `software_records` of the hosts that have a key, and a frame of `_line` for each unnamed entry.

    Software that a host lists twice under one name, version and source (in two folders, for example) is one row with
    the vulnerabilities of both.
    """
    rows: dict[SoftwareKey, _InstalledSoftware] = {}
    unnamed_lines: list[int] = []
    for line, (host, key) in enumerate(zip(hosts, keys, strict=True), start=first):
        for entry in (list_objects(host.get("software")) or []) if key else ():
            name = format_plain_value(entry.get("name"))
            if name:
                software_key = (
                    str(key),
                    name,
                    format_plain_value(entry.get("version")),
                    format_plain_value(entry.get("source")),
                )
                if software_key not in rows:
                    rows[software_key] = _create_installed(entry, line=line)
                _add(rows[software_key], entry)
            else:
                unnamed_lines.append(line)
    return _build_frame(rows), pl.DataFrame({LINE: pl.Series(unnamed_lines, dtype=pl.Int64)})


def _create_installed(entry: Mapping[str, Any], *, line: int) -> _InstalledSoftware:
    identifier = format_plain_value(entry.get("generated_cpe")) or format_plain_value(entry.get("bundle_identifier"))
    return _InstalledSoftware(line=line, vendor=format_plain_value(entry.get("vendor")), identifier=identifier)


def _add(row: _InstalledSoftware, entry: Mapping[str, Any]) -> None:
    """Add the entry's vulnerabilities.

    Fleet writes null both for none and for software without a CPE to look up.
    """
    reported = list_objects(entry.get("vulnerabilities"))
    if reported is None and not format_plain_value(entry.get("generated_cpe")):
        return
    reported_by_cve = {
        cve.upper(): vulnerability
        for vulnerability in reported or ()
        if (cve := format_plain_value(vulnerability.get("cve")))
    }
    row.vulnerabilities = {**(row.vulnerabilities or {}), **reported_by_cve}


def _build_frame(rows: Mapping[SoftwareKey, _InstalledSoftware]) -> pl.DataFrame:
    texts = [(*key, row.vendor, row.identifier, _find_fixed_in(row.vulnerabilities)) for key, row in rows.items()]
    columns = {name: pl.Series([text[at] for text in texts], dtype=pl.String) for at, name in enumerate(_TEXTS)}
    reported = [row.vulnerabilities for row in rows.values()]
    return pl.DataFrame(
        {
            **columns,
            "cves": build_list_column(reported),
            "exploited_cves": build_list_column([_list_exploited(vulnerabilities) for vulnerabilities in reported]),
            LINE: pl.Series([row.line for row in rows.values()], dtype=pl.Int64),
        }
    )


def _list_exploited(vulnerabilities: Mapping[str, Mapping[str, Any]] | None) -> list[str] | None:
    """List the ones that Fleet marks as known to be exploited.

    None where Fleet states this for none, as without a Premium license.
    """
    if vulnerabilities is None or any(
        not isinstance(vulnerability.get("cisa_known_exploit"), bool) for vulnerability in vulnerabilities.values()
    ):
        return None
    return [cve for cve, vulnerability in vulnerabilities.items() if vulnerability["cisa_known_exploit"]]


def _find_fixed_in(vulnerabilities: Mapping[str, Mapping[str, Any]] | None) -> str | None:
    """Find the highest of the versions that resolve one vulnerability each; None where one has no such version."""
    fixes = [
        format_plain_value(vulnerability.get("resolved_in_version"))
        for vulnerability in (vulnerabilities or {}).values()
    ]
    return find_highest_version(fix for fix in fixes if fix) if all(fixes) else None


def find_highest_version(versions: Iterable[str]) -> str | None:
    """Find the highest of versions that are numbers with dots between; None for others, unless all are the same."""
    distinct = list(dict.fromkeys(versions))
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    if not all(_NUMBERS.fullmatch(version) for version in distinct):
        return None
    return max(distinct, key=lambda version: [int(part) for part in version.split(".")])
