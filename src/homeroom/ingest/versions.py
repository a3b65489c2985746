"""Which versions of a form are read: a file of one that nobody here has read is refused whole, with what would fit."""

from __future__ import annotations

from collections.abc import Sequence

from homeroom.ingest.problems import Problem, refused


def is_read(said: str, known: Sequence[str]) -> bool:
    """Whether a version is one of those that are known, or below one of them: 1.05 is of 1. None said is read."""
    return not said or any(said == one or said.startswith(f"{one}.") for one in known)


def newer(file: str, *, field: str, said: str, known: Sequence[str], title: str) -> Problem:
    """What is wrong with a file of another version."""
    among = " or ".join((", ".join(known[:-1]), known[-1]) if known[1:] else known)
    reason = "a version whose files nobody here can read"
    return Problem(file=file, field=field, value=said[:20], reason=reason, fits=f"{title}, version {among}")


def must_be_read(said: str, *, field: str, known: Sequence[str], title: str) -> None:
    """Raises Refused where a reader meets another version within a file; what says no number says no version."""
    if said[:1].isdigit() and "." in said and not is_read(said, known):
        problem = newer("", field=field, said=said, known=known, title=title)
        raise refused("", problem.reason, field=field, value=problem.value, fits=problem.fits)
