"""Check version comparison against another scanner's own matches.

Needs no database.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from homeroom.engines.protect.vulnerabilities.constraints import matches_constraint, parse_constraint
from homeroom.engines.protect.vulnerabilities.range_notations import UnreadableConstraint


class CasesRefused(Exception):
    """The file does not hold cases; the message states where and what would fit."""


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One case with another result than the file states.

    `ours` is null if the comparison is unknown, and `why` has the reason.
    """

    line: int
    version: str
    constraint: str
    expected: bool
    ours: bool | None
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class VersionCheckReport:
    """Number of cases, how many of them are true, false and unknown by our comparison, and disagreements."""

    cases: int
    true: int
    false: int
    cannot_tell: int
    disagreements: tuple[Disagreement, ...]


def check_versions(path: Path) -> VersionCheckReport:
    """Compare every case of a JSON-lines file: `version`, `constraint` and `vulnerable` (true by default).

    Raise CasesRefused with the line if a case does not fit, and OSError if the file cannot be read.
    """
    answers: list[bool | None] = []
    wrong: list[Disagreement] = []
    for line, case in enumerate(path.read_bytes().splitlines(), start=1):
        if not case.strip():
            continue
        version, constraint, expected = _parse_case(case, line)
        result, reason = _evaluate_case(version, constraint)
        answers.append(result)
        if result is not expected:
            wrong.append(
                Disagreement(
                    line=line, version=version, constraint=constraint, expected=expected, ours=result, why=reason
                )
            )
    return VersionCheckReport(
        cases=len(answers),
        true=answers.count(True),
        false=answers.count(False),
        cannot_tell=answers.count(None),
        disagreements=tuple(wrong),
    )


def _parse_case(text: bytes, line: int) -> tuple[str, str, bool]:
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
    return _add_epoch(version, case.get("purl")), constraint, expected


def _add_epoch(version: str, purl: object) -> str:
    """Return the version with the epoch of its package URL, where scanners of RPM packages write it."""
    if not isinstance(purl, str) or ":" in version or not purl.startswith("pkg:rpm/"):
        return version
    epochs = [part.removeprefix("epoch=") for part in purl.partition("?")[2].split("&") if part.startswith("epoch=")]
    return f"{epochs[0]}:{version}" if epochs and epochs[0].isdigit() else version


def _evaluate_case(version: str, constraint: str) -> tuple[bool | None, str]:
    try:
        return matches_constraint(version, parse_constraint(constraint)), ""
    except UnreadableConstraint as error:
        return None, str(error)
