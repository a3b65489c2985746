"""CISA's catalog of known exploited vulnerabilities.

Source of the names: CISA's schema of the catalog (known_exploited_vulnerabilities_schema.json) and its CSV form, which
has the same names as headings.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    DATE,
    TEXT,
    Field,
    RawRows,
    ValueFormat,
    build_word_format,
    concat_rejects,
    read_fields,
    require_key,
)
from homeroom.ingest.values import parsers

CVE = ValueFormat(
    parse=lambda column: parsers.strip_text(column).str.to_uppercase().str.extract(r"^(CVE-\d{4}-\d{4,19})$"),
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
        form=build_word_format({"known": True, "unknown": False}, noun="word for use by ransomware"),
    ),
    Field(to="action", headings=("requiredAction",), form=TEXT),
)


def read_catalog(frame: pl.DataFrame) -> Reading:
    """Read entries into `known_exploited`, keyed by CVE id."""
    raw = RawRows(frame)
    read, value_rejects = read_fields(raw, table=ENTRIES)
    valid_rows, key_rejects = require_key(read, key="cve", field="cveID")
    return Reading(
        tables={"known_exploited": valid_rows}, rejects=concat_rejects([value_rejects, key_rejects]), usage=raw.usage
    )
