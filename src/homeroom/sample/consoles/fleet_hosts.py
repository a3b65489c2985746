"""Fleet's hosts with software and local users, as GET /api/v1/fleet/hosts returns them, in one document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from homeroom.sample.consoles.google import format_timestamp
from homeroom.sample.consoles.programs import InstalledProgram, render_fleet_software
from homeroom.sample.plan.district import DistrictPlan
from homeroom.sample.plan.identifiers import build_guid

_BUILT_IN: Final = (
    (500, "Administrator", "Administrators"),
    (501, "Guest", "Guests"),
    (503, "DefaultAccount", "System Managed Accounts Group"),
    (504, "WDAGUtilityAccount", ""),
)
_ROOT: Final = {"darwin": ((0, "root", "wheel"),), "ubuntu": ((0, "root", "root"),), "windows": _BUILT_IN}
_NAMES: Final = {
    "10240": "Windows 10 Enterprise 2015 LTSB",
    "19044": "Windows 10 IoT Enterprise LTSC 2021",
    "19045": "Windows 10 {} 22H2",
    "22000": "Windows 11 {} 21H2",
    "22621": "Windows 11 {} 22H2",
    "22631": "Windows 11 {} 23H2",
    "26100": "Windows 11 {} 24H2",
    "26200": "Windows 11 {} 25H2",
}
_EDITIONS: Final = {"ProEducation": "Pro Education", "EnterpriseS": "Enterprise LTSC"}  # others are called as in Intune
_SHELLS: Final = {"windows": "C:\\Windows\\system32\\cmd.exe", "darwin": "/bin/zsh", "ubuntu": "/bin/bash"}


@dataclass(slots=True, kw_only=True)
class FleetHost:
    """A computer that runs osquery for Fleet; None is a field that the response leaves out."""

    index: int
    name: str
    platform: str  # Fleet's word: windows, darwin, ubuntu
    system: str
    serial: str
    vendor: str
    model: str
    seen: date
    enrolled: date
    encrypted: bool | None
    programs: tuple[InstalledProgram, ...] | None
    users: tuple[tuple[str, str], ...] | None  # (name, group)
    mac: str
    address: str
    mdm: str = ""
    team: str = ""
    free: int = 40  # hundredths of the disk
    restarted: date

    @property
    def key(self) -> str:
        """Fleet's id of the host."""
        return str(self.index)


def build_hardware_uuid(index: int) -> str:
    """Return the hardware's UUID, in upper case as firmware reports it."""
    return build_guid(5, index).upper()


def format_windows_name(version: str, edition: str) -> str:
    """Format Fleet's name of a Windows system: product, edition, release and build."""
    return f"{_NAMES[version.split('.')[2]].format(_EDITIONS.get(edition, edition))} {version}"


class FleetHostsFile:
    """The file of the response, written host by host."""

    def __init__(self, path: Path, district: DistrictPlan) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows = 0
        self._path = path
        self._premium = district.fleet_premium
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._file.write('{"hosts": [')

    def write(self, host: FleetHost) -> None:
        """Write one host; its software is encoded once and joined as text, not encoded again."""
        record = json.dumps(_build_record(host, premium=self._premium), ensure_ascii=False)
        if host.programs is not None:
            software = ", ".join(render_fleet_software(program, premium=self._premium) for program in host.programs)
            record = f'{record[:-1]}, "software": [{software}]}}'
        self._file.write(f"{',' if self.rows else ''}\n{record}")
        self.rows += 1

    def close(self) -> list[Path]:
        """Close the file and return its path."""
        self._file.write("\n]}\n")
        self._file.close()
        return [self._path]


def _build_record(host: FleetHost, *, premium: bool) -> dict[str, Any]:
    last_seen, enrolled = (
        format_timestamp(day, host.index).replace(".000Z", "Z") for day in (host.seen, host.enrolled)
    )
    team = {"team_id": 1, "team_name": host.team} if premium and host.team else {"team_id": None, "team_name": None}
    return {
        "created_at": enrolled,
        "updated_at": last_seen,
        "software_updated_at": last_seen,
        "id": host.index,
        "detail_updated_at": last_seen,
        "label_updated_at": last_seen,
        "policy_updated_at": last_seen,
        "last_enrolled_at": enrolled,
        "last_restarted_at": format_timestamp(host.restarted, host.index).replace(".000Z", "Z"),
        "seen_time": last_seen,
        "refetch_requested": False,
        "hostname": host.name,
        "uuid": build_hardware_uuid(host.index),
        "platform": host.platform,
        "osquery_version": "5.19.0",
        "orbit_version": "1.48.1",
        "os_version": host.system,
        "build": host.system.rsplit(".", 2)[-2] if host.platform == "windows" else "",
        "platform_like": {"windows": "windows", "darwin": "darwin"}.get(host.platform, "debian"),
        "code_name": "",
        "uptime": 305_000_000_000_000,
        "memory": 17_179_869_184,
        "cpu_type": "x86_64",
        "hardware_vendor": host.vendor,
        "hardware_model": host.model,
        "hardware_serial": host.serial,
        "computer_name": host.name,
        "display_name": host.name,
        "display_text": host.name,
        "public_ip": "192.88.99.1",  # every computer goes out by the district's one address: it identifies none
        "primary_ip": host.address,
        "primary_mac": host.mac,
        **team,
        "pack_stats": None,
        "status": "online",
        "gigs_disk_space_available": host.free * 512 // 100,
        "percent_disk_space_available": host.free,
        "gigs_total_disk_space": 512,
        "issues": {"failing_policies_count": 0, "total_issues_count": 0},
        "mdm": _build_mdm(host),
        "disk_encryption_enabled": host.encrypted,
        **({"users": _list_users(host)} if host.users is not None else {}),
    }


def _build_mdm(host: FleetHost) -> dict[str, Any]:
    return {
        "enrollment_status": "On (automatic)" if host.mdm else "Off",
        "name": host.mdm,
        "server_url": f"https://{host.mdm.lower()}.example/enroll" if host.mdm else None,
        "encryption_key_available": False,
    }


def _list_users(host: FleetHost) -> list[dict[str, Any]]:
    """List the local users; on Windows the group is the user's first one, elsewhere the primary one."""
    accounts = [(1001 + number, name, group) for number, (name, group) in enumerate(host.users or ())]
    kind = "local" if host.platform == "windows" else ""
    return [
        {"uid": uid, "username": name, "type": kind, "groupname": group, "shell": _SHELLS[host.platform]}
        for uid, name, group in (*_ROOT[host.platform], *accounts)
    ]
