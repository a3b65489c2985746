"""OSV-Scanner's results into vulnerability records.

Source of the names: OSV-Scanner's output documentation (results, source, packages, groups) and the OSV schema
(vulnerabilities, aliases, affected, database_specific.severity). A lock file, SBOM or image is no device, so that no
device record is made: `device_key` is the kind and path of the source (`lockfile:/srv/app/yarn.lock`), and the
vulnerabilities are recorded without a device.

A vulnerability is identified by the source, and by its id with package and version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.record_builder import clean_text, get_by_path
from homeroom.ingest.rows.scan_findings import ScanReportBuilder, build_scope, derive_severity, parse_score


def read_sources(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read every source with its packages; ids in one group are one vulnerability under several names."""
    findings, scope = ScanReportBuilder(), set()
    for line, result in enumerate(objects, start=first):
        path = clean_text(get_by_path(result, "source.path"))
        if path is None:
            findings.reject_row(
                line=line, field="source.path", reason="no source, so nobody knows where the packages are"
            )
            continue
        device = f"{clean_text(get_by_path(result, 'source.type')) or 'source'}:{path}"
        scope.add(device)
        for package in _list_objects(result.get("packages")):
            _add_package(package, device=device, line=line, findings=findings)
    return findings.build_reading("vulnerability_records", scope=build_scope("sources", scope))


def _add_package(package: Mapping[str, Any], *, device: str, line: int, findings: ScanReportBuilder) -> None:
    name, version = (clean_text(get_by_path(package, f"package.{part}")) for part in ("name", "version"))
    groups = _index_groups(package)
    added_ids: set[str] = set()
    for vulnerability in _list_objects(package.get("vulnerabilities")):
        vulnerability_id = clean_text(vulnerability.get("id"))
        group = groups.get(vulnerability_id or "", {})
        primary_id = next((clean_text(group_id) for group_id in _list_texts(group.get("ids"))), vulnerability_id)
        if primary_id in added_ids:
            continue
        added_ids.add(primary_id or "")
        names = [
            *_list_texts(vulnerability.get("aliases")),
            *_list_texts(group.get("aliases")),
            *_list_texts(group.get("ids")),
            vulnerability_id or "",
        ]
        score = clean_text(group.get("max_severity"))
        findings.add_finding(
            line=line,
            device=device,
            check=" ".join(part for part in (vulnerability_id, name, version) if part) if vulnerability_id else None,
            title=clean_text(vulnerability.get("summary")) or vulnerability_id,
            severity=clean_text(get_by_path(vulnerability, "database_specific.severity"))
            or derive_severity(parse_score(score)),
            cves=names,
            score=score,
            solution=_build_solution(vulnerability, name=name),
            product=name,
            version=version,
        )


def _index_groups(package: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {
        vulnerability_id: group
        for group in _list_objects(package.get("groups"))
        for vulnerability_id in _list_texts(group.get("ids"))
    }


def _build_solution(vulnerability: Mapping[str, Any], *, name: str | None) -> str | None:
    """Build the advice with the versions that fix the vulnerability, from its ranges for this package."""
    fixes = dict.fromkeys(_iter_fixes(vulnerability, name=name))
    return f"Update to {' or '.join(fixes)}" if fixes else None


def _iter_fixes(vulnerability: Mapping[str, Any], *, name: str | None) -> Iterator[str]:
    for affected in _list_objects(vulnerability.get("affected")):
        if clean_text(get_by_path(affected, "package.name")) != name:
            continue
        for span in _list_objects(affected.get("ranges")):
            for event in _list_objects(span.get("events")):
                if span.get("type") != "GIT" and (fixed := clean_text(event.get("fixed"))):
                    yield fixed


def _list_objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _list_texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
