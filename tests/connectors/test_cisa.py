"""CISA's catalogue into known exploited flaws."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from homeroom.connectors.cisa import reading
from tests.connectors.raw import rejected, rows, said, sheet

GIVEN = Path(__file__).parents[3] / "shared" / "data" / "vulns" / "kev_2025-08-25.json"


def test_the_csv_form() -> None:
    read = reading.catalogue(
        sheet("""
        cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,knownRansomwareCampaignUse,notes,cwes
        CVE-2099-3001,Invented,Server,Invented Server Flaw,2099-03-01,It is invented.,Update it.,2099-03-22,Known,,CWE-787
        cve-2099-3002,Invented,Client,Invented Client Flaw,2099-03-02,It is invented.,Update it.,soon,Unknown,,
        not one,Invented,Client,Invented Client Flaw,2099-03-02,It is invented.,Update it.,2099-03-22,Perhaps,,
        """)
    )
    assert said(read, "known_exploited") == [
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
    assert set(rejected(read)) == {
        (3, "dueDate", False),
        (4, "cveID", False),
        (4, "cveID", True),
        (4, "knownRansomwareCampaignUse", False),
    }


def test_every_entry_of_a_real_catalogue() -> None:
    if not GIVEN.exists():
        pytest.skip("the catalogue is not here")
    given = json.loads(GIVEN.read_text(encoding="utf-8"))
    plain = [{name: value for name, value in one.items() if isinstance(value, str)} for one in given["vulnerabilities"]]
    read = reading.catalogue(rows(plain))
    kept = said(read, "known_exploited")
    assert (len(kept), len(read.rejects)) == (given["count"], 0)
    assert [one["cve"] for one in kept] == [one["cveID"] for one in plain]
    assert sum(one["ransomware"] for one in kept) == sum(one["knownRansomwareCampaignUse"] == "Known" for one in plain)
    assert all({"vendor", "product", "title", "added_on", "due_on", "action"} <= one.keys() for one in kept)
