"""How long work reports that it advances."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Show that `done` of `total` parts of a named step are finished; a total of 0 means unknown."""

    def __call__(self, step: str, done: int, total: int, /) -> None: ...


def ignore_progress(step: str, done: int, total: int, /) -> None:
    """Show nothing."""
