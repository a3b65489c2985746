"""CycloneDX's XML as the same mappings that its JSON has, so that one reader reads both.

Source of the names: the CycloneDX XML schemas, 1.0 to 1.6, and the vulnerability extension that older bills carry
inside each component. Only the fields that the reader uses are converted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from lxml import etree

from homeroom.ingest.rows.record_builder import clean_text

PLAIN = ("name", "version", "group", "publisher", "purl", "cpe")
MAX_DEPTH = 16


@dataclass(frozen=True, kw_only=True)
class _ConversionState:
    """Vulnerabilities inside components of one bill, and numbers for components without a reference."""

    inline: list[dict[str, Any]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))


def convert_bom(element: etree._Element) -> Mapping[str, Any]:
    """Convert one `bom` element to the object that the JSON form of the same bill would be."""
    state = _ConversionState()
    components = _convert_components(element, state)
    vulnerabilities = [
        _convert_vulnerability(vulnerability, affects=vulnerability.get("ref"))
        for vulnerability in element.iterfind("{*}vulnerabilities/{*}vulnerability")
    ]
    vulnerabilities += state.inline
    subject = element.find("{*}metadata/{*}component")
    return {
        "serialNumber": element.get("serialNumber"),
        "metadata": {
            "timestamp": _find_text(element, "metadata/timestamp"),
            "component": None if subject is None else _convert_component(subject, _ConversionState(), 0),
        },
        "components": components,
        **(
            {"vulnerabilities": vulnerabilities}
            if vulnerabilities or element.find("{*}vulnerabilities") is not None
            else {}
        ),
    }


def _convert_components(element: etree._Element, state: _ConversionState, depth: int = 0) -> list[Mapping[str, Any]]:
    if depth >= MAX_DEPTH:
        return []
    return [_convert_component(component, state, depth) for component in element.iterfind("{*}components/{*}component")]


def _convert_component(element: etree._Element, state: _ConversionState, depth: int) -> Mapping[str, Any]:
    """Convert a component; vulnerabilities inside it, as older bills have them, are added to those of the state.

    A component without a reference gets a number as such, so that its vulnerabilities are its own.
    """
    reference = element.get("bom-ref") or _find_text(element, "purl") or f"component {next(state.numbers)}"
    state.inline.extend(
        _convert_vulnerability(vulnerability, affects=reference)
        for vulnerability in element.iterfind("{*}vulnerabilities/{*}vulnerability")
    )
    return {
        "type": element.get("type"),
        "bom-ref": reference,
        **{name: _find_text(element, name) for name in PLAIN},
        "supplier": {"name": _find_text(element, "supplier/name")},
        "components": _convert_components(element, state, depth + 1),
    }


def _convert_vulnerability(element: etree._Element, *, affects: str | None = None) -> dict[str, Any]:
    targets = [
        reference for node in element.iterfind("{*}affects/{*}target/{*}ref") if (reference := clean_text(node.text))
    ]
    ratings = [
        {
            "score": _find_text(node, "score/base") or _find_text(node, "score"),
            "severity": _find_text(node, "severity"),
            "method": _find_text(node, "method"),
        }
        for node in element.iterfind("{*}ratings/{*}rating")
    ]
    advice = _find_text(element, "recommendation") or _find_text(element, "recommendations/recommendation")
    return {
        "id": _find_text(element, "id"),
        "ratings": ratings,
        "recommendation": advice,
        "references": [{"id": _find_text(node, "id")} for node in element.iterfind("{*}references/{*}reference")],
        "analysis": {"state": _find_text(element, "analysis/state")},
        "affects": [{"ref": node} for node in ([affects] if affects else targets)],
    }


def _find_text(element: etree._Element, path: str) -> str | None:
    return clean_text(element.findtext("/".join(f"{{*}}{name}" for name in path.split("/"))))
