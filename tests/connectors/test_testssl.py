"""testssl.sh's findings become device, service and vulnerability records, from CSV and both forms of JSON."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from homeroom.connectors.testssl import readers
from homeroom.ingest.contract.connector import Reading
from tests.connectors.recordings import SHARED_DATA, read_files, read_recording, select_columns

TLS_COLUMNS = ("tls_versions", "weak_ciphers", "certificate_until", "self_signed")
PASSING_PROTOCOLS = {
    "SSLv3": "not offered",
    "TLS1": "not offered",
    "TLS1_1": "is not offered",
    "TLS1_2": "offered",
    "TLS1_3": "offered with final",
}
PASSING_CIPHERS = {f"cipherlist_{name}": "not offered" for name in ("NULL", "aNULL", "EXPORT", "LOW")}


def read_findings(**findings: str) -> Reading:
    rows = [
        {
            "id": name,
            "fqdn/ip": "www.maple.example/198.51.100.80",
            "port": "443",
            "severity": "INFO",
            "finding": finding,
        }
        for name, finding in findings.items()
    ]
    return readers.read_sheet(
        pl.DataFrame(rows).with_columns(pl.lit("").alias("cve"), pl.lit("").alias("cwe")).with_row_index("_line")
    )


@pytest.mark.parametrize(
    ("findings", "versions", "ciphers"),
    [
        ({**PASSING_PROTOCOLS, **PASSING_CIPHERS}, ["TLS 1.2", "TLS 1.3"], []),
        ({**PASSING_PROTOCOLS, "TLS1": "offered (deprecated)"}, ["TLS 1.0", "TLS 1.2", "TLS 1.3"], None),
        ({"TLS1_2": "offered"}, None, None),
        ({"SSLv3": "offered"}, ["SSL 3"], None),
        ({**PASSING_CIPHERS, "cipherlist_3DES_IDEA": "offered"}, None, ["3DES"]),
        ({"cipherlist_NULL": "not offered"}, None, None),
    ],
)  # fmt: skip
def test_what_is_offered_is_told_where_it_was_looked_for(
    findings: dict[str, str], versions: list[str] | None, ciphers: list[str] | None
) -> None:
    assert select_columns(read_findings(**findings), "service_records", *TLS_COLUMNS) == [
        (versions, ciphers, None, None)
    ]


@pytest.mark.parametrize(
    ("chain", "alone"), [("passed.", False), ("failed (self signed).", True), ("failed (chain incomplete).", None)]
)
def test_a_certificate_has_an_end_and_a_signer(chain: str, alone: bool | None) -> None:
    read = read_findings(cert_notAfter="2026-03-11 02:47", cert_chain_of_trust=chain)
    assert select_columns(read, "service_records", *TLS_COLUMNS) == [(None, None, date(2026, 3, 11), alone)]


@pytest.mark.skipif(not SHARED_DATA.exists(), reason="needs the given files of other projects beside the clone")
def test_a_real_result_tells_versions_ciphers_and_the_certificate() -> None:
    ((_, read),) = read_files(SHARED_DATA / "scanners" / "testssl" / "overall_critical.csv")
    ((versions, ciphers, until, alone),) = select_columns(read, "service_records", *TLS_COLUMNS)
    assert (versions, until, alone) == (["TLS 1.0", "TLS 1.1", "TLS 1.2"], date(2023, 3, 11), None)
    assert ciphers == ["3DES", "anonymous"]


def test_what_is_fine_and_the_rating_are_no_finding() -> None:
    _, read = read_recording("testssl/result.csv")
    assert select_columns(read, "vulnerability_records", "device_key", "check_id", "severity", "cves", "port") == [
        ("www.maple.example", "service", "info", None, 443),
        ("www.maple.example", "SWEET32", "low", ["CVE-2016-2183", "CVE-2016-6329"], 443),
    ]
    assert select_columns(read, "service_records", "address", "port", "service") == [("198.51.100.80", 443, "http")]


def test_a_target_that_could_not_be_tested_proves_nothing() -> None:
    _, read = read_recording("testssl/result.csv")
    assert read.incomplete == "1 of the targets could not be tested"
    assert select_columns(read, "device_records", "key") == [("www.maple.example",)]


def test_json_says_the_same_flat_and_pretty() -> None:
    _, flat = read_recording("testssl/flat.json")
    _, pretty = read_recording("testssl/pretty.json")
    assert flat.scope == pretty.scope == "hosts:www.maple.example:443"
    assert select_columns(flat, "vulnerability_records", "check_id", "severity")[1:] == [("heartbleed", "critical")]
    assert select_columns(pretty, "vulnerability_records", "check_id", "severity") == [("TLS1", "low")]
