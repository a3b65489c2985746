"""What a load says when it has ended, package by package and file by file."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.evidence.manifests import Load
from homeroom.ingest.problems import Problem


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
class Loaded:
    """What became of one package: new, unchanged, held or refused; with the first rejects, and how many there are.

    `seconds` are those of the whole package, `file_seconds` those of reading each of its files, in their order; none where
    nothing had to be read.
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


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """What became of everything that was given. `ignored` names files that are no export."""

    loaded: tuple[Loaded, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def refused(self) -> tuple[Problem, ...]:
        """Every problem that kept a file out."""
        return (*self.problems, *(problem for one in self.loaded for problem in one.problems))

    @property
    def held(self) -> tuple[Loaded, ...]:
        """What waits for a person."""
        return tuple(one for one in self.loaded if one.outcome == "held")

    @property
    def clean(self) -> bool:
        """Whether nothing was refused, rejected or held."""
        lost = any(one.load is not None and (one.load.rows_rejected or one.load.rejects) for one in self.loaded)
        return not (self.refused or self.held or lost)
