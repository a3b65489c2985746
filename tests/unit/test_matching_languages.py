"""Test that patterns over rows and conditions over settings documents agree on all that both can express."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.domain.matching import (
    AllOf,
    AnyOf,
    FieldTest,
    InvalidPattern,
    Maybe,
    Not,
    combine_all,
    combine_any,
    evaluate_pattern,
    iter_tests,
    parse_pattern,
)
from homeroom.engines.protect.baselines.conditions import SettingTest, evaluate_condition
from homeroom.engines.protect.baselines.parsing import parse_condition
from homeroom.engines.protect.baselines.paths import DocumentScope, SettingPath
from tests.amounts import choose_amount

TODAY = date(2026, 1, 15)
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
FIELDS = {"name": "text", "roles": "texts", "count": "integer", "enabled": "truth", "ends": "date"}
TEXT_VALUES = st.text(st.sampled_from("abAB'\"\\%.*å9-"), max_size=4)
INTEGERS = st.integers(-5, 5)
DAYS = st.dates(date(2025, 12, 1), date(2026, 3, 1))
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.none() | TEXT_VALUES,
        "roles": st.none() | st.lists(TEXT_VALUES, max_size=3),
        "count": st.none() | INTEGERS,
        "enabled": st.none() | st.booleans(),
        "ends": st.none() | DAYS,
    },
)
# Row patterns read a portable subset of expressions, whose classes are ASCII; both read these alike.
EXPRESSIONS = st.sampled_from(["^a", "[ab]+", "(a|å)*b", r"\.", "a*?B"])
ANSWERS = st.sampled_from([True, False, None])


def _build_test(fields: list[str], operators: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    suffixes = ["", "|not", "|maybe", "|maybe|not", "|all", "|not|all"]
    keys = st.tuples(st.sampled_from(fields), st.sampled_from(operators), st.sampled_from(suffixes)).map("".join)
    return st.tuples(keys, values | st.lists(values, min_size=1, max_size=3))


TESTS = st.one_of(
    _build_test(["name", "roles"], ["", "|contains", "|startswith", "|endswith"], TEXT_VALUES),
    _build_test(["name", "roles"], ["|re"], EXPRESSIONS),
    _build_test(["count"], ["", "|lt", "|lte", "|gt", "|gte"], INTEGERS),
    _build_test(["enabled"], [""], st.booleans()),
    _build_test(["ends"], ["|before", "|after"], DAYS.map(str)),
    st.tuples(st.sampled_from([f"{name}|exists" for name in FIELDS]), st.booleans()),
)
MAPPINGS = st.lists(TESTS, min_size=1, max_size=3).map(dict)
PATTERNS = MAPPINGS | st.lists(MAPPINGS, min_size=1, max_size=3)


def evaluate_document(pattern: object, row: dict[str, Any]) -> bool | None:
    document = {name: str(value) if isinstance(value, date) else value for name, value in row.items()}
    return evaluate_condition(parse_condition(pattern), DocumentScope(item=document, root=document), at=NOW)


def describe(node: Any) -> Any:
    """Return the tree with the parts of its tests that both languages have; days are read later in documents."""
    match node:
        case Not(part=part) | Maybe(part=part):
            return (type(node), describe(part))
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return (type(node), [describe(part) for part in parts])
        case FieldTest(field=subject) | SettingTest(where=SettingPath(text=subject)):
            return (subject, node.operator, None if subject == "ends" else node.values, node.match_all)
    return node


@settings(deadline=None, max_examples=choose_amount(brief=100, thorough=600))
@given(pattern=PATTERNS, row=ROWS)
def test_both_evaluators_give_the_same_answer(pattern: Any, row: dict[str, Any]) -> None:
    expected = evaluate_pattern(parse_pattern(pattern, fields=FIELDS), row, today=TODAY)
    assert evaluate_document(pattern, row) is expected


@settings(deadline=None)
@given(pattern=PATTERNS)
def test_both_parsers_build_the_same_tree(pattern: Any) -> None:
    row_pattern, condition = parse_pattern(pattern, fields=FIELDS), parse_condition(pattern)
    assert describe(condition) == describe(row_pattern)
    assert len(list(iter_tests(row_pattern))) == sum(map(len, pattern if isinstance(pattern, list) else [pattern]))


@given(answers=st.lists(ANSWERS, max_size=4))
def test_the_logic_is_the_least_and_the_greatest_of_false_unknown_true(answers: list[bool | None]) -> None:
    order: list[bool | None] = [False, None, True]
    assert combine_all(answers) is min(answers, key=order.index, default=True)
    assert combine_any(answers) is max(answers, key=order.index, default=False)


@pytest.mark.parametrize(
    "pattern",
    [
        {"name|contains|startswith": "x"},
        {"count|lt|gt": 1},
        {"ends|before|after": "2026-01-01"},
        {"name|exists": "yes"},
        {"name|exists": None},
        [{"name": "x"}, {"enabled|exists": []}],
    ],
)
def test_both_refuse_a_test_in_the_same_words(pattern: Any) -> None:
    with pytest.raises(InvalidPattern) as row_refusal:
        parse_pattern(pattern, fields=FIELDS, location="requires")
    with pytest.raises(InvalidPattern) as document_refusal:
        parse_condition(pattern, where="requires")
    assert str(row_refusal.value) == str(document_refusal.value)


@pytest.mark.parametrize(
    ("pattern", "row_text", "document_text"),
    [
        (
            [],
            "requires: an empty list matches nothing; one or more mappings would fit",
            "requires: an empty list; one or more mappings would fit",
        ),
        (
            "x",
            "requires: 'x' is not a pattern; a mapping of field to value, or a list of those, would fit",
            "requires: 'x' is no condition; a mapping of path to value, or a list of those, would fit",
        ),
        (
            {"name": []},
            "requires: name: an empty list; one or more values would fit",
            "requires: name: an empty list; one or more values would fit, or |empty: true",
        ),
        (
            {"name|not": ["x", None]},
            "requires: name|not: a value is missing; name|exists: false would fit",
            "requires: name|not: a value is missing; |exists: false or |empty: true would fit",
        ),
    ],
)
def test_each_states_what_would_fit_its_own_language(pattern: Any, row_text: str, document_text: str) -> None:
    with pytest.raises(InvalidPattern) as row_refusal:
        parse_pattern(pattern, fields=FIELDS, location="requires")
    with pytest.raises(InvalidPattern) as document_refusal:
        parse_condition(pattern, where="requires")
    assert (str(row_refusal.value), str(document_refusal.value)) == (row_text, document_text)


def test_an_empty_mapping_is_every_row_and_no_condition() -> None:
    assert parse_pattern({}, fields=FIELDS) == AllOf[FieldTest](parts=())
    with pytest.raises(InvalidPattern, match="a mapping of path to value"):
        parse_condition({})
