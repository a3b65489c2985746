"""sslscan's tests into device, service and flaw records."""

from __future__ import annotations

import pytest

from homeroom.connectors.sslscan.reading import hosts
from homeroom.ingest.problems import Refused
from tests.connectors.raw import rejected
from tests.connectors.recorded import picked, recording


def test_only_what_the_server_accepts_is_weak() -> None:
    _, read = recording("sslscan/result.xml")
    assert picked(read, "flaw_records", "device_key", "check_id", "severity") == [
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
    assert picked(read, "device_records", "key") == [("www.maple.example",), ("fine.maple.example",)]
    assert rejected(read) == [(13, "host", True)]


def test_another_programs_document_is_refused() -> None:
    with pytest.raises(Refused, match="no result of sslscan"):
        hosts([], {"title": "A letter"})
