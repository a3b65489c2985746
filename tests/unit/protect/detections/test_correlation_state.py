"""What correlations remember: matches and windows that leave memory, and groups that are forgotten."""

from __future__ import annotations

from collections import deque
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.apps.protect.detection import spill_file
from homeroom.apps.protect.detection.match_store import MatchStore
from homeroom.apps.protect.detection.spill_file import SpillFile
from homeroom.apps.protect.detection.spilled_window import SpilledWindow
from homeroom.domain.protect.detections.detections import EventPlace
from homeroom.engines.protect.detect import (
    correlate,
    find_correlated_detections,
    get_event_order,
    iter_correlated_detections,
)
from homeroom.engines.protect.detect.correlate import RuleMatch, WindowEntry
from homeroom.library.protect.sigma_rules.documents import RuleDocument
from homeroom.library.protect.sigma_rules.load import build_rule_set
from tests.unit.protect.detections.log_events import START, make_event

BASE = {
    "title": "a", "id": "a", "logsource": {"product": "windows"},
    "detection": {"s": {"kind": "a"}, "condition": "s"},
}  # fmt: skip


def make_rules(**correlation: Any) -> Any:
    documents = [BASE, {"title": "t", "id": "t", "correlation": {"rules": ["a"], "timespan": "10s", **correlation}}]
    rules, not_run = build_rule_set(
        [RuleDocument(file="r.yml", number=number, content=content) for number, content in enumerate(documents, 1)]
    )
    assert not_run == ()
    return rules


def make_matches(seconds: list[int], *, user: str = "x") -> list[list[RuleMatch]]:
    events = [make_event({"user": user}, second=second, record=number) for number, second in enumerate(seconds)]
    return [
        [RuleMatch(rule="a", event=event, fields={"user": f"{user}{number}"})] for number, event in enumerate(events)
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), max_size=60))
def test_a_window_in_a_file_is_a_queue_like_one_in_memory(steps: list[bool]) -> None:
    spilled, plain = SpilledWindow(SpillFile(), block_entries=3), deque[WindowEntry]()
    for number, is_append in enumerate(steps):
        if is_append or not plain:
            entry: WindowEntry = (START, EventPlace(file="f", record=number), ())
            spilled.append(entry)
            plain.append(entry)
        else:
            assert spilled.get_oldest() == plain[0]
            assert spilled.remove_oldest() == plain.popleft()
        assert (len(spilled), list(spilled)) == (len(plain), list(plain))


def test_matches_come_back_in_the_order_of_time_however_they_were_added(monkeypatch: Any) -> None:
    monkeypatch.setattr(spill_file, "MAX_BYTES_IN_MEMORY", 200)
    matches = make_matches([5, 1, 3, 3, 0, 9])
    store = MatchStore()
    for match in matches:
        store.add([match])
    ordered = sorted(matches, key=lambda entry: get_event_order(entry[0].event))
    assert [(m.rule, m.fields, m.event.record) for (m,) in store] == [
        (m.rule, m.fields, m.event.record) for (m,) in ordered
    ]


def test_a_correlation_fires_the_same_when_its_windows_are_in_a_file() -> None:
    rules = make_rules(type="event_count", condition={"gte": 30})
    matches = make_matches([number // 5 for number in range(200)])
    spilled = list(
        iter_correlated_detections(rules, matches, new_window=lambda: SpilledWindow(SpillFile(), block_entries=4))
    )
    assert [len(detection.events) for detection in spilled] == [30]
    assert spilled == find_correlated_detections(rules, matches)


def test_groups_whose_events_left_the_window_are_forgotten_unless_the_condition_holds(monkeypatch: Any) -> None:
    monkeypatch.setattr(correlate, "MAX_IDLE_GROUPS", 5)
    rules = make_rules(type="event_count", condition={"gte": 2}, **{"group-by": ["user"]})
    (rule,) = rules.correlations
    tracker = correlate.CorrelationTracker(rule)
    held = make_matches([0], user="held")[0]
    for matches in (held, held, *make_matches([20 * number for number in range(1, 60)])):
        tracker.advance(matches)
    assert ("held0",) in tracker.groups
    assert len(tracker.groups) < 15
    (again,) = make_matches([2000], user="held")
    assert tracker.advance(again) == []
    assert tracker.advance(again) != []
