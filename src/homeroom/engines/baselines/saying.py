"""Says in words what a test found and what would fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.engines.baselines.conditions import elements, held
from homeroom.engines.baselines.forms import Both, Counted, Either, Form, Lookup, Maybe, Not, Quantified, Test
from homeroom.engines.baselines.paths import MISSING, Scope, found

_WORDS = {
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
_DATES = {"lt": "before ", "lte": "no later than ", "gt": "after ", "gte": "no earlier than "}
_LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Said:
    """One test that is not met, or not known: the setting, what was found, what would fit, in words."""

    setting: str
    found: str
    fits: str


def told(form: Form, scope: Scope, *, at: datetime) -> tuple[Said, ...]:
    """The tests that keep the condition from holding; nothing where it holds."""
    if held(form, scope, at=at) is True:
        return ()
    return tuple(dict.fromkeys(_told(form, scope, at, turned=False)))


def _told(form: Form, scope: Scope, at: datetime, *, turned: bool) -> Iterator[Said]:
    if held(form, scope, at=at) is (not turned):
        return
    match form:
        case Test():
            yield Said(
                setting=form.where.written, found=shown(found(form.where, scope)), fits=_fits(form, scope, turned)
            )
        case Not(part=part):
            yield from _told(part, scope, at, turned=not turned)
        case Maybe(part=part):
            yield from _told(part, scope, at, turned=turned)
        case Both(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from _told(part, scope, at, turned=turned)
        case Quantified():
            yield from _of_list(form, scope, at, turned)
        case Counted():
            items = elements(form, scope)
            told_count = "nothing" if items is None else f"{len(items)} in all"
            wanted = " and ".join(f"{_WORDS[word] or 'exactly '}{limit:g}" for word, limit in form.bounds)
            yield Said(setting=form.where.written, found=told_count, fits=f"{'not ' if turned else ''}{wanted}")


def _of_list(form: Quantified, scope: Scope, at: datetime, turned: bool) -> Iterator[Said]:
    items = elements(form, scope)
    if items is None:
        yield Said(setting=form.where.written, found="nothing", fits=f"{form.kind} of a list")
        return
    if not items or form.kind == "no":
        names = ", ".join(_named(item) for item in items if held(form.part, scope.within(item), at=at) is not False)
        yield Said(setting=form.where.written, found=names or "an empty list", fits="none" if items else "at least one")
        return
    for item in items:
        for said in _told(form.part, scope.within(item), at, turned=turned):
            yield Said(
                setting=f"{form.where.written} ({_named(item)}): {said.setting}", found=said.found, fits=said.fits
            )


def _named(item: Any) -> str:
    if isinstance(item, dict):
        for key in ("DisplayName", "displayName", "Name", "name", "Identity", "domain", "Id", "id"):
            if isinstance(item.get(key), str):
                return str(item[key])
        return "one"
    return shown(item)


def shown(value: Any) -> str:
    """A value in words, cut where it is long."""
    if value is MISSING:
        return "not set"
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        text = ", ".join(shown(one) for one in value) or "an empty list"
    elif isinstance(value, dict):
        text = ", ".join(f"{key}: {shown(one)}" for key, one in value.items())
    else:
        text = str(value) or "empty"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _fits(test: Test, scope: Scope, turned: bool) -> str:
    if test.word in ("exists", "empty"):
        there = test.values[0] is (test.word == "exists")
        return "something set" if there is not turned else "nothing"
    values = [_value(value, scope) for value in test.values]
    joined = (" and " if test.every else " or ").join(values)
    word = (_DATES if test.dated else _WORDS).get(test.word, "")
    unit = " seconds" if "duration" in test.reads else ""
    counted = " of them" if "count" in test.reads else ""
    return f"{'anything but ' if turned else ''}{word}{joined}{unit}{counted}"


def _value(value: Any, scope: Scope) -> str:
    if not isinstance(value, Lookup):
        return f"{value:g}" if isinstance(value, float) else shown(value)
    looked = found(value.where, scope)
    return shown(value.otherwise if looked is MISSING or looked is None else looked)
