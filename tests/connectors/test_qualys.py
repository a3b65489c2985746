"""Qualys's reports become device and vulnerability records, from CSV of two generations and from XML."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from homeroom.connectors.qualys import readers
from homeroom.ingest.contract.errors import FileRefused
from tests.connectors.raw_frames import contains_text, list_rejects
from tests.connectors.recordings import read_recording, select_columns

SCAN_COLUMNS = ("device_key", "check_id", "severity", "cves", "cvss_tenths", "port", "solved")


def test_a_host_is_known_by_what_qualys_tracks_it_by() -> None:
    _, read = read_recording("qualys/report.csv")
    assert select_columns(read, "device_records", "key", "name", "addresses") == [
        ("LAB-1", "LAB-1", ["192.0.2.40"]),
        ("192.0.2.41", "web.maple.example", ["192.0.2.41"]),
        ("192.0.2.42", None, ["192.0.2.42"]),
    ]


def test_levels_become_severities_and_what_was_fixed_is_solved() -> None:
    _, read = read_recording("qualys/report.csv")
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("LAB-1", "380001", "critical", ["CVE-2026-30001", "CVE-2026-30002"], 99, 0, False),
        ("LAB-1", "45001", "info", None, None, 0, False),
        ("192.0.2.42", "38001", "medium", None, None, 443, True),
    ]
    assert select_columns(read, "vulnerability_records", "solution", "reported_at")[0] == (
        "Update it. See here.",
        datetime(2026, 3, 2, 7, 36, 58, tzinfo=UTC),
    )
    assert not contains_text(read, "student")


def test_a_pci_report_writes_the_day_first() -> None:
    _, read = read_recording("qualys/pci.csv")
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("198.51.100.9", "86001", "medium", None, 64, 80, None)
    ]
    assert select_columns(read, "vulnerability_records", "reported_at") == [(datetime(2026, 3, 22, 13, 1, tzinfo=UTC),)]


def test_an_asset_report_takes_titles_from_its_glossary_and_parts_ports() -> None:
    _, read = read_recording("qualys/assets.xml")
    assert select_columns(read, "device_records", "key") == [("files.maple.example",), ("192.0.2.44",)]
    assert select_columns(read, "vulnerability_records", "title", *SCAN_COLUMNS) == [
        ("An open share", "files.maple.example", "91001", "high", ["CVE-2026-31001"], 75, port, None)
        for port in (445, 139)
    ]


def test_a_report_may_write_the_number_into_an_attribute() -> None:
    kind, read = read_recording("qualys/plain.xml")
    assert kind == "qualys.report"
    assert select_columns(read, "vulnerability_records", "title", *SCAN_COLUMNS) == [
        ("A certificate expired", "192.0.2.45", "90009", "medium", None, None, 443, None)
    ]


def test_vmdrs_own_list_is_known_by_its_assets_and_writes_no_value_with_an_apostrophe() -> None:
    kind, read = read_recording("qualys/vmdr-qid.csv")
    assert kind == "qualys.vmdr"
    assert select_columns(read, "device_records", "key", "name", "addresses", "platform") == [
        ("asset:119000001", "LAB-1", ["192.0.2.40", "198.51.100.40", "2001:db8::40"], "windows"),
        ("192.0.2.41", None, ["192.0.2.41"], None),
    ]
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("asset:119000001", "380001", "critical", None, None, 0, False),
        ("asset:119000001", "380001", "critical", None, None, 8443, True),
        ("192.0.2.41", "45001", "info", None, None, 0, False),
    ]
    assert select_columns(read, "vulnerability_records", "solution", "protocol", "reported_at")[:2] == [
        ("Update it.", None, datetime(2026, 2, 3, 7, tzinfo=UTC)),
        ("Update it.", "tcp", datetime(2026, 2, 3, 7, tzinfo=UTC)),
    ]
    assert list_rejects(read) == [(5, "Asset Id", True)]
    assert not contains_text(read, "student")


def test_vmdrs_list_by_cve_below_its_title_rows_is_one_finding_with_all_cves_of_a_detection() -> None:
    kind, read = read_recording("qualys/vmdr-cve.csv")
    assert kind == "qualys.vmdr"
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("asset:119000001", "380001", "critical", ["CVE-2026-30001", "CVE-2026-30002"], 99, 0, False)
    ]


def test_results_of_a_scan_have_potential_vulnerabilities_and_information_beside_the_confirmed_ones() -> None:
    kind, read = read_recording("qualys/scan.xml")
    assert (kind, read.scope) == ("qualys.scan", "hosts:192.0.2.46 192.0.2.47")
    assert select_columns(read, "device_records", "key", "name", "addresses") == [
        ("192.0.2.46", "WWW-1", ["192.0.2.46"]),
        ("192.0.2.47", None, ["192.0.2.47"]),
    ]
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("192.0.2.46", "6", "info", None, None, 0, None),
        ("192.0.2.46", "82023", "info", None, None, 0, None),
        ("192.0.2.46", "38170", "low", None, 26, 443, None),
        ("192.0.2.46", "38173", "high", ["CVE-2026-33001", "CVE-2026-33002"], 75, 443, None),
        ("192.0.2.46", "10001", "medium", None, None, 8080, None),
    ]


def test_another_products_root_of_that_name_is_refused() -> None:
    with pytest.raises(FileRefused, match="no scan of Qualys"):
        readers.read_scans([etree.fromstring("<SCAN><PAGE/></SCAN>")], {})
    with pytest.raises(FileRefused, match="no scan of Qualys"):
        readers.read_scans([], {})
