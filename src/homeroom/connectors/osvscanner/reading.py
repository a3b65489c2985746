"""OSV-Scanner's results into flaw records.

Source of the names: OSV-Scanner's output documentation (results, source, packages, groups) and the OSV schema
(vulnerabilities, aliases, affected, database_specific.severity). A lock file, SBOM or image is no device, so that no
device record is made: `device_key` is the kind and path of the source (`lockfile:/srv/app/yarn.lock`), and the flaws stand
in evidence for themselves.

A weakness is known by the source, and by the vulnerability's id with package and version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.records import inside, text
from homeroom.ingest.weaknesses import Findings, scope_of, score_of, severity_of_score


def sources(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Every source with its packages. Ids that one group holds are one vulnerability under several names."""
    found, scope = Findings(), set()
    for line, one in enumerate(objects, start=first):
        path = text(inside(one, "source.path"))
        if path is None:
            found.lost(line=line, field="source.path", reason="no source, so nobody knows where the packages are")
            continue
        device = f"{text(inside(one, 'source.type')) or 'source'}:{path}"
        scope.add(device)
        for package in _objects(one.get("packages")):
            _package(package, device=device, line=line, found=found)
    return found.reading("flaw_records", scope=scope_of("sources", scope))


def _package(package: Mapping[str, Any], *, device: str, line: int, found: Findings) -> None:
    name, version = (text(inside(package, f"package.{part}")) for part in ("name", "version"))
    groups = _groups(package)
    seen: set[str] = set()
    for flaw in _objects(package.get("vulnerabilities")):
        known = text(flaw.get("id"))
        group = groups.get(known or "", {})
        first = next((text(one) for one in _texts(group.get("ids"))), known)
        if first in seen:
            continue
        seen.add(first or "")
        names = [*_texts(flaw.get("aliases")), *_texts(group.get("aliases")), *_texts(group.get("ids")), known or ""]
        score = text(group.get("max_severity"))
        found.flaw(
            line=line,
            device=device,
            check=" ".join(part for part in (known, name, version) if part) if known else None,
            title=text(flaw.get("summary")) or known,
            severity=text(inside(flaw, "database_specific.severity")) or severity_of_score(score_of(score)),
            cves=names,
            score=score,
            solution=_fixed(flaw, name=name),
            product=name,
            version=version,
        )


def _groups(package: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {one: group for group in _objects(package.get("groups")) for one in _texts(group.get("ids"))}


def _fixed(flaw: Mapping[str, Any], *, name: str | None) -> str | None:
    """The versions in which it is fixed, as the vulnerability's ranges for this package say."""
    fixes = dict.fromkeys(_fixes(flaw, name=name))
    return f"Update to {' or '.join(fixes)}" if fixes else None


def _fixes(flaw: Mapping[str, Any], *, name: str | None) -> Iterator[str]:
    for affected in _objects(flaw.get("affected")):
        if text(inside(affected, "package.name")) != name:
            continue
        for span in _objects(affected.get("ranges")):
            for event in _objects(span.get("events")):
                if span.get("type") != "GIT" and (fixed := text(event.get("fixed"))):
                    yield fixed


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
