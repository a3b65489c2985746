"""Defender's machines and vulnerabilities become device and vulnerability records."""

from __future__ import annotations

from homeroom.connectors.defender import readers
from homeroom.ingest.contract.connector import CsvKind
from homeroom.ingest.detection.file_kinds import KindMatch, match_kind
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import contains_text, list_rejects, parse_csv
from tests.connectors.recordings import read_recording, select_columns


def test_machines_are_watched_and_not_managed() -> None:
    _, read = read_recording("defender/machines.json")
    assert select_columns(read, "device_records", "key", "name", "platform", "managed", "addresses", "macs") == [
        ("m1", "lab-2.maple.example", "windows", None, ["192.0.2.60"], ["00005e005360"]),
        ("m2", None, None, None, ["192.0.2.61"], None),
    ]
    assert select_columns(read, "coverage_records", "purpose", "key", "name", "covered") == [
        ("antivirus", "m1", "lab-2.maple.example", True),
        ("antivirus", "m2", None, False),
    ]
    assert list_rejects(read) == [(2, "lastSeen", False), (3, "id", True)]
    assert not contains_text(read, "203.0.113.9")


def test_a_finding_is_one_machine_one_vulnerability_and_one_version_of_a_product() -> None:
    _, read = read_recording("defender/vulnerabilities.json")
    assert select_columns(read, "vulnerability_records", "device_key", "check_id", "severity", "solution") == [
        ("m1", "CVE-2026-50001 viewer 1.2", "high", "Install KB5001234"),
        ("m1", "CVE-2026-50001 viewer 1.3", "high", None),
    ]
    assert list_rejects(read) == [(3, "machineId", True)]


def test_an_export_assessment_names_the_device() -> None:
    _, read = read_recording("defender/assessment.json")
    assert select_columns(read, "device_records", "key", "name") == [("m1", "lab-2.maple.example")]
    assert select_columns(read, "vulnerability_records", "check_id", "severity", "cvss_tenths") == [
        ("CVE-2026-50003 viewer 1.2", "critical", 98)
    ]


def test_the_portals_inventory_lists_devices_and_which_of_them_are_protected() -> None:
    lines = """
        Device ID,Device Name,Last device update,OS Platform,Risk Level,Exposure Level,Health Status,Onboarding Status
        A1,lab-2,2026-03-01T08:00:00.000Z,Windows11,None,Low,Active,Onboarded
        A2,printer-9,,Other,None,Low,Inactive,Can be onboarded
        ,nobody,,Other,None,Low,Inactive,Can be onboarded
        """
    read = readers.read_inventory(parse_csv(lines))
    assert select_columns(read, "device_records", "key", "name", "platform", "managed") == [
        ("a1", "lab-2", "windows", None),
        ("a2", "printer-9", None, None),
    ]
    assert select_columns(read, "coverage_records", "key", "covered") == [("a1", True), ("a2", False)]
    assert list_rejects(read) == [(4, "Device ID", True)]
    headings = lines.strip().splitlines()[0].split(",")
    match = match_kind(headings, kind_class=CsvKind, connectors=load_connectors())
    assert isinstance(match, KindMatch)
    assert match.kind.id == "defender.machines.csv", "no list of what Intune manages"
