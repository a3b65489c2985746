"""CycloneDX bills of materials into software, vulnerability and device records.

Source of the names: the CycloneDX specification, 1.2 to 1.6 (metadata.component, components, vulnerabilities,
analysis). Where the bill is of a device, an operating system or a platform it is a device record, known by its name,
with all components as its software. A bill of an application, a container or nothing named has no device: its
components and vulnerabilities are recorded under `application:name`, `container:name` or `bom:` and the serial number,
without a device record.

A vulnerability is identified by the bill's subject, and by its id with the component's name and version; where another
component of the bill has both, by its group or package URL as well. A component that a vulnerability names but the bill
lacks is known by that reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from homeroom.connectors.cyclonedx.elements import convert_bom
from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import clean_text, get_by_path
from homeroom.ingest.rows.scan_findings import (
    ScanReportBuilder,
    build_scope,
    derive_severity,
    extract_cves,
    parse_scan_time,
    parse_score,
)
from homeroom.ingest.values.sanitize_text import sanitize_text

DEVICES = ("device", "operating-system", "platform")
RESOLVED_STATES = ("resolved", "resolved_with_pedigree", "false_positive", "not_affected")
MAX_DEPTH = 16
METHODS = ("CVSSv4", "CVSSv31", "CVSSv3", "CVSSv2")
"""CVSS versions, the newest first."""


def read_xml_boms(elements: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Read bills in XML; each bill of a file is read as its JSON form would be."""
    return read_boms([convert_bom(element) for element in elements], 1)


@dataclass(frozen=True, kw_only=True)
class _BomComponent:
    name: str
    version: str | None
    raw: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class _BomContext:
    subject: str
    line: int
    at: datetime | None


