"""Lists that Jamf Pro and Jamf School download become device records under the ids of the API."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.connectors.raw_frames import contains_text
from tests.connectors.recordings import read_recording, select_columns


def test_computers_of_a_download_have_jamfs_number_their_protection_and_their_holder() -> None:
    kind, read = read_recording("jamf/computers.csv")
    assert kind == "jamf.computers.csv"
    assert select_columns(
        read, "device_records", "key", "name", "serial", "platform", "kind", "os_version", "managed"
    ) == [
        ("100", "lab-mac-1", "SNMAC0001", "macos", "laptop", "15.7.2", True),
        ("101", "lab-mac-2", "SNMAC0002", "macos", "desktop", "12.6", False),
    ]
    assert select_columns(
        read, "device_records", "encrypted", "firewall", "gatekeeper", "system_integrity", "secure_boot", "auto_login"
    ) == [(True, True, True, True, True, False), (False, False, False, False, None, True)]
    assert select_columns(read, "device_records", "update_token_kept", "recovery_key_kept", "supervised") == [
        (True, True, True),
        (None, None, False),
    ]
    assert select_columns(read, "device_records", "holder_email", "school_name", "location", "macs", "addresses")[
        0
    ] == (
        "ann.lee@maple.example",
        "Maple Elementary",
        "Lab 2",
        ["a0b1c2000001"],
        ["192.0.2.60", "198.51.100.9"],
    )
    assert select_columns(read, "device_records", "last_seen", "purchased_on", "warranty_until") == [
        (datetime(2026, 3, 1, 9, tzinfo=UTC), date(2024, 7, 1), date(2027, 7, 1)),
        (datetime(2026, 3, 1, 9, 5, tzinfo=UTC), None, None),
    ]
    assert read.rejects.height == 0


def test_further_rows_of_one_computer_and_its_secrets_are_counted_and_dropped() -> None:
    _, read = read_recording("jamf/computers.csv")
    assert read.dropped == {
        "further rows of one device": 1,
        "FileVault 2 Personal Recovery Key": 1,
        "Local Password": 1,
    }
    assert not contains_text(read, "Tulip")
    assert not contains_text(read, "ABCD-EFGH")


def test_few_chosen_columns_are_enough_and_the_serial_number_is_then_the_key() -> None:
    kind, read = read_recording("jamf/computers-chosen.csv")
    assert kind == "jamf.computers-checked.csv"
    assert select_columns(read, "device_records", "key", "asset_tag", "holder_email", "encrypted", "managed") == [
        ("SNMAC0001", "AT-1", "ann.lee@maple.example", None, None)
    ]


def test_mobile_devices_of_a_download() -> None:
    kind, read = read_recording("jamf/mobiles.csv")
    assert kind == "jamf.mobiles.csv"
    assert select_columns(
        read,
        "device_records",
        "key",
        "platform",
        "kind",
        "os_version",
        "managed",
        "supervised",
        "passcode",
        "ownership",
    ) == [("200", "ios", "tablet", "18.5", True, True, False, "company")]
    assert select_columns(read, "device_records", "hardware_ids", "cart") == [
        (["imei:352099001761481", "udid:00008101-000000000000001e"], "Cart 4")
    ]
    assert read.dropped == {"AirPlay Password": 1, "User Phone Number": 1}
    assert not contains_text(read, "5550100")


def test_devices_of_jamf_school_are_known_by_their_udid_and_those_in_the_trash_are_not_managed() -> None:
    kind, read = read_recording("jamf/school.csv")
    assert kind == "jamf.school.csv"
    assert select_columns(
        read, "device_records", "key", "serial", "platform", "os_version", "managed", "school_name", "holder_name"
    ) == [
        ("00008101-000000000000002E", "SNPAD0002", "ios", "26.4.0", True, "Maple Elementary", "Marisol Vega"),
        ("171FC2DF-1E21-4B4F-8B3E-000000000003", None, "ios", None, False, "Maple Elementary", None),
    ]
    assert select_columns(read, "device_records", "macs", "holder_email")[0] == (
        ["a0b1c2000004"],
        "mvega@maple.example",
    )
    assert read.dropped == {"ActivationLockBypassCode": 1}
    assert read.rejects.height == 0
