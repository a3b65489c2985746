"""testssl.sh's findings into device, service and flaw records, from CSV and both forms of JSON."""

from __future__ import annotations

from tests.connectors.recorded import picked, recording


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
