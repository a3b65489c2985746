"""Entries that the script vulners lists for a port: vulnerabilities and published exploits of a product's version.

Source of the names: the script's own output: a table for each CPE with a table for each entry (id, cvss, type,
is_exploit), and in older versions lines of text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from homeroom.ingest.rows.record_builder import clean_text

_LINE = re.compile(r"^\s+(?P<id>\S+)\s+(?P<score>\d{1,2}(?:\.\d)?)\s+https?://(?:www\.)?vulners\.com/\S+", re.MULTILINE)
_CPE_LINE = re.compile(r"^\s*(cpe:/\S+?):?\s*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class VulnersEntry:
    """One entry: its id, CVSS score as text, and the product and version that its CPE names."""

    id: str
    score: str | None
    product: str | None
    version: str | None


def iter_entries(port: etree._Element) -> Iterator[VulnersEntry]:
    """Yield the entries of the port's script, from its tables or, if it has none, from its text."""
    script = port.find("script[@id='vulners']")
    if script is None:
        return
    for table in script.findall("table"):
        product, version = _parse_cpe(table.get("key") or "")
        for entry in table.findall("table"):
            values = {(element.get("key") or "").lower(): clean_text(element.text) for element in entry.findall("elem")}
            if entry_id := values.get("id"):
                yield VulnersEntry(id=entry_id, score=values.get("cvss"), product=product, version=version)
    if script.find("table") is None:
        yield from _iter_text_entries(script.get("output") or "")


def _iter_text_entries(output: str) -> Iterator[VulnersEntry]:
    cpe = _CPE_LINE.search(output)
    product, version = _parse_cpe(cpe[1] if cpe else "")
    for match in _LINE.finditer(output):
        yield VulnersEntry(id=match["id"], score=match["score"], product=product, version=version)


def _parse_cpe(cpe: str) -> tuple[str | None, str | None]:
    """Parse product and version of `cpe:/a:openbsd:openssh:7.4`."""
    parts = [part or None for part in cpe.rstrip(":").split(":")]
    return (parts[3] if len(parts) > 3 else None), (parts[4] if len(parts) > 4 else None)
