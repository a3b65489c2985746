"""Feeds of flaws as they are published, invented and small."""

from __future__ import annotations

from typing import Any


def nvd(number: int, *matches: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One entry of NVD's `vulnerabilities`."""
    about = {
        "id": f"CVE-2099-{number:04}",
        "published": "2099-03-04T15:15:08.123",
        "lastModified": "2099-03-05T15:15:08.123",
        "vulnStatus": "Analyzed",
        "descriptions": [{"lang": "es", "value": "Un fallo."}, {"lang": "en", "value": "An invented flaw."}],
        "metrics": {
            "cvssMetricV2": [{"type": "Primary", "baseSeverity": "MEDIUM", "cvssData": {"baseScore": 5.0}}],
            "cvssMetricV31": [
                {"type": "Secondary", "cvssData": {"baseScore": 3.1, "baseSeverity": "LOW"}},
                {
                    "type": "Primary",
                    "cvssData": {"baseScore": 8.8, "baseSeverity": "HIGH", "vectorString": "CVSS:3.1/AV:N"},
                },
            ],
        },
        "configurations": [{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": list(matches)}]}],
    }
    return {"cve": {**about, **more}}


def match(criteria: str, *, vulnerable: bool = True, **bounds: str) -> dict[str, Any]:
    """One cpeMatch; the criteria without `cpe:2.3:` and with as many stars as are missing."""
    name = ":".join([*criteria.split(":"), *["*"] * (11 - len(criteria.split(":")))])
    return {"vulnerable": vulnerable, "criteria": f"cpe:2.3:{name}", "matchCriteriaId": "X", **bounds}


def record(number: int, *affected: dict[str, Any], state: str = "PUBLISHED") -> dict[str, Any]:
    """One CVE record."""
    return {
        "dataType": "CVE_RECORD",
        "dataVersion": "5.1",
        "cveMetadata": {"cveId": f"CVE-2099-{number:04}", "state": state, "datePublished": "2099-03-04T00:00:00.000Z"},
        "containers": {
            "cna": {
                "title": "An invented flaw",
                "affected": list(affected),
                "metrics": [{"cvssV3_1": {"baseScore": 7.5, "baseSeverity": "HIGH", "vectorString": "CVSS:3.1/AV:N"}}],
            }
        },
    }


def advisory(name: str, *events: dict[str, str], **more: Any) -> dict[str, Any]:
    """One OSV advisory about the Python package `slate`."""
    package = {"ecosystem": "PyPI", "name": "slate"}
    affected = {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": list(events)}], "versions": ["1.0"]}
    return {
        "id": name,
        "modified": "2099-03-05T15:15:08Z",
        "published": "2099-03-04T00:00:00Z",
        "schema_version": "1.6.0",
        "aliases": ["CVE-2099-7001"],
        "summary": "An invented flaw in slate",
        "affected": [affected],
        "database_specific": {"severity": "MODERATE"},
        **more,
    }


CVRF: dict[str, Any] = {
    "DocumentTitle": {"Value": "March 2099 Security Updates"},
    "DocumentTracking": {"InitialReleaseDate": "2099-03-10T07:00:00", "CurrentReleaseDate": "2099-03-11T07:00:00"},
    "ProductTree": {
        "FullProductName": [
            {"ProductID": "1", "Value": "Windows 11 Version 24H2 for x64-based Systems"},
            {"ProductID": "2", "Value": "Windows 11 Version 24H2 for ARM64-based Systems"},
            {"ProductID": "3", "Value": "Windows Server 2022 (Server Core installation)"},
        ]
    },
    "Vulnerability": [
        {
            "CVE": "CVE-2099-8001",
            "Title": {"Value": "Windows Invented Vulnerability"},
            "Threats": [
                {"Type": 3, "Description": {"Value": "Important"}, "ProductID": ["1"]},
                {"Type": 3, "Description": {"Value": "Critical"}, "ProductID": ["3"]},
                {"Type": 0, "Description": {"Value": "Elevation of Privilege"}, "ProductID": ["1"]},
            ],
            "CVSSScoreSets": [{"BaseScore": 7.8, "Vector": "CVSS:3.1/AV:L", "ProductID": ["1"]}],
            "Remediations": [
                {
                    "Type": 2,
                    "Description": {"Value": "5099001"},
                    "FixedBuild": "10.0.26100.9001",
                    "ProductID": ["1", "2"],
                },
                {"Type": 2, "Description": {"Value": "5099002"}, "FixedBuild": "10.0.20348.9001", "ProductID": ["3"]},
                {"Type": 2, "Description": {"Value": "Release Notes"}, "FixedBuild": "", "ProductID": ["1"]},
                {"Type": 0, "Description": {"Value": "Turn it off."}, "ProductID": ["1"]},
            ],
        }
    ],
}
CSAF: dict[str, Any] = {
    "document": {
        "csaf_version": "2.0",
        "title": "Invented flaw in a switch",
        "tracking": {"id": "INV-2099-1", "initial_release_date": "2099-03-04T00:00:00Z", "status": "final"},
    },
    "product_tree": {
        "branches": [
            {
                "category": "vendor",
                "name": "Invented Networks",
                "branches": [
                    {
                        "category": "product_name",
                        "name": "SwitchOS",
                        "branches": [
                            {
                                "category": "product_version_range",
                                "name": "vers:generic/>=4|<4.2",
                                "product": {"product_id": "A"},
                            },
                            {"category": "product_version", "name": "5.0", "product": {"product_id": "B"}},
                            {
                                "category": "product_version_range",
                                "name": "before the summer",
                                "product": {"product_id": "C"},
                            },
                        ],
                    }
                ],
            }
        ]
    },
    "vulnerabilities": [
        {
            "cve": "CVE-2099-9001",
            "product_status": {"known_affected": ["A", "B", "C"], "fixed": ["D"]},
            "scores": [{"cvss_v3": {"baseScore": 9.8, "baseSeverity": "CRITICAL", "vectorString": "CVSS:3.1/AV:N"}}],
        }
    ],
}
