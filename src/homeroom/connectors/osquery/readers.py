"""Answers of osquery agents into device records and software records.

Source of the fields: osquery's schema, by the queries in `asking.py`. bitlocker_info.protection_status: 0 off, 1 on,
2 unknown; disk_encryption.encrypted: 1 or 0; alf.global_state: 0 off, 1 and 2 on; windows_security_center: Good, Poor,
Snoozed, Not Monitored. An agent manages nothing, so that `managed` is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.connectors.osquery.queries import SOFTWARE
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import build_list_column, build_raw_rows, format_plain_value, list_objects
from homeroom.ingest.rows.field_table import MAC, TEXT, TIME, Field, concat_rejects, read_fields, require_key
from homeroom.ingest.values import device_types, parsers

PLATFORM = {"windows": "windows", "darwin": "macos"}
BUILT_IN = frozenset({"0", "500"})
SYSTEM_DRIVE = "C:"
HOSTS = (
    Field(to="key", headings=("host_identifier",)),
    Field(to="_uuid", headings=("system.uuid",)),
    Field(to="serial", headings=("system.hardware_serial",)),
    Field(to="name", headings=("system.computer_name", "system.hostname"), form=TEXT),
    Field(to="manufacturer", headings=("system.hardware_vendor",), form=TEXT),
    Field(to="model", headings=("system.hardware_model",), form=TEXT),
    Field(to="platform", headings=("platform",)),
    Field(to="_os", headings=("os.name",), form=TEXT),
    Field(to="_version", headings=("os.version",)),
    Field(to="_build", headings=("os.build",)),
    Field(to="enrolled_at", headings=("enrolled_at",), form=TIME),
    Field(to="last_seen", headings=("seen_at",), form=TIME),
)
_PLACEHOLDER_SERIAL = (
    r"(?i)^(-1|none|not specified|default string|to be filled by o\.?e\.?m\.?|system serial number|0*)$"
)
_EDITION = r"(?i)^(?:Microsoft )?Windows (?:Server )?\d+ (.+)$"


def read_hosts(hosts: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read agents into `device_records`, keyed by the identifier that they enrolled with, and their software."""
    flat_hosts = [_flatten_host(host) for host in hosts]
    raw = build_raw_rows(flat_hosts, first=first, table=HOSTS)
    read, value_rejects = read_fields(raw, table=HOSTS)
    windows = pl.col("platform") == "windows"
    rows = read.with_columns(
        pl.when(~pl.col("serial").str.contains(_PLACEHOLDER_SERIAL)).then(pl.col("serial")).alias("serial"),
        _derive_os_version(windows).alias("os_version"),
        pl.when(windows).then(pl.col("_os").str.extract(_EDITION)).alias("os_edition"),
        device_types.classify_device(pl.col("model"), platform=pl.col("platform")).alias("kind"),
        parsers.collect_list([pl.concat_str(pl.lit("udid:"), pl.col("_uuid").str.to_lowercase())]).alias(
            "hardware_ids"
        ),
        _parse_macs([_list_values(host, "interfaces", "mac") for host in hosts]).alias("macs"),
        build_list_column([_list_values(host, "interfaces", "address") for host in hosts]).alias("addresses"),
        build_list_column([_list_administrators(host) for host in hosts]).alias("local_admins"),
        pl.Series("encrypted", [_is_encrypted(host) for host in hosts], dtype=pl.Boolean),
        pl.Series("firewall", [_is_firewall_on(host) for host in hosts], dtype=pl.Boolean),
        pl.Series("reports_software", [_has_software_list(host) or None for host in hosts], dtype=pl.Boolean),
    )
    valid_rows, key_rejects = require_key(
        rows.select(name for name in rows.columns if name == "_line" or not name.startswith("_")),
        field="host_identifier",
    )
    valid_lines = set(valid_rows["_line"])
    software = [
        row
        for line, host in enumerate(hosts, start=first)
        if line in valid_lines
        for row in _build_software(host, line)
    ]
    return Reading(
        tables={"device_records": valid_rows, "software_records": _build_frame(software)},
        rejects=concat_rejects([value_rejects, key_rejects]),
        usage=raw.usage,
    )


def _get_query_rows(host: Mapping[str, Any], name: str) -> list[Mapping[str, Any]] | None:
    answers = host.get("answers")
    return list_objects(answers.get(name)) if isinstance(answers, Mapping) else None


