"""Greenbone's reports become device and vulnerability records, from XML and both generations of CSV."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from homeroom.connectors.openvas.readers import read_report
from homeroom.ingest.contract.errors import FileRefused
from tests.connectors.raw_frames import contains_text, list_rejects
from tests.connectors.recordings import read_recording, select_columns

TASK = "task:44444444-aaaa-4aaa-8aaa-444444444444"
OLD, OPEN = "1.3.6.1.4.1.25623.1.0.900001", "1.3.6.1.4.1.25623.1.0.900002"
SCAN_COLUMNS = ("device_key", "check_id", "severity", "cves", "cvss_tenths", "protocol", "port", "solved")


def test_hosts_and_results_of_a_report() -> None:
    kind, read = read_recording("openvas/report.xml")
    ended = datetime(2026, 3, 1, 20, 30, tzinfo=UTC)
    assert (kind, read.scope) == ("openvas.report", TASK)
    assert select_columns(read, "device_records", "key", "name", "macs", "platform", "managed", "last_seen") == [
        ("192.0.2.30", "web.maple.example", ["00005e005330"], "linux", None, ended),
        ("192.0.2.31", None, None, None, None, ended.replace(minute=31)),
    ]
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("192.0.2.30", OLD, "high", ["CVE-2026-20001"], 75, "tcp", 443, None),
        ("192.0.2.30", OPEN, "info", ["CVE-2026-20002", "CVE-2026-20003"], 0, "tcp", 0, None),
        ("192.0.2.30", f"{OLD} (2)", "info", None, None, "tcp", 443, True),
    ]
    assert list_rejects(read) == [(20, "host", True)]


def test_what_a_check_printed_is_not_kept_and_a_tag_is_no_markup() -> None:
    _, read = read_recording("openvas/report.xml")
    assert not contains_text(read, "hunter2")
    assert select_columns(read, "vulnerability_records", "solution")[0] == ("Update it ‹b›now‹/b›.",)


def test_a_report_without_results_says_which_hosts_were_scanned() -> None:
    kind, read = read_recording("openvas/nothing.xml")
    assert (kind, read.scope, read.incomplete) == ("openvas.answer", TASK, "")
    assert select_columns(read, "device_records", "key") == [("192.0.2.30",)]
    assert select_columns(read, "vulnerability_records", "check_id") == []


def test_both_generations_of_csv_are_of_the_same_task_as_the_xml() -> None:
    _, read = read_recording("openvas/results.csv")
    assert read.scope == TASK
    assert select_columns(read, "vulnerability_records", *SCAN_COLUMNS) == [
        ("192.0.2.30", OLD, "high", ["CVE-2026-20001", "CVE-2026-20004"], 75, "tcp", 443, None),
        ("192.0.2.30", "CVE-2026-20005", "medium", ["CVE-2026-20005"], 50, None, 0, None),
    ]
    kind, empty = read_recording("openvas/older.csv")
    assert (kind, select_columns(empty, "vulnerability_records", "check_id")) == ("openvas.csv", [])


def test_the_report_of_another_program_is_refused() -> None:
    with pytest.raises(FileRefused, match="no report of OpenVAS"):
        read_report([], {"name": "coverage"})


@pytest.mark.parametrize(
    ("version", "read"), [("9.0", True), ("22.7", True), ("", True), ("23.1", False), ("30.0", False)]
)
def test_a_report_of_a_newer_protocol_is_refused_whole(version: str, read: bool) -> None:
    text = f"<report><gmp><version>{version}</version></gmp><results/><host><ip>192.0.2.1</ip></host></report>"
    element = etree.fromstring(text)
    if read:
        assert select_columns(read_report([element], {"format_id": "1"}), "device_records", "key") == [("192.0.2.1",)]
    else:
        with pytest.raises(FileRefused, match=r"gmp/version: a version whose files nobody here can read \(\d+\.\d\)"):
            read_report([element], {"format_id": "1"})
