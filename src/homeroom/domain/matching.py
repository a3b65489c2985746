"""The matcher: one tree of conditions, their form in content, and a logic of three values, with Sigma's operators.

A test is field|modifier: value, or a list (any of). Several keys of a mapping are *and*, a list of mappings is *or*.
The logic has three values (Kleene): a null field makes a test unknown (None), and only `exists` is never unknown; a
version that cannot be read (`version_lt`, `version_gte`) is unknown too. `maybe` is Homeroom's own modifier: true where
the test is unknown, to express "unless we know otherwise".

Patterns of controls and detections test the columns of a row: `parse_pattern`, `evaluate_pattern`, and in SQL
`homeroom.evidence.query.pattern_sql`. Conditions of baselines test a settings document with the same tree and
form, and add tests of their own: `homeroom.engines.protect.baselines.conditions`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import contains, eq, ge, gt, le, lt
from typing import Any

from homeroom.domain.expressions import adapt_for_python, convert_to_portable
from homeroom.domain.know.software.versions import compute_version_key
from homeroom.domain.relative_dates import RelativeDate, parse_relative_date

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
DATE_SYNONYMS = {"before": "lt", "after": "gt"}
"""Operators that compare days and times, as operators of order."""
PRESENCE_OPERATORS = ("exists", "empty")
"""Operators whose value is true or false; `empty` is of settings documents only."""
FLAGS = ("not", "maybe", "all")
"""The modifiers that are no operator."""
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": eq,
    "contains": contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "lt": lt,
    "lte": le,
    "gt": gt,
    "gte": ge,
}
"""Operators over two values of one type: the actual value, the expected value."""

type MatchValue = str | int | bool | RelativeDate


class InvalidPattern(ValueError):
    """A condition in content is not valid; the message states where, which field, and what would fit."""


@dataclass(frozen=True, kw_only=True)
class ValueTest[Value]:
    """A comparison with any of the values, or with each of them if `match_all`."""

    __test__ = False
    operator: str
    values: tuple[Value, ...]
    match_all: bool = False


@dataclass(frozen=True, kw_only=True)
class FieldTest(ValueTest[MatchValue]):
    """One field compared.

    `operator` is eq, exists, a text, version or order operator.
    """

    field: str
    type: str
    ignore_case: bool = False


@dataclass(frozen=True, kw_only=True)
class Not[Test]:
    """True where the part is false; unknown stays unknown."""

    part: Condition[Test]


@dataclass(frozen=True, kw_only=True)
class Maybe[Test]:
    """True where the part is true or unknown."""

    part: Condition[Test]


@dataclass(frozen=True, kw_only=True)
class AllOf[Test]:
    """All parts; true without any."""

    parts: tuple[Condition[Test], ...]


@dataclass(frozen=True, kw_only=True)
class AnyOf[Test]:
    """Any of the parts."""

    parts: tuple[Condition[Test], ...]


type Junction[Test] = Not[Test] | Maybe[Test] | AllOf[Test] | AnyOf[Test]
type Condition[Test] = Test | Junction[Test]
type PatternNode = Condition[FieldTest]


def iter_tests[Test](condition: Condition[Test]) -> Iterator[Test]:
    """Yield the tests of a condition, in its order."""
    match condition:
        case Not(part=part) | Maybe(part=part):
            yield from iter_tests(part)
        case AllOf(parts=parts) | AnyOf(parts=parts):
            for part in parts:
                yield from iter_tests(part)
        case _:
            yield condition


def evaluate_parts[Test](
    junction: Junction[Test], *, evaluate: Callable[[Condition[Test]], bool | None]
) -> bool | None:
    """Evaluate a junction by the result of each of its parts: true, false, or None where it is unknown."""
    match junction:
        case Not(part=part):
            return negate(evaluate(part))
        case Maybe(part=part):
            return evaluate(part) is not False
        case AllOf(parts=parts):
            return combine_all(evaluate(part) for part in parts)
        case AnyOf(parts=parts):
            return combine_any(evaluate(part) for part in parts)


def negate(answer: bool | None) -> bool | None:
    """Return the opposite; unknown stays unknown."""
    return None if answer is None else not answer


def combine_all(answers: Iterable[bool | None]) -> bool | None:
    """Return False if any answer is false, else None if any is unknown, else True."""
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def combine_any(answers: Iterable[bool | None]) -> bool | None:
    """Return True if any answer is true, else None if any is unknown, else False."""
    return negate(combine_all(negate(answer) for answer in answers))


def match_values(
    test: ValueTest[Any], actual: Collection[Any], expected: Iterable[Any], *, compare: Callable[[Any, Any], bool]
) -> bool:
    """Check whether an actual value fits any of the expected values, or each of them if the test matches all."""
    answers = (any(compare(value, reference) for value in actual) for reference in expected)
    return all(answers) if test.match_all else any(answers)


@dataclass(frozen=True, kw_only=True)
class FormTexts:
    """What the refusals of a language of conditions state, and whether an empty mapping fits."""

    not_valid: str
    empty_list: str
    empty_mapping_fits: bool


_PATTERN_TEXTS = FormTexts(
    not_valid="is not a pattern; a mapping of field to value",
    empty_list="an empty list matches nothing",
    empty_mapping_fits=True,
)


def parse_form[Test](
    raw: object, *, location: str, texts: FormTexts, parse_key: Callable[[str, object], Condition[Test]]
) -> Condition[Test]:
    """Parse the form of a condition: a list is *or*, a mapping is *and*; `parse_key` parses each key and its value."""
    if isinstance(raw, list):
        if not raw:
            raise InvalidPattern(f"{location}: {texts.empty_list}; one or more mappings would fit")
        return AnyOf(parts=tuple(parse_form(part, location=location, texts=texts, parse_key=parse_key) for part in raw))
    if not isinstance(raw, Mapping) or not (raw or texts.empty_mapping_fits):
        raise InvalidPattern(f"{location}: {raw!r} {texts.not_valid}, or a list of those, would fit")
    parts = tuple(parse_key(str(key), value) for key, value in raw.items())
    return parts[0] if len(parts) == 1 else AllOf(parts=parts)


def choose_operator(operators: Sequence[str], *, location: str) -> str:
    """Return the operator among a test's modifiers, eq without any; raise InvalidPattern if there are several."""
    if len(operators) > 1:
        raise InvalidPattern(f"{location}: {' and '.join(operators)} cannot stand together; one of them would fit")
    return operators[0] if operators else "eq"


