"""Version constraints as scanners write them, and their evaluation.

Example: `>= 2.6, < 5.0.14 || >= 6.0.0, < 6.0.16 (deb)`.

Source of the form: Grype's matches, `matchDetails[].found.versionConstraint`: alternatives between `||`, all conditions
between commas, and the scheme in brackets at the end; `unknown` means that plain numbers are compared. Ranges of
package managers are read too (`homeroom.engines.protect.vulnerabilities.range_notations`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.engines.protect.vulnerabilities.range_notations import (
    Alternatives,
    Condition,
    UnreadableConstraint,
    parse_brackets,
    parse_comparators,
    uses_brackets,
    uses_npm_marks,
)
from homeroom.engines.protect.vulnerabilities.version_schemes import build_version_key, has_epoch

_CONSTRAINT_PATTERN = re.compile(r"\A(.*?)\s*(?:\(([A-Za-z0-9_-]+)\))?\s*\Z", re.DOTALL)
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


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """Alternatives of conditions, in one scheme.

    Without any alternative it holds for every version.
    """

    scheme: str
    alternatives: Alternatives


def parse_constraint(text: str) -> Constraint:
    """Parse a constraint.

    Raise UnreadableConstraint if the text has an unknown scheme or condition.
    """
    match = _CONSTRAINT_PATTERN.match(text)
    body, scheme_name = (match[1], (match[2] or "unknown").lower()) if match else ("", "unknown")
    if scheme_name not in _SCHEMES_BY_NAME:
        raise UnreadableConstraint(f"scheme {scheme_name!r}; {', '.join(sorted(_SCHEMES_BY_NAME))} would fit")
    if uses_brackets(body):
        scheme = _SCHEMES_BY_NAME["maven" if scheme_name == "unknown" else scheme_name]
        return Constraint(scheme=scheme, alternatives=parse_brackets(body))
    if scheme_name == "unknown" and uses_npm_marks(body):
        scheme_name = "npm"
    scheme, npm = _SCHEMES_BY_NAME[scheme_name], scheme_name == "npm"
    parts = [part for part in body.split("||") if part.strip() and part.strip() != "none"]
    alternatives = [conditions for part in parts for conditions in parse_comparators(part, scheme=scheme, npm=npm)]
    return Constraint(scheme=scheme, alternatives=tuple(alternatives))


def matches_constraint(version: str, constraint: Constraint) -> bool:
    """Check whether the version meets the constraint.

    Where a version does not fit the scheme, all versions are compared as plain numbers. Raise UnreadableConstraint
    where that is impossible too.
    """
    bounds = {condition.version for conditions in constraint.alternatives for condition in conditions}
    keys = _build_keys_by_bound(version, bounds, constraint.scheme) or _build_keys_by_bound(version, bounds, "plain")
    if keys is None or (not bounds and build_version_key(version, scheme="plain") is None):
        raise UnreadableConstraint(f"{version!r} and the constraint's versions cannot be compared")
    return not constraint.alternatives or any(
        all(_satisfy_condition(condition, keys) for condition in conditions) for conditions in constraint.alternatives
    )


def _satisfy_condition(condition: Condition, keys: Mapping[str, tuple[Any, Any]]) -> bool:
    version_key, bound_key = keys[condition.version]
    return _COMPARISONS[condition.operator](version_key, bound_key)


def _build_keys_by_bound(version: str, bounds: set[str], scheme: str) -> dict[str, tuple[Any, Any]] | None:
    """Return the keys of the version and of each bound; None if any has none. RPM epochs count where both have them."""
    keys = {}
    for bound in bounds:
        bare = scheme == "rpm" and not (has_epoch(version) and has_epoch(bound))
        version_key, bound_key = (
            build_version_key(text, scheme="rpm-bare" if bare else scheme) for text in (version, bound)
        )
        if version_key is None or bound_key is None:
            return None
        keys[bound] = (version_key, bound_key)
    return keys
