"""Evaluation of a condition for an item of a settings document, in three values: true, false, or unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from homeroom.engines.baselines.forms import (
    AllConditions,
    AnyCondition,
    CountCondition,
    ListCondition,
    MaybeCondition,
    NotCondition,
    SettingCondition,
    SettingLookup,
    SettingTest,
)
from homeroom.engines.baselines.operators import (
    COMPARE_OPERATORS,
    LIST_READERS,
    VALUE_READERS,
    UnreadableValue,
    parse_moment,
)
from homeroom.engines.baselines.paths import MISSING, DocumentScope, get_value


def evaluate_condition(condition: SettingCondition, scope: DocumentScope, *, at: datetime) -> bool | None:
    """Return whether the condition holds for the scope's item at that time; None where that is unknown."""
    match condition:
        case SettingTest():
            return _evaluate_test(condition, scope, at)
        case NotCondition(part=part):
            result = evaluate_condition(part, scope, at=at)
            return None if result is None else not result
        case MaybeCondition(part=part):
            return evaluate_condition(part, scope, at=at) is not False
        case AllConditions(parts=parts):
            return combine_all(evaluate_condition(part, scope, at=at) for part in parts)
        case AnyCondition(parts=parts):
            return combine_any(evaluate_condition(part, scope, at=at) for part in parts)
        case ListCondition():
            return _evaluate_quantified(condition, scope, at)
        case CountCondition():
            return _evaluate_count(condition, scope, at)


def combine_all(values: Iterable[bool | None]) -> bool | None:
    """Return False if any value is false, else None if any is unknown, else True."""
    distinct_values = set(values)
    return False if False in distinct_values else None if None in distinct_values else True


def combine_any(values: Iterable[bool | None]) -> bool | None:
    """Return True if any value is true, else None if any is unknown, else False."""
    distinct_values = set(values)
    return True if True in distinct_values else None if None in distinct_values else False


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
    return any_fits if condition.kind == "some" else None if any_fits is None else not any_fits


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
    compare = COMPARE_OPERATORS[test.operator]
    fits = (any(compare(actual, value) for actual in values if actual is not None) for value in expected)
    return all(fits) if test.match_all else any(fits)


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
