"""Score alerts against the truth of a fortnight: what was found, how soon, in how many alerts, and what was false.

An intrusion is found by an alert that alerts somebody, has one of its events, and names somebody or a thing of it. An
alert is false if it has no event of any intrusion. Events of records to which their vendor gives no id are compared by
time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

SILENT_STATES = frozenset(("expected", "suppressed"))
_NAMED = ("actors", "victims", "hosts", "apps", "files", "addresses")
WEEKS = 2
WITHOUT_ID = "no-id/"
"""Beginning of a key that evidence makes of a record without an id."""


@dataclass(frozen=True, kw_only=True)
class IntrusionScore:
    """The outcome for one intrusion; `is_early` if an alert came before its last stage."""

    kind: str
    alerts: int
    is_early: bool

    @property
    def is_found(self) -> bool:
        """True if an alert was about it."""
        return self.alerts > 0


@dataclass(frozen=True, kw_only=True)
class FortnightScore:
    """The outcome of one fortnight; `false_alerts` have the titles of alerts about no intrusion."""

    intrusions: tuple[IntrusionScore, ...]
    false_alerts: tuple[str, ...]


def score_alerts(truth: Mapping[str, Any], alerts: Iterable[Mapping[str, Any]]) -> FortnightScore:
    """Score the alerts of `homeroom alerts --json` against a truth.json."""
    open_alerts = [alert for alert in alerts if alert["state"] not in SILENT_STATES]
    intrusions = [_Intrusion(entry) for entry in truth["intrusions"]]
    harmful_keys = frozenset[str]().union(*(intrusion.keys for intrusion in intrusions))
    false_alerts = [alert for alert in open_alerts if not _list_keys(alert) & harmful_keys]
    return FortnightScore(
        intrusions=tuple(intrusion.score(open_alerts) for intrusion in intrusions),
        false_alerts=tuple(alert["title"] for alert in false_alerts),
    )


def compute_figures(scores: Sequence[FortnightScore]) -> dict[str, float]:
    """Compute the figures over all fortnights."""
    intrusions = [intrusion for score in scores for intrusion in score.intrusions]
    detected = [intrusion for intrusion in intrusions if intrusion.is_found]
    false_alerts = sum(len(score.false_alerts) for score in scores)
    return {
        "recall": round(len(detected) / len(intrusions), 3),
        "false_alerts_a_week": round(false_alerts / (WEEKS * len(scores)), 2),
        "alerts_an_intrusion": round(sum(entry.alerts for entry in detected) / max(1, len(detected)), 2),
        "most_alerts_an_intrusion": max((entry.alerts for entry in detected), default=0),
        "before_the_last_stage": round(sum(entry.is_early for entry in intrusions) / len(intrusions), 3),
    }


class _Intrusion:
    """One intrusion of the truth, as sets to compare with."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self._kind = entry["kind"]
        self._names = frozenset(name.casefold() for part in _NAMED for name in entry[part])
        self._last_stage = _parse_time(entry["stages"][-1]["first"])
        events = [event for stage in entry["stages"] for event in stage["events"]]
        self.keys = frozenset(key for event in events for key in (event["key"], _build_time_key(event)))

    def score(self, alerts: Iterable[Mapping[str, Any]]) -> IntrusionScore:
        """Score it by the alerts that are about it."""
        own = [alert for alert in alerts if self.keys & _list_keys(alert) and self._names & _list_names(alert)]
        is_early = any(_parse_time(alert["fired_at"]) < self._last_stage for alert in own)
        return IntrusionScore(kind=self._kind, alerts=len(own), is_early=is_early)


def _list_keys(alert: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        _build_time_key(event) if event["key"].startswith(WITHOUT_ID) else event["key"] for event in alert["events"]
    )


def _build_time_key(event: Mapping[str, str]) -> str:
    """Build a key for a record without an id, from its source and its time to the millisecond."""
    time = _parse_time(event["time"])
    return f"{event['source']} {time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}"


def _list_names(alert: Mapping[str, Any]) -> frozenset[str]:
    """List the names of an alert's entities, and their ids, which for an app is its client."""
    values = (value for entity in alert["entities"] for value in (entity["name"], entity["id"]))
    return frozenset(value.casefold() for value in values if value)


def _parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text)
