"""A short catalog in the format of CISA's Known Exploited Vulnerabilities; its entries are invented (year 2099)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

# (id, maker, product, whether ransomware is known to use it)
_ENTRIES: Final = (
    ("CVE-2099-3003", "Canonical", "Ubuntu", False),
    ("CVE-2099-1001", "Google", "Chromium V8", False),
    ("CVE-2099-1003", "Mozilla", "Firefox", False),
    ("CVE-2099-1004", "RARLAB", "WinRAR", True),
    ("CVE-2099-1005", "7-Zip", "7-Zip", False),
    ("CVE-2099-3001", "Microsoft", "Windows", True),
    ("CVE-2099-3002", "PaperCut", "MF and NG", True),
    ("CVE-2099-9001", "Invented Networks", "Edge Gateway", True),
)


def write_exploited_catalog(path: Path, *, today: date) -> list[Path]:
    """Write the catalog as of a few days ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    released = today - timedelta(days=3)
    document = {
        "title": "CISA Catalog of Known Exploited Vulnerabilities",
        "catalogVersion": released.strftime("%Y.%m.%d"),
        "dateReleased": f"{released.isoformat()}T17:04:19.9796Z",
        "count": len(_ENTRIES),
        "vulnerabilities": [_build_entry(number, entry, today) for number, entry in enumerate(_ENTRIES)],
    }
    path.write_text(json.dumps(document, indent=4), encoding="utf-8", newline="\n")
    return [path]


def _build_entry(number: int, entry: tuple[str, str, str, bool], today: date) -> dict[str, Any]:
    cve, maker, product, ransomware = entry
    added = today - timedelta(days=12 + 60 * number)
    return {
        "cveID": cve,
        "vendorProject": maker,
        "product": product,
        "vulnerabilityName": f"{maker} {product} Invented Vulnerability",
        "dateAdded": added.isoformat(),
        "shortDescription": f"{product} holds an invented flaw, made for a sample district.",
        "requiredAction": "Apply mitigations per vendor instructions or discontinue use of the product.",
        "dueDate": (added + timedelta(days=21)).isoformat(),
        "knownRansomwareCampaignUse": "Known" if ransomware else "Unknown",
        "notes": f"https://flaws.example/{cve}",
        "cwes": ["CWE-787"],
    }
