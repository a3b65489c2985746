"""The matcher for controls and detections, with Sigma's operators: field|modifier: value, or a list (any of).

Several keys of a mapping are *and*, a list of mappings is *or*. The logic has three values (Kleene): a null field makes
a test unknown (None), and only `exists` is never unknown; a version that cannot be read (`version_lt`, `version_gte`)
is unknown too. `maybe` is Homeroom's own modifier: true where the test is unknown, to express "unless we know
otherwise". Conversions to SQL and polars expressions: `homeroom.evidence.query.pattern_sql`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from homeroom.domain.expressions import adapt_for_python, convert_to_portable
from homeroom.domain.relative_dates import RelativeDate, parse_relative_date
from homeroom.domain.versions import compute_version_key

TODAY = "today"
"""The field that is no column: the day of the evaluation."""
TEXT_OPERATORS = ("contains", "startswith", "endswith", "re")
ORDER_OPERATORS = ("lt", "lte", "gt", "gte")
VERSION_OPERATORS = ("version_lt", "version_gte")
DAY_OPERATORS = ("before", "after", *ORDER_OPERATORS)
OPERATORS_OF_TYPE: dict[str, tuple[str, ...]] = {
    "text": (*TEXT_OPERATORS, *VERSION_OPERATORS),
    "texts": TEXT_OPERATORS,
    "integer": ORDER_OPERATORS,
    "truth": (),
    "date": DAY_OPERATORS,
    "time": DAY_OPERATORS,
}
"""The operators that fit each column type; `not`, `maybe`, `exists` and (with a list) `all` fit every type."""
_SYNONYMS = {"before": "lt", "after": "gt"}

type MatchValue = str | int | bool | RelativeDate


class InvalidPattern(ValueError):
    """A pattern does not fit its table; the message states where, which field, and what would fit."""


@dataclass(frozen=True, kw_only=True)
class FieldTest:
    """One field compared.

    `operator` is eq, exists, a text, version or order operator.
    `match_all`: all values must match.
    """

    __test__ = False
    field: str
    type: str
    operator: str
    values: tuple[MatchValue, ...]
    match_all: bool = False
    ignore_case: bool = False


@dataclass(frozen=True, kw_only=True)
class Not:
    """True where the part is false; unknown stays unknown."""

    part: PatternNode


@dataclass(frozen=True, kw_only=True)
class Maybe:
    """True where the part is true or unknown."""

    part: PatternNode


@dataclass(frozen=True, kw_only=True)
class AllOf:
    """All parts; true without any."""

    parts: tuple[PatternNode, ...]


@dataclass(frozen=True, kw_only=True)
class AnyOf:
    """Any of the parts."""

    parts: tuple[PatternNode, ...]


type PatternNode = FieldTest | Not | Maybe | AllOf | AnyOf


def parse_pattern(
    pattern: object, *, fields: Mapping[str, str], location: str = "pattern", ignore_case: bool = False
) -> PatternNode:
    """Parse a pattern.

    `fields` maps each column to its type (text, texts, integer, truth, date, time).
    Text compares exactly, or as in Sigma if `ignore_case`. Raise InvalidPattern.
    """
    if isinstance(pattern, list):
        if not pattern:
            raise InvalidPattern(f"{location}: an empty list matches nothing; one or more mappings would fit")
        return AnyOf(
            parts=tuple(
                parse_pattern(part, fields=fields, location=location, ignore_case=ignore_case) for part in pattern
            )
        )
    if not isinstance(pattern, Mapping):
        raise InvalidPattern(
            f"{location}: {pattern!r} is not a pattern; a mapping of field to value, or a list of those, would fit"
        )
    parts = tuple(_parse_test(str(key), value, fields, location, ignore_case) for key, value in pattern.items())
    return parts[0] if len(parts) == 1 else AllOf(parts=parts)


def list_fields(pattern: PatternNode) -> frozenset[str]:
    """Return the columns that a pattern tests."""
    match pattern:
        case FieldTest(field=field):
            return frozenset({field})
        case Not(part=part) | Maybe(part=part):
            return list_fields(part)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            return frozenset().union(*(list_fields(part) for part in parts))


def _parse_test(key: str, raw: object, fields: Mapping[str, str], prefix: str, ignore_case: bool) -> PatternNode:
    field, *modifiers = key.split("|")
    location = f"{prefix}: {key}"
    if field not in fields:
        raise InvalidPattern(f"{location}: there is no column {field!r}; there are {', '.join(fields)}")
    kind = fields[field]
    operator, match_all = _parse_operator(modifiers, kind, location)
    values = _parse_values(raw, operator, kind, location)
    node: PatternNode = FieldTest(
        field=field, type=kind, operator=operator, values=values, match_all=match_all, ignore_case=ignore_case
    )
    if "not" in modifiers:
        node = Not(part=node)
    return Maybe(part=node) if "maybe" in modifiers else node


def _parse_operator(modifiers: list[str], kind: str, location: str) -> tuple[str, bool]:
    if len(set(modifiers)) < len(modifiers):
        raise InvalidPattern(f"{location}: a modifier stands twice; each once would fit")
    operators = [operator for operator in modifiers if operator not in ("not", "maybe", "all")]
    allowed = ("exists", *OPERATORS_OF_TYPE[kind])
    unknown = next((operator for operator in operators if operator not in allowed), None)
    if unknown is not None:
        raise InvalidPattern(
            f"{location}: {unknown!r} does not fit a {kind} column; {', '.join(('not', 'maybe', 'all', *allowed))} "
            f"would fit"
        )
    if len(operators) > 1:
        raise InvalidPattern(f"{location}: {' and '.join(operators)} cannot stand together; one of them would fit")
    operator = operators[0] if operators else "eq"
    return _SYNONYMS.get(operator, operator), "all" in modifiers


def _parse_values(raw: object, operator: str, kind: str, location: str) -> tuple[MatchValue, ...]:
    if operator == "exists":
        if not isinstance(raw, bool):
            raise InvalidPattern(f"{location}: {raw!r}; true or false would fit")
        return (raw,)
    raw_values = raw if isinstance(raw, list) else [raw]
    if not raw_values:
        raise InvalidPattern(f"{location}: an empty list; one or more values would fit")
    return tuple(_parse_value(item, operator, kind, location) for item in raw_values)


def _parse_value(raw: object, operator: str, kind: str, location: str) -> MatchValue:
    if raw is None:
        raise InvalidPattern(
            f"{location}: a value is missing; {location.rsplit(': ', 1)[-1].split('|')[0]}|exists: false would fit"
        )
    try:
        value = _VALUE_PARSERS[kind](raw)
        return _check_text(value, operator) if isinstance(value, str) else value
    except ValueError as error:
        raise InvalidPattern(f"{location}: {error}") from None


def _check_text(value: str, operator: str) -> str:
    if operator in VERSION_OPERATORS and compute_version_key(value) is None:
        raise ValueError(f"{value!r} is no version; 24.7 or 139.0.7258.154 would fit")
    return convert_to_portable(value) if operator == "re" else value


def _require_text(raw: object) -> MatchValue:
    if not isinstance(raw, str):
        raise InvalidPattern(f"{raw!r} is not text; write it in quotes")
    if "\x00" in raw:
        raise InvalidPattern("a NUL is never in a text; leave it out")
    return raw


def _require_integer(raw: object) -> MatchValue:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise InvalidPattern(f"{raw!r} is not a whole number")
    return raw


def _require_boolean(raw: object) -> MatchValue:
    if not isinstance(raw, bool):
        raise InvalidPattern(f"{raw!r} is not true or false")
    return raw


_VALUE_PARSERS: dict[str, Callable[[object], MatchValue]] = {
    "text": _require_text,
    "texts": _require_text,
    "integer": _require_integer,
    "truth": _require_boolean,
    "date": parse_relative_date,
    "time": parse_relative_date,
}


def evaluate_pattern(pattern: PatternNode, row: Mapping[str, Any], *, today: date) -> bool | None:
    """Evaluate a pattern on one row: true, false, or None where it is unknown.

    A missing column is null; `today` is the day.
    """
    match pattern:
        case FieldTest():
            return _evaluate_test(pattern, today if pattern.field == TODAY else row.get(pattern.field), today)
        case Not(part=part):
            inner = evaluate_pattern(part, row, today=today)
            return None if inner is None else not inner
        case Maybe(part=part):
            return evaluate_pattern(part, row, today=today) is not False
        case AllOf(parts=parts):
            return _combine_all(evaluate_pattern(part, row, today=today) for part in parts)
        case AnyOf(parts=parts):
            return _combine_any(evaluate_pattern(part, row, today=today) for part in parts)


def _combine_all(answers: Iterable[bool | None]) -> bool | None:
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def _combine_any(answers: Iterable[bool | None]) -> bool | None:
    unknown = False
    for answer in answers:
        if answer is True:
            return True
        unknown = unknown or answer is None
    return None if unknown else False


def _evaluate_test(test: FieldTest, value: Any, today: date) -> bool | None:
    if test.operator == "exists":
        return (value is not None) == test.values[0]
    if value is None:
        return None
    if test.operator in VERSION_OPERATORS:
        return _compare_version(test, value)
    values = [item for item in value if item is not None] if test.type == "texts" else [value]
    answers = [any(_matches_value(test, item, expected, today) for item in values) for expected in test.values]
    return all(answers) if test.match_all else any(answers)


def _compare_version(test: FieldTest, value: str) -> bool | None:
    key = compute_version_key(value)
    if key is None:
        return None
    answers = [
        (key < (compute_version_key(str(expected)) or "")) == (test.operator == "version_lt")
        for expected in test.values
    ]
    return all(answers) if test.match_all else any(answers)


def _matches_value(test: FieldTest, value: Any, expected: MatchValue, today: date) -> bool:
    if isinstance(expected, RelativeDate):
        return _compare_order(test.operator, _convert_to_date(value), expected.resolve(today))
    if test.operator == "re":
        return re.search(adapt_for_python(str(expected)), value, re.IGNORECASE if test.ignore_case else 0) is not None
    if isinstance(expected, str):
        return _compare_text(test.operator, *(text.lower() if test.ignore_case else text for text in (value, expected)))
    return _compare_order(test.operator, value, expected)


def _convert_to_date(value: date | datetime) -> date:
    return value.astimezone(UTC).date() if isinstance(value, datetime) else value


def _compare_text(operator: str, value: str, expected: str) -> bool:
    match operator:
        case "contains":
            return expected in value
        case "startswith":
            return value.startswith(expected)
        case "endswith":
            return value.endswith(expected)
    return value == expected


def _compare_order(operator: str, value: Any, expected: Any) -> bool:
    match operator:
        case "lt":
            return bool(value < expected)
        case "lte":
            return bool(value <= expected)
        case "gt":
            return bool(value > expected)
        case "gte":
            return bool(value >= expected)
    return bool(value == expected)
