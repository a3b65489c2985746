"""Grype's matches into vulnerability records.

Source of the names: Grype's JSON presenter (matches[], vulnerability, relatedVulnerabilities, artifact, source). An
image or a folder is no device, so that no device record is made: `device_key` is the source's type and the scanned
target (`image:registry.example/app:1.2`), and the vulnerabilities are recorded without a device.

A vulnerability is identified by the source, and by its id with the package's name and version.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import clean_text, get_by_path, parse_cvss_tenths
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope, derive_severity, parse_scan_time


def read_matches(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read every match of a result."""
    findings, scope = ScanReportBuilder(), set()
    for line, result in enumerate(objects, start=first):
        device, at = (
            _build_source_key(result.get("source")),
            parse_scan_time(get_by_path(result, "descriptor.timestamp")),
        )
        scope.add(device)
        for match in _list_objects(result.get("matches")):
            _add_match(match, device=device, at=at, line=line, findings=findings)
    return findings.build_reading("vulnerability_records", scope=build_scope("sources", scope))


def _build_source_key(source: object) -> str:
    kind, target = clean_text(get_by_path(source, "type")) or "source", get_by_path(source, "target")
    names = (target, get_by_path(target, "userInput"), get_by_path(target, "path"), get_by_path(target, "imageID"))
    return f"{kind}:{next((label for name in names if (label := clean_text(name))), 'unnamed')}"


def _add_match(
    match: Mapping[str, Any], *, device: str, at: datetime | None, line: int, findings: ScanReportBuilder
) -> None:
    vulnerability = match.get("vulnerability")
    vulnerability_id = clean_text(get_by_path(vulnerability, "id"))
    name, version = (clean_text(get_by_path(match, f"artifact.{part}")) for part in ("name", "version"))
    related = _list_objects(match.get("relatedVulnerabilities"))
    vulnerabilities = [*([vulnerability] if isinstance(vulnerability, Mapping) else []), *related]
    score = next((score for entry in vulnerabilities if (score := _find_score(entry)) is not None), None)
    findings.add_finding(
        line=line,
        device=device,
        check=" ".join(part for part in (vulnerability_id, name, version) if part) if vulnerability_id else None,
        title=f"{vulnerability_id} in {name}" if name else vulnerability_id,
        severity=clean_text(get_by_path(vulnerability, "severity")) or derive_severity(score),
        cves=[vulnerability_id, *(entry.get("id") for entry in related)],
        score=None if score is None else f"{score / 10:.1f}",
        solution=_build_solution(vulnerability),
        product=name,
        version=version,
        at=at,
        exploited=True if get_by_path(vulnerability, "knownExploited") else None,
    )


def _find_score(vulnerability: Mapping[str, Any]) -> int | None:
    """Find the base score of the newest version of CVSS."""
    scores = [
        (clean_text(metric.get("version")) or "", score)
        for metric in _list_objects(vulnerability.get("cvss"))
        if (score := parse_cvss_tenths(get_by_path(metric, "metrics.baseScore"))) is not None
    ]
    return max(scores)[1] if scores else None


def _build_solution(vulnerability: object) -> str | None:
    versions, state = get_by_path(vulnerability, "fix.versions"), clean_text(get_by_path(vulnerability, "fix.state"))
    fixed_versions = (
        [version for version in versions if isinstance(version, str) and version] if isinstance(versions, list) else []
    )
    if fixed_versions:
        return f"Update to {' or '.join(fixed_versions)}"
    return "The maker will not fix it" if state == "wont-fix" else None


def _list_objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []
