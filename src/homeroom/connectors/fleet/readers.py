"""Fleet hosts into device records and software records.

Source of the fields: Fleet's REST API documentation, "List hosts" and "Get host", and the responses that fleetctl's own
tests expect (`{"kind": "host", "spec": {…}}`). Fields that only Fleet Premium fills (cisa_known_exploit,
resolved_in_version, team_name) are null elsewhere and stay so. The words for platforms are Fleet's list of Linux
systems, recalled from memory; a word that is not among them is rejected, not guessed.

A team is a group of hosts within Fleet, often by use (`Workstations`), so it becomes the unit `/Team` and never a
school by itself; an export of one team is marked as such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.connectors.fleet.policies import read_policies as read_policies
from homeroom.connectors.fleet.software import build_software
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.json_files.nested_values import build_list_column, build_raw_rows, format_plain_value, list_objects
from homeroom.ingest.rows.field_table import (
    MAC,
    ORG_UNIT,
    TEXT,
    TIME,
    TRUTH,
    Field,
    build_rejects,
    build_word_format,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import device_types, parsers

LINUX = (
    "linux ubuntu debian rhel centos sles kali gentoo amzn pop arch linuxmint void nixos endeavouros manjaro"
    " manjaro-arm opensuse-leap opensuse-tumbleweed opensuse tuxedo neon fedora rocky almalinux ol raspbian"
)
PLATFORMS: dict[str, str | bool | None] = {
    "darwin": "macos",
    "windows": "windows",
    "chrome": "chromeos",
    "ios": "ios",
    "ipados": "ios",
    "android": "android",
    **dict.fromkeys(LINUX.split(), "linux"),
}
ADMINISTRATORS = frozenset({"administrators", "admin", "administrator", "wheel", "sudo"})
BUILT_IN = frozenset({"0", "500"})
"""Ids of root and of Windows' own Administrator: every system has one of them."""
_NEVER = "2000-01-01"  # Fleet's time for what never happened

HOSTS = (
    Field(to="key", headings=("id",)),
    Field(to="serial", headings=("hardware_serial",)),
    Field(to="name", headings=("display_name", "computer_name", "hostname"), form=TEXT),
    Field(to="platform", headings=("platform",), form=build_word_format(PLATFORMS, noun="platform")),
    Field(to="manufacturer", headings=("hardware_vendor",), form=TEXT),
    Field(to="model", headings=("hardware_model",), form=TEXT),
    Field(to="_system", headings=("os_version",), form=TEXT),
    Field(to="org_unit", headings=("team_name",), form=ORG_UNIT),
    Field(to="_uuid", headings=("uuid",)),
    Field(to="_mac", headings=("primary_mac",), form=MAC),
    Field(to="_address", headings=("primary_ip",)),
    Field(to="_public", headings=("public_ip",)),
    Field(to="enrolled_at", headings=("last_enrolled_at",), form=TIME),
    Field(to="last_seen", headings=("seen_time",), form=TIME),
    Field(to="encrypted", headings=("disk_encryption_enabled",), form=TRUTH),
    Field(to="_enrollment", headings=("mdm.enrollment_status",)),
    Field(to="_free", headings=("percent_disk_space_available",)),
    Field(to="_whole", headings=("gigs_total_disk_space",)),
    Field(to="last_restart", headings=("last_restarted_at",), form=TIME),
)
_NUMBER = r"(\d+\.\d+\.\d+(?:\.\d+)?)$"
_EDITION = r"^(?:Microsoft )?Windows (?:\d+ )?(.+?)(?:\s+\d\dH\d|\s+\d{4})?(?:\s+\d+\.\d+\.\d+[\d.]*)?$"


