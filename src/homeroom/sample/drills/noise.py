"""Noise of real logs: addresses that are missing, clocks that differ, lines that came twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from homeroom.sample.drills.events import SCORED, Drill, DrillEvent

_NO_ADDRESS, _TWICE = 0.004, 0.002


def add_noise(random: Random, drill: Drill) -> None:
    """Let the web server's clock differ by up to 1.5 s from the mail server's, and drop or repeat a few records.

    No event comes before its mail was sent. Events are in order of time afterwards.
    """
    offset = timedelta(seconds=random.uniform(-1.5, 1.5))
    sent = {event.person: event.at for event in drill.events if event.kind == "sent"}
    events: list[DrillEvent] = []
    for event in drill.events:
        logged = event
        if event.kind in SCORED:
            logged = replace(event, at=max(event.at + offset, sent[event.person] + timedelta(milliseconds=5)))
            if random.random() < _NO_ADDRESS:
                logged = replace(logged, address=None)
        events.append(logged)
        if event.kind in SCORED and random.random() < _TWICE:
            events.append(replace(logged, story=logged.story or "line that came twice"))
    drill.events = sorted(events, key=lambda event: event.at)