def apply_flags[Test](test: Test, modifiers: Collection[str]) -> Condition[Test]:
    """Return the test, negated by `not` and true where it is unknown by `maybe`."""
    condition: Condition[Test] = Not(part=test) if "not" in modifiers else test
    return Maybe(part=condition) if "maybe" in modifiers else condition


def parse_values[Value](
    raw: object,
    *,
    operator: str,
    location: str,
    parse_value: Callable[[object], Value],
    null_fits: str,
    empty_fits: str = "",
) -> tuple[Value | bool, ...]:
    """Parse the values of a test, a list or a single one.

    `null_fits` and `empty_fits` state what would fit in place of null and of an empty list. Raise InvalidPattern.
    """
    if operator in PRESENCE_OPERATORS:
        if not isinstance(raw, bool):
            raise InvalidPattern(f"{location}: {raw!r}; true or false would fit")
        return (raw,)
    raw_values = raw if isinstance(raw, list) else [raw]
    if not raw_values:
        raise InvalidPattern(f"{location}: an empty list; one or more values would fit{empty_fits}")
    values: list[Value] = []
    for item in raw_values:
        if item is None:
            raise InvalidPattern(f"{location}: a value is missing; {null_fits} would fit")
        values.append(parse_value(item))
    return tuple(values)


