"""Answers of osquery agents into device records and software records.

Source of the fields: osquery's schema, by the questions in `asking.py`. bitlocker_info.protection_status: 0 off, 1 on, 2 unknown;
disk_encryption.encrypted: 1 or 0; alf.global_state: 0 off, 1 and 2 on; windows_security_center: Good, Poor, Snoozed, Not
Monitored. An agent manages nothing, so that `managed` is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.connectors.osquery.asking import SOFTWARE
from homeroom.ingest import fields, hardware
from homeroom.ingest.connector import Reading
from homeroom.ingest.nested import listed, objects_in, plain, raw_of
from homeroom.ingest.rows import MAC, TEXT, TIME, Field, joined, keyed, taken

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
_MADE_BY_NOBODY = r"(?i)^(-1|none|not specified|default string|to be filled by o\.?e\.?m\.?|system serial number|0*)$"
_EDITION = r"(?i)^(?:Microsoft )?Windows (?:Server )?\d+ (.+)$"


def hosts(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Agents into `device_records`, keyed by the identifier that they enrolled with, and what each lists as installed."""
    flat = [_flat(host) for host in found]
    read, unread = taken(raw_of(flat, first=first, table=HOSTS), table=HOSTS)
    windows = pl.col("platform") == "windows"
    rows = read.with_columns(
        pl.when(~pl.col("serial").str.contains(_MADE_BY_NOBODY)).then(pl.col("serial")).alias("serial"),
        _system(windows).alias("os_version"),
        pl.when(windows).then(pl.col("_os").str.extract(_EDITION)).alias("os_edition"),
        hardware.kind(pl.col("model"), platform=pl.col("platform")).alias("kind"),
        fields.listed([pl.concat_str(pl.lit("udid:"), pl.col("_uuid").str.to_lowercase())]).alias("hardware_ids"),
        _macs([_values(host, "interfaces", "mac") for host in found]).alias("macs"),
        listed([_values(host, "interfaces", "address") for host in found]).alias("addresses"),
        listed([_administrators(host) for host in found]).alias("local_admins"),
        pl.Series("encrypted", [_encrypted(host) for host in found], dtype=pl.Boolean),
        pl.Series("firewall", [_firewall(host) for host in found], dtype=pl.Boolean),
        pl.Series("reports_software", [_lists(host) or None for host in found], dtype=pl.Boolean),
    )
    kept, lost = keyed(
        rows.select(name for name in rows.columns if name == "_line" or not name.startswith("_")),
        field="host_identifier",
    )
    there = set(kept["_line"])
    software = [row for line, host in enumerate(found, start=first) if line in there for row in _software(host, line)]
    return Reading(
        tables={"device_records": kept, "software_records": _frame(software)}, rejects=joined([unread, lost])
    )


def _answer(host: Mapping[str, Any], name: str) -> list[Mapping[str, Any]] | None:
    answers = host.get("answers")
    return objects_in(answers.get(name)) if isinstance(answers, Mapping) else None


def _flat(host: Mapping[str, Any]) -> dict[str, Any]:
    """The host with the single rows of its system and its operating system, and the platform in Homeroom's word."""
    system, system_os = (next(iter(_answer(host, name) or ()), {}) for name in ("system", "os"))
    word = plain(system_os.get("platform"))
    return {**host, "system": system, "os": system_os, "platform": PLATFORM.get(word, "linux") if word else None}


def _system(windows: pl.Expr) -> pl.Expr:
    """Windows by its full build (10.0.22631), a Mac by its number, a Linux with its name, without which a number says nothing."""
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


def _values(host: Mapping[str, Any], name: str, column: str) -> list[str] | None:
    rows = _answer(host, name)
    return None if rows is None else [value for row in rows if (value := plain(row.get(column))) and not _local(value)]


def _local(address: str) -> bool:
    return address in ("127.0.0.1", "::1") or address.lower().startswith(("fe80:", "169.254."))


def _macs(written: Sequence[list[str] | None]) -> pl.Series:
    return listed([None if found is None else [mac for one in found if (mac := _mac(one))] for found in written])


def _mac(written: str) -> str | None:
    read = pl.select(MAC.parse(pl.lit(written))).item()
    return str(read) if read else None


def _administrators(host: Mapping[str, Any]) -> list[str] | None:
    for name in ("administrators_windows", "administrators_darwin", "administrators_linux"):
        rows = _answer(host, name)
        if rows is not None:
            others = [row for row in rows if plain(row.get("uid")) not in BUILT_IN]
            return [named for row in others if (named := plain(row.get("username")))]
    return None


def _encrypted(host: Mapping[str, Any]) -> bool | None:
    drives = {
        plain(row.get("drive_letter")): plain(row.get("protection_status")) for row in _answer(host, "bitlocker") or ()
    }
    if SYSTEM_DRIVE in drives:
        return {"0": False, "1": True}.get(drives[SYSTEM_DRIVE] or "")
    states = [plain(row.get("encrypted")) for row in _answer(host, "root_encryption") or ()]
    return None if not states else "1" in states


def _firewall(host: Mapping[str, Any]) -> bool | None:
    for row in _answer(host, "security_center") or ():
        return {"good": True, "poor": False, "snoozed": False}.get((plain(row.get("firewall")) or "").lower())
    for row in _answer(host, "firewall_darwin") or ():
        return {"0": False, "1": True, "2": True}.get(plain(row.get("global_state")) or "")
    return None


def _lists(host: Mapping[str, Any]) -> bool:
    return any(_answer(host, name) is not None for name in SOFTWARE)


def _software(host: Mapping[str, Any], line: int) -> list[dict[str, Any]]:
    """One row a name and version: what is installed twice is listed once."""
    rows: dict[tuple[str, str | None, str], dict[str, Any]] = {}
    for kind in SOFTWARE:
        for row in _answer(host, kind) or ():
            name, version = plain(row.get("name")), plain(row.get("version"))
            if name:
                about = {"vendor": plain(row.get("vendor")), "identifier": plain(row.get("identifier"))}
                said = {"device_key": host["host_identifier"], "name": name, "version": version, "kind": kind, **about}
                rows.setdefault((name, version, kind), {**said, "_line": line})
    return list(rows.values())


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    texts = ("device_key", "name", "version", "kind", "vendor", "identifier")
    return pl.DataFrame(rows, schema={**dict.fromkeys(texts, pl.String()), "_line": pl.Int64()})
