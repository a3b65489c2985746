"""Correlations against a plain reading of their definition, and the cases that the definition names."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.domain.protect.detections.events import LogEvent
from homeroom.engines.protect.detect import detect_events
from homeroom.library.protect.sigma_rules import load_sigma_rules
from homeroom.library.protect.sigma_rules.documents import RuleDocument
from homeroom.library.protect.sigma_rules.load import build_rule_set
from tests.unit.protect.detections.log_events import START, make_event

SPAN = 10


def make_rule(name: str, **detection: Any) -> dict[str, Any]:
    return {
        "title": name,
        "id": f"id-{name}",
        "name": name,
        "logsource": {"product": "windows"},
        "detection": {"s": detection, "condition": "s"},
    }


BASES = [make_rule("a", kind="a"), make_rule("b", kind=["b", "ab"]), make_rule("c", **{"kind|contains": "a"})]


def detect(
    correlations: list[dict[str, Any]], events: list[LogEvent], *, shown: str = "corr"
) -> list[tuple[str, float, dict[str, Any]]]:
    """Return the rule, the second and the group of each detection of the rule shown."""
    documents = [
        RuleDocument(file="r.yml", number=number, content=content)
        for number, content in enumerate([*BASES, *correlations], start=1)
    ]
    rules, not_run = build_rule_set(documents)
    assert not_run == ()
    return [
        (entry.rule.id, (entry.event.time - START).total_seconds() if entry.event.time else -1, dict(entry.matched))
        for entry in detect_events(rules, events)
        if entry.rule.id == shown
    ]


def make_correlation(**fields: Any) -> dict[str, Any]:
    return {"title": "t", "id": "corr", "correlation": {"timespan": f"{SPAN}s", **fields}}


def log(*entries: tuple[float, dict[str, Any]]) -> list[LogEvent]:
    return [make_event(fields, second=second, record=number) for number, (second, fields) in enumerate(entries, 1)]


def test_a_count_fires_once_while_it_holds_and_again_after_it_did_not() -> None:
    rule = make_correlation(type="event_count", rules=["a"], **{"group-by": ["user"]}, condition={"gte": 3})
    events = log(*((second, {"kind": "a", "user": "X"}) for second in (0, 1, 2, 3, 11, 20, 21, 22)))
    assert [second for _, second, _ in detect([rule], events)] == [2, 22]


def test_the_window_is_open_at_its_start() -> None:
    rule = make_correlation(type="event_count", rules="a", condition={"gte": 2})
    assert detect([rule], log((0, {"kind": "a"}), (SPAN, {"kind": "a"}))) == []
    assert detect([rule], log((0.001, {"kind": "a"}), (SPAN, {"kind": "a"}))) == [("corr", SPAN, {})]


def test_groups_ignore_case_and_an_event_without_the_field_is_in_none() -> None:
    rule = make_correlation(type="event_count", rules=["a"], **{"group-by": ["user"]}, condition={"gte": 2})
    events = log(
        (0, {"kind": "a", "user": "Ann"}), (1, {"kind": "a"}), (2, {"kind": "a"}), (3, {"kind": "a", "user": "ANN"})
    )
    assert detect([rule], events) == [("corr", 3, {"user": "ANN"})]


def test_a_range_has_both_limits() -> None:
    rule = make_correlation(type="event_count", rules=["a"], condition={"gt": 1, "lte": 2})
    assert [second for _, second, _ in detect([rule], log(*((n, {"kind": "a"}) for n in range(4))))] == [1]


@pytest.mark.parametrize(
    ("kind", "condition", "expected"),
    [
        ("value_count", {"gte": 3, "field": "v"}, [3]),
        ("value_sum", {"gt": 6, "field": "v"}, [3]),
        ("value_avg", {"gte": 2.5, "field": "v"}, [3]),
    ],
)
def test_values_are_counted_summed_and_averaged(kind: str, condition: dict[str, Any], expected: list[int]) -> None:
    rule = make_correlation(type=kind, rules=["a"], condition=condition)
    values = (1, "1", 2, "6", None)
    assert [
        s for _, s, _ in detect([rule], log(*((n, {"kind": "a", "v": v}) for n, v in enumerate(values))))
    ] == expected


def test_an_ordered_correlation_wants_each_match_later_than_the_one_before() -> None:
    rule = make_correlation(type="temporal_ordered", rules=["a", "b"])
    assert detect([rule], log((0, {"kind": "b"}), (1, {"kind": "a"}))) == []
    assert [s for _, s, _ in detect([rule], log((0, {"kind": "a"}), (0, {"kind": "b"})))] == [0]
    both = make_correlation(type="temporal_ordered", rules=["a", "c"])  # one event matches both
    assert detect([both], log((0, {"kind": "a"}))) == []
    assert [s for _, s, _ in detect([both], log((0, {"kind": "a"}), (1, {"kind": "a"})))] == [1]


def test_aliases_name_the_field_of_each_rule() -> None:
    aliases = {"who": {"a": "user", "b": "account"}}
    rule = make_correlation(type="temporal", rules=["a", "b"], aliases=aliases, **{"group-by": ["who"]})
    events = log((0, {"kind": "a", "user": "Ann"}), (1, {"kind": "b", "account": "ann"}))
    assert detect([rule], events) == [("corr", 1, {"who": "ann"})]


def test_a_group_is_of_the_field_as_the_log_of_the_event_calls_it() -> None:
    base = {
        "title": "start", "id": "start", "logsource": {"product": "windows", "category": "process_creation"},
        "detection": {"s": {"Image|endswith": ".exe"}, "condition": "s"},
    }  # fmt: skip
    rule = make_correlation(type="event_count", rules=["start"], **{"group-by": ["Image"]}, condition={"gte": 2})
    audit = {"Channel": "Security", "EventID": 4688, "NewProcessName": "C:\\a.exe"}
    sysmon = {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Image": "C:\\A.exe"}
    assert detect([base, rule], log((0, audit), (1, sysmon))) == [("corr", 1, {"Image": "C:\\A.exe"})]


def test_a_condition_in_words_joins_rules() -> None:
    rule = make_correlation(type="temporal", condition="a and not b")
    assert [s for _, s, _ in detect([rule], log((0, {"kind": "b"}), (1, {"kind": "a"}), (12, {"kind": "a"})))] == [12]


def test_an_inner_correlation_is_a_match_at_its_firing_event_with_its_group() -> None:
    inner = make_correlation(type="event_count", rules=["a"], **{"group-by": ["user"]}, condition={"gte": 2})
    inner |= {"id": "inner", "name": "many_a"}
    outer = make_correlation(type="temporal_ordered", rules=["many_a", "b"], **{"group-by": ["user"]})
    events = log(
        (0, {"kind": "a", "user": "x"}), (1, {"kind": "b", "user": "x"}), (2, {"kind": "a", "user": "x"}),
        (3, {"kind": "b", "user": "y"}), (4, {"kind": "b", "user": "X"}),
    )  # fmt: skip
    assert detect([outer, inner], events) == [("corr", 4, {"user": "X"})]


def test_base_rules_are_silent_unless_the_correlation_generates() -> None:
    events = log((0, {"kind": "a"}))
    quiet = make_correlation(type="event_count", rules=["a"], condition={"gte": 2})
    assert detect([quiet], events, shown="id-a") == []
    loud = make_correlation(type="event_count", rules=["a"], condition={"gte": 2}, generate=True)
    assert [rule for rule, _, _ in detect([loud], events, shown="id-a")] == ["id-a"]
    by_schema = {**quiet, "generate": True}  # as the schema of the specification has it
    assert [rule for rule, _, _ in detect([by_schema], events, shown="id-a")] == ["id-a"]


def test_a_correlation_of_a_rule_that_does_not_run_is_listed(tmp_path: Path) -> None:
    documents = [
        make_correlation(type="event_count", rules=["nobody"], condition={"gte": 2}),
        {
            **make_correlation(type="value_percentile", rules=["a"], condition={"gte": 2, "field": "v"}),
            "id": "percentile",
        },
        {**make_correlation(type="event_count", rules=["a"], condition={"gte": 2}, timespan="5 minutes"), "id": "span"},
    ]
    (tmp_path / "r.yml").write_text(yaml.safe_dump_all(documents), encoding="utf-8")
    rules, not_run = load_sigma_rules([tmp_path])
    assert len(rules) == 0
    assert {entry.id: entry.reason.split(";")[0] for entry in not_run} == {
        "corr": "it refers to nobody, which does not run",
        "percentile": "correlations of the type value_percentile do not run",
        "span": "the time span '5 minutes'",
    }


KINDS = ("event_count", "value_count", "value_sum", "value_avg", "temporal", "temporal_ordered")
LIMITS = st.dictionaries(
    st.sampled_from(("gt", "gte", "lt", "lte", "eq", "neq")), st.integers(0, 4), min_size=1, max_size=2
)
EVENTS = st.lists(
    st.tuples(
        st.integers(0, 25),
        st.sampled_from(("a", "b", "ab", "z")),
        st.sampled_from(("u", "U", "v", None)),
        st.sampled_from((1, 2, "2", "x", None)),
    ),
    max_size=14,
)


def is_true(kind: str, names: list[str], limits: dict[str, int], window: list[tuple[set[str], Any]]) -> bool:
    """Return the condition of the events in a window: the rules that match each, and its value."""
    values = [value for _, value in window if value is not None]
    numbers = [float(value) for value in values if value != "x"]
    number: float
    if kind == "event_count":
        number = len(window)
    elif kind == "value_count":
        number = len({str(value) for value in values})
    elif kind in ("value_sum", "value_avg"):
        if not numbers:
            return False
        number = sum(numbers) / (len(numbers) if kind == "value_avg" else 1)
    elif kind == "temporal":
        number = sum(any(name in matched for matched, _ in window) for name in names)
    else:
        number = max(
            size
            for size in range(len(names) + 1)
            for chosen in combinations(names, size)
            for places in combinations(range(len(window)), size)
            if all(name in window[place][0] for name, place in zip(chosen, places, strict=True))
        )
    compare = {
        "gt": number.__gt__, "gte": number.__ge__, "lt": number.__lt__, "lte": number.__le__,
        "eq": number.__eq__, "neq": number.__ne__,
    }  # fmt: skip
    return all(compare[name](type(number)(limit)) for name, limit in limits.items())


@settings(deadline=None, max_examples=150)
@given(
    entries=EVENTS,
    kind=st.sampled_from(KINDS),
    names=st.lists(st.sampled_from(("a", "b", "c")), min_size=1, max_size=3, unique=True),
    limits=LIMITS,
    grouped=st.booleans(),
)
def test_correlations_equal_their_definition(
    entries: list[tuple[int, str, str | None, Any]], kind: str, names: list[str], limits: dict[str, int], grouped: bool
) -> None:
    fields = {"field": "v"} if kind.startswith("value") else {}
    group = {"group-by": ["user"]} if grouped else {}
    rule = make_correlation(type=kind, rules=names, condition={**limits, **fields}, **group)
    events = log(*((second, {"kind": k, "user": user, "v": value}) for second, k, user, value in entries))
    matching = {"a": {"a"}, "b": {"b", "ab"}, "c": {"a", "ab"}}
    ordered = sorted(events, key=lambda event: event.time or START)
    expected, held = [], {}
    for at, event in enumerate(ordered):
        rules = {name for name in names if event.fields["kind"] in matching[name]}
        key = str(event.fields["user"]).lower() if grouped else ""
        if not rules or (grouped and event.fields["user"] is None):
            continue
        window = [
            ({name for name in names if other.fields["kind"] in matching[name]}, other.fields["v"])
            for other in ordered[: at + 1]
            if other.time and event.time and other.time > event.time - timedelta(seconds=SPAN)
            and (not grouped or str(other.fields["user"]).lower() == key)
        ]  # fmt: skip
        holds = is_true(kind, names, limits, [entry for entry in window if entry[0]])
        if holds and not held.get(key):
            expected.append((event.time, event.record))
        held[key] = holds
    seen = [(START + timedelta(seconds=second), group) for _, second, group in detect([rule], events)]
    assert sorted(time for time, _ in seen) == sorted(time for time, _ in expected if time)
