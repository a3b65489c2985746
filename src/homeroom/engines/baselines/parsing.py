"""A condition over a settings document, in the house's matcher words, with lists, durations and moments.

A mapping is *and*, a list of mappings is *or*. Each key is one of

    path|words: value        a test; a list of values is any of them. Words that read the value first: lower, text, trim,
                             number, duration, time, count, keys, distinct, split (at commas), mailbox (the address
                             of `Name;address`). Words that compare: (equal), contains, startswith, endswith, re, lt, lte, gt, gte, before, after, only (no value but these), all
                             (each of these), exists, empty. `not` turns a test round, `maybe` is true where it is unknown.
    some PATH: condition     at least one element fits; `every PATH` all of them, `no PATH` none. An object counts as a
                             list of one; with a `?` after the path, a list that is not there counts as an empty one.
    count PATH: {where: condition, gte: 2, lte: 8, lt:, gt:, eq:, distinct: path}
    any: [conditions] · all: [conditions] · not: condition
    is: term or [terms]      conditions that the suite's terms.yaml names

A value can be looked up: {from: path, else: value}. The logic has three values: where nothing stands, or what stands
cannot be read, a test is unknown (None); only `exists` and (for null) `empty` are never unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from homeroom.engines.baselines.forms import Both, Counted, Either, Form, Lookup, Maybe, Not, Quantified, Test
from homeroom.engines.baselines.paths import MISSING, path
from homeroom.engines.baselines.words import COMPARED, DATED, READ_EACH, READ_WHOLE, Unread, seconds

QUANTIFIERS = ("some", "every", "no")
BOUNDS = ("eq", "lt", "lte", "gt", "gte")
OTHERS = ("only", "exists", "empty")
FLAGS = ("not", "maybe", "all")
EVERY_WORD = (*READ_EACH, *READ_WHOLE, *COMPARED, *DATED, *OTHERS, *FLAGS)


class Misfit(ValueError):
    """A condition does not fit; the text says where, and what would fit."""


def parse(given: object, *, where: str = "requires", terms: Mapping[str, Form] | None = None) -> Form:
    """The parsed condition. `terms`: named conditions that `is` may use. Raises Misfit."""
    known = terms or {}
    if isinstance(given, list):
        if not given:
            raise Misfit(f"{where}: an empty list; one or more mappings would fit")
        return Either(parts=tuple(parse(one, where=where, terms=known) for one in given))
    if not isinstance(given, Mapping) or not given:
        raise Misfit(f"{where}: {given!r} is no condition; a mapping of path to value, or a list of those, would fit")
    parts = tuple(_part(str(key), value, where, known) for key, value in given.items())
    return parts[0] if len(parts) == 1 else Both(parts=parts)


def _part(key: str, value: object, where: str, terms: Mapping[str, Form]) -> Form:
    place = f"{where}: {key}"
    first, _, rest = key.partition(" ")
    if key in ("any", "all"):
        listed = value if isinstance(value, list) and value else _refused(place, value, "a list of conditions")
        parts = tuple(parse(one, where=place, terms=terms) for one in listed)
        return Either(parts=parts) if key == "any" else Both(parts=parts)
    if key == "not":
        return Not(part=parse(value, where=place, terms=terms))
    if key == "is":
        return _named(value, place, terms)
    if first in QUANTIFIERS and rest:
        part = parse(value, where=place, terms=terms)
        return Quantified(kind=first, where=path(rest.removesuffix("?")), part=part, optional=rest.endswith("?"))
    if first == "count" and rest:
        return _counted(rest, value, place, terms)
    return _tested(key, value, place)


def _refused(place: str, value: object, fits: str) -> Any:
    raise Misfit(f"{place}: {value!r}; {fits} would fit")


def _named(value: object, place: str, terms: Mapping[str, Form]) -> Form:
    names = [str(name) for name in value] if isinstance(value, list) else [str(value)]
    unknown = [name for name in names if name not in terms]
    if unknown or not names:
        raise Misfit(f"{place}: there is no term {unknown}; there are {', '.join(terms) or 'none'}")
    return Both(parts=tuple(Both(parts=(terms[name],), term=name) for name in names))


def _counted(rest: str, value: object, place: str, terms: Mapping[str, Form]) -> Counted:
    if not isinstance(value, Mapping):
        raise Misfit(f"{place}: {value!r}; a mapping of where, distinct and bounds ({', '.join(BOUNDS)}) would fit")
    unknown = [key for key in value if key not in (*BOUNDS, "where", "distinct")]
    bounds = tuple((word, value[word]) for word in BOUNDS if word in value)
    if unknown or not bounds or not all(isinstance(limit, int | float) for _, limit in bounds):
        raise Misfit(f"{place}: {unknown or bounds}; where, distinct and numbers for {', '.join(BOUNDS)} would fit")
    part = parse(value["where"], where=place, terms=terms) if "where" in value else Both(parts=())
    same_by = path(str(value["distinct"])) if "distinct" in value else None
    where = path(rest.removesuffix("?"))
    return Counted(where=where, part=part, bounds=bounds, distinct=same_by, optional=rest.endswith("?"))


def _tested(key: str, value: object, place: str) -> Form:
    written, *words = key.split("|")
    unknown = [word for word in words if word not in EVERY_WORD]
    if unknown:
        raise Misfit(f"{place}: no such word as {', '.join(unknown)}; {', '.join(EVERY_WORD)} would fit")
    comparing = [word for word in words if word in (*COMPARED, *DATED, *OTHERS)]
    if len(comparing) > 1:
        raise Misfit(f"{place}: {' and '.join(comparing)} cannot stand together; one of them would fit")
    word = comparing[0] if comparing else "eq"
    reads = tuple(one for one in words if one in READ_EACH or one in READ_WHOLE)
    dated = word in DATED or "time" in reads
    if word in DATED and "time" not in reads:
        reads = (*reads, "time")
    form: Form = Test(
        where=path(written),
        reads=reads,
        word=DATED.get(word, word),
        values=_values(value, word, place, reads),
        every="all" in words,
        dated=dated,
    )
    if "not" in words:
        form = Not(part=form)
    return Maybe(part=form) if "maybe" in words else form


def _values(given: object, word: str, place: str, reads: tuple[str, ...]) -> tuple[Any, ...]:
    if word in ("exists", "empty"):
        return (given,) if isinstance(given, bool) else _refused(place, given, "true or false")
    listed = given if isinstance(given, list) else [given]
    if not listed:
        raise Misfit(f"{place}: an empty list; one or more values would fit, or |empty: true")
    return tuple(_value(one, word, place, reads) for one in listed)


def _value(given: object, word: str, place: str, reads: tuple[str, ...]) -> Any:
    if isinstance(given, Mapping):
        if "from" not in given or set(given) - {"from", "else"}:
            raise Misfit(f"{place}: {given!r}; a value, or a mapping of from and else, would fit")
        written, *read = str(given["from"]).split("|")
        if unknown := [one for one in read if one not in READ_EACH and one not in READ_WHOLE]:
            raise Misfit(f"{place}: {', '.join(unknown)} cannot read a value")
        return Lookup(where=path(written), reads=tuple(read), otherwise=given.get("else", MISSING))
    if given is None:
        raise Misfit(f"{place}: a value is missing; |exists: false or |empty: true would fit")
    try:
        if word == "re":
            re.compile(str(given))
        return seconds(given) if "duration" in reads else given
    except (Unread, re.error) as error:
        raise Misfit(f"{place}: {error}") from None
