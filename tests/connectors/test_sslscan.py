"""sslscan's tests become device, service and vulnerability records."""

from __future__ import annotations

from datetime import date

import pytest

from homeroom.connectors.sslscan.readers import read_hosts
from homeroom.ingest.contract.errors import FileRefused
from tests.connectors.raw_frames import list_rejects
from tests.connectors.recordings import SHARED_DATA, read_files, read_recording, select_columns


def test_only_what_the_server_accepts_is_weak() -> None:
    _, read = read_recording("sslscan/result.xml")
    assert select_columns(read, "vulnerability_records", "device_key", "check_id", "severity") == [
        ("www.maple.example", check, severity)
        for check, severity in (
            ("protocol TLS 1.0", "medium"),
            ("heartbleed", "critical"),
            ("compression", "medium"),
            ("cipher EXP-DES", "medium"),
            ("cipher ADH-AES256", "high"),
            ("certificate self-signed", "low"),
            ("certificate signature", "medium"),
            ("certificate key", "medium"),
        )
    ]
    assert select_columns(read, "device_records", "key") == [("www.maple.example",), ("fine.maple.example",)]
    assert list_rejects(read) == [(13, "host", True)]


def test_another_programs_document_is_refused() -> None:
    with pytest.raises(FileRefused, match="no result of sslscan"):
        read_hosts([], {"title": "A letter"})


def test_what_is_offered_is_told_of_the_port_as_well() -> None:
    _, read = read_recording("sslscan/result.xml")
    learnt = select_columns(read, "service_records", "tls_versions", "weak_ciphers", "self_signed")
    assert learnt == [(["TLS 1.0", "TLS 1.3"], ["ADH-AES256", "EXP-DES"], True), (None, None, None)]


@pytest.mark.skipif(not SHARED_DATA.exists(), reason="needs the given files of other projects beside the clone")
def test_a_real_result_tells_ciphers_and_the_certificate() -> None:
    ((_, read),) = read_files(SHARED_DATA / "scanners" / "sslscan" / "sslscan_many_vuln.xml")
    learnt = select_columns(read, "service_records", "weak_ciphers", "certificate_until", "self_signed")
    assert ([], date(2019, 3, 13), False) in learnt


@pytest.mark.parametrize(
    ("version", "read"), [("1.11.13-static", True), ("2.1.3", True), ("a1b2c3d", True), ("3.0.0", False)]
)
def test_a_file_of_a_newer_sslscan_is_refused_whole(version: str, read: bool) -> None:
    root = {"title": "SSLScan Results", "version": version}
    if read:
        assert read_hosts([], root).tables["device_records"].height == 0
    else:
        with pytest.raises(FileRefused, match="a version whose files nobody here can read"):
            read_hosts([], root)
