"""Fleet's hosts, their software and their local users."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.connectors.fleet.readers import read_hosts
from homeroom.connectors.fleet.software import find_highest_version
from tests.connectors.raw_frames import list_rejects, list_rows

WINDOWS: dict[str, Any] = {
    "id": "7",
    "seen_time": "2026-11-20T14:03:11Z",
    "last_enrolled_at": "2025-08-01T12:00:00Z",
    "software_updated_at": "2026-11-20T13:00:00Z",
    "hostname": "LIN-LAB-07",
    "display_name": "LIN-LAB-07",
    "computer_name": "LIN-LAB-07",
    "uuid": "4C4C4544-0051-3510-8052-B4C04F4A4E32",
    "platform": "windows",
    "osquery_version": "5.19.0",
    "os_version": "Windows 11 Education 23H2 10.0.22631.3593",
    "hardware_vendor": "Dell Inc.",
    "hardware_model": "Latitude 3420",
    "hardware_serial": "5CD1",
    "public_ip": "203.0.113.9",
    "primary_ip": "192.0.2.17",
    "primary_mac": "02:42:AC:12:00:02",
    "team_id": "1",
    "team_name": "Workstations",
    "mdm": {"enrollment_status": "On (automatic)", "name": "Intune", "server_url": "https://mdm.example"},
    "disk_encryption_enabled": True,
    "users": [
        {"uid": "500", "username": "Administrator", "type": "local", "groupname": "Administrators", "shell": "cmd"},
        {"uid": "1001", "username": "labadmin", "type": "local", "groupname": "Administrators", "shell": "cmd"},
        {"uid": "1002", "username": "student", "type": "local", "groupname": "Users", "shell": "cmd"},
    ],
    "software": [
        {
            "id": "1",
            "name": "Google Chrome",
            "version": "120.0.6099.71",
            "source": "programs",
            "vendor": "Google LLC",
            "generated_cpe": "cpe:2.3:a:google:chrome:120.0.6099.71:*:*:*:*:windows:*:*",
            "vulnerabilities": [
                {"cve": "CVE-2023-7024", "cisa_known_exploit": True, "resolved_in_version": "120.0.6099.129"},
                {"cve": "CVE-2024-0519", "cisa_known_exploit": True, "resolved_in_version": "120.0.6099.224"},
                {"cve": "CVE-2024-0804", "cisa_known_exploit": False, "resolved_in_version": "121.0.6167.85"},
            ],
        },
        {"name": "Local tool", "version": "1", "source": "programs", "generated_cpe": "", "vulnerabilities": None},
        {"name": "7-Zip", "version": "24.9", "source": "programs", "generated_cpe": "cpe:x", "vulnerabilities": None},
        {"name": "", "version": "1", "source": "programs", "generated_cpe": "", "vulnerabilities": None},
    ],
}


def _build_host(**overrides: Any) -> dict[str, Any]:
    return {name: value for name, value in {**WINDOWS, **overrides}.items() if value != "absent"}


def _list_software(*entries: dict[str, Any]) -> list[dict[str, Any]]:
    software = [{"name": "X", "version": "1", "source": "apps", **entry} for entry in entries]
    return list_rows(read_hosts([_build_host(software=software)], 1), "software_records")


def test_a_windows_host_with_software_and_local_users() -> None:
    read = read_hosts([WINDOWS], 1)
    assert list_rows(read, "device_records") == [
        {
            "key": "7",
            "serial": "5CD1",
            "hardware_ids": ["udid:4c4c4544-0051-3510-8052-b4c04f4a4e32"],
            "macs": ["0242ac120002"],
            "name": "LIN-LAB-07",
            "kind": "laptop",
            "platform": "windows",
            "manufacturer": "Dell Inc.",
            "model": "Latitude 3420",
            "os_version": "10.0.22631.3593",
            "os_edition": "Education",
            "managed": True,
            "org_unit": "/Workstations",
            "enrolled_at": datetime(2025, 8, 1, 12, tzinfo=UTC),
            "last_seen": datetime(2026, 11, 20, 14, 3, 11, tzinfo=UTC),
            "encrypted": True,
            "addresses": ["192.0.2.17", "203.0.113.9"],
            "local_admins": ["labadmin"],
            "reports_software": True,
        }
    ]
    assert list_rows(read, "software_records") == [
        {
            "device_key": "7",
            "name": "Google Chrome",
            "version": "120.0.6099.71",
            "kind": "programs",
            "vendor": "Google LLC",
            "identifier": "cpe:2.3:a:google:chrome:120.0.6099.71:*:*:*:*:windows:*:*",
            "cves": ["CVE-2023-7024", "CVE-2024-0519", "CVE-2024-0804"],
            "exploited_cves": ["CVE-2023-7024", "CVE-2024-0519"],
            "fixed_in": "121.0.6167.85",
        },
        {"device_key": "7", "name": "Local tool", "version": "1", "kind": "programs"},
        {
            "device_key": "7",
            "name": "7-Zip",
            "version": "24.9",
            "kind": "programs",
            "identifier": "cpe:x",
            "cves": [],
            "exploited_cves": [],
        },
    ]
    assert list_rejects(read) == [(1, "software", True)]


@pytest.mark.parametrize("wrapped", [{"host": WINDOWS}, {"kind": "host", "apiVersion": "v1", "spec": WINDOWS}])
def test_a_single_host_and_one_of_fleetctl_are_the_same_host(wrapped: dict[str, Any]) -> None:
    assert list_rows(read_hosts([wrapped], 1), "device_records") == list_rows(
        read_hosts([WINDOWS], 1), "device_records"
    )


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"software": "absent"}, "reports_software"),
        ({"software": None}, "reports_software"),
        ({"disk_encryption_enabled": None}, "encrypted"),
        ({"users": "absent"}, "local_admins"),
        ({"mdm": {"enrollment_status": "Off"}}, "managed"),
        ({"mdm": {"enrollment_status": "Pending"}}, "managed"),
        ({"mdm": {"enrollment_status": None}}, "managed"),
        ({"team_name": None}, "org_unit"),
        ({"seen_time": "0001-01-01T00:00:00Z"}, "last_seen"),
        ({"last_enrolled_at": "2000-01-01T00:00:00Z"}, "enrolled_at"),
    ],
)
def test_what_fleet_does_not_say_stays_unknown(changed: dict[str, Any], column: str) -> None:
    read = read_hosts([_build_host(**changed)], 1)
    assert column not in list_rows(read, "device_records")[0]
    assert len(read.rejects) == (0 if "software" in changed else 1)


def test_an_empty_list_of_software_is_a_report() -> None:
    read = read_hosts([_build_host(software=[])], 1)
    assert list_rows(read, "device_records")[0]["reports_software"] is True
    assert len(read.tables["software_records"]) == 0


def test_the_primary_group_of_a_mac_says_nothing_of_its_administrators() -> None:
    users = [
        {"uid": "0", "username": "root", "groupname": "wheel"},
        {"uid": "501", "username": "ada", "groupname": "staff"},
    ]
    mac = _build_host(platform="darwin", os_version="macOS 15.6.1", users=users)
    row = list_rows(read_hosts([mac], 1), "device_records")[0]
    assert "local_admins" not in row
    assert (row["platform"], row["os_version"]) == ("macos", "15.6.1")
    linux = _build_host(
        platform="ubuntu",
        os_version="Ubuntu 24.04.3 LTS",
        users=[{"uid": "1000", "username": "tech", "groupname": "sudo"}],
    )
    row = list_rows(read_hosts([linux], 1), "device_records")[0]
    assert (row["platform"], row["os_version"], row["local_admins"]) == ("linux", "Ubuntu 24.04.3 LTS", ["tech"])
    without_admins = _build_host(users=[{"uid": "1002", "username": "student", "groupname": "Users"}])
    assert list_rows(read_hosts([without_admins], 1), "device_records")[0]["local_admins"] == []


@pytest.mark.parametrize(
    ("system", "edition"),
    [
        ("Windows 10 IoT Enterprise LTSC 2021 10.0.19044.1", "IoT Enterprise LTSC"),
        ("Microsoft Windows 11 Pro 22H2 10.0.22621.1", "Pro"),
        ("Windows Server 2019 Standard 10.0.17763.1", "Server 2019 Standard"),
    ],
)
def test_the_edition_stands_in_the_systems_name(system: str, edition: str) -> None:
    assert list_rows(read_hosts([_build_host(os_version=system)], 1), "device_records")[0]["os_edition"] == edition


def test_no_version_fixes_all_where_one_vulnerability_names_none() -> None:
    (row,) = _list_software(
        {
            "vulnerabilities": [
                {"cve": "CVE-1", "resolved_in_version": "2"},
                {"cve": "cve-2", "resolved_in_version": None},
            ]
        }
    )
    assert row["cves"] == ["CVE-1", "CVE-2"]
    assert "fixed_in" not in row
    assert "exploited_cves" not in row


def test_software_in_two_folders_is_one_row() -> None:
    rows = _list_software(
        {"vulnerabilities": [{"cve": "CVE-1", "resolved_in_version": "2.9"}]},
        {"vulnerabilities": [{"cve": "CVE-2", "resolved_in_version": "2.10"}]},
        {"name": "X Helper"},
    )
    assert [(row["name"], row.get("cves"), row.get("fixed_in")) for row in rows] == [
        ("X", ["CVE-1", "CVE-2"], "2.10"),
        ("X Helper", None, None),
    ]


def test_versions_that_are_no_plain_numbers_are_not_compared() -> None:
    assert find_highest_version(["1.9", "1.10"]) == "1.10"
    assert find_highest_version(["2.36-9+deb12u4", "2.36-9+deb12u4"]) == "2.36-9+deb12u4"
    assert find_highest_version(["2.36-9+deb12u4", "2.36-9+deb12u7"]) is None
    assert find_highest_version([]) is None


def test_a_host_without_an_id_is_rejected_with_its_software_and_a_strange_platform_is_said() -> None:
    read = read_hosts(
        [_build_host(id=None, software=[{"name": "X"}]), _build_host(platform="templeos", software="absent")], 4
    )
    assert list_rejects(read) == [(4, "id", True), (5, "platform", False)]
    assert [row["key"] for row in list_rows(read, "device_records")] == ["7"]
    assert len(read.tables["software_records"]) == 0


def test_room_on_the_disk_and_the_last_start_are_told_once_fleet_has_heard_them() -> None:
    reported = {"gigs_total_disk_space": "512", "percent_disk_space_available": "9.7"}
    started = {"last_restarted_at": "2026-10-01T08:00:00Z"}
    (row,) = list_rows(read_hosts([_build_host(**reported, **started)], 1), "device_records")
    assert (row["disk_free_percent"], row["last_restart"]) == (9, datetime(2026, 10, 1, 8, tzinfo=UTC))
    unreported = {"gigs_total_disk_space": "0", "percent_disk_space_available": "0"}
    (row,) = list_rows(
        read_hosts([_build_host(**unreported, last_restarted_at="2000-01-01T00:00:00Z")], 1), "device_records"
    )
    assert not {"disk_free_percent", "last_restart"} & set(row)