def _flatten_host(host: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten a host to the single rows of its system and operating system, and Homeroom's word for the platform."""
    system, system_os = (next(iter(_get_query_rows(host, name) or ()), {}) for name in ("system", "os"))
    platform = format_plain_value(system_os.get("platform"))
    return {
        **host,
        "system": system,
        "os": system_os,
        "platform": PLATFORM.get(platform, "linux") if platform else None,
    }


def _derive_os_version(windows: pl.Expr) -> pl.Expr:
    """Derive the version: Windows' full build (10.0.22631), a Mac's number, or a Linux with its name.

    The number alone means nothing without the name of the Linux.
    """
    build = pl.when(pl.col("_build").str.contains(r"^\d+$")).then(pl.format("10.0.{}", "_build"))
    return (
        pl.when(windows)
        .then(
            pl.coalesce(pl.when(pl.col("_version").str.contains(r"^\d+\.\d+\.\d+")).then("_version"), build, "_version")
        )
        .when(pl.col("platform") == "macos")
        .then("_version")
        .when(pl.col("platform").is_not_null())
        .then(pl.concat_str("_os", "_version", separator=" ", ignore_nulls=True))
    )


def _list_values(host: Mapping[str, Any], name: str, column: str) -> list[str] | None:
    rows = _get_query_rows(host, name)
    return (
        None
        if rows is None
        else [value for row in rows if (value := format_plain_value(row.get(column))) and not _is_local(value)]
    )


def _is_local(address: str) -> bool:
    return address in ("127.0.0.1", "::1") or address.lower().startswith(("fe80:", "169.254."))


def _parse_macs(mac_lists: Sequence[list[str] | None]) -> pl.Series:
    return build_list_column(
        [
            None if mac_list is None else [mac for raw_mac in mac_list if (mac := _parse_mac(raw_mac))]
            for mac_list in mac_lists
        ]
    )


def _parse_mac(raw_mac: str) -> str | None:
    parsed = pl.select(MAC.parse(pl.lit(raw_mac))).item()
    return str(parsed) if parsed else None


def _list_administrators(host: Mapping[str, Any]) -> list[str] | None:
    for name in ("administrators_windows", "administrators_darwin", "administrators_linux"):
        rows = _get_query_rows(host, name)
        if rows is not None:
            user_rows = [row for row in rows if format_plain_value(row.get("uid")) not in BUILT_IN]
            return [username for row in user_rows if (username := format_plain_value(row.get("username")))]
    return None


def _is_encrypted(host: Mapping[str, Any]) -> bool | None:
    drives = {
        format_plain_value(row.get("drive_letter")): format_plain_value(row.get("protection_status"))
        for row in _get_query_rows(host, "bitlocker") or ()
    }
    if SYSTEM_DRIVE in drives:
        return {"0": False, "1": True}.get(drives[SYSTEM_DRIVE] or "")
    states = [format_plain_value(row.get("encrypted")) for row in _get_query_rows(host, "root_encryption") or ()]
    return None if not states else "1" in states


def _is_firewall_on(host: Mapping[str, Any]) -> bool | None:
    for row in _get_query_rows(host, "security_center") or ():
        return {"good": True, "poor": False, "snoozed": False}.get(
            (format_plain_value(row.get("firewall")) or "").lower()
        )
    for row in _get_query_rows(host, "firewall_darwin") or ():
        return {"0": False, "1": True, "2": True}.get(format_plain_value(row.get("global_state")) or "")
    return None


def _has_software_list(host: Mapping[str, Any]) -> bool:
    return any(_get_query_rows(host, name) is not None for name in SOFTWARE)


def _build_software(host: Mapping[str, Any], line: int) -> list[dict[str, Any]]:
    """Build one row per name and version: software that is installed twice is listed once."""
    rows: dict[tuple[str, str | None, str], dict[str, Any]] = {}
    for kind in SOFTWARE:
        for row in _get_query_rows(host, kind) or ():
            name, version = format_plain_value(row.get("name")), format_plain_value(row.get("version"))
            if name:
                origin = {
                    "vendor": format_plain_value(row.get("vendor")),
                    "identifier": format_plain_value(row.get("identifier")),
                }
                values = {
                    "device_key": host["host_identifier"],
                    "name": name,
                    "version": version,
                    "kind": kind,
                    **origin,
                }
                rows.setdefault((name, version, kind), {**values, "_line": line})
    return list(rows.values())


def _build_frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    texts = ("device_key", "name", "version", "kind", "vendor", "identifier")
    return pl.DataFrame(rows, schema={**dict.fromkeys(texts, pl.String()), "_line": pl.Int64()})
