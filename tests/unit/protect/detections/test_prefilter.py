"""The prefilter leaves out no rule that matches: with it and without it the detections are the same."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.domain.protect.detections.rules import (
    Alternatives,
    And,
    Condition,
    DetectionRule,
    Expression,
    FieldReference,
    FieldSearch,
    Flag,
    KeywordSearch,
    LogCondition,
    LogVariant,
    Negation,
    Number,
    Or,
    RuleHeading,
    RuleSet,
    Text,
    ValueTest,
    Wildcard,
)
from homeroom.engines.protect.detect.detect import EventScanner
from homeroom.engines.protect.detect.literals import find_necessary_clues
from homeroom.engines.protect.detect.patterns import compile_any_text, compile_text
from homeroom.engines.protect.detect.prefilter import is_possible
from tests.unit.protect.detections.log_events import make_event

NAMES = ("Image", "CommandLine", "User", "EventID")
WORDS = ("cmd.exe", "CMD.EXE", "powershell", "whoami", "müller", "İstanbul", "Kelvin", "\u212aelvin", "50074", "ab", "",
         "\u039f\u03a3", "true", "high")  # fmt: skip


def search(*tests: ValueTest, name: str = "Image", require_all: bool = False) -> FieldSearch:
    return FieldSearch(name=name, tests=tests, require_all=require_all)


def build_text(*parts: str | Wildcard) -> Text:
    return Text(parts=parts)


CONTAINS = build_text(Wildcard.MANY, "Mimikatz", Wildcard.MANY)


@pytest.mark.parametrize(
    ("condition", "literals"),
    [
        (search(CONTAINS), {"mimikatz"}),
        (search(CONTAINS, build_text("cmd.exe")), {"mimikatz", "cmd.exe"}),
        (search(CONTAINS, build_text("ab", Wildcard.MANY)), None),
        (search(CONTAINS, build_text("ab"), require_all=True), {"ab"}),
        (search(build_text("ä-long-text", Wildcard.SINGLE, "short")), {"ä-long-text"}),
        (search(build_text("ΟΔΟΣ-abc", Wildcard.MANY)), {"-abc"}),
        (search(build_text("\N{GRINNING FACE}", Wildcard.MANY)), {"\N{GRINNING FACE}"}),
        (search(Flag(value=True)), {"true"}),
        (And(parts=(search(build_text(Wildcard.MANY, "\\System32\\")), search(CONTAINS))), {"mimikatz"}),
        (search(Number(value=50074)), {"50074"}),
        (search(Number(value=5)), None),
        (And(parts=(search(build_text("cmd.exe")), search(CONTAINS))), {"cmd.exe"}),
        (And(parts=(Negation(part=search(CONTAINS)), search(build_text("cmd.exe")))), {"cmd.exe"}),
        (Or(parts=(search(CONTAINS), Negation(part=search(build_text("cmd.exe"))))), None),
        (KeywordSearch(tests=(CONTAINS,)), {"mimikatz"}),
        (search(Alternatives(tests=(build_text("-encode"), build_text("/encode")))), {"-encode", "/encode"}),
        (search(Expression(pattern=r"(?i)net\s+localgroup administrators$")), {"localgroup administrators"}),
        (search(Expression(pattern=r"abc|longer")), None),
        (search(Expression(pattern=r"pre(one|two)fix?es")), {"pre"}),
        (search(Expression(pattern=r"[]xyz]abcd*efg{0,2}hijkl")), {"hijkl"}),
        (search(Expression(pattern=r"\\\\server\d+")), {"\\\\server"}),
    ],
)
def test_a_condition_has_the_literals_that_every_match_of_it_has(
    condition: Condition, literals: set[str] | None
) -> None:
    clues = find_necessary_clues(condition)
    assert (clues and {clue.text for clue in clues}) == literals
    name = None if isinstance(condition, KeywordSearch) else "Image"
    assert clues is None or {clue.name for clue in clues} == {name}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (search(Number(value=1), name="EventID"), True),
        (search(Number(value=2), name="EventID"), False),
        (And(parts=(search(Number(value=2), name="EventID"), search(CONTAINS))), False),
        (Or(parts=(search(Number(value=2), name="EventID"), search(CONTAINS))), True),
        (Negation(part=search(Number(value=1), name="EventID")), False),
        (Negation(part=search(CONTAINS)), True),
        (search(FieldReference(name="User"), name="EventID"), True),
    ],
)
def test_a_condition_that_another_event_id_decides_is_impossible(condition: Condition, expected: bool) -> None:
    assert is_possible(condition, {"EventID": 1, "Channel": None}) is expected


def build_texts() -> st.SearchStrategy[Text]:
    parts = st.lists(st.sampled_from([*WORDS, Wildcard.MANY, Wildcard.SINGLE]), min_size=1, max_size=4)
    return parts.map(lambda items: Text(parts=tuple(item for item in items if item != "")))


def build_expressions() -> st.SearchStrategy[Expression]:
    pieces = st.sampled_from([re.escape("cmd.exe"), "who(ami|is)", "power+shell?", "5007[34]", ".*", "a|b", r"\w{2,}"])
    return st.lists(pieces, min_size=1, max_size=3).map(lambda items: Expression(pattern="".join(items)))


def build_conditions() -> st.SearchStrategy[Condition]:
    tests = st.lists(
        st.one_of(build_texts(), build_expressions(), st.sampled_from([50074, 7]).map(lambda n: Number(value=n))),
        min_size=1,
        max_size=3,
    ).map(tuple)
    searches: st.SearchStrategy[Any] = st.one_of(
        st.builds(FieldSearch, name=st.sampled_from(NAMES), tests=tests, require_all=st.booleans()),
        st.builds(KeywordSearch, tests=tests, require_all=st.booleans()),
    )
    return st.recursive(
        searches,
        lambda parts: st.one_of(
            st.lists(parts, min_size=1, max_size=3).map(lambda items: And(parts=tuple(items))),
            st.lists(parts, min_size=1, max_size=3).map(lambda items: Or(parts=tuple(items))),
            parts.map(lambda part: Negation(part=part)),
        ),
        max_leaves=5,
    )


VALUES = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=3).map(" ".join),
    st.sampled_from([50074, 50074.0, "050074", "+50074", "50074.00", True, None, 7]),
    st.lists(st.sampled_from(WORDS), max_size=2),
)


@given(
    conditions=st.lists(build_conditions(), min_size=1, max_size=6),
    events=st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES), min_size=1, max_size=8),
)
def test_with_and_without_the_prefilter_the_same_rules_fire(
    conditions: list[Condition], events: list[dict[str, Any]]
) -> None:
    rules = RuleSet(
        rules=tuple(
            DetectionRule(
                heading=RuleHeading(id=str(number), title="a rule"),
                variants=(
                    LogVariant(log=LogCondition(product="windows"), condition=condition),
                    LogVariant(log=LogCondition(product=("", "azure")[number % 2]), condition=Negation(part=condition)),
                ),
            )
            for number, condition in enumerate(conditions)
        )
    )
    log = [
        make_event(fields, record=number, source=("windows" if number % 3 else "azure", ""))
        for number, fields in enumerate(events)
    ]
    fast, plain = (EventScanner(rules, prefilter=prefilter) for prefilter in (True, False))
    expected = plain.scan(log)
    for _ in range(2):  # the second time all values are known
        assert fast.scan(log) == expected


@given(texts=st.lists(build_texts(), min_size=2, max_size=5), value=st.lists(st.sampled_from(WORDS)).map("".join))
def test_texts_together_match_what_one_of_them_matches(texts: list[Text], value: str) -> None:
    texts = [replace(text, cased=number % 2 == 1) for number, text in enumerate(texts)]
    expected = any(compile_text(text)(value) for text in texts)
    assert compile_any_text(texts)(value) is expected