def parse_pattern(
    pattern: object, *, fields: Mapping[str, str], location: str = "pattern", ignore_case: bool = False
) -> PatternNode:
    """Parse a pattern.

    `fields` maps each column to its type (text, texts, integer, truth, date, time).
    Text compares exactly, or as in Sigma if `ignore_case`. Raise InvalidPattern.
    """

    def parse_key(key: str, raw: object) -> PatternNode:
        return _parse_test(key, raw, fields, location, ignore_case)

    return parse_form(pattern, location=location, texts=_PATTERN_TEXTS, parse_key=parse_key)


def list_fields(pattern: PatternNode) -> frozenset[str]:
    """Return the columns that a pattern tests."""
    return frozenset(test.field for test in iter_tests(pattern))


def _parse_test(key: str, raw: object, fields: Mapping[str, str], prefix: str, ignore_case: bool) -> PatternNode:
    field, *modifiers = key.split("|")
    location = f"{prefix}: {key}"
    if field not in fields:
        raise InvalidPattern(f"{location}: there is no column {field!r}; there are {', '.join(fields)}")
    kind = fields[field]
    operator = _parse_operator(modifiers, kind, location)
    values = parse_values(
        raw,
        operator=operator,
        location=location,
        parse_value=lambda item: _parse_value(item, operator, kind, location),
        null_fits=f"{field}|exists: false",
    )
    test = FieldTest(
        field=field, type=kind, operator=operator, values=values, match_all="all" in modifiers, ignore_case=ignore_case
    )
    return apply_flags(test, modifiers)


def _parse_operator(modifiers: list[str], kind: str, location: str) -> str:
    if len(set(modifiers)) < len(modifiers):
        raise InvalidPattern(f"{location}: a modifier stands twice; each once would fit")
    operators = [operator for operator in modifiers if operator not in FLAGS]
    allowed = ("exists", *OPERATORS_OF_TYPE[kind])
    unknown = next((operator for operator in operators if operator not in allowed), None)
    if unknown is not None:
        raise InvalidPattern(
            f"{location}: {unknown!r} does not fit a {kind} column; {', '.join((*FLAGS, *allowed))} would fit"
        )
    operator = choose_operator(operators, location=location)
    return DATE_SYNONYMS.get(operator, operator)


def _parse_value(raw: object, operator: str, kind: str, location: str) -> MatchValue:
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
    if isinstance(pattern, FieldTest):
        return _evaluate_test(pattern, today if pattern.field == TODAY else row.get(pattern.field), today)
    return evaluate_parts(pattern, evaluate=lambda part: evaluate_pattern(part, row, today=today))


def _evaluate_test(test: FieldTest, value: Any, today: date) -> bool | None:
    if test.operator == "exists":
        return (value is not None) == test.values[0]
    if value is None:
        return None
    if test.operator in VERSION_OPERATORS:
        return _compare_version(test, value)
    values = [item for item in value if item is not None] if test.type == "texts" else [value]
    return match_values(
        test, values, test.values, compare=lambda actual, expected: _matches_value(test, actual, expected, today)
    )


def _compare_version(test: FieldTest, value: str) -> bool | None:
    key = compute_version_key(value)
    if key is None:
        return None
    thresholds = [compute_version_key(str(expected)) or "" for expected in test.values]
    return match_values(test, [key], thresholds, compare=lt if test.operator == "version_lt" else ge)


def _matches_value(test: FieldTest, value: Any, expected: MatchValue, today: date) -> bool:
    if isinstance(expected, RelativeDate):
        return COMPARISONS[test.operator](_convert_to_date(value), expected.resolve(today))
    if test.operator == "re":
        return re.search(adapt_for_python(str(expected)), value, re.IGNORECASE if test.ignore_case else 0) is not None
    if isinstance(expected, str) and test.ignore_case:
        value, expected = value.lower(), expected.lower()
    return COMPARISONS[test.operator](value, expected)


def _convert_to_date(value: date | datetime) -> date:
    return value.astimezone(UTC).date() if isinstance(value, datetime) else value