def read_hosts(hosts: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read hosts into `device_records`, keyed by Fleet's id, and the software of each into `software_records`.

    Fleet's agent alone manages nothing: `managed` is true where Fleet reports that an MDM is on, else null. Software
    counts as reported where the response holds the list, even an empty one: the list of hosts omits it unless
    requested.
    """
    host_fields = [_unwrap_host(host) for host in hosts]
    raw = build_raw_rows(host_fields, first=first, table=HOSTS)
    read, value_rejects = read_fields(raw, table=HOSTS)
    rows = read.with_columns(
        _derive_os_version().alias("os_version"),
        pl.when(pl.col("platform") == "windows").then(pl.col("_system").str.extract(_EDITION)).alias("os_edition"),
        device_types.classify_device(pl.col("model"), platform=pl.col("platform")).alias("kind"),
        *(_clear_never(name) for name in ("enrolled_at", "last_seen", "last_restart")),
        _compute_free_percent().alias("disk_free_percent"),
        pl.when(pl.col("_enrollment").str.contains(r"(?i)^on\b")).then(True).alias("managed"),
        parsers.collect_list([pl.col("_mac")]).alias("macs"),
        parsers.collect_list([pl.col("_address"), pl.col("_public")]).alias("addresses"),
        parsers.collect_list([pl.concat_str(pl.lit("udid:"), pl.col("_uuid").str.to_lowercase())]).alias(
            "hardware_ids"
        ),
        build_list_column([_list_administrators(host) for host in host_fields]).alias("local_admins"),
        pl.Series(
            "reports_software",
            [list_objects(host.get("software")) is not None or None for host in host_fields],
            pl.Boolean,
        ),
    )
    valid_rows, key_rejects = require_key(
        rows.select(name for name in rows.columns if name == "_line" or not name.startswith("_")), field="id"
    )
    valid_lines = set(valid_rows["_line"])
    keys = [key if line in valid_lines else None for line, key in enumerate(read["key"], start=first)]
    software, unnamed_lines = build_software(host_fields, keys=keys, first=first)
    name_rejects = build_rejects(unnamed_lines, field="software", reason="software without a name", row_lost=True)
    return Reading(
        tables={"device_records": valid_rows, "software_records": software},
        rejects=concat_rejects([value_rejects, key_rejects, name_rejects]),
        usage=raw.usage,
    )


def _unwrap_host(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the host itself, from the API's `host` and from fleetctl's `spec`."""
    host = next((record[name] for name in ("host", "spec") if isinstance(record.get(name), Mapping)), record)
    return host if isinstance(host, Mapping) else record


def _derive_os_version() -> pl.Expr:
    """Derive the bare version on systems with a single product line.

    A Linux keeps its name, without which the number means nothing.
    """
    has_numbered_version = pl.col("platform").is_in(["windows", "macos", "ios", "chromeos", "android"])
    version = pl.coalesce(pl.col("_system").str.extract(_NUMBER), pl.col("_system").str.extract(r"\s(\d+(?:\.\d+)+)"))
    return pl.when(has_numbered_version).then(pl.coalesce(version, "_system")).otherwise(pl.col("_system"))


def _clear_never(name: str) -> pl.Expr:
    return pl.when(pl.col(name).dt.date() != pl.lit(_NEVER).str.to_date()).then(pl.col(name)).alias(name)


def _compute_free_percent() -> pl.Expr:
    """Compute the free disk space in percent; null for a disk whose size Fleet does not know yet."""
    disk_size = pl.col("_whole").cast(pl.Float64, strict=False)
    return pl.when(disk_size > 0).then(pl.col("_free").cast(pl.Float64, strict=False).floor().cast(pl.Int64))


def _list_administrators(host: Mapping[str, Any]) -> list[str] | None:
    """List local users in a group of administrators, without the system's own.

    Outside Windows the group is the primary one, which is `staff` for administrators of a Mac as well: an empty result
    there proves nothing, and the list is null.
    """
    users = list_objects(host.get("users"))
    if users is None:
        return None
    administrators = [
        str(user["username"]) for user in users if format_plain_value(user.get("username")) and _is_administrator(user)
    ]
    return administrators if administrators or host.get("platform") == "windows" else None


def _is_administrator(user: Mapping[str, Any]) -> bool:
    is_built_in = format_plain_value(user.get("uid")) in BUILT_IN
    return not is_built_in and (format_plain_value(user.get("groupname")) or "").lower() in ADMINISTRATORS
