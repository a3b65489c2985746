"""A bundle on disk: which file is which member, and files that do not belong in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from homeroom.ingest.containers.archives import find_sources
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.files.byte_source import ByteSource
from homeroom.ingest.oneroster.spec import VERSIONS
from homeroom.ingest.oneroster.violations import Violations

MANIFEST = "manifest.csv"
_MEMBER_FILES = {member.file.casefold(): member.file for members in VERSIONS.values() for member in members} | {
    MANIFEST: MANIFEST
}


@dataclass(frozen=True, kw_only=True)
class BundleFiles:
    """The files of a bundle by the specification's names for them."""

    name: str
    files: Mapping[str, ByteSource]


def open_bundle(path: Path, *, limits: Limits, violations: Violations) -> BundleFiles:
    """Open the bundle in a folder or zip.

    A file that cannot be opened or does not belong there is a violation.
    """
    sources = find_sources(path, limits=limits)
    for problem in sources.problems:
        violations.add(
            "bundle.unreadable", file=problem.file, field=problem.field, value=problem.reason, fits=problem.fits
        )
    files: dict[str, ByteSource] = {}
    for origin in sources.origins:
        inner_name = origin.name.removeprefix(f"{path.name}/").removeprefix(f"{path.name}:")
        member_file = _MEMBER_FILES.get(origin.base_name.casefold())
        if member_file is None:
            violations.add("bundle.unknown-file", file=inner_name)
            continue
        if "/" in inner_name:
            violations.add("bundle.nested", file=inner_name)
        if origin.base_name != member_file:
            violations.add("bundle.name", file=inner_name, fits=member_file)
        files.setdefault(member_file, origin)
    return BundleFiles(name=path.name, files=files)
