"""CycloneDX's XML as the same mappings that its JSON has, so that one reader reads both.

Source of the names: the CycloneDX XML schemas, 1.0 to 1.6, and the vulnerability extension that older bills carry inside
each component. Only what the reader asks for is taken over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from homeroom.ingest.records import text

PLAIN = ("name", "version", "group", "publisher", "purl", "cpe")
DEEPEST = 16


def bill_of(element: etree._Element) -> Mapping[str, Any]:
    """One `bom` element as the object that the JSON form of the same bill would be."""
    inline: list[dict[str, Any]] = []
    components = _components(element, inline)
    flaws = [_flaw(one, affects=one.get("ref")) for one in element.iterfind("{*}vulnerabilities/{*}vulnerability")]
    flaws += inline
    subject = element.find("{*}metadata/{*}component")
    return {
        "serialNumber": element.get("serialNumber"),
        "metadata": {
            "timestamp": _said(element, "metadata/timestamp"),
            "component": None if subject is None else _component(subject, [], 0),
        },
        "components": components,
        **({"vulnerabilities": flaws} if flaws or element.find("{*}vulnerabilities") is not None else {}),
    }


def _components(element: etree._Element, inline: list[dict[str, Any]], depth: int = 0) -> list[Mapping[str, Any]]:
    if depth >= DEEPEST:
        return []
    return [_component(one, inline, depth) for one in element.iterfind("{*}components/{*}component")]


def _component(element: etree._Element, inline: list[dict[str, Any]], depth: int) -> Mapping[str, Any]:
    """A component; the flaws that stand inside it, as older bills have them, are added to `inline`."""
    reference = element.get("bom-ref") or _said(element, "purl")
    inline += [_flaw(one, affects=reference) for one in element.iterfind("{*}vulnerabilities/{*}vulnerability")]
    return {
        "type": element.get("type"),
        "bom-ref": reference,
        **{name: _said(element, name) for name in PLAIN},
        "supplier": {"name": _said(element, "supplier/name")},
        "components": _components(element, inline, depth + 1),
    }


def _flaw(element: etree._Element, *, affects: str | None = None) -> dict[str, Any]:
    targets = [said for one in element.iterfind("{*}affects/{*}target/{*}ref") if (said := text(one.text))]
    ratings = [
        {
            "score": _said(one, "score/base") or _said(one, "score"),
            "severity": _said(one, "severity"),
            "method": _said(one, "method"),
        }
        for one in element.iterfind("{*}ratings/{*}rating")
    ]
    advice = _said(element, "recommendation") or _said(element, "recommendations/recommendation")
    return {
        "id": _said(element, "id"),
        "ratings": ratings,
        "recommendation": advice,
        "references": [{"id": _said(one, "id")} for one in element.iterfind("{*}references/{*}reference")],
        "analysis": {"state": _said(element, "analysis/state")},
        "affects": [{"ref": one} for one in ([affects] if affects else targets)],
    }


def _said(element: etree._Element, path: str) -> str | None:
    return text(element.findtext("/".join(f"{{*}}{name}" for name in path.split("/"))))
