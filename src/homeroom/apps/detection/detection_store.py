"""Detections of a run in a temporary file, so that a log on which many rules fire needs no more memory than another.

The file has no name and ends with the process. Only the order of the detections is held in memory.
"""

from __future__ import annotations

import pickle
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import replace
from tempfile import SpooledTemporaryFile

from homeroom.domain.detections.detections import Detection
from homeroom.engines.detect import get_detection_order

MAX_BYTES_IN_MEMORY = 32 * 1024 * 1024


class DetectionStore:
    """Detections, in the order of time, file, record and rule whatever the order in which they were added."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=MAX_BYTES_IN_MEMORY)  # noqa: SIM115  (for the life of the store)
        weakref.finalize(self, self._file.close)
        self._end = 0
        self._places: list[tuple[object, int]] = []

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Detection]:
        for _order, offset in sorted(self._places):
            self._file.seek(offset)
            detection: Detection = pickle.load(self._file)  # noqa: S301  (this process wrote it)
            yield detection

    def add(self, detections: Iterable[Detection]) -> None:
        """Append detections."""
        self._file.seek(self._end)
        for detection in detections:
            self._places.append((get_detection_order(detection), self._file.tell()))
            shown = replace(detection, event=replace(detection.event, fields={}))  # its record is shown, not its fields
            pickle.dump(shown, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._end = self._file.tell()
