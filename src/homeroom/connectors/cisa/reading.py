"""CISA's catalogue of known exploited vulnerabilities.

Source of the names: CISA's schema of the catalogue (known_exploited_vulnerabilities_schema.json) and its CSV form, which
has the same names as headings.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest import fields
from homeroom.ingest.connector import Reading
from homeroom.ingest.rows import DATE, TEXT, Field, Form, Raw, joined, keyed, taken, words

CVE = Form(
    parse=lambda column: fields.plain(column).str.to_uppercase().str.extract(r"^(CVE-\d{4}-\d{4,19})$"),
    fits="not a CVE id; CVE-2026-12345 fits",
)
ENTRIES = (
    Field(to="cve", headings=("cveID",), form=CVE),
    Field(to="vendor", headings=("vendorProject",), form=TEXT),
    Field(to="product", headings=("product",), form=TEXT),
    Field(to="title", headings=("vulnerabilityName",), form=TEXT),
    Field(to="added_on", headings=("dateAdded",), form=DATE),
    Field(to="due_on", headings=("dueDate",), form=DATE),
    Field(
        to="ransomware",
        headings=("knownRansomwareCampaignUse",),
        form=words({"known": True, "unknown": False}, what="word for use by ransomware"),
    ),
    Field(to="action", headings=("requiredAction",), form=TEXT),
)


def catalogue(frame: pl.DataFrame) -> Reading:
    """Entries into `known_exploited`, keyed by CVE id."""
    read, found = taken(Raw(frame), table=ENTRIES)
    kept, lost = keyed(read, key="cve", field="cveID")
    return Reading(tables={"known_exploited": kept}, rejects=joined([found, lost]))