def read_boms(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read every bill of a file; the scope is their subjects."""
    findings, scope = ScanReportBuilder(), set()
    for line, bill in enumerate(objects, start=first):
        context = _BomContext(
            subject=_name_subject(bill), line=line, at=parse_scan_time(get_by_path(bill, "metadata.timestamp"))
        )
        scope.add(context.subject)
        if clean_text(get_by_path(bill, "metadata.component.type")) in DEVICES:
            _add_device(bill, context=context, findings=findings)
        components = list(_iter_components(bill.get("components")))
        affected = _add_vulnerabilities(bill, components=components, context=context, findings=findings)
        for component in components:
            _add_software(
                component,
                context=context,
                cves_by_reference=affected,
                lists_vulnerabilities="vulnerabilities" in bill,
                findings=findings,
            )
        _reject_unnamed(bill, line=line, findings=findings)
    return findings.build_reading(
        "device_records", "software_records", "vulnerability_records", scope=build_scope("bills", scope)
    )


def _name_subject(bill: Mapping[str, Any]) -> str:
    kind, name = (clean_text(get_by_path(bill, f"metadata.component.{part}")) for part in ("type", "name"))
    if name is None:
        return f"bom:{clean_text(bill.get('serialNumber')) or 'unnamed'}"
    return name if kind in DEVICES else f"{kind or 'component'}:{name}"


def _add_device(bill: Mapping[str, Any], *, context: _BomContext, findings: ScanReportBuilder) -> None:
    component = get_by_path(bill, "metadata.component")
    findings.add_host(
        line=context.line,
        key=context.subject,
        name=clean_text(get_by_path(component, "name")),
        system=clean_text(get_by_path(component, "name")),
        last_seen=context.at,
        manufacturer=sanitize_text(get_by_path(component, "manufacturer.name"))
        or sanitize_text(get_by_path(component, "supplier.name")),
        reports_software=True,
    )


def _iter_components(components: object, depth: int = 0) -> Iterator[_BomComponent]:
    """Yield the components with a name, nested ones after their parents."""
    for component in _list_objects(components) if depth < MAX_DEPTH else ():
        if name := clean_text(component.get("name")):
            yield _BomComponent(name=name, version=clean_text(component.get("version")), raw=component)
        yield from _iter_components(component.get("components"), depth + 1)


def _reject_unnamed(bill: Mapping[str, Any], *, line: int, findings: ScanReportBuilder) -> None:
    for component in _list_objects(bill.get("components")):
        if clean_text(component.get("name")) is None:
            findings.reject_row(line=line, field="components.name", reason="a component without a name")


def _add_software(
    component: _BomComponent,
    *,
    context: _BomContext,
    cves_by_reference: Mapping[str, list[str]],
    lists_vulnerabilities: bool,
    findings: ScanReportBuilder,
) -> None:
    raw = component.raw
    maker = (get_by_path(raw, "supplier.name"), raw.get("publisher"), raw.get("group"))
    findings.records.put(
        "software_records",
        line=context.line,
        device_key=context.subject,
        name=sanitize_text(component.name),
        version=sanitize_text(component.version),
        kind=clean_text(raw.get("type")),
        vendor=next((vendor_name for name in maker if (vendor_name := sanitize_text(name))), None),
        identifier=clean_text(raw.get("purl")) or clean_text(raw.get("cpe")),
        cves=cves_by_reference.get(clean_text(raw.get("bom-ref")) or "", []) if lists_vulnerabilities else None,
    )


def _add_vulnerabilities(
    bill: Mapping[str, Any], *, components: Sequence[_BomComponent], context: _BomContext, findings: ScanReportBuilder
) -> dict[str, list[str]]:
    """Add the vulnerabilities, one row for each component that they affect; return the CVEs by component reference."""
    by_reference = {
        ref: component
        for component in components
        for name in ("bom-ref", "purl")
        if (ref := clean_text(component.raw.get(name)))
    }
    labels = _label_components(by_reference)
    affected: dict[str, list[str]] = {}
    for vulnerability in _list_objects(bill.get("vulnerabilities")):
        references = [
            ref for entry in _list_objects(vulnerability.get("affects")) if (ref := clean_text(entry.get("ref")))
        ]
        resolved = clean_text(get_by_path(vulnerability, "analysis.state")) in RESOLVED_STATES
        ids = [
            clean_text(vulnerability.get("id")),
            *(entry.get("id") for entry in _list_objects(vulnerability.get("references"))),
        ]
        for reference in references or [""]:
            _add_vulnerability(
                vulnerability,
                component=by_reference.get(reference),
                label=labels.get(reference, reference),
                ids=ids,
                resolved=resolved,
                context=context,
                findings=findings,
            )
            if not resolved:
                affected.setdefault(reference, []).extend(extract_cves(*ids))
    return affected


def _label_components(by_reference: Mapping[str, _BomComponent]) -> dict[str, str]:
    """Return a label for each component by reference: name and version, or more where another component has both."""
    labels: dict[str, str] = {}
    owners: dict[str, _BomComponent] = {}
    for reference, component in by_reference.items():
        raw = component.raw
        name = " ".join(part for part in (component.name, component.version) if part)
        longer = (f"{group}/{name}" if (group := clean_text(raw.get("group"))) else None, clean_text(raw.get("purl")))
        candidates = (name, *(label for label in longer if label), reference)
        labels[reference] = next(
            (label for label in candidates if owners.setdefault(label, component) is component), reference
        )
    return labels


def _add_vulnerability(
    vulnerability: Mapping[str, Any],
    *,
    component: _BomComponent | None,
    label: str,
    ids: Sequence[object],
    resolved: bool,
    context: _BomContext,
    findings: ScanReportBuilder,
) -> None:
    vulnerability_id = clean_text(vulnerability.get("id")) or clean_text(vulnerability.get("bom-ref"))
    name, version = (component.name, component.version) if component else (None, None)
    ratings = sorted(_list_objects(vulnerability.get("ratings")), key=_rank_method)
    score = next(
        (value for rating in ratings if (value := clean_text(rating.get("score"))) and parse_score(value) is not None),
        None,
    )
    severity = next((value for rating in ratings if (value := clean_text(rating.get("severity")))), None)
    findings.add_finding(
        line=context.line,
        device=context.subject,
        check=f"{vulnerability_id} {label}".strip() if vulnerability_id else None,
        title=f"{vulnerability_id} in {name or label}" if name or label else vulnerability_id,
        severity=severity or derive_severity(parse_score(score)),
        cves=ids,
        score=score,
        solution=vulnerability.get("recommendation"),
        product=name,
        version=version,
        at=context.at,
        solved=True if resolved else None,
    )


def _rank_method(rating: Mapping[str, Any]) -> int:
    method = clean_text(rating.get("method"))
    return METHODS.index(method) if method in METHODS else len(METHODS)


def _list_objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
