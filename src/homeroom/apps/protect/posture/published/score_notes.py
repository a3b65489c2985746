"""Why the score moved without anybody's work: checks that came or went, and systems that were loaded first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from homeroom.apps.protect.posture.published.score_history import DayScore

MAX_NOTES = 9
MAX_NAMED_SOURCES = 4


@dataclass(frozen=True, kw_only=True)
class ScoreNote:
    """What happened at a day of the history: how many more or fewer checks apply, and instances loaded first."""

    on: date
    checks: int = 0
    sources: tuple[str, ...] = ()

    @property
    def first_sources(self) -> tuple[str, ...]:
        """The first of the sources, to name."""
        return self.sources[:MAX_NAMED_SOURCES]

    @property
    def more_sources(self) -> int:
        """How many sources are not named."""
        return len(self.sources[MAX_NAMED_SOURCES:])

    @property
    def fewer_checks(self) -> int:
        """How many fewer checks apply; 0 if more do."""
        return max(0, -self.checks)


def list_score_notes(
    days: Sequence[DayScore], *, loads: Iterable[tuple[str, datetime]], timezone: str
) -> tuple[ScoreNote, ...]:
    """Return the notes of a history, oldest first; the newest nine.

    `loads` are the instance and time of all loads. A load counts at the first day of the history on or after it. What
    was first loaded up to the first day is no note, nor is anything after the last.
    """
    first_loads: dict[str, datetime] = {}
    for instance, loaded_at in loads:
        first_loads[instance] = min(loaded_at, first_loads.get(instance, loaded_at))
    zone = ZoneInfo(timezone)
    loaded_on = {instance: loaded_at.astimezone(zone).date() for instance, loaded_at in first_loads.items()}
    notes = [
        ScoreNote(
            on=day.on,
            checks=day.controls - before.controls,
            sources=_list_first_loaded(loaded_on, after=before.on, until=day.on),
        )
        for before, day in pairwise(days)
    ]
    return tuple(note for note in notes if note.checks or note.sources)[-MAX_NOTES:]


def _list_first_loaded(loaded_on: Mapping[str, date], *, after: date, until: date) -> tuple[str, ...]:
    return tuple(sorted(instance for instance, day in loaded_on.items() if after < day <= until))
