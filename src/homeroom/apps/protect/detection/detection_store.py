"""Detections of a run in a temporary file, so that a log on which many rules fire needs no more memory than another.

The file has no name and ends with the process. Only the order of the detections is held in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from homeroom.apps.protect.detection.spill_file import SpillFile
from homeroom.domain.protect.detections.detections import Detection
from homeroom.engines.protect.detect import get_detection_order
from homeroom.ingest.events.secrets import mask_secrets


class DetectionStore:
    """Detections, in the order of time, file, record and rule whatever the order in which they were added."""

    def __init__(self) -> None:
        self._spill = SpillFile()
        self.secrets = 0
        """How many secrets were left out of the records."""
        self._places: list[tuple[object, int]] = []
        self._masked: tuple[Mapping[str, Any], Mapping[str, Any], int] | None = None
        """The record of the newest detection, itself without secrets, and how many those were: rules fire together."""

    def __len__(self) -> int:
        return len(self._places)

    def __iter__(self) -> Iterator[Detection]:
        for _order, offset in sorted(self._places):
            yield self._spill.read(offset)

    def add(self, detections: Iterable[Detection]) -> None:
        """Append detections."""
        for detection in detections:
            self._places.append((get_detection_order(detection), self._spill.append(self._mask(detection))))

    def _mask(self, detection: Detection) -> Detection:
        """Return a detection as it is shown: its record without secrets, and without the fields, which repeat it."""
        raw, count = self._mask_record(detection.event.raw)
        matched, _ = mask_secrets(detection.matched)
        self.secrets += count
        return replace(detection, event=replace(detection.event, fields={}, raw=raw), matched=matched)

    def _mask_record(self, record: Mapping[str, Any]) -> tuple[Mapping[str, Any], int]:
        if self._masked is None or self._masked[0] is not record:
            self._masked = (record, *mask_secrets(record))
        return self._masked[1:]
