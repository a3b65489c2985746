"""The manifest of a bundle: its version and files, and where it is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.oneroster.bundle_reader import MANIFEST, BundleFiles
from homeroom.ingest.oneroster.column_spec import MemberSpec
from homeroom.ingest.oneroster.file_reader import MemberFile, open_member_file
from homeroom.ingest.oneroster.spec import VERSIONS
from homeroom.ingest.oneroster.violations import Violations, mask_name

HEADER = ("propertyName", "value")
MODES = ("absent", "bulk", "delta")
_VERSIONS = ("manifest.version", "oneroster.version")
_SOURCE = ("source.systemName", "source.systemCode")
_NEWEST = "1.2"


@dataclass(frozen=True, kw_only=True)
class ValidatedManifest:
    """The version for the rules of a bundle (empty: unknown), and the mode of each of its files."""

    version: str
    modes: Mapping[str, str]

    @property
    def members(self) -> tuple[MemberSpec, ...]:
        """Members of the version, or none."""
        return VERSIONS.get(self.version, ())


def read_manifest(bundle: BundleFiles, *, limits: Limits, violations: Violations) -> ValidatedManifest:
    """Read the manifest of a bundle.

    Without one, the present files count as bulk and determine the version.
    """
    present_modes = {file.removesuffix(".csv"): "bulk" for file in bundle.files if file != MANIFEST}
    if MANIFEST not in bundle.files:
        violations.add("manifest.missing", file=MANIFEST)
        return ValidatedManifest(version=_guess_version(bundle), modes=present_modes)
    member_file = open_member_file(bundle.files[MANIFEST], file=MANIFEST, limits=limits, violations=violations)
    properties = _read_properties(member_file, violations) if member_file else {}
    version = _check_version(properties, bundle=bundle, violations=violations)
    modes = _check_modes(properties, version=version, bundle=bundle, violations=violations)
    _must_be_known(properties, version=version, violations=violations)
    # Files that are present are checked even if the manifest does not list them.
    return ValidatedManifest(
        version=version, modes=present_modes | {name: mode for name, mode in modes.items() if name in present_modes}
    )


def _guess_version(bundle: BundleFiles) -> str:
    return _NEWEST if {"roles.csv", "userProfiles.csv"} & set(bundle.files) else "1.1"


def _read_properties(member_file: MemberFile, violations: Violations) -> dict[str, tuple[str, int]]:
    """Return each property's value and line, from the first row that names it."""
    if member_file.names != HEADER:
        violations.add(
            "manifest.header",
            file=MANIFEST,
            line=member_file.header_line,
            value=",".join(map(mask_name, member_file.names)),
        )
    if len(member_file.names) != len(HEADER):
        return {}
    properties: dict[str, tuple[str, int]] = {}
    for frame in member_file.iter_frames():
        for name, value, line in frame.select(*member_file.names, "_line").iter_rows():
            if name in properties:
                violations.add("manifest.property-twice", file=MANIFEST, line=line, field=name)
            properties.setdefault(name or "", (value or "", line))
    return properties


def _check_version(properties: Mapping[str, tuple[str, int]], *, bundle: BundleFiles, violations: Violations) -> str:
    for name in _VERSIONS:
        if name not in properties:
            violations.add("manifest.property-missing", file=MANIFEST, field=name)
    value, line = properties.get("manifest.version", ("1.0", 0))
    if value != "1.0":
        violations.add("manifest.manifest-version", file=MANIFEST, line=line, field="manifest.version", value=value)
    version, line = properties.get("oneroster.version", (_guess_version(bundle), 0))
    if version in VERSIONS:
        return version
    violations.add("manifest.version", file=MANIFEST, line=line, field="oneroster.version", value=version)
    return ""


def _check_modes(
    properties: Mapping[str, tuple[str, int]], *, version: str, bundle: BundleFiles, violations: Violations
) -> dict[str, str]:
    modes: dict[str, str] = {}
    for member in VERSIONS.get(version, ()):
        field = f"file.{member.name}"
        if field not in properties:
            violations.add("manifest.property-missing", file=MANIFEST, field=field, fits="absent, bulk or delta")
            continue
        mode, line = properties[field]
        if mode not in MODES:
            violations.add("manifest.mode", file=MANIFEST, line=line, field=field, value=mode)
            continue
        is_present = member.file in bundle.files
        if mode == "absent" and is_present:
            violations.add("manifest.said-absent", file=MANIFEST, line=line, field=field, value=mode)
            mode = "bulk"
        elif mode != "absent" and not is_present:
            violations.add("manifest.not-there", file=MANIFEST, line=line, field=field, value=mode)
        modes[member.name] = mode
    return modes


def _must_be_known(properties: Mapping[str, tuple[str, int]], *, version: str, violations: Violations) -> None:
    expected_names = {*_VERSIONS, *_SOURCE, *(f"file.{member.name}" for member in VERSIONS.get(version, ()))}
    for name, (_, line) in properties.items():
        if version and name not in expected_names:
            violations.add("manifest.property-unknown", file=MANIFEST, line=line, field=mask_name(name))
