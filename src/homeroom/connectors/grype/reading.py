"""Grype's matches into flaw records.

Source of the names: Grype's JSON presenter (matches[], vulnerability, relatedVulnerabilities, artifact, source). An image
or a folder is no device, so that no device record is made: `device_key` is the source's type and what was asked for
(`image:registry.example/app:1.2`), and the flaws stand in evidence for themselves.

A weakness is known by the source, and by the vulnerability's id with the package's name and version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.records import inside, tenths, text
from homeroom.ingest.weaknesses import Findings, scope_of, severity_of_score, when


def matches(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Every match of a result."""
    found, scope = Findings(), set()
    for line, one in enumerate(objects, start=first):
        device, at = _source(one.get("source")), when(inside(one, "descriptor.timestamp"))
        scope.add(device)
        for match in _objects(one.get("matches")):
            _match(match, device=device, at=at, line=line, found=found)
    return found.reading("flaw_records", scope=scope_of("sources", scope))


def _source(source: object) -> str:
    kind, target = text(inside(source, "type")) or "source", inside(source, "target")
    names = (target, inside(target, "userInput"), inside(target, "path"), inside(target, "imageID"))
    return f"{kind}:{next((said for name in names if (said := text(name))), 'unnamed')}"


def _match(match: Mapping[str, Any], *, device: str, at: datetime | None, line: int, found: Findings) -> None:
    flaw = match.get("vulnerability")
    known = text(inside(flaw, "id"))
    name, version = (text(inside(match, f"artifact.{part}")) for part in ("name", "version"))
    related = _objects(match.get("relatedVulnerabilities"))
    every = [*([flaw] if isinstance(flaw, Mapping) else []), *related]
    score = next((score for one in every if (score := _score(one)) is not None), None)
    found.flaw(
        line=line,
        device=device,
        check=" ".join(part for part in (known, name, version) if part) if known else None,
        title=f"{known} in {name}" if name else known,
        severity=text(inside(flaw, "severity")) or severity_of_score(score),
        cves=[known, *(one.get("id") for one in related)],
        score=None if score is None else f"{score / 10:.1f}",
        solution=_solution(flaw),
        product=name,
        version=version,
        at=at,
        exploited=True if inside(flaw, "knownExploited") else None,
    )


def _score(flaw: Mapping[str, Any]) -> int | None:
    """The base score of the newest version of CVSS that is given."""
    scores = [
        (text(one.get("version")) or "", score)
        for one in _objects(flaw.get("cvss"))
        if (score := tenths(inside(one, "metrics.baseScore"))) is not None
    ]
    return max(scores)[1] if scores else None


def _solution(flaw: object) -> str | None:
    versions, state = inside(flaw, "fix.versions"), text(inside(flaw, "fix.state"))
    named = [one for one in versions if isinstance(one, str) and one] if isinstance(versions, list) else []
    if named:
        return f"Update to {' or '.join(named)}"
    return "The maker will not fix it" if state == "wont-fix" else None


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
