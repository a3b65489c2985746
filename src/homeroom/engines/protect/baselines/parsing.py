"""A parser for conditions over a settings document: Homeroom's matcher words plus lists, durations and times.

A mapping is *and*, a list of mappings is *or*. Each key is one of

    path|words: value        a test; a list of values is any of them. Words that read the value first: lower, text,
                             trim, number, duration, time, count, keys, distinct, split (at commas), mailbox (the
                             address of `Name;address`). Words that compare: (equal), contains, startswith, endswith,
                             re, lt, lte, gt, gte, before, after, only (no value but these), all (each of these),
                             exists, empty. `not` negates a test, `maybe` is true where it is unknown.
    some PATH: condition     at least one element fits; `every PATH` all of them, `no PATH` none. An object counts as a
                             list of one; with a `?` after the path, a missing list counts as an empty one.
    count PATH: {where: condition, gte: 2, lte: 8, lt:, gt:, eq:, distinct: path}
    any: [conditions] · all: [conditions] · not: condition
    is: term or [terms]      conditions that the suite's terms.yaml names

A value can be looked up: {from: path, else: value}. The logic has three values: where a value is missing or
cannot be read, a test is unknown (None); only `exists` and (for null) `empty` are never unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from homeroom.domain.matching import (
    DATE_SYNONYMS,
    FLAGS,
    PRESENCE_OPERATORS,
    AllOf,
    AnyOf,
    FormTexts,
    InvalidPattern,
    Not,
    apply_flags,
    choose_operator,
    parse_form,
    parse_values,
)
from homeroom.engines.protect.baselines.conditions import (
    CountCondition,
    ListCondition,
    SettingCondition,
    SettingLookup,
    SettingTest,
)
from homeroom.engines.protect.baselines.operators import (
    COMPARE_OPERATORS,
    LIST_READERS,
    VALUE_READERS,
    UnreadableValue,
    parse_duration,
)
from homeroom.engines.protect.baselines.paths import MISSING, parse_path

QUANTIFIERS = ("some", "every", "no")
BOUNDS = ("eq", "lt", "lte", "gt", "gte")
OPERATORS = (*COMPARE_OPERATORS, *DATE_SYNONYMS, "only", *PRESENCE_OPERATORS)
ALL_WORDS = (*VALUE_READERS, *LIST_READERS, *OPERATORS, *FLAGS)
_TEXTS = FormTexts(
    not_valid="is no condition; a mapping of path to value", empty_list="an empty list", empty_mapping_fits=False
)


def parse_condition(
    raw: object, *, where: str = "requires", terms: Mapping[str, SettingCondition] | None = None
) -> SettingCondition:
    """Parse a condition.

    `terms`: named conditions that `is` may use. Raise InvalidPattern if it is not valid.
    """

    def parse_key(key: str, value: object) -> SettingCondition:
        return _parse_part(key, value, where, terms or {})

    return parse_form(raw, location=where, texts=_TEXTS, parse_key=parse_key)


def _parse_part(key: str, value: object, where: str, terms: Mapping[str, SettingCondition]) -> SettingCondition:
    location = f"{where}: {key}"
    first, _, rest = key.partition(" ")
    if key in ("any", "all"):
        items = value if isinstance(value, list) and value else _reject(location, value, "a list of conditions")
        parts = tuple(parse_condition(item, where=location, terms=terms) for item in items)
        return AnyOf(parts=parts) if key == "any" else AllOf(parts=parts)
    if key == "not":
        return Not(part=parse_condition(value, where=location, terms=terms))
    if key == "is":
        return _parse_terms(value, location, terms)
    if first in QUANTIFIERS and rest:
        part = parse_condition(value, where=location, terms=terms)
        return ListCondition(
            kind=first, where=parse_path(rest.removesuffix("?")), part=part, optional=rest.endswith("?")
        )
    if first == "count" and rest:
        return _parse_count(rest, value, location, terms)
    return _parse_test(key, value, location)


def _reject(location: str, value: object, suggestion: str) -> Any:
    raise InvalidPattern(f"{location}: {value!r}; {suggestion} would fit")


def _parse_terms(value: object, location: str, terms: Mapping[str, SettingCondition]) -> SettingCondition:
    names = [str(name) for name in value] if isinstance(value, list) else [str(value)]
    unknown = [name for name in names if name not in terms]
    if unknown or not names:
        raise InvalidPattern(f"{location}: there is no term {unknown}; there are {', '.join(terms) or 'none'}")
    return AllOf(parts=tuple(terms[name] for name in names))


def _parse_count(rest: str, value: object, location: str, terms: Mapping[str, SettingCondition]) -> CountCondition:
    if not isinstance(value, Mapping):
        raise InvalidPattern(
            f"{location}: {value!r}; a mapping of where, distinct and bounds ({', '.join(BOUNDS)}) would fit"
        )
    unknown = [key for key in value if key not in (*BOUNDS, "where", "distinct")]
    bounds = tuple((operator, value[operator]) for operator in BOUNDS if operator in value)
    if unknown or not bounds or not all(isinstance(limit, int | float) for _, limit in bounds):
        raise InvalidPattern(
            f"{location}: {unknown or bounds}; where, distinct and numbers for {', '.join(BOUNDS)} would fit"
        )
    part = parse_condition(value["where"], where=location, terms=terms) if "where" in value else AllOf(parts=())
    distinct = parse_path(str(value["distinct"])) if "distinct" in value else None
    where = parse_path(rest.removesuffix("?"))
    return CountCondition(where=where, part=part, bounds=bounds, distinct=distinct, optional=rest.endswith("?"))


def _parse_test(key: str, value: object, location: str) -> SettingCondition:
    path_text, *words = key.split("|")
    unknown = [operator for operator in words if operator not in ALL_WORDS]
    if unknown:
        raise InvalidPattern(f"{location}: no such word as {', '.join(unknown)}; {', '.join(ALL_WORDS)} would fit")
    operator = choose_operator([word for word in words if word in OPERATORS], location=location)
    readers = tuple(word for word in words if word in VALUE_READERS or word in LIST_READERS)
    compares_dates = operator in DATE_SYNONYMS or "time" in readers
    if operator in DATE_SYNONYMS and "time" not in readers:
        readers = (*readers, "time")
    values = parse_values(
        value,
        operator=operator,
        location=location,
        parse_value=lambda item: _parse_value(item, operator, location, readers),
        null_fits="|exists: false or |empty: true",
        empty_fits=", or |empty: true",
    )
    test = SettingTest(
        where=parse_path(path_text),
        reads=readers,
        operator=DATE_SYNONYMS.get(operator, operator),
        values=values,
        match_all="all" in words,
        compares_dates=compares_dates,
    )
    return apply_flags(test, words)


def _parse_value(raw: object, operator: str, location: str, readers: tuple[str, ...]) -> Any:
    if isinstance(raw, Mapping):
        if "from" not in raw or set(raw) - {"from", "else"}:
            raise InvalidPattern(f"{location}: {raw!r}; a value, or a mapping of from and else, would fit")
        path_text, *readers_after = str(raw["from"]).split("|")
        if unknown := [
            reader for reader in readers_after if reader not in VALUE_READERS and reader not in LIST_READERS
        ]:
            raise InvalidPattern(f"{location}: {', '.join(unknown)} cannot read a value")
        return SettingLookup(where=parse_path(path_text), reads=tuple(readers_after), default=raw.get("else", MISSING))
    try:
        if operator == "re":
            re.compile(str(raw))
        return parse_duration(raw) if "duration" in readers else raw
    except (UnreadableValue, re.error) as error:
        raise InvalidPattern(f"{location}: {error}") from None
