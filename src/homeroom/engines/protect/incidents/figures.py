"""Figures of a month's incidents: how long it took to detect, acknowledge and contain, as medians with their number.

The time to detect has three parts. The source holds an event back until the first fetch that could bring it; the sync
is the wait from then until it arrived; judging is the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from homeroom.domain.protect.incidents.records import DetectionLag, Moment


@dataclass(frozen=True, kw_only=True)
class IncidentMoments:
    """The moments of one incident, and the lag of its first alert."""

    moments: Mapping[Moment, datetime]
    lag: DetectionLag | None = None


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A median of seconds over `n` incidents; None if there is none."""

    seconds: int | None
    n: int


@dataclass(frozen=True, kw_only=True)
class MonthFigures:
    """The figures of the incidents that were detected in a month (`YYYY-MM`), or had their first event in it."""

    month: str
    incidents: int
    figures: Mapping[str, Figure] = field(default_factory=dict)


FIGURES = ("detect", "source_lag", "sync", "judging", "acknowledge", "contain")


def compute_month_figures(incidents: Iterable[IncidentMoments]) -> tuple[MonthFigures, ...]:
    """Return the figures by month, newest first."""
    by_month: dict[str, list[IncidentMoments]] = {}
    for incident in incidents:
        if at := incident.moments.get(Moment.DETECTED) or incident.moments.get(Moment.FIRST_EVENT):
            by_month.setdefault(f"{at:%Y-%m}", []).append(incident)
    return tuple(
        MonthFigures(month=month, incidents=len(members), figures=_compute_figures(members))
        for month, members in sorted(by_month.items(), reverse=True)
    )


def _compute_figures(members: list[IncidentMoments]) -> dict[str, Figure]:
    measured = [measure_incident(member) for member in members]
    figures = {}
    for name in FIGURES:
        spans = [entry[name] for entry in measured if name in entry]
        seconds = round(median(span.total_seconds() for span in spans)) if spans else None
        figures[name] = Figure(seconds=seconds, n=len(spans))
    return figures


def measure_incident(incident: IncidentMoments) -> dict[str, timedelta]:
    """Return the spans of an incident by figure, each that has both moments; none is negative."""
    moments = incident.moments
    spans: dict[str, timedelta] = {}
    for name, begin, end in (
        ("detect", Moment.FIRST_EVENT, Moment.DETECTED),
        ("acknowledge", Moment.DETECTED, Moment.ACKNOWLEDGED),
        ("contain", Moment.DETECTED, Moment.CONTAINED),
    ):
        if begin in moments and end in moments:
            spans[name] = moments[end] - moments[begin]
    spans |= _split_lag(incident.lag) if incident.lag else {}
    return {name: span for name, span in spans.items() if span >= timedelta()}


def _split_lag(lag: DetectionLag) -> dict[str, timedelta]:
    spans: dict[str, timedelta] = {}
    if lag.loaded_at is not None:
        available = max(lag.event_at, lag.missing_at or lag.event_at)
        spans |= {"source_lag": available - lag.event_at, "sync": lag.loaded_at - available}
        if lag.judged_at is not None:
            spans["judging"] = lag.judged_at - lag.loaded_at
    return spans
