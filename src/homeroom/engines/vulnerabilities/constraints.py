"""Version constraints as scanners write them, and their evaluation.

Example: `>= 2.6, < 5.0.14 || >= 6.0.0, < 6.0.16 (deb)`.

Source of the form: Grype's matches, `matchDetails[].found.versionConstraint`: alternatives between `||`, all conditions
between commas, and the scheme in brackets at the end; `unknown` means that plain numbers are compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.engines.vulnerabilities.version_schemes import build_version_key, get_listed_scheme

_CONSTRAINT_PATTERN = re.compile(r"\A(.*?)\s*(?:\(([A-Za-z0-9_-]+)\))?\s*\Z", re.DOTALL)
_CONDITION_PATTERN = re.compile(r"\A\s*(<=|>=|==|!=|=|<|>)?\s*(.+?)\s*\Z", re.DOTALL)
_SCHEMES_BY_NAME: Mapping[str, str] = {
    "unknown": "plain", "fuzzy": "plain", "bitnami": "plain", "unknownformat": "plain", "calver": "plain",
    "go": "semver", "semantic": "semver", "semver": "semver", "npm": "semver", "swift": "semver", "cargo": "semver",
    "dpkg": "deb", "deb": "deb", "rpm": "rpm", "apk": "apk", "python": "python", "pep440": "python", "pypi": "python",
    "maven": "maven", "gem": "gem", "nuget": "nuget", "pacman": "arch", "alpm": "arch", "portage": "gentoo",
    "ebuild": "gentoo", "jvm": "java", "jre": "java", "kb": "kb", "windows": "windows", "chrome": "chrome",
    "apple": "apple",
}  # fmt: skip
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda version, bound: version < bound,
    "<=": lambda version, bound: not bound < version,
    ">": lambda version, bound: bound < version,
    ">=": lambda version, bound: not version < bound,
    "=": lambda version, bound: not version < bound and not bound < version,
    "!=": lambda version, bound: version < bound or bound < version,
}


class UnreadableConstraint(ValueError):
    """A constraint or version that cannot be read; the message names it and the reason."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One comparison: the operator, and the version to compare with."""

    operator: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """Alternatives of conditions, in one scheme.

    Without any alternative it holds for every version.
    """

    scheme: str
    alternatives: tuple[tuple[Condition, ...], ...]


def parse_constraint(text: str) -> Constraint:
    """Parse a constraint.

    Raise UnreadableConstraint if the text has an unknown scheme or condition.
    """
    match = _CONSTRAINT_PATTERN.match(text)
    body, scheme_name = (match[1], (match[2] or "unknown").lower()) if match else ("", "unknown")
    if scheme_name not in _SCHEMES_BY_NAME:
        raise UnreadableConstraint(f"scheme {scheme_name!r}; {', '.join(sorted(_SCHEMES_BY_NAME))} would fit")
    alternatives = tuple(
        _parse_conditions(part) for part in body.split("||") if part.strip() and part.strip() != "none"
    )
    return Constraint(scheme=_SCHEMES_BY_NAME[scheme_name], alternatives=alternatives)


def _parse_conditions(text: str) -> tuple[Condition, ...]:
    conditions = []
    for part in text.split(","):
        match = _CONDITION_PATTERN.match(part)
        if match is None:
            raise UnreadableConstraint(f"{part.strip()!r}; a sign and a version would fit")
        conditions.append(
            Condition(operator={"==": "=", None: "="}.get(match[1], match[1]), version=match[2].strip("'\""))
        )
    return tuple(conditions)


def matches_constraint(version: str, constraint: Constraint) -> bool:
    """Check whether the version meets the constraint.

    Where a version does not fit the scheme, all versions are compared as plain numbers. Raise UnreadableConstraint
    where that is impossible too.
    """
    bounds = [condition.version for conditions in constraint.alternatives for condition in conditions]
    keys = _build_version_keys([version, *bounds], get_listed_scheme(constraint.scheme, version))
    if keys is None:
        keys = _build_version_keys([version, *bounds], "plain")
    if keys is None:
        raise UnreadableConstraint(f"{version!r} and the constraint's versions cannot be compared")
    version_key = keys[version]
    return not constraint.alternatives or any(
        all(_COMPARISONS[condition.operator](version_key, keys[condition.version]) for condition in conditions)
        for conditions in constraint.alternatives
    )


def _build_version_keys(versions: list[str], scheme: str) -> dict[str, Any] | None:
    keys = {version: build_version_key(version, scheme=scheme) for version in versions}
    return None if any(version_key is None for version_key in keys.values()) else keys
