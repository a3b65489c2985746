"""testssl.sh's findings into device, service and flaw records, from CSV and both forms of JSON."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from homeroom.connectors.testssl import reading
from homeroom.ingest.connector import Reading
from tests.connectors.recorded import GIVEN, picked, readings, recording

LEARNT = ("tls_versions", "weak_ciphers", "certificate_until", "self_signed")
FINE = {
    "SSLv3": "not offered",
    "TLS1": "not offered",
    "TLS1_1": "is not offered",
    "TLS1_2": "offered",
    "TLS1_3": "offered with final",
}
CIPHERS = {f"cipherlist_{name}": "not offered" for name in ("NULL", "aNULL", "EXPORT", "LOW")}


def result(**findings: str) -> Reading:
    rows = [
        {"id": name, "fqdn/ip": "www.maple.example/198.51.100.80", "port": "443", "severity": "INFO", "finding": said}
        for name, said in findings.items()
    ]
    return reading.sheet(
        pl.DataFrame(rows).with_columns(pl.lit("").alias("cve"), pl.lit("").alias("cwe")).with_row_index("_line")
    )


@pytest.mark.parametrize(
    ("findings", "versions", "ciphers"),
    [
        ({**FINE, **CIPHERS}, ["TLS 1.2", "TLS 1.3"], []),
        ({**FINE, "TLS1": "offered (deprecated)"}, ["TLS 1.0", "TLS 1.2", "TLS 1.3"], None),
        ({"TLS1_2": "offered"}, None, None),
        ({"SSLv3": "offered"}, ["SSL 3"], None),
        ({**CIPHERS, "cipherlist_3DES_IDEA": "offered"}, None, ["3DES"]),
        ({"cipherlist_NULL": "not offered"}, None, None),
    ],
)  # fmt: skip
def test_what_is_offered_is_told_where_it_was_looked_for(
    findings: dict[str, str], versions: list[str] | None, ciphers: list[str] | None
) -> None:
    assert picked(result(**findings), "service_records", *LEARNT) == [(versions, ciphers, None, None)]


@pytest.mark.parametrize(
    ("chain", "alone"), [("passed.", False), ("failed (self signed).", True), ("failed (chain incomplete).", None)]
)
def test_a_certificate_has_an_end_and_a_signer(chain: str, alone: bool | None) -> None:
    read = result(cert_notAfter="2026-03-11 02:47", cert_chain_of_trust=chain)
    assert picked(read, "service_records", *LEARNT) == [(None, None, date(2026, 3, 11), alone)]


@pytest.mark.skipif(not GIVEN.exists(), reason="needs the given files of other projects beside the clone")
def test_a_real_result_tells_versions_ciphers_and_the_certificate() -> None:
    ((_, read),) = readings(GIVEN / "scanners" / "testssl" / "overall_critical.csv")
    ((versions, ciphers, until, alone),) = picked(read, "service_records", *LEARNT)
    assert (versions, until, alone) == (["TLS 1.0", "TLS 1.1", "TLS 1.2"], date(2023, 3, 11), None)
    assert ciphers == ["3DES", "anonymous"]


def test_what_is_fine_and_the_rating_are_no_weakness() -> None:
    _, read = recording("testssl/result.csv")
    assert picked(read, "flaw_records", "device_key", "check_id", "severity", "cves", "port") == [
        ("www.maple.example", "service", "info", None, 443),
        ("www.maple.example", "SWEET32", "low", ["CVE-2016-2183", "CVE-2016-6329"], 443),
    ]
    assert picked(read, "service_records", "address", "port", "service") == [("198.51.100.80", 443, "http")]


def test_a_target_that_could_not_be_tested_proves_nothing() -> None:
    _, read = recording("testssl/result.csv")
    assert read.incomplete == "1 of the targets could not be tested"
    assert picked(read, "device_records", "key") == [("www.maple.example",)]


def test_json_says_the_same_flat_and_pretty() -> None:
    _, flat = recording("testssl/flat.json")
    _, pretty = recording("testssl/pretty.json")
    assert flat.scope == pretty.scope == "hosts:www.maple.example:443"
    assert picked(flat, "flaw_records", "check_id", "severity")[1:] == [("heartbleed", "critical")]
    assert picked(pretty, "flaw_records", "check_id", "severity") == [("TLS1", "low")]
