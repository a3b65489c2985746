"""The manifest of a bundle: what it says of version and files, and where that is wrong or not so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from homeroom.ingest.limits import Limits
from homeroom.ingest.oneroster.columns import Member
from homeroom.ingest.oneroster.members import VERSIONS
from homeroom.ingest.oneroster.opening import MANIFEST, Bundle
from homeroom.ingest.oneroster.sheets import Sheet, sheet_at
from homeroom.ingest.oneroster.violations import Violations, name_told

HEADER = ("propertyName", "value")
MODES = ("absent", "bulk", "delta")
_VERSIONS = ("manifest.version", "oneroster.version")
_SOURCE = ("source.systemName", "source.systemCode")
_NEWEST = "1.2"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The version by whose rules a bundle is checked (empty: none is known), and the mode of each of its files."""

    version: str
    modes: Mapping[str, str]

    @property
    def members(self) -> tuple[Member, ...]:
        """The members of the version, or none."""
        return VERSIONS.get(self.version, ())


def manifest_of(bundle: Bundle, *, limits: Limits, violations: Violations) -> Manifest:
    """The manifest of a bundle. Without one, the files that are there are taken as bulk and tell their version."""
    there = {file.removesuffix(".csv"): "bulk" for file in bundle.files if file != MANIFEST}
    if MANIFEST not in bundle.files:
        violations.add("manifest.missing", file=MANIFEST)
        return Manifest(version=_guessed(bundle), modes=there)
    sheet = sheet_at(bundle.files[MANIFEST], file=MANIFEST, limits=limits, violations=violations)
    said = _properties(sheet, violations) if sheet else {}
    version = _version(said, bundle=bundle, violations=violations)
    modes = _modes(said, version=version, bundle=bundle, violations=violations)
    _must_be_known(said, version=version, violations=violations)
    # What is there is checked, whatever the manifest says.
    return Manifest(version=version, modes=there | {name: mode for name, mode in modes.items() if name in there})


def _guessed(bundle: Bundle) -> str:
    return _NEWEST if {"roles.csv", "userProfiles.csv"} & set(bundle.files) else "1.1"


def _properties(sheet: Sheet, violations: Violations) -> dict[str, tuple[str, int]]:
    """Each property's value and line, as the first row that names it has them."""
    if sheet.names != HEADER:
        violations.add(
            "manifest.header", file=MANIFEST, line=sheet.header_line, value=",".join(map(name_told, sheet.names))
        )
    if len(sheet.names) != len(HEADER):
        return {}
    said: dict[str, tuple[str, int]] = {}
    for frame in sheet.frames():
        for name, value, line in frame.select(*sheet.names, "_line").iter_rows():
            if name in said:
                violations.add("manifest.property-twice", file=MANIFEST, line=line, field=name)
            said.setdefault(name or "", (value or "", line))
    return said


def _version(said: Mapping[str, tuple[str, int]], *, bundle: Bundle, violations: Violations) -> str:
    for name in _VERSIONS:
        if name not in said:
            violations.add("manifest.property-missing", file=MANIFEST, field=name)
    value, line = said.get("manifest.version", ("1.0", 0))
    if value != "1.0":
        violations.add("manifest.manifest-version", file=MANIFEST, line=line, field="manifest.version", value=value)
    version, line = said.get("oneroster.version", (_guessed(bundle), 0))
    if version in VERSIONS:
        return version
    violations.add("manifest.version", file=MANIFEST, line=line, field="oneroster.version", value=version)
    return ""


def _modes(
    said: Mapping[str, tuple[str, int]], *, version: str, bundle: Bundle, violations: Violations
) -> dict[str, str]:
    modes: dict[str, str] = {}
    for member in VERSIONS.get(version, ()):
        field = f"file.{member.name}"
        if field not in said:
            violations.add("manifest.property-missing", file=MANIFEST, field=field, fits="absent, bulk or delta")
            continue
        mode, line = said[field]
        if mode not in MODES:
            violations.add("manifest.mode", file=MANIFEST, line=line, field=field, value=mode)
            continue
        there = member.file in bundle.files
        if mode == "absent" and there:
            violations.add("manifest.said-absent", file=MANIFEST, line=line, field=field, value=mode)
            mode = "bulk"
        elif mode != "absent" and not there:
            violations.add("manifest.not-there", file=MANIFEST, line=line, field=field, value=mode)
        modes[member.name] = mode
    return modes


def _must_be_known(said: Mapping[str, tuple[str, int]], *, version: str, violations: Violations) -> None:
    known = {*_VERSIONS, *_SOURCE, *(f"file.{member.name}" for member in VERSIONS.get(version, ()))}
    for name, (_, line) in said.items():
        if version and name not in known:
            violations.add("manifest.property-unknown", file=MANIFEST, line=line, field=name_told(name))
