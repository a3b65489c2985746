"""Supported versions of a format: a file of any other version is refused completely, with what would fit."""

from __future__ import annotations

from collections.abc import Sequence

from homeroom.ingest.contract.errors import Problem, build_refusal


def is_supported(version: str, supported: Sequence[str]) -> bool:
    """Check whether a version is a supported one, or below one of them: 1.05 belongs to 1.

    An empty version counts as supported.
    """
    return not version or any(version == candidate or version.startswith(f"{candidate}.") for candidate in supported)


def build_version_problem(file: str, *, field: str, version: str, supported: Sequence[str], title: str) -> Problem:
    """Build the problem of a file of another version."""
    alternatives = " or ".join((", ".join(supported[:-1]), supported[-1]) if supported[1:] else supported)
    reason = "a version whose files nobody here can read"
    return Problem(file=file, field=field, value=version[:20], reason=reason, fits=f"{title}, version {alternatives}")


def require_supported(version: str, *, field: str, supported: Sequence[str], title: str) -> None:
    """Raise FileRefused for another version within a file; a text without a number is no version."""
    if version[:1].isdigit() and "." in version and not is_supported(version, supported):
        problem = build_version_problem("", field=field, version=version, supported=supported, title=title)
        raise build_refusal("", problem.reason, field=field, value=problem.value, fits=problem.fits)
