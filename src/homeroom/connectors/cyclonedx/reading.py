"""CycloneDX bills of materials into software, flaw and device records.

Source of the names: the CycloneDX specification, 1.2 to 1.6 (metadata.component, components, vulnerabilities, analysis).
Where the bill is of a device, an operating system or a platform it is a device record, known by its name, with all
components as its software. A bill of an application, a container or nothing named is of no device: its components and flaws
stand under `application:name`, `container:name` or `bom:` and the serial number, without a device record.

A weakness is known by the bill's subject, and by the vulnerability's id with the component's name and version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from homeroom.connectors.cyclonedx.elements import bill_of
from homeroom.ingest.connector import Reading
from homeroom.ingest.plaintext import inert
from homeroom.ingest.records import inside, text
from homeroom.ingest.weaknesses import Findings, cves_in, scope_of, score_of, severity_of_score, when

DEVICES = ("device", "operating-system", "platform")
OVER = ("resolved", "resolved_with_pedigree", "false_positive", "not_affected")
DEEPEST = 16
METHODS = ("CVSSv4", "CVSSv31", "CVSSv3", "CVSSv2")
"""The newest first."""


def elements(found: Sequence[etree._Element], _root: Mapping[str, str]) -> Reading:
    """Bills in XML. Every one of a file is read as its JSON form would be."""
    return boms([bill_of(one) for one in found], 1)


@dataclass(frozen=True, kw_only=True)
class _Part:
    name: str
    version: str | None
    said: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Bill:
    subject: str
    line: int
    at: datetime | None


def boms(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Every bill of a file. The scope is what they are of."""
    found, scope = Findings(), set()
    for line, bill in enumerate(objects, start=first):
        about = _Bill(subject=_subject(bill), line=line, at=when(inside(bill, "metadata.timestamp")))
        scope.add(about.subject)
        if text(inside(bill, "metadata.component.type")) in DEVICES:
            _device(bill, about=about, found=found)
        parts = list(_parts(bill.get("components")))
        affected = _flaws(bill, parts=parts, about=about, found=found)
        for part in parts:
            _software(part, about=about, flaws=affected, looked="vulnerabilities" in bill, found=found)
        _nameless(bill, line=line, found=found)
    return found.reading("device_records", "software_records", "flaw_records", scope=scope_of("bills", scope))


def _subject(bill: Mapping[str, Any]) -> str:
    kind, name = (text(inside(bill, f"metadata.component.{part}")) for part in ("type", "name"))
    if name is None:
        return f"bom:{text(bill.get('serialNumber')) or 'unnamed'}"
    return name if kind in DEVICES else f"{kind or 'component'}:{name}"


def _device(bill: Mapping[str, Any], *, about: _Bill, found: Findings) -> None:
    component = inside(bill, "metadata.component")
    found.host(
        line=about.line,
        key=about.subject,
        name=text(inside(component, "name")),
        system=text(inside(component, "name")),
        seen=about.at,
        manufacturer=inert(inside(component, "manufacturer.name")) or inert(inside(component, "supplier.name")),
        reports_software=True,
    )


def _parts(components: object, depth: int = 0) -> Iterator[_Part]:
    """Components with a name, those inside others after them."""
    for one in _objects(components) if depth < DEEPEST else ():
        if name := text(one.get("name")):
            yield _Part(name=name, version=text(one.get("version")), said=one)
        yield from _parts(one.get("components"), depth + 1)


def _nameless(bill: Mapping[str, Any], *, line: int, found: Findings) -> None:
    for one in _objects(bill.get("components")):
        if text(one.get("name")) is None:
            found.lost(line=line, field="components.name", reason="a component without a name")


def _software(part: _Part, *, about: _Bill, flaws: Mapping[str, list[str]], looked: bool, found: Findings) -> None:
    said = part.said
    maker = (inside(said, "supplier.name"), said.get("publisher"), said.get("group"))
    found.records.put(
        "software_records",
        line=about.line,
        device_key=about.subject,
        name=inert(part.name),
        version=inert(part.version),
        kind=text(said.get("type")),
        vendor=next((one for name in maker if (one := inert(name))), None),
        identifier=text(said.get("purl")) or text(said.get("cpe")),
        flaws=flaws.get(text(said.get("bom-ref")) or "", []) if looked else None,
    )


def _flaws(bill: Mapping[str, Any], *, parts: Sequence[_Part], about: _Bill, found: Findings) -> dict[str, list[str]]:
    """Keep the vulnerabilities, one row a component that they affect; gives back the CVEs by the component's reference."""
    by_reference = {ref: part for part in parts for name in ("bom-ref", "purl") if (ref := text(part.said.get(name)))}
    affected: dict[str, list[str]] = {}
    for flaw in _objects(bill.get("vulnerabilities")):
        references = [ref for one in _objects(flaw.get("affects")) if (ref := text(one.get("ref")))]
        over = text(inside(flaw, "analysis.state")) in OVER
        named = [text(flaw.get("id")), *(one.get("id") for one in _objects(flaw.get("references")))]
        for reference in references or [""]:
            _flaw(flaw, part=by_reference.get(reference), named=named, over=over, about=about, found=found)
            if not over:
                affected.setdefault(reference, []).extend(cves_in(*named))
    return affected


def _flaw(
    flaw: Mapping[str, Any], *, part: _Part | None, named: Sequence[object], over: bool, about: _Bill, found: Findings
) -> None:
    known = text(flaw.get("id")) or text(flaw.get("bom-ref"))
    name, version = (part.name, part.version) if part else (None, None)
    ratings = sorted(_objects(flaw.get("ratings")), key=_rank)
    score = next((one for rating in ratings if (one := text(rating.get("score"))) and score_of(one) is not None), None)
    worded = next((one for rating in ratings if (one := text(rating.get("severity")))), None)
    found.flaw(
        line=about.line,
        device=about.subject,
        check=" ".join(one for one in (known, name, version) if one) if known else None,
        title=f"{known} in {name}" if name else known,
        severity=worded or severity_of_score(score_of(score)),
        cves=named,
        score=score,
        solution=flaw.get("recommendation"),
        product=name,
        version=version,
        at=about.at,
        solved=True if over else None,
    )


def _rank(rating: Mapping[str, Any]) -> int:
    method = text(rating.get("method"))
    return METHODS.index(method) if method in METHODS else len(METHODS)


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
