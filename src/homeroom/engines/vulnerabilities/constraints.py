"""A constraint as scanners write it (`>= 2.6, < 5.0.14 || >= 6.0.0, < 6.0.16 (deb)`), and whether a version meets it.

Source of the form: Grype's matches, `matchDetails[].found.versionConstraint`: alternatives between `||`, all conditions
between commas, and the scheme in brackets at the end; `unknown` says that plain numbers are compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.engines.vulnerabilities.schemes import key, scheme_as_listed

_FORM = re.compile(r"\A(.*?)\s*(?:\(([A-Za-z0-9_-]+)\))?\s*\Z", re.DOTALL)
_CONDITION = re.compile(r"\A\s*(<=|>=|==|!=|=|<|>)?\s*(.+?)\s*\Z", re.DOTALL)
_WORDS: Mapping[str, str] = {
    "unknown": "plain", "fuzzy": "plain", "bitnami": "plain", "unknownformat": "plain", "calver": "plain",
    "go": "semver", "semantic": "semver", "semver": "semver", "npm": "semver", "swift": "semver", "cargo": "semver",
    "dpkg": "deb", "deb": "deb", "rpm": "rpm", "apk": "apk", "python": "python", "pep440": "python", "pypi": "python",
    "maven": "maven", "gem": "gem", "nuget": "nuget", "pacman": "arch", "alpm": "arch", "portage": "gentoo",
    "ebuild": "gentoo", "jvm": "java", "jre": "java", "kb": "kb", "windows": "windows", "chrome": "chrome",
    "apple": "apple",
}  # fmt: skip
_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lambda version, bound: version < bound,
    "<=": lambda version, bound: not bound < version,
    ">": lambda version, bound: bound < version,
    ">=": lambda version, bound: not version < bound,
    "=": lambda version, bound: not version < bound and not bound < version,
    "!=": lambda version, bound: version < bound or bound < version,
}


class Unreadable(ValueError):
    """A constraint or version that cannot be read; the text says which and why."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One comparison: the sign, and the version to compare with."""

    sign: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """Alternatives of conditions, by one scheme. Without any alternative it holds for every version."""

    scheme: str
    alternatives: tuple[tuple[Condition, ...], ...]


def parsed(text: str) -> Constraint:
    """The constraint that a text states. Raises Unreadable."""
    found = _FORM.match(text)
    body, word = (found[1], (found[2] or "unknown").lower()) if found else ("", "unknown")
    if word not in _WORDS:
        raise Unreadable(f"scheme {word!r}; {', '.join(sorted(_WORDS))} would fit")
    alternatives = tuple(_conditions(part) for part in body.split("||") if part.strip() and part.strip() != "none")
    return Constraint(scheme=_WORDS[word], alternatives=alternatives)


def _conditions(text: str) -> tuple[Condition, ...]:
    made = []
    for part in text.split(","):
        found = _CONDITION.match(part)
        if found is None:
            raise Unreadable(f"{part.strip()!r}; a sign and a version would fit")
        made.append(Condition(sign={"==": "=", None: "="}.get(found[1], found[1]), version=found[2].strip("'\"")))
    return tuple(made)


def meets(version: str, constraint: Constraint) -> bool:
    """Whether the version meets the constraint. Raises Unreadable where a version of either cannot be compared.

    Where one of them is no version of the scheme, all of them are compared as plain numbers.
    """
    wanted = [condition.version for every in constraint.alternatives for condition in every]
    keys = _keys([version, *wanted], scheme_as_listed(constraint.scheme, version))
    if keys is None:
        keys = _keys([version, *wanted], "plain")
    if keys is None:
        raise Unreadable(f"{version!r} and the constraint's versions cannot be compared")
    mine = keys[version]
    return not constraint.alternatives or any(
        all(_HOLDS[condition.sign](mine, keys[condition.version]) for condition in every)
        for every in constraint.alternatives
    )


def _keys(versions: list[str], scheme: str) -> dict[str, Any] | None:
    made = {version: key(version, scheme=scheme) for version in versions}
    return None if any(one is None for one in made.values()) else made
