"""Result of a load, package by package and file by file."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.evidence.files.manifests import Load
from homeroom.ingest.contract.errors import Problem


@dataclass(frozen=True, kw_only=True)
class Reject:
    """One rejected row or field; the value is masked."""

    file: str
    line: int | None
    field: str
    value: str | None
    reason: str
    row_lost: bool


@dataclass(frozen=True, kw_only=True)
class LoadResult:
    """Result of one package: new, unchanged, held or refused; with the first rejects, and their number.

    `seconds` are those of the package, `file_seconds` those of reading each of its files, in their order; empty if
    nothing had to be read. `problems` are the reasons of a refusal, or of a member that a bundle lost.
    """

    outcome: str
    connector: str
    stream: str
    files: tuple[str, ...]
    seconds: float
    file_seconds: tuple[float, ...] = ()
    load: Load | None = None
    rejects: tuple[Reject, ...] = ()
    rejected: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def values_left_out(self) -> int:
        """Number of rejects that cost only a value of a row."""
        return max(0, self.rejected - self.load.rows_rejected) if self.load is not None else 0


def describe_loaded_rows(*, read: int, rejected: int, values: int = 0) -> str:
    """Return what follows the word loaded: how many of the rows that were read are, and how many were rejected.

    `values` are those that were left out of rows which are loaded.
    """
    left_out = f"; {values:,} value{'' if values == 1 else 's'} left out" if values else ""
    if not rejected:
        return f"{read:,} row{'' if read == 1 else 's'}{left_out}"
    return f"{read - rejected:,} of {read:,} rows; {rejected:,} {'was' if rejected == 1 else 'were'} rejected{left_out}"


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """Result of all loaded paths. `ignored` names files that are not exports."""

    loaded: tuple[LoadResult, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[Problem, ...]:
        """Return every problem that caused a refusal."""
        return (*self.problems, *(problem for load_result in self.loaded for problem in load_result.problems))

    @property
    def held(self) -> tuple[LoadResult, ...]:
        """Packages that are held until a person decides."""
        return tuple(load_result for load_result in self.loaded if load_result.outcome == "held")

    @property
    def clean(self) -> bool:
        """Return whether nothing was refused, rejected or held."""
        has_rejects = any(
            load_result.load is not None and (load_result.load.rows_rejected or load_result.load.rejects)
            for load_result in self.loaded
        )
        return not (self.refused or self.held or has_rejects)
