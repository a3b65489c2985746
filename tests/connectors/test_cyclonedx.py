"""CycloneDX bills of materials become software, vulnerability and device records."""

from __future__ import annotations

from tests.connectors.raw_frames import list_rejects
from tests.connectors.recordings import read_recording, select_columns


def test_a_device_has_its_components_as_software_with_their_vulnerabilities() -> None:
    _, read = read_recording("cyclonedx/device.json")
    assert select_columns(read, "device_records", "key", "manufacturer", "reports_software") == [
        ("sign-1", "Signs Inc.", True)
    ]
    assert select_columns(read, "software_records", "device_key", "name", "version", "kind", "identifier", "cves") == [
        ("sign-1", "openssl", "3.0", "library", "pkg:deb/openssl@3.0", ["CVE-2026-92001"]),
        ("sign-1", "libssl.so", None, "file", None, None),
    ]
    assert select_columns(read, "vulnerability_records", "check_id", "severity", "cvss_tenths", "solved") == [
        ("CVE-2026-92001 openssl 3.0", "high", 75, None),
        ("CVE-2026-92002 openssl 3.0", None, None, True),
    ]
    assert list_rejects(read) == [(1, "components.name", True)]


def test_an_application_is_no_device_and_its_vulnerabilities_are_unsaid() -> None:
    _, read = read_recording("cyclonedx/application.json")
    assert select_columns(read, "device_records", "key") == []
    assert select_columns(read, "software_records", "device_key", "name", "vendor", "cves") == [
        ("application:portal", "core", "org.example", None)
    ]


def test_xml_says_the_same_also_in_its_older_extension() -> None:
    kind, read = read_recording("cyclonedx/application.xml")
    assert (kind, read.scope) == ("cyclonedx.xml", "bills:application:portal")
    assert select_columns(read, "software_records", "name", "identifier", "cves") == [
        ("core", "pkg:maven/org.example/core@2.9", ["CVE-2026-92003", "CVE-2026-92004"])
    ]
    assert select_columns(read, "vulnerability_records", "check_id", "severity", "cvss_tenths", "solution") == [
        ("SNYK-1 core 2.9", "medium", 50, None),
        ("CVE-2026-92003 core 2.9", "critical", 98, "Upgrade"),
    ]


def test_in_the_older_extension_each_component_has_its_own_vulnerabilities() -> None:
    _, read = read_recording("cyclonedx/extension.xml")
    assert select_columns(read, "vulnerability_records", "check_id", "severity", "cvss_tenths") == [
        ("CVE-2026-92002 pkg:npm/right@3.0", None, None),
        ("CVE-2026-92002 pkg:npm/far@1.0", None, None),
        ("CVE-2026-92001 left 1.0", "medium", 43),
        ("CVE-2026-92001 left 2.0", "low", None),
        ("CVE-2026-92001 org.maple/left 1.0", "low", None),
    ]
    assert select_columns(read, "software_records", "name", "version", "cves") == [
        ("left", "1.0", ["CVE-2026-92001"]),
        ("left", "2.0", ["CVE-2026-92001"]),
    ]
