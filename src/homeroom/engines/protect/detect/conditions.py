"""Conditions of rules as predicates of the fields of one event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from homeroom.domain.protect.detections.rules import (
    Alternatives,
    And,
    Condition,
    Existence,
    Expression,
    FieldReference,
    FieldSearch,
    Flag,
    KeywordSearch,
    Negation,
    Network,
    Null,
    Number,
    NumberComparison,
    Operator,
    Or,
    Text,
    TimeUnit,
    ValueTest,
)
from homeroom.engines.protect.detect.patterns import TextPredicate, compile_any_text, compile_expression, compile_text
from homeroom.engines.protect.detect.values import format_text, iterate_scalars, iterate_texts, parse_number, parse_time

type Fields = Mapping[str, Any]
type FieldsPredicate = Callable[[Fields], bool]
type ScalarPredicate = Callable[[Any], bool]

COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    Operator.LESS: lt,
    Operator.AT_MOST: le,
    Operator.MORE: gt,
    Operator.AT_LEAST: ge,
    Operator.EQUAL: eq,
    Operator.UNEQUAL: ne,
}


def compile_condition(condition: Condition) -> FieldsPredicate:
    """Return a predicate of an event's fields."""
    match condition:
        case And():
            return _join([compile_condition(part) for part in condition.parts], require_all=True)
        case Or():
            return _join([compile_condition(part) for part in condition.parts], require_all=False)
        case Negation():
            negated = compile_condition(condition.part)
            return lambda fields: not negated(fields)
        case FieldSearch():
            return _compile_field_search(condition)
        case KeywordSearch():
            return _join([_compile_keyword(test) for test in condition.tests], condition.require_all)


def _compile_field_search(search: FieldSearch) -> FieldsPredicate:
    texts = [test for test in search.tests if isinstance(test, Text)]
    if search.require_all or len(texts) < 2:
        return _join([_compile_test(search.name, test) for test in search.tests], search.require_all)
    others = [_compile_test(search.name, test) for test in search.tests if not isinstance(test, Text)]
    return _join([_take_field(search.name, _take_text(compile_any_text(texts))), *others], require_all=False)


def _join(predicates: list[FieldsPredicate], require_all: bool) -> FieldsPredicate:
    """Return a predicate that is true where all are, or one of them; with loops, which cost less than generators."""
    if len(predicates) == 1:
        return predicates[0]

    def match_all(fields: Fields) -> bool:
        for predicate in predicates:  # noqa: SIM110
            if not predicate(fields):
                return False
        return True

    def match_any(fields: Fields) -> bool:
        for predicate in predicates:  # noqa: SIM110
            if predicate(fields):
                return True
        return False

    return match_all if require_all else match_any


def _compile_test(name: str, test: ValueTest) -> FieldsPredicate:
    match test:
        case Null():
            return lambda fields: not has_value(fields, name)
        case Existence():
            exists = test.exists
            return lambda fields: (name in fields) is exists
        case FieldReference():
            return lambda fields: _match_reference(fields, name, test)
        case Alternatives():
            return _join([_compile_test(name, part) for part in test.tests], require_all=False)
        case _:
            return _take_field(name, compile_scalar_test(test))


def _take_field(name: str, matches: ScalarPredicate) -> FieldsPredicate:
    """Return a predicate that is true where a value of the field matches."""

    def match_field(fields: Fields) -> bool:
        value = fields.get(name)
        if value is None:
            return False
        if isinstance(value, list | tuple):
            return any(matches(scalar) for scalar in iterate_scalars(value))
        return matches(value)

    return match_field


def has_value(fields: Fields, name: str) -> bool:
    """Return True if the field is there and is something."""
    return next(iterate_scalars(fields.get(name)), None) is not None


def _match_reference(fields: Fields, name: str, reference: FieldReference) -> bool:
    others = [format_text(value).lower() for value in iterate_scalars(fields.get(reference.name))]
    values = [format_text(value).lower() for value in iterate_scalars(fields.get(name))]
    return any(_compare_reference(value, other, reference) for value in values for other in others)


def _compare_reference(value: str, other: str, reference: FieldReference) -> bool:
    if reference.starts_with and reference.ends_with:
        return other in value
    if reference.starts_with:
        return value.startswith(other)
    if reference.ends_with:
        return value.endswith(other)
    return value == other


def compile_scalar_test(test: ValueTest) -> ScalarPredicate:
    """Return a predicate of one value that is something."""
    match test:
        case Text():
            return _take_text(compile_text(test))
        case Expression():
            return _take_text(compile_expression(test))
        case Flag():
            text = format_text(test.value)
            return lambda value: format_text(value).lower() == text
        case Number():
            number = test.value
            return lambda value: parse_number(value) == number
        case NumberComparison():
            return _compile_comparison(test)
        case Network():
            return _compile_network(test)
        case _:
            raise TypeError(f"{test!r} is no test of one value")


def _take_text(predicate: TextPredicate) -> ScalarPredicate:
    return lambda value: predicate(value if isinstance(value, str) else format_text(value))


def _compile_comparison(comparison: NumberComparison) -> ScalarPredicate:
    compare, limit, unit = COMPARE[comparison.operator], comparison.value, comparison.unit

    def match_number(value: Any) -> bool:
        number = parse_number(value) if unit is None else get_time_part(value, unit)
        return number is not None and compare(number, limit)

    return match_number


def get_time_part(value: Any, unit: TimeUnit) -> int | None:
    """Return the part of a value that is a time, in UTC; None if it is none."""
    time = parse_time(value)
    if time is None:
        return None
    return time.isocalendar().week if unit is TimeUnit.WEEK else int(getattr(time, unit.value))


def _compile_network(network: Network) -> ScalarPredicate:
    addresses = ip_network(network.cidr, strict=False)

    def match_address(value: Any) -> bool:
        if not isinstance(value, str):
            return False
        try:
            return ip_address(value.strip()) in addresses
        except ValueError:
            return False

    return match_address


def _compile_keyword(test: ValueTest) -> FieldsPredicate:
    matches = compile_keyword_test(test)
    return lambda fields: any(matches(text) for text in iterate_texts(fields.values()))


def compile_keyword_test(test: ValueTest) -> TextPredicate:
    """Return a predicate of one of an event's values, as text: the keyword may be anywhere in it."""
    match test:
        case Text():
            return compile_text(test, anywhere=True)
        case Number() | Flag():
            return compile_text(Text(parts=(format_text(test.value),)), anywhere=True)
        case Alternatives():
            predicates = [compile_keyword_test(part) for part in test.tests]
            return lambda text: any(predicate(text) for predicate in predicates)
        case _:
            return compile_scalar_test(test)
