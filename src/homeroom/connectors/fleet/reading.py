"""Fleet hosts into device records and software records.

Source of the fields: Fleet's REST API documentation, "List hosts" and "Get host", and the answers that fleetctl's own
tests expect (`{"kind": "host", "spec": {…}}`). Fields that only Fleet Premium fills (cisa_known_exploit,
resolved_in_version, team_name) are null elsewhere and stay so. Which words name a platform is Fleet's list of Linux
systems as recalled; a word that is not among them is rejected, not guessed.

A team is a group of hosts within Fleet, often by use (`Workstations`), so it becomes the unit `/Team` and never a
school by itself; an export of one team is known as such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.connectors.fleet.policies import policies as policies
from homeroom.connectors.fleet.software import software_of
from homeroom.ingest import fields, hardware
from homeroom.ingest.connector import Reading
from homeroom.ingest.nested import listed, objects_in, plain, raw_of
from homeroom.ingest.rows import MAC, ORG_UNIT, TEXT, TIME, TRUTH, Field, joined, keyed, rejects, taken, words

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
"""Ids of root and of Windows' own Administrator: every system has one of them, so it tells nothing about this one."""
_NEVER = "2000-01-01"  # Fleet's time for what never happened

HOSTS = (
    Field(to="key", headings=("id",)),
    Field(to="serial", headings=("hardware_serial",)),
    Field(to="name", headings=("display_name", "computer_name", "hostname"), form=TEXT),
    Field(to="platform", headings=("platform",), form=words(PLATFORMS, what="platform")),
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
    Field(to="_enrolment", headings=("mdm.enrollment_status",)),
    Field(to="_free", headings=("percent_disk_space_available",)),
    Field(to="_whole", headings=("gigs_total_disk_space",)),
    Field(to="last_restart", headings=("last_restarted_at",), form=TIME),
)
_NUMBER = r"(\d+\.\d+\.\d+(?:\.\d+)?)$"
_EDITION = r"^(?:Microsoft )?Windows (?:\d+ )?(.+?)(?:\s+\d\dH\d|\s+\d{4})?(?:\s+\d+\.\d+\.\d+[\d.]*)?$"


def hosts(found: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Hosts into `device_records`, keyed by Fleet's id, and what each lists into `software_records`.

    Fleet's agent alone manages nothing: `managed` is true where Fleet says that an MDM is on, else null. Software counts
    as reported where the answer holds the list, even an empty one: the list of hosts leaves it out unless asked for it.
    """
    inner = [_unwrapped(host) for host in found]
    read, unread = taken(raw_of(inner, first=first, table=HOSTS), table=HOSTS)
    rows = read.with_columns(
        _version().alias("os_version"),
        pl.when(pl.col("platform") == "windows").then(pl.col("_system").str.extract(_EDITION)).alias("os_edition"),
        hardware.kind(pl.col("model"), platform=pl.col("platform")).alias("kind"),
        *(_happened(name) for name in ("enrolled_at", "last_seen", "last_restart")),
        _free().alias("disk_free_percent"),
        pl.when(pl.col("_enrolment").str.contains(r"(?i)^on\b")).then(True).alias("managed"),
        fields.listed([pl.col("_mac")]).alias("macs"),
        fields.listed([pl.col("_address"), pl.col("_public")]).alias("addresses"),
        fields.listed([pl.concat_str(pl.lit("udid:"), pl.col("_uuid").str.to_lowercase())]).alias("hardware_ids"),
        listed([_administrators(host) for host in inner]).alias("local_admins"),
        pl.Series(
            "reports_software", [objects_in(host.get("software")) is not None or None for host in inner], pl.Boolean
        ),
    )
    kept, lost = keyed(
        rows.select(name for name in rows.columns if name == "_line" or not name.startswith("_")), field="id"
    )
    there = set(kept["_line"])
    keys = [key if line in there else None for line, key in enumerate(read["key"], start=first)]
    installed, nameless = software_of(inner, keys=keys, first=first)
    left_out = rejects(nameless, field="software", reason="software without a name", row_lost=True)
    return Reading(
        tables={"device_records": kept, "software_records": installed}, rejects=joined([unread, lost, left_out])
    )


def _unwrapped(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The host itself, from the API's `host` and from fleetctl's `spec`."""
    inside = next((found[name] for name in ("host", "spec") if isinstance(found.get(name), Mapping)), found)
    return inside if isinstance(inside, Mapping) else found


def _version() -> pl.Expr:
    """The bare version where the system is one of its kind; a Linux keeps its name, without which a number says nothing."""
    alone = pl.col("platform").is_in(["windows", "macos", "ios", "chromeos", "android"])
    bare = pl.coalesce(pl.col("_system").str.extract(_NUMBER), pl.col("_system").str.extract(r"\s(\d+(?:\.\d+)+)"))
    return pl.when(alone).then(pl.coalesce(bare, "_system")).otherwise(pl.col("_system"))


def _happened(name: str) -> pl.Expr:
    return pl.when(pl.col(name).dt.date() != pl.lit(_NEVER).str.to_date()).then(pl.col(name)).alias(name)


def _free() -> pl.Expr:
    """What is free of the disk in hundredths. Of a disk without a size Fleet has not heard yet."""
    whole = pl.col("_whole").cast(pl.Float64, strict=False)
    return pl.when(whole > 0).then(pl.col("_free").cast(pl.Float64, strict=False).floor().cast(pl.Int64))


def _administrators(host: Mapping[str, Any]) -> list[str] | None:
    """Local users in a group of administrators, without the system's own.

    Outside Windows the group is the primary one, which is `staff` for administrators of a Mac as well: there nobody
    found says nothing, and the list is null.
    """
    users = objects_in(host.get("users"))
    if users is None:
        return None
    named = [str(user["username"]) for user in users if plain(user.get("username")) and _administers(user)]
    return named if named or host.get("platform") == "windows" else None


def _administers(user: Mapping[str, Any]) -> bool:
    own = plain(user.get("uid")) in BUILT_IN
    return not own and (plain(user.get("groupname")) or "").lower() in ADMINISTRATORS
