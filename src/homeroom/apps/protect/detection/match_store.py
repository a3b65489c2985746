"""Matches of rules that correlations refer to, in a temporary file until they are correlated in the order of time."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from homeroom.apps.protect.detection.spill_file import SpillFile
from homeroom.engines.protect.detect.correlate import RuleMatch

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


class MatchStore:
    """The matches of events, which come back in the order of time, file and reading.

    Of each event 24 bytes are in memory. The file has no name and ends with the process.
    """

    def __init__(self) -> None:
        self._spill = SpillFile()
        self._files: dict[str, int] = {}
        self._times, self._file_numbers, self._offsets = array("q"), array("q"), array("q")

    def __len__(self) -> int:
        return len(self._offsets)

    def add(self, matches: Iterable[Sequence[RuleMatch]]) -> None:
        """Append the matches of events; a match has what correlations use of its event's fields, so those are left."""
        for event_matches in matches:
            event = replace(event_matches[0].event, fields={})
            self._times.append((event.time - _EPOCH) // _MICROSECOND if event.time else 0)
            self._file_numbers.append(self._files.setdefault(event.file, len(self._files)))
            pairs = [(match.rule, match.fields) for match in event_matches]
            self._offsets.append(self._spill.append((event, pairs)))

    def __iter__(self) -> Iterator[list[RuleMatch]]:
        """Iterate over the matches of each event, when all are added."""
        ranks = np.empty(len(self._files), dtype=np.int64)
        ranks[[self._files[name] for name in sorted(self._files)]] = np.arange(len(self._files))
        file_ranks = ranks[np.asarray(self._file_numbers, dtype=np.int64)]
        for position in np.lexsort((file_ranks, np.asarray(self._times, dtype=np.int64))).tolist():
            event, pairs = self._spill.read(self._offsets[position])
            yield [RuleMatch(rule=rule, event=event, fields=fields) for rule, fields in pairs]
