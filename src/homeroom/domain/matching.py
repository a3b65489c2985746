"""The one matcher for controls and detections, in Sigma's words: field|modifier: value, or a list (any of).

Several keys of a mapping are *and*, a list of mappings is *or*. The logic has three values (Kleene): a null field makes
a test unknown (None), and only `exists` is never unknown; so does a version that cannot be read (`version_lt`, `version_gte`). `maybe` is Homeroom's own word: true where the test is unknown,
for saying "unless we know otherwise". Renderings as SQL and as polars expressions: `homeroom.evidence.patterns`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from homeroom.domain.expressions import for_python, portable
from homeroom.domain.moments import Moment, moment
from homeroom.domain.versions import version_key

TODAY = "today"
"""The field that is no column: the day of the question."""
TEXT_WORDS = ("contains", "startswith", "endswith", "re")
ORDER_WORDS = ("lt", "lte", "gt", "gte")
VERSION_WORDS = ("version_lt", "version_gte")
DAY_WORDS = ("before", "after", *ORDER_WORDS)
COMPARED_BY: dict[str, tuple[str, ...]] = {
    "text": (*TEXT_WORDS, *VERSION_WORDS),
    "texts": TEXT_WORDS,
    "integer": ORDER_WORDS,
    "truth": (),
    "date": DAY_WORDS,
    "time": DAY_WORDS,
}
"""The comparing modifiers that fit each column type; `not`, `maybe`, `exists` and (with a list) `all` fit every type."""
_SAME = {"before": "lt", "after": "gt"}

type Value = str | int | bool | Moment


class Misfit(ValueError):
    """A pattern does not fit its table; the text says where, which field, and what would fit."""


@dataclass(frozen=True, kw_only=True)
class Test:
    """One field compared. `word` is eq, exists, a text, version or order word; `every`: all values must match."""

    __test__ = False
    field: str
    type: str
    word: str
    values: tuple[Value, ...]
    every: bool = False
    ignore_case: bool = False


@dataclass(frozen=True, kw_only=True)
class Not:
    """True where the part is false; unknown stays unknown."""

    part: Form


@dataclass(frozen=True, kw_only=True)
class Maybe:
    """True where the part is true or unknown."""

    part: Form


@dataclass(frozen=True, kw_only=True)
class Both:
    """All parts; true without any."""

    parts: tuple[Form, ...]


@dataclass(frozen=True, kw_only=True)
class Either:
    """Any of the parts."""

    parts: tuple[Form, ...]


type Form = Test | Not | Maybe | Both | Either


def parse(pattern: object, *, fields: Mapping[str, str], where: str = "pattern", ignore_case: bool = False) -> Form:
    """The parsed pattern. `fields` maps each column to its type (text, texts, integer, truth, date, time).

    Text compares exactly, or as Sigma says where `ignore_case`. Raises Misfit.
    """
    if isinstance(pattern, list):
        if not pattern:
            raise Misfit(f"{where}: an empty list matches nothing; one or more mappings would fit")
        return Either(parts=tuple(parse(one, fields=fields, where=where, ignore_case=ignore_case) for one in pattern))
    if not isinstance(pattern, Mapping):
        raise Misfit(
            f"{where}: {pattern!r} is not a pattern; a mapping of field to value, or a list of those, would fit"
        )
    parts = tuple(_tested(str(key), value, fields, where, ignore_case) for key, value in pattern.items())
    return parts[0] if len(parts) == 1 else Both(parts=parts)


def fields_in(form: Form) -> frozenset[str]:
    """The columns that a form tests."""
    match form:
        case Test(field=field):
            return frozenset({field})
        case Not(part=part) | Maybe(part=part):
            return fields_in(part)
        case Both(parts=parts) | Either(parts=parts):
            return frozenset().union(*(fields_in(part) for part in parts))


def _tested(key: str, given: object, fields: Mapping[str, str], where: str, ignore_case: bool) -> Form:
    field, *words = key.split("|")
    place = f"{where}: {key}"
    if field not in fields:
        raise Misfit(f"{place}: there is no column {field!r}; there are {', '.join(fields)}")
    kind = fields[field]
    word, every = _word(words, kind, place)
    values = _values(given, word, kind, place)
    form: Form = Test(field=field, type=kind, word=word, values=values, every=every, ignore_case=ignore_case)
    if "not" in words:
        form = Not(part=form)
    return Maybe(part=form) if "maybe" in words else form


def _word(words: list[str], kind: str, place: str) -> tuple[str, bool]:
    if len(set(words)) < len(words):
        raise Misfit(f"{place}: a modifier stands twice; each once would fit")
    comparing = [word for word in words if word not in ("not", "maybe", "all")]
    fitting = ("exists", *COMPARED_BY[kind])
    unknown = next((word for word in comparing if word not in fitting), None)
    if unknown is not None:
        raise Misfit(
            f"{place}: {unknown!r} does not fit a {kind} column; {', '.join(('not', 'maybe', 'all', *fitting))} would fit"
        )
    if len(comparing) > 1:
        raise Misfit(f"{place}: {' and '.join(comparing)} cannot stand together; one of them would fit")
    word = comparing[0] if comparing else "eq"
    return _SAME.get(word, word), "all" in words


def _values(given: object, word: str, kind: str, place: str) -> tuple[Value, ...]:
    if word == "exists":
        if not isinstance(given, bool):
            raise Misfit(f"{place}: {given!r}; true or false would fit")
        return (given,)
    listed = given if isinstance(given, list) else [given]
    if not listed:
        raise Misfit(f"{place}: an empty list; one or more values would fit")
    return tuple(_value(one, word, kind, place) for one in listed)


def _value(given: object, word: str, kind: str, place: str) -> Value:
    if given is None:
        raise Misfit(f"{place}: a value is missing; {place.rsplit(': ', 1)[-1].split('|')[0]}|exists: false would fit")
    try:
        value = _VALUE[kind](given)
        return _worded(value, word) if isinstance(value, str) else value
    except ValueError as error:
        raise Misfit(f"{place}: {error}") from None


def _worded(value: str, word: str) -> str:
    if word in VERSION_WORDS and version_key(value) is None:
        raise ValueError(f"{value!r} is no version; 24.7 or 139.0.7258.154 would fit")
    return portable(value) if word == "re" else value


def _text(given: object) -> Value:
    if not isinstance(given, str):
        raise Misfit(f"{given!r} is not text; write it in quotes")
    if "\x00" in given:
        raise Misfit("a NUL is never in a text; leave it out")
    return given


def _integer(given: object) -> Value:
    if isinstance(given, bool) or not isinstance(given, int):
        raise Misfit(f"{given!r} is not a whole number")
    return given


def _truth(given: object) -> Value:
    if not isinstance(given, bool):
        raise Misfit(f"{given!r} is not true or false")
    return given


_VALUE: dict[str, Callable[[object], Value]] = {
    "text": _text,
    "texts": _text,
    "integer": _integer,
    "truth": _truth,
    "date": moment,
    "time": moment,
}


def evaluate(form: Form, row: Mapping[str, Any], *, today: date) -> bool | None:
    """What the pattern says of one row: true, false, or None where it cannot tell. A column that is not there is null; `today` is the day."""
    match form:
        case Test():
            return _test(form, today if form.field == TODAY else row.get(form.field), today)
        case Not(part=part):
            inner = evaluate(part, row, today=today)
            return None if inner is None else not inner
        case Maybe(part=part):
            return evaluate(part, row, today=today) is not False
        case Both(parts=parts):
            return _all(evaluate(part, row, today=today) for part in parts)
        case Either(parts=parts):
            return _any(evaluate(part, row, today=today) for part in parts)


def _all(answers: Iterable[bool | None]) -> bool | None:
    unknown = False
    for answer in answers:
        if answer is False:
            return False
        unknown = unknown or answer is None
    return None if unknown else True


def _any(answers: Iterable[bool | None]) -> bool | None:
    unknown = False
    for answer in answers:
        if answer is True:
            return True
        unknown = unknown or answer is None
    return None if unknown else False


def _test(test: Test, value: Any, today: date) -> bool | None:
    if test.word == "exists":
        return (value is not None) == test.values[0]
    if value is None:
        return None
    if test.word in VERSION_WORDS:
        return _versions(test, value)
    having = [one for one in value if one is not None] if test.type == "texts" else [value]
    answers = [any(_fits(test, one, wanted, today) for one in having) for wanted in test.values]
    return all(answers) if test.every else any(answers)


def _versions(test: Test, value: str) -> bool | None:
    key = version_key(value)
    if key is None:
        return None
    answers = [(key < (version_key(str(wanted)) or "")) == (test.word == "version_lt") for wanted in test.values]
    return all(answers) if test.every else any(answers)


def _fits(test: Test, value: Any, wanted: Value, today: date) -> bool:
    if isinstance(wanted, Moment):
        return _ordered(test.word, _as_day(value), wanted.on(today))
    if test.word == "re":
        return re.search(for_python(str(wanted)), value, re.IGNORECASE if test.ignore_case else 0) is not None
    if isinstance(wanted, str):
        return _spelt(test.word, *(text.lower() if test.ignore_case else text for text in (value, wanted)))
    return _ordered(test.word, value, wanted)


def _as_day(value: date | datetime) -> date:
    return value.astimezone(UTC).date() if isinstance(value, datetime) else value


def _spelt(word: str, value: str, wanted: str) -> bool:
    match word:
        case "contains":
            return wanted in value
        case "startswith":
            return value.startswith(wanted)
        case "endswith":
            return value.endswith(wanted)
    return value == wanted


def _ordered(word: str, value: Any, wanted: Any) -> bool:
    match word:
        case "lt":
            return bool(value < wanted)
        case "lte":
            return bool(value <= wanted)
        case "gt":
            return bool(value > wanted)
        case "gte":
            return bool(value >= wanted)
    return bool(value == wanted)
