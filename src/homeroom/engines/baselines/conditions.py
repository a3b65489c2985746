"""Whether a condition holds for an item of a settings document, in three values: true, false, or not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from homeroom.engines.baselines.forms import Both, Counted, Either, Form, Lookup, Maybe, Not, Quantified, Test
from homeroom.engines.baselines.paths import MISSING, Scope, found
from homeroom.engines.baselines.words import COMPARED, READ_EACH, READ_WHOLE, Unread, moment


def held(form: Form, scope: Scope, *, at: datetime) -> bool | None:
    """Whether the condition holds for the scope's item at that moment; None where that cannot be told."""
    match form:
        case Test():
            return _test_held(form, scope, at)
        case Not(part=part):
            inner = held(part, scope, at=at)
            return None if inner is None else not inner
        case Maybe(part=part):
            return held(part, scope, at=at) is not False
        case Both(parts=parts):
            return all_of(held(part, scope, at=at) for part in parts)
        case Either(parts=parts):
            return any_of(held(part, scope, at=at) for part in parts)
        case Quantified():
            return _quantified(form, scope, at)
        case Counted():
            return _within(form, scope, at)


def all_of(values: Iterable[bool | None]) -> bool | None:
    """False where one is, else unknown where one is, else true."""
    seen = set(values)
    return False if False in seen else None if None in seen else True


def any_of(values: Iterable[bool | None]) -> bool | None:
    """True where one is, else unknown where one is, else false."""
    seen = set(values)
    return True if True in seen else None if None in seen else False


def elements(form: Quantified | Counted, scope: Scope) -> list[Any] | None:
    """The elements of the list there; an object is a list of one; None where nothing stands."""
    value = found(form.where, scope)
    if value is MISSING:
        return [] if form.optional else None
    return [] if value is None else value if isinstance(value, list) else [value]


def _quantified(form: Quantified, scope: Scope, at: datetime) -> bool | None:
    items = elements(form, scope)
    if items is None:
        return None
    fits = [held(form.part, scope.within(item), at=at) for item in items]
    if form.kind == "every":
        return all_of(fits)
    some = any_of(fits)
    return some if form.kind == "some" else None if some is None else not some


def _within(form: Counted, scope: Scope, at: datetime) -> bool | None:
    items = elements(form, scope)
    if items is None:
        return None
    fits = [(item, held(form.part, scope.within(item), at=at)) for item in items]
    sure = _distinct(form, [item for item, fit in fits if fit is True], scope)
    most = _distinct(form, [item for item, fit in fits if fit is not False], scope)
    answers = {all(COMPARED[word](count, limit) for word, limit in form.bounds) for count in range(sure, most + 1)}
    return answers.pop() if len(answers) == 1 else None


def _distinct(form: Counted, items: list[Any], scope: Scope) -> int:
    if form.distinct is None:
        return len(items)
    return int(READ_WHOLE["count"](READ_WHOLE["distinct"]([found(form.distinct, scope.within(one)) for one in items])))


def _test_held(test: Test, scope: Scope, at: datetime) -> bool | None:
    value = found(test.where, scope)
    if test.word == "exists":
        return (value is not MISSING and value is not None) is test.values[0]
    if test.word == "empty" and value is not MISSING:
        return (value is None or (isinstance(value, str | list | Mapping) and not value)) is test.values[0]
    if value is MISSING or value is None:
        return None
    try:
        left = read(value, test.reads)
        wanted = _wanted(test, scope, at)
        return None if wanted is None else _compared(test, left, wanted)
    except Unread:
        return None


def _compared(test: Test, left: Any, wanted: list[Any]) -> bool:
    given = left if isinstance(left, list) else [left]
    if test.word == "only":
        return all(any(COMPARED["eq"](one, value) for value in wanted) for one in given)
    compare = COMPARED[test.word]
    fits = (any(compare(one, value) for one in given if one is not None) for value in wanted)
    return all(fits) if test.every else any(fits)


def _wanted(test: Test, scope: Scope, at: datetime) -> list[Any] | None:
    """The values that would fit; None where one of them is looked up and nothing stands there."""
    wanted: list[Any] = []
    for value in test.values:
        if isinstance(value, Lookup):
            looked = found(value.where, scope)
            if looked is MISSING or looked is None:
                looked = value.otherwise
            if looked is MISSING:
                return None
            looked = read(looked, value.reads)
            wanted += looked if isinstance(looked, list) else [looked]
        else:
            wanted.append(moment(value, at=at) if test.dated else value)
    return wanted


def read(value: Any, reads: tuple[str, ...]) -> Any:
    """The value as those words read it. Raises Unread."""
    for word in reads:
        if word in READ_WHOLE:
            value = READ_WHOLE[word](value)
        elif isinstance(value, list):
            value = [READ_EACH[word](one) for one in value if one is not None]
        else:
            value = READ_EACH[word](value)
    return value
