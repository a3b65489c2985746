"""Jamf Pro's computers and mobile devices, and Jamf School's devices."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from homeroom.connectors.jamf.readers import read_computers, read_mobiles, read_school_devices
from tests.connectors.raw_frames import contains_text, list_rejects, list_rows

MAC: dict[str, Any] = {
    "id": "12",
    "udid": "4C4C4544-0051-3510-8052-B4C04F4A4E32",
    "general": {
        "name": "LIN-MAC-12",
        "lastIpAddress": "203.0.113.9",
        "lastReportedIp": "192.0.2.44",
        "platform": "Mac",
        "assetTag": "MV-0012",
        "remoteManagement": {"managed": True, "managementUsername": "jamf", "managementPassword": "hunter2hunter2"},
        "lastContactTime": "2026-11-20T14:03:11.123Z",
        "lastEnrolledDate": "2025-08-01T12:00:00Z",
        "site": {"id": "3", "name": "Lincoln"},
    },
    "hardware": {
        "make": "Apple",
        "model": "MacBook Air (M2, 2022)",
        "serialNumber": "C02XYZ",
        "macAddress": "F0:18:98:00:00:0C",
        "altMacAddress": None,
    },
    "operatingSystem": {"name": "macOS", "version": "15.6.1", "build": "24G90", "fileVault2Status": "BOOT_ENCRYPTED"},
    "diskEncryption": {"bootPartitionEncryptionDetails": {"partitionFileVault2State": "ENCRYPTED"}},
    "security": {"firewallEnabled": False},
    "userAndLocation": {
        "username": "aokoro",
        "realname": "Ada Okoro",
        "email": "AOkoro@maple.example",
        "room": "Media Cart B, slot 4",
        "phone": "555-0100",
    },
    "purchasing": {"poDate": "2024-07-01", "warrantyDate": "2027-07-01"},
    "localUserAccounts": [
        {"uid": "501", "username": "itsupport", "admin": True},
        {"uid": "502", "username": "aokoro", "admin": False},
    ],
    "applications": [
        {
            "name": "Firefox.app",
            "version": "120.0",
            "bundleId": "org.mozilla.firefox",
            "path": "/Applications/Firefox.app",
        },
        {
            "name": "Firefox.app",
            "version": "120.0",
            "bundleId": "org.mozilla.firefox",
            "path": "/Volumes/Old/Firefox.app",
        },
        {
            "name": "Firefox.app",
            "version": "121.0",
            "bundleId": "org.mozilla.firefox",
            "path": "/Volumes/New/Firefox.app",
        },
        {"name": None, "version": "1"},
    ],
}


def test_a_computer_with_all_sections() -> None:
    read = read_computers([MAC], 1)
    assert list_rows(read, "device_records") == [
        {
            "key": "12",
            "serial": "C02XYZ",
            "asset_tag": "MV-0012",
            "hardware_ids": ["udid:4c4c4544-0051-3510-8052-b4c04f4a4e32"],
            "macs": ["f0189800000c"],
            "name": "LIN-MAC-12",
            "kind": "laptop",
            "platform": "macos",
            "manufacturer": "Apple",
            "model": "MacBook Air (M2, 2022)",
            "os_version": "15.6.1",
            "managed": True,
            "status": "active",
            "org_unit": "/Lincoln",
            "location": "Media Cart B, slot 4",
            "cart": "Media Cart B",
            "holder_email": "aokoro@maple.example",
            "holder_name": "Ada Okoro",
            "enrolled_at": datetime(2025, 8, 1, 12, tzinfo=UTC),
            "last_seen": datetime(2026, 11, 20, 14, 3, 11, 123000, tzinfo=UTC),
            "encrypted": True,
            "purchased_on": date(2024, 7, 1),
            "warranty_until": date(2027, 7, 1),
            "addresses": ["192.0.2.44", "203.0.113.9"],
            "local_admins": ["itsupport"],
            "firewall": False,
            "reports_software": True,
        }
    ]
    listed = {"device_key": "12", "name": "Firefox.app", "kind": "applications", "identifier": "org.mozilla.firefox"}
    assert list_rows(read, "software_records") == [{**listed, "version": "120.0"}, {**listed, "version": "121.0"}]
    assert list_rejects(read) == [(1, "applications", True)]


def test_a_management_password_stays_at_the_door() -> None:
    read = read_computers([MAC], 1)
    assert read.dropped == {"general.remoteManagement.managementPassword": 1}
    assert not contains_text(read, "hunter2")


def test_sections_that_were_not_asked_for_say_nothing() -> None:
    bare = {
        "id": "13",
        "udid": "X",
        "general": {"name": "M", "remoteManagement": {"managed": False}, "site": {"name": "None"}},
    }
    bare |= {"diskEncryption": None, "applications": None, "hardware": None, "localUserAccounts": None}
    read = read_computers([bare], 7)
    (row,) = list_rows(read, "device_records")
    assert row == {"key": "13", "hardware_ids": ["udid:x"], "name": "M", "managed": False}
    assert len(read.tables["software_records"]) == 0
    assert list_rejects(read) == []


@pytest.mark.parametrize(
    ("state", "encrypted"),
    [
        ("ENCRYPTED", True),
        ("OPTIMIZING", True),
        ("ENCRYPTING", False),
        ("DECRYPTED", False),
        ("UNKNOWN", None),
        ("INELIGIBLE", None),
    ],
)
def test_a_disk_that_is_being_encrypted_is_not_encrypted(state: str, encrypted: bool | None) -> None:
    mac = MAC | {
        "diskEncryption": {"bootPartitionEncryptionDetails": {"partitionFileVault2State": state}},
        "applications": [],
    }
    read = read_computers([mac], 1)
    assert list_rows(read, "device_records")[0].get("encrypted") == encrypted
    assert list_rejects(read) == []


def test_filevault_by_the_operating_system_where_the_section_is_missing() -> None:
    read = read_computers([MAC | {"diskEncryption": None, "applications": []}], 1)
    assert list_rows(read, "device_records")[0]["encrypted"] is True
    incomplete = read_computers(
        [MAC | {"id": None}, MAC | {"id": "9", "security": {"firewallEnabled": "perhaps"}, "applications": []}], 1
    )
    assert list_rejects(incomplete) == [(1, "id", True), (2, "security.firewallEnabled", False)]


def test_a_mobile_device_in_detail() -> None:
    read = read_mobiles(
        [
            {
                "mobileDeviceId": "5",
                "deviceType": "iOS",
                "hardware": {
                    "serialNumber": "DMP5",
                    "wifiMacAddress": "60:8b:0e:00:00:05",
                    "model": "iPad (9th generation)",
                },
                "general": {
                    "udid": "00008030-0005",
                    "displayName": "K-Cart-05",
                    "assetTag": "",
                    "lastInventoryUpdateDate": "2026-11-19T13:00:00Z",
                    "osVersion": "17.6.1",
                    "ipAddress": "198.51.100.5",
                    "managed": True,
                    "supervised": True,
                    "deviceOwnershipType": "Institutional",
                    "airPlayPassword": "1234",
                },
                "userAndLocation": {
                    "username": "student@maple.example",
                    "building": "Lincoln",
                    "room": "Cart 2, slot 5",
                },
                "security": {"passcodePresent": True},
                "network": {"imei": "35 209900 176148 1", "phoneNumber": "555-0101"},
                "applications": [
                    {"identifier": "org.example.reader", "name": "Reader", "version": "2026.1", "shortVersion": "4.2"}
                ],
            }
        ],
        1,
    )
    (row,) = list_rows(read, "device_records")
    assert row["hardware_ids"] == ["imei:352099001761481", "udid:00008030-0005"]
    assert (row["platform"], row["kind"], row["os_version"], row["ownership"]) == ("ios", "tablet", "17.6.1", "company")
    assert (row["school_name"], row["cart"], row["holder_email"]) == ("Lincoln", "Cart 2", "student@maple.example")
    assert row["passcode"] is True
    assert "local_admins" not in row
    assert list_rows(read, "software_records") == [
        {
            "device_key": "5",
            "name": "Reader",
            "version": "4.2",
            "kind": "applications",
            "identifier": "org.example.reader",
        }
    ]
    assert read.dropped == {"general.airPlayPassword": 1, "network.phoneNumber": 1}


TABLET: dict[str, Any] = {
    "UDID": "00008101-000A",
    "locationId": "0",
    "serialNumber": "DMPX",
    "name": "Lincoln iPad 10",
    "isManaged": True,
    "isSupervised": True,
    "class": "ipad",
    "assetTag": "MV-10",
    "os": {"prefix": "iOS", "version": "18.1"},
    "model": {"name": "iPad (10th generation)", "identifier": "iPad13,18", "type": "iPad"},
    "owner": {"id": "4", "username": "ada", "email": "", "firstName": "Ada", "lastName": "Okoro"},
    "groups": ["Lincoln"],
    "enrollType": "dep",
    "lastCheckin": "2026-11-20 15:10:00",
    "networkInformation": {"IPAddress": "192.0.2.60", "WiFiMAC": "60:8b:0e:00:00:0a"},
}


def test_a_device_of_jamf_school() -> None:
    (row,) = list_rows(read_school_devices([TABLET], 1), "device_records")
    assert row == {
        "key": "00008101-000A",
        "serial": "DMPX",
        "asset_tag": "MV-10",
        "hardware_ids": ["udid:00008101-000a"],
        "macs": ["608b0e00000a"],
        "name": "Lincoln iPad 10",
        "kind": "tablet",
        "platform": "ios",
        "manufacturer": "Apple",
        "model": "iPad (10th generation)",
        "os_version": "18.1",
        "managed": True,
        "status": "active",
        "holder_name": "Ada Okoro",
        "last_seen": datetime(2026, 11, 20, 15, 10, tzinfo=UTC),
        "addresses": ["192.0.2.60"],
        "supervised": True,
    }


def test_a_single_device_has_its_time_and_addresses_elsewhere() -> None:
    single = {
        **{name: value for name, value in TABLET.items() if name != "networkInformation"},
        "lastCheckin": {"date": "2026-11-20 15:10:00.000000", "timezone_type": "3", "timezone": "UTC"},
        "IPAddress": "192.0.2.60",
        "WiFiMAC": "60:8b:0e:00:00:0a",
        "owner": {},
        "apps": [
            {"name": "Reader", "identifier": "org.example.reader", "version": "4.2", "vendor": "Example", "icon": ""}
        ],
    }
    read = read_school_devices([{"code": "200", "device": single}], 1)
    (row,) = list_rows(read, "device_records")
    assert (row["last_seen"], row["addresses"]) == (datetime(2026, 11, 20, 15, 10, tzinfo=UTC), ["192.0.2.60"])
    assert row["reports_software"] is True
    assert list_rows(read, "software_records")[0]["vendor"] == "Example"


def test_what_lies_in_the_trash_is_not_managed() -> None:
    read = read_school_devices([TABLET | {"inTrash": True}, TABLET | {"isManaged": False}], 1)
    (row,) = list_rows(read, "device_records")
    assert row["managed"] is False
    assert "status" not in row
    assert list_rejects(read) == [(2, "UDID", True)]


def _read_security(**security: Any) -> dict[str, Any]:
    """Return the device values of a Mac with the given security and disk encryption values."""
    disk = {
        name: security.pop(name) for name in tuple(security) if name.endswith(("Status", "Present")) and "Key" in name
    }
    read = read_computers([{"id": "1", "general": {"name": "M"}, "security": security, "diskEncryption": disk}], 1)
    (row,) = list_rows(read, "device_records")
    assert list_rejects(read) == []
    return {name: value for name, value in row.items() if name not in ("key", "name")}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"sipStatus": "ENABLED"}, {"system_integrity": True}),
        ({"sipStatus": "DISABLED"}, {"system_integrity": False}),
        ({"sipStatus": "NOT_COLLECTED", "gatekeeperStatus": "NOT_AVAILABLE", "secureBootLevel": "UNKNOWN"}, {}),
        ({"gatekeeperStatus": "APP_STORE"}, {"gatekeeper": True}),
        ({"gatekeeperStatus": "DISABLED"}, {"gatekeeper": False}),
        ({"secureBootLevel": "FULL_SECURITY"}, {"secure_boot": True}),
        ({"secureBootLevel": "MEDIUM_SECURITY"}, {"secure_boot": False}),
        ({"secureBootLevel": "NOT_SUPPORTED"}, {}),
        ({"autoLoginDisabled": False}, {"auto_login": True}),
        ({"bootstrapTokenEscrowedStatus": "NOT_ESCROWED"}, {"update_token_kept": False}),
        ({"individualRecoveryKeyValidityStatus": "VALID"}, {"recovery_key_kept": True}),
        (
            {"individualRecoveryKeyValidityStatus": "INVALID", "institutionalRecoveryKeyPresent": True},
            {"recovery_key_kept": True},
        ),
        (
            {"individualRecoveryKeyValidityStatus": "INVALID", "institutionalRecoveryKeyPresent": False},
            {"recovery_key_kept": False},
        ),
        ({"individualRecoveryKeyValidityStatus": "UNKNOWN", "institutionalRecoveryKeyPresent": False}, {}),
    ],
)
def test_how_a_mac_is_guarded(words: dict[str, Any], message: dict[str, Any]) -> None:
    assert _read_security(**words) == message
