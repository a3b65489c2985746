"""Queries for osquery agents: one row per table of answers.

Source: osquery's schema (system_info, os_version, programs, apps, deb_packages, rpm_packages, users, user_groups,
groups, bitlocker_info, disk_encryption, mounts, alf, windows_security_center, interface_details, interface_addresses).
No query reads browsers' histories, files or processes: what students do is not inventory.
"""

from __future__ import annotations

from dataclasses import dataclass

DESKTOPS = ("windows", "darwin", "linux")


@dataclass(frozen=True, kw_only=True)
class AgentQuery:
    """One query for agents; `columns` are the stored ones, `platforms` osquery's own words for the agents to query."""

    name: str
    sql: str
    columns: tuple[str, ...]
    platforms: tuple[str, ...] = DESKTOPS


_ADMINISTRATORS = "SELECT u.username AS username, u.uid AS uid FROM users u JOIN user_groups ug ON ug.uid = u.uid"
AGENT_QUERIES: tuple[AgentQuery, ...] = (
    AgentQuery(
        name="system",
        sql="SELECT uuid, hostname, computer_name, hardware_vendor, hardware_model, hardware_serial FROM system_info",
        columns=("uuid", "hostname", "computer_name", "hardware_vendor", "hardware_model", "hardware_serial"),
    ),
    AgentQuery(
        name="os",
        sql="SELECT name, version, build, platform FROM os_version",
        columns=("name", "version", "build", "platform"),
    ),
    AgentQuery(
        name="interfaces",
        sql="SELECT DISTINCT d.mac AS mac, a.address AS address FROM interface_details d JOIN interface_addresses a"
        " ON a.interface = d.interface WHERE d.mac != '00:00:00:00:00:00'",
        columns=("mac", "address"),
    ),
    AgentQuery(
        name="programs",
        sql="SELECT name, version, publisher AS vendor, identifying_number AS identifier FROM programs",
        columns=("name", "version", "vendor", "identifier"),
        platforms=("windows",),
    ),
    AgentQuery(
        name="apps",
        sql="SELECT name, bundle_short_version AS version, bundle_identifier AS identifier FROM apps"
        " WHERE path NOT LIKE '/System/%'",
        columns=("name", "version", "identifier"),
        platforms=("darwin",),
    ),
    AgentQuery(
        name="deb_packages",
        sql="SELECT name, version, maintainer AS vendor FROM deb_packages WHERE status LIKE '%installed'",
        columns=("name", "version", "vendor"),
        platforms=("linux",),
    ),
    AgentQuery(
        name="rpm_packages",
        sql="SELECT name, version || '-' || release AS version, vendor FROM rpm_packages",
        columns=("name", "version", "vendor"),
        platforms=("linux",),
    ),
    AgentQuery(
        name="administrators_windows",
        sql=f"{_ADMINISTRATORS} JOIN groups g ON g.gid = ug.gid WHERE g.group_sid = 'S-1-5-32-544'",
        columns=("username", "uid"),
        platforms=("windows",),
    ),
    AgentQuery(
        name="administrators_darwin",
        sql=f"{_ADMINISTRATORS} WHERE ug.gid = 80",
        columns=("username", "uid"),
        platforms=("darwin",),
    ),
    AgentQuery(
        name="administrators_linux",
        sql=f"{_ADMINISTRATORS} JOIN groups g ON g.gid = ug.gid WHERE g.groupname IN ('sudo', 'wheel')",
        columns=("username", "uid"),
        platforms=("linux",),
    ),
    AgentQuery(
        name="bitlocker",
        sql="SELECT drive_letter, protection_status FROM bitlocker_info",
        columns=("drive_letter", "protection_status"),
        platforms=("windows",),
    ),
    AgentQuery(
        name="root_encryption",
        sql="SELECT e.encrypted AS encrypted FROM mounts m JOIN disk_encryption e ON e.name = m.device_alias"
        " WHERE m.path = '/'",
        columns=("encrypted",),
        platforms=("darwin", "linux"),
    ),
    AgentQuery(
        name="firewall_darwin", sql="SELECT global_state FROM alf", columns=("global_state",), platforms=("darwin",)
    ),
    AgentQuery(
        name="security_center",
        sql="SELECT firewall, antivirus FROM windows_security_center",
        columns=("firewall", "antivirus"),
        platforms=("windows",),
    ),
)
"""`uid` 500 and 0 are every system's own administrator; readers skip them."""
SOFTWARE = ("programs", "apps", "deb_packages", "rpm_packages")
