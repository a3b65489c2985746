"""Mosyle's device lists, with the console's headings and with the names of its API."""

from __future__ import annotations

from datetime import UTC, datetime

from homeroom.ingest.contract.connector import CsvKind
from homeroom.ingest.detection.detect import detect_packages
from homeroom.ingest.detection.file_kinds import KindMatch, match_kind
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import list_rows
from tests.connectors.recordings import RECORDINGS, read_recording, select_columns

IPAD = "00008030-001a2b3c4d5e802e"


def test_a_console_export_of_an_ipad() -> None:
    kind, read = read_recording("mosyle/devices.csv")
    assert kind == "mosyle.devices"
    assert list_rows(read, "device_records")[0] == {
        "key": IPAD,
        "serial": "DMPX0007",
        "asset_tag": "MV-0107",
        "hardware_ids": ["imei:352099001761481", f"udid:{IPAD}"],
        "macs": ["f01898000007"],
        "name": "LIN-IPAD-07",
        "kind": "tablet",
        "platform": "ios",
        "manufacturer": "Apple",
        "model": "iPad (9th generation)",
        "os_version": "18.7.1",
        "managed": True,
        "status_word": "Active",
        "school_name": "Lincoln Elementary",
        "holder_email": "cdiaz@maple.example",
        "holder_name": "Cara Diaz",
        "enrolled_at": datetime(2025, 8, 1, tzinfo=UTC),
        "last_seen": datetime(2026, 11, 20, 14, 3, 11, tzinfo=UTC),
        "addresses": ["192.0.2.7"],
    }
    assert read.rejects.is_empty()


def test_a_mac_that_left_is_not_managed() -> None:
    _, read = read_recording("mosyle/devices.csv")
    assert select_columns(read, "device_records", "platform", "kind", "managed", "holder_email", "last_seen")[1:] == [
        ("macos", "laptop", False, None, datetime(2025, 11, 20, 14, 3, 11, tzinfo=UTC))
    ]


def test_a_list_with_the_names_of_the_api() -> None:
    kind, read = read_recording("mosyle/api-names.csv")
    assert kind == "mosyle.devices.api-names"
    assert select_columns(read, "device_records", "key", "serial", "asset_tag", "holder_email", "addresses") == [
        (IPAD, "DMPX0007", "MV-0107", "cdiaz@maple.example", ["203.0.113.9"])
    ]


def test_the_lists_of_ipads_and_macs_are_one_load() -> None:
    detection = detect_packages([RECORDINGS / "mosyle"], connectors=load_connectors())
    (package,) = detection.packages
    assert (detection.problems, package.stream, len(package.files)) == ((), "mosyle.devices", 2)


def test_it_is_told_from_asset_lists_and_other_consoles() -> None:
    mosyle = ["Device Name", "Serial Number", "UDID"]
    snipeit = ["Asset Tag", "Serial Number", "Model", "Model Name", "Location", "Status"]
    for names, kind in (
        ([*mosyle, *snipeit], "mosyle.devices"),
        (snipeit, "snipeit.assets"),
        (["Device ID", *mosyle, "OS"], "microsoft.devices.csv"),
    ):
        match = match_kind(names, kind_class=CsvKind, connectors=load_connectors())
        assert isinstance(match, KindMatch), match
        assert match.kind.id == kind
    jamf = match_kind(["Computer Name", *mosyle, "Jamf Pro ID"], kind_class=CsvKind, connectors=load_connectors())
    assert not isinstance(jamf, KindMatch)
