"""Read requirements.lock: its packages, who requires each, and the part that an installed server needs.

`python -m tools.locked_packages runtime` prints that part, `build` the part that builds the wheel, with every hash.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK, PROJECT = ROOT / "requirements.lock", ROOT / "pyproject.toml"
BUILD_ROOTS = ("hatchling",)
_HEAD = re.compile(r"^(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ \\;]+)(?: ; (?P<marker>[^\\]+?))? *\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_PARENT = re.compile(r"^    # +(?:via )?([a-z0-9][a-z0-9.-]*)(?: \([^)]*\))?$")
_REQUIREMENT_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, kw_only=True)
class LockedPackage:
    """One pinned package: its hashes, the packages that require it, and its lines in the lock."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]
    parents: frozenset[str]
    text: str


def read_lock(path: Path = LOCK) -> dict[str, LockedPackage]:
    """Return the packages of a lock by name, in its order. Raise ValueError with the line that does not fit."""
    packages: dict[str, LockedPackage] = {}
    for block in _split_blocks(path.read_text(encoding="utf-8").splitlines()):
        package = _parse_block(block)
        packages[package.name] = package
    return packages


def select_required(packages: Mapping[str, LockedPackage], roots: Iterable[str]) -> dict[str, LockedPackage]:
    """Return the roots and everything that they require. Raise KeyError for a root that is not locked."""
    selected = {name: packages[name] for name in roots}
    while more := {
        name: package for name, package in packages.items() if name not in selected and package.parents & set(selected)
    }:
        selected |= more
    return {name: selected[name] for name in packages if name in selected}


def list_runtime_roots(project: Path = PROJECT) -> list[str]:
    """Return the names of the project's dependencies, those of its extras included."""
    tables = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    extras = tables.get("optional-dependencies", {}).values()
    requirements = [*tables["dependencies"], *(line for lines in extras for line in lines)]
    return [name for line in requirements if not _is_for_windows(line) and (name := parse_requirement_name(line))]


def parse_requirement_name(requirement: str) -> str:
    """Return the normalized name of a requirement such as `django-allauth[mfa]>=65`."""
    match = _REQUIREMENT_NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else ""


def print_part(arguments: Sequence[str]) -> int:
    """Print the part of the lock that is named; return 0, or 2 for another name."""
    packages = read_lock()
    roots = {"runtime": list_runtime_roots, "build": lambda: list(BUILD_ROOTS)}
    if len(arguments) != 1 or arguments[0] not in roots:
        print(f"usage: python -m tools.locked_packages {{{','.join(roots)}}}", file=sys.stderr)
        return 2
    for package in select_required(packages, roots[arguments[0]]()).values():
        print(package.text)
    return 0


def _is_for_windows(requirement: str) -> bool:
    return "sys_platform == 'win32'" in requirement.replace('"', "'")


def _split_blocks(lines: Sequence[str]) -> list[list[str]]:
    blocks: list[list[str]] = []
    for line in lines:
        if line.startswith(" ") and blocks:
            blocks[-1].append(line)
        elif line.strip():
            blocks.append([line])
    return blocks


def _parse_block(lines: Sequence[str]) -> LockedPackage:
    head = _HEAD.match(lines[0])
    if head is None:
        raise ValueError(f"requirements.lock: {lines[0]!r} is no pinned package; name==version would fit")
    return LockedPackage(
        name=head["name"],
        version=head["version"],
        marker=(head["marker"] or "").strip(),
        hashes=tuple(_HASH.findall("\n".join(lines))),
        parents=frozenset(match[1] for line in lines if (match := _PARENT.match(line))),
        text="\n".join(lines),
    )


if __name__ == "__main__":
    sys.exit(print_part(sys.argv[1:]))
