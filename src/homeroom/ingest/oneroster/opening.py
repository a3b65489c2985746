"""A bundle on disk: which file is which member, and what stands beside them that should not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from homeroom.ingest.archives import found_at
from homeroom.ingest.limits import Limits
from homeroom.ingest.oneroster.members import VERSIONS
from homeroom.ingest.oneroster.violations import Violations
from homeroom.ingest.origins import Origin

MANIFEST = "manifest.csv"
_KNOWN = {member.file.casefold(): member.file for members in VERSIONS.values() for member in members} | {
    MANIFEST: MANIFEST
}


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """The files of a bundle by the specification's names for them."""

    name: str
    files: Mapping[str, Origin]


def bundle_at(path: Path, *, limits: Limits, violations: Violations) -> Bundle:
    """The bundle in a folder or zip. What cannot be opened, or should not be there, is a violation."""
    found = found_at(path, limits=limits)
    for problem in found.problems:
        violations.add(
            "bundle.unreadable", file=problem.file, field=problem.field, value=problem.reason, fits=problem.fits
        )
    files: dict[str, Origin] = {}
    for origin in found.origins:
        inside = origin.name.removeprefix(f"{path.name}/").removeprefix(f"{path.name}:")
        known = _KNOWN.get(origin.base.casefold())
        if known is None:
            violations.add("bundle.unknown-file", file=inside)
            continue
        if "/" in inside:
            violations.add("bundle.nested", file=inside)
        if origin.base != known:
            violations.add("bundle.name", file=inside, fits=known)
        files.setdefault(known, origin)
    return Bundle(name=path.name, files=files)
