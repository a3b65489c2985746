"""The tests of baselines over a settings document, and their evaluation: true, false, or unknown.

A condition is the tree of `homeroom.domain.matching` over these tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.domain.matching import (
    Condition,
    ValueTest,
    combine_all,
    combine_any,
    evaluate_parts,
    iter_tests,
    match_values,
    negate,
)
from homeroom.engines.protect.baselines.operators import (
    COMPARE_OPERATORS,
    LIST_READERS,
    VALUE_READERS,
    UnreadableValue,
    parse_moment,
)
from homeroom.engines.protect.baselines.paths import MISSING, DocumentScope, SettingPath, get_value


@dataclass(frozen=True, kw_only=True)
class SettingLookup:
    """A value of the document: its path, its readers, and the default where it is missing."""

    where: SettingPath
    reads: tuple[str, ...]
    default: Any = MISSING


@dataclass(frozen=True, kw_only=True)
class SettingTest(ValueTest[Any]):
    """One setting compared.

    `operator` is one of COMPARE_OPERATORS, only, exists or empty.
    """

    where: SettingPath
    reads: tuple[str, ...]
    compares_dates: bool = False


@dataclass(frozen=True, kw_only=True)
class ListCondition:
    """True if some, every or no element of a list fits.

    With `optional`, a missing list counts as empty.
    """

    kind: str
    where: SettingPath
    part: SettingCondition
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class CountCondition:
    """A test of how many elements fit, with bounds ((operator, number), …).

    `distinct`: the path of the value by which elements count as the same.
    """

    where: SettingPath
    part: SettingCondition
    bounds: tuple[tuple[str, float], ...]
    distinct: SettingPath | None = None
    optional: bool = False


type DocumentTest = SettingTest | ListCondition | CountCondition
type SettingCondition = Condition[DocumentTest]


def list_sections(condition: SettingCondition) -> frozenset[str]:
    """Return the first name of every path in the condition: the sections of settings that it reads."""
    tests: Iterator[DocumentTest] = iter_tests(condition)
    return frozenset[str]().union(*(_list_test_sections(test) for test in tests))


def _list_test_sections(test: DocumentTest) -> frozenset[str]:
    sections = frozenset(test.where.names[:1])
    return sections if isinstance(test, SettingTest) else sections | list_sections(test.part)


def evaluate_condition(condition: SettingCondition, scope: DocumentScope, *, at: datetime) -> bool | None:
    """Return whether the condition holds for the scope's item at that time; None where that is unknown."""
    match condition:
        case SettingTest():
            return _evaluate_test(condition, scope, at)
        case ListCondition():
            return _evaluate_quantified(condition, scope, at)
        case CountCondition():
            return _evaluate_count(condition, scope, at)
        case _:
            return evaluate_parts(condition, evaluate=lambda part: evaluate_condition(part, scope, at=at))


def get_elements(condition: ListCondition | CountCondition, scope: DocumentScope) -> list[Any] | None:
    """Return the elements of the list at the condition's path; None if there is no value.

    A single object counts as a list with one element. A missing optional list and null count as empty.
    """
    value = get_value(condition.where, scope)
    if value is MISSING:
        return [] if condition.optional else None
    return [] if value is None else value if isinstance(value, list) else [value]


def _evaluate_quantified(condition: ListCondition, scope: DocumentScope, at: datetime) -> bool | None:
    items = get_elements(condition, scope)
    if items is None:
        return None
    fits = [evaluate_condition(condition.part, scope.enter_item(item), at=at) for item in items]
    if condition.kind == "every":
        return combine_all(fits)
    any_fits = combine_any(fits)
    return any_fits if condition.kind == "some" else negate(any_fits)


def _evaluate_count(condition: CountCondition, scope: DocumentScope, at: datetime) -> bool | None:
    items = get_elements(condition, scope)
    if items is None:
        return None
    fits = [(item, evaluate_condition(condition.part, scope.enter_item(item), at=at)) for item in items]
    minimum = _count_distinct(condition, [item for item, fit in fits if fit is True], scope)
    maximum = _count_distinct(condition, [item for item, fit in fits if fit is not False], scope)
    outcomes = {
        all(COMPARE_OPERATORS[operator](count, limit) for operator, limit in condition.bounds)
        for count in range(minimum, maximum + 1)
    }
    return outcomes.pop() if len(outcomes) == 1 else None


def _count_distinct(condition: CountCondition, items: list[Any], scope: DocumentScope) -> int:
    if condition.distinct is None:
        return len(items)
    return int(
        LIST_READERS["count"](
            LIST_READERS["distinct"]([get_value(condition.distinct, scope.enter_item(item)) for item in items])
        )
    )


def _evaluate_test(test: SettingTest, scope: DocumentScope, at: datetime) -> bool | None:
    value = get_value(test.where, scope)
    if test.operator == "exists":
        return (value is not MISSING and value is not None) is test.values[0]
    if test.operator == "empty" and value is not MISSING:
        return (value is None or (isinstance(value, str | list | Mapping) and not value)) is test.values[0]
    if value is MISSING or value is None:
        return None
    try:
        left = apply_readers(value, test.reads)
        expected = _get_expected_values(test, scope, at)
        return None if expected is None else _compare_values(test, left, expected)
    except UnreadableValue:
        return None


def _compare_values(test: SettingTest, left: Any, expected: list[Any]) -> bool:
    values = left if isinstance(left, list) else [left]
    if test.operator == "only":
        return all(any(COMPARE_OPERATORS["eq"](actual, value) for value in expected) for actual in values)
    present = [actual for actual in values if actual is not None]
    return match_values(test, present, expected, compare=COMPARE_OPERATORS[test.operator])


def _get_expected_values(test: SettingTest, scope: DocumentScope, at: datetime) -> list[Any] | None:
    """Return the values that would fit; None where one of them is looked up and missing."""
    expected: list[Any] = []
    for value in test.values:
        if isinstance(value, SettingLookup):
            reference = get_value(value.where, scope)
            if reference is MISSING or reference is None:
                reference = value.default
            if reference is MISSING:
                return None
            reference = apply_readers(reference, value.reads)
            expected += reference if isinstance(reference, list) else [reference]
        else:
            expected.append(parse_moment(value, at=at) if test.compares_dates else value)
    return expected


def apply_readers(value: Any, readers: tuple[str, ...]) -> Any:
    """Apply readers to a value.

    Raise UnreadableValue if a reader cannot read it.
    """
    for reader in readers:
        if reader in LIST_READERS:
            value = LIST_READERS[reader](value)
        elif isinstance(value, list):
            value = [VALUE_READERS[reader](item) for item in value if item is not None]
        else:
            value = VALUE_READERS[reader](value)
    return value
