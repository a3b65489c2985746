"""Checks how versions are compared against another scanner's own matches. Needs no database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from homeroom.engines.vulnerabilities.constraints import Unreadable, meets, parsed


class CasesRefused(Exception):
    """The file does not hold cases; the text says where and what would fit."""


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One case that is judged otherwise than the file says. `ours` is null where it cannot be told, and `why` says why."""

    line: int
    version: str
    constraint: str
    expected: bool
    ours: bool | None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """How many cases there were, how many of them hold by our comparison and how many do not, and where we disagree."""

    cases: int
    true: int
    false: int
    cannot_tell: int
    disagreements: tuple[Disagreement, ...]


def check_versions(path: Path) -> Checked:
    """Compares every case of a JSON-lines file: `version`, `constraint` and `vulnerable` (true where it is left out).

    Raises CasesRefused with the line where a case does not fit, and OSError where the file cannot be read.
    """
    answers: list[bool | None] = []
    wrong: list[Disagreement] = []
    for line, case in enumerate(path.read_bytes().splitlines(), start=1):
        if not case.strip():
            continue
        version, constraint, expected = _case(case, line)
        ours, why = _answer(version, constraint)
        answers.append(ours)
        if ours is not expected:
            wrong.append(
                Disagreement(line=line, version=version, constraint=constraint, expected=expected, ours=ours, why=why)
            )
    return Checked(
        cases=len(answers),
        true=answers.count(True),
        false=answers.count(False),
        cannot_tell=answers.count(None),
        disagreements=tuple(wrong),
    )


def _case(text: bytes, line: int) -> tuple[str, str, bool]:
    fits = 'an object such as {"version": "1.1", "constraint": "< 1.2 (semver)", "vulnerable": true} would fit'
    try:
        case: Any = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise CasesRefused(f"line {line}: not JSON: {error}; {fits}") from None
    if not isinstance(case, dict):
        raise CasesRefused(f"line {line}: no object; {fits}")
    version, constraint, expected = case.get("version"), case.get("constraint"), case.get("vulnerable", True)
    if not isinstance(version, str) or not isinstance(constraint, str) or not isinstance(expected, bool):
        raise CasesRefused(f"line {line}: version, constraint or vulnerable does not fit; {fits}")
    return _with_epoch(version, case.get("purl")), constraint, expected


def _with_epoch(version: str, purl: object) -> str:
    """The version with the epoch that its package URL states, as scanners of RPM packages write it there alone."""
    if not isinstance(purl, str) or ":" in version or not purl.startswith("pkg:rpm/"):
        return version
    said = [part.removeprefix("epoch=") for part in purl.partition("?")[2].split("&") if part.startswith("epoch=")]
    return f"{said[0]}:{version}" if said and said[0].isdigit() else version


def _answer(version: str, constraint: str) -> tuple[bool | None, str]:
    try:
        return meets(version, parsed(constraint)), ""
    except Unreadable as why:
        return None, str(why)
