"""Explanations in words: the value that a test found, and the value that would fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.domain.matching import AllOf, AnyOf, Maybe, Not
from homeroom.engines.protect.baselines.conditions import (
    CountCondition,
    ListCondition,
    SettingCondition,
    SettingLookup,
    SettingTest,
    evaluate_condition,
    get_elements,
)
from homeroom.engines.protect.baselines.paths import MISSING, DocumentScope, get_value

_OPERATOR_TEXTS = {
    "eq": "",
    "contains": "something with ",
    "startswith": "something that begins with ",
    "endswith": "something that ends with ",
    "re": "something like ",
    "lt": "less than ",
    "lte": "at most ",
    "gt": "more than ",
    "gte": "at least ",
    "only": "nothing but ",
}
_DATE_OPERATOR_TEXTS = {"lt": "before ", "lte": "no later than ", "gt": "after ", "gte": "no earlier than "}
_MAX_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class ConditionExplanation:
    """One test that is not met, or unknown: the setting, the actual value, and the expected one, in words."""

    setting: str
    actual: str
    expected: str


def explain_failures(
    condition: SettingCondition, scope: DocumentScope, *, at: datetime
) -> tuple[ConditionExplanation, ...]:
    """Return the tests that prevent the condition from holding; none where it holds."""
    if evaluate_condition(condition, scope, at=at) is True:
        return ()
    return tuple(dict.fromkeys(_explain(condition, scope, at, negated=False)))


def _explain(
    condition: SettingCondition, scope: DocumentScope, at: datetime, *, negated: bool
) -> Iterator[ConditionExplanation]:
    if evaluate_condition(condition, scope, at=at) is (not negated):
        return
    match condition:
        case SettingTest():
            yield ConditionExplanation(
                setting=condition.where.text,
                actual=format_value(get_value(condition.where, scope)),
                expected=_describe_expected(condition, scope, negated),
            )
        case Not(part=part):
            yield from _explain(part, scope, at, negated=not negated)
        case Maybe(part=part):
            yield from _explain(part, scope, at, negated=negated)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from _explain(part, scope, at, negated=negated)
        case ListCondition():
            yield from _explain_list(condition, scope, at, negated)
        case CountCondition():
            items = get_elements(condition, scope)
            count_text = "nothing" if items is None else f"{len(items)} in all"
            bounds_text = " and ".join(
                f"{_OPERATOR_TEXTS[operator] or 'exactly '}{limit:g}" for operator, limit in condition.bounds
            )
            yield ConditionExplanation(
                setting=condition.where.text, actual=count_text, expected=f"{'not ' if negated else ''}{bounds_text}"
            )


def _explain_list(
    condition: ListCondition, scope: DocumentScope, at: datetime, negated: bool
) -> Iterator[ConditionExplanation]:
    items = get_elements(condition, scope)
    if items is None:
        yield ConditionExplanation(
            setting=condition.where.text, actual="nothing", expected=f"{condition.kind} of a list"
        )
        return
    if not items or condition.kind == "no":
        names = ", ".join(
            _get_item_name(item)
            for item in items
            if evaluate_condition(condition.part, scope.enter_item(item), at=at) is not False
        )
        yield ConditionExplanation(
            setting=condition.where.text, actual=names or "an empty list", expected="none" if items else "at least one"
        )
        return
    for item in items:
        for explanation in _explain(condition.part, scope.enter_item(item), at, negated=negated):
            yield ConditionExplanation(
                setting=f"{condition.where.text} ({_get_item_name(item)}): {explanation.setting}",
                actual=explanation.actual,
                expected=explanation.expected,
            )


def _get_item_name(item: Any) -> str:
    if isinstance(item, dict):
        for key in ("DisplayName", "displayName", "Name", "name", "Identity", "domain", "Id", "id"):
            if isinstance(item.get(key), str):
                return str(item[key])
        return "one"
    return format_value(item)


def format_value(value: Any) -> str:
    """Format a value in words, truncated where it is long."""
    if value is MISSING:
        return "not set"
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        text = ", ".join(format_value(inner) for inner in value) or "an empty list"
    elif isinstance(value, dict):
        text = ", ".join(f"{key}: {format_value(inner)}" for key, inner in value.items())
    else:
        text = str(value) or "empty"
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}…"


def _describe_expected(test: SettingTest, scope: DocumentScope, negated: bool) -> str:
    if test.operator in ("exists", "empty"):
        must_exist = test.values[0] is (test.operator == "exists")
        return "something set" if must_exist is not negated else "nothing"
    values = [_format_expected_value(value, scope) for value in test.values]
    joined = (" and " if test.match_all else " or ").join(values)
    operator_text = (_DATE_OPERATOR_TEXTS if test.compares_dates else _OPERATOR_TEXTS).get(test.operator, "")
    unit = " seconds" if "duration" in test.reads else ""
    count_suffix = " of them" if "count" in test.reads else ""
    return f"{'anything but ' if negated else ''}{operator_text}{joined}{unit}{count_suffix}"


def _format_expected_value(value: Any, scope: DocumentScope) -> str:
    if not isinstance(value, SettingLookup):
        return f"{value:g}" if isinstance(value, float) else format_value(value)
    reference = get_value(value.where, scope)
    return format_value(value.default if reference is MISSING or reference is None else reference)
