from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from homeroom.domain.protect.detections.events import UNKNOWN_SOURCE, LogEvent


def test_an_event_cannot_be_changed() -> None:
    event = LogEvent(
        file="a.jsonl", record=1, time=None, source=UNKNOWN_SOURCE, host="", user="", fields={"EventID": 1}, raw={}
    )
    with pytest.raises(FrozenInstanceError):
        event.record = 2  # type: ignore[misc]
    assert (event.record, event.source.product) == (1, "")
