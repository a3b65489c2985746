"""CISA's catalog becomes known exploited vulnerabilities."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from homeroom.connectors.cisa import readers
from tests.connectors.raw_frames import build_frame, list_rejects, list_rows, parse_csv

KEV_CATALOG = Path(__file__).parents[3] / "shared" / "data" / "vulns" / "kev_2025-08-25.json"


def test_the_csv_form() -> None:
    read = readers.read_catalog(
        parse_csv("""
        cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,knownRansomwareCampaignUse,notes,cwes
        CVE-2099-3001,Invented,Server,Invented Server Flaw,2099-03-01,It is invented.,Update it.,2099-03-22,Known,,CWE-787
        cve-2099-3002,Invented,Client,Invented Client Flaw,2099-03-02,It is invented.,Update it.,soon,Unknown,,
        not one,Invented,Client,Invented Client Flaw,2099-03-02,It is invented.,Update it.,2099-03-22,Perhaps,,
        """)
    )
    assert list_rows(read, "known_exploited") == [
        {
            "cve": "CVE-2099-3001",
            "vendor": "Invented",
            "product": "Server",
            "title": "Invented Server Flaw",
            "added_on": date(2099, 3, 1),
            "due_on": date(2099, 3, 22),
            "ransomware": True,
            "action": "Update it.",
        },
        {
            "cve": "CVE-2099-3002",
            "vendor": "Invented",
            "product": "Client",
            "title": "Invented Client Flaw",
            "added_on": date(2099, 3, 2),
            "ransomware": False,
            "action": "Update it.",
        },
    ]
    assert set(list_rejects(read)) == {
        (3, "dueDate", False),
        (4, "cveID", False),
        (4, "cveID", True),
        (4, "knownRansomwareCampaignUse", False),
    }


def test_every_entry_of_a_real_catalog() -> None:
    if not KEV_CATALOG.exists():
        pytest.skip("the catalog is not here")
    document = json.loads(KEV_CATALOG.read_text(encoding="utf-8"))
    plain = [
        {name: value for name, value in entry.items() if isinstance(value, str)}
        for entry in document["vulnerabilities"]
    ]
    read = readers.read_catalog(build_frame(plain))
    entries = list_rows(read, "known_exploited")
    assert (len(entries), len(read.rejects)) == (document["count"], 0)
    assert [entry["cve"] for entry in entries] == [entry["cveID"] for entry in plain]
    assert sum(entry["ransomware"] for entry in entries) == sum(
        entry["knownRansomwareCampaignUse"] == "Known" for entry in plain
    )
    assert all({"vendor", "product", "title", "added_on", "due_on", "action"} <= entry.keys() for entry in entries)
