"""Which kind of file this is, by the names that stand in it: never by the file's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from homeroom.ingest.connector import Connector, Kind
from homeroom.ingest.masking import masked

TEXT = "text"
UNKNOWN = "is no known kind"
"""How the reason begins for a file that no kind fits."""
_SHOWN = 12
_NAME_LIKE = re.compile(r"[A-Za-z_@][\w .@/()#-]{0,59}")


@dataclass(frozen=True, kw_only=True)
class Match:
    """The one kind that fits best. `void` is true of an export that says whose it is and has no rows."""

    connector: Connector
    kind: Kind
    void: bool = False


@dataclass(frozen=True, kw_only=True)
class Miss:
    """Why no kind fits, in words, and what the nearest one lacks."""

    reason: str
    fits: str


def match_of(
    names: Iterable[str],
    *,
    form: str,
    connectors: Sequence[Connector],
    member: str = "",
    within: Mapping[str, Iterable[str]] | None = None,
) -> Match | Miss:
    """The kind whose names all stand here, most of them: compared without regard to case and outer blanks.

    With `member`, only kinds of that bundle member are asked. `within` has the names of a JSON file's rows by the envelope
    that holds them, and under "" those of its objects: a kind is asked about its own envelope where that is there. A tie
    between two kinds is a miss.
    """
    places = {place: _folded(found) for place, found in (within or {"": names}).items()}

    def there(kind: Kind) -> set[str]:
        return places.get(kind.envelope) or places.get("", set())

    asked = [
        Match(connector=connector, kind=kind)
        for connector in connectors
        for kind in connector.kinds
        if kind.form == form and (not member or kind.member.casefold() == member.casefold())
    ]
    scores = {match.kind.id: _score(match.kind, there(match.kind)) for match in asked}
    fitting = sorted(
        (match for match in asked if _fits(match.kind, there(match.kind))), key=lambda m: -scores[m.kind.id]
    )
    if not fitting:
        near = max(asked, key=lambda match: scores[match.kind.id], default=None)
        return _miss(names, near.kind if near and scores[near.kind.id] else None, there)
    best = [match for match in fitting if scores[match.kind.id] == scores[fitting[0].kind.id]]
    return _tied(best) if len(best) > 1 else best[0]


def void_match(names: Iterable[str], *, top: Mapping[str, str | bool], connectors: Sequence[Connector]) -> Match | None:
    """The one kind whose export without rows this JSON object is, by what it says of itself (`named`, `bare`); None if none
    or several are. `names` and `top` are its top-level names, and the plain values of those."""
    there = {name for name in names if "." not in name}
    found = [
        Match(connector=connector, kind=kind, void=True)
        for connector in connectors
        for kind in connector.kinds
        if (kind.named or kind.bare) and _says(kind, there=there, top=top)
    ]
    return found[0] if len(found) == 1 else None


def _says(kind: Kind, *, there: set[str], top: Mapping[str, str | bool]) -> bool:
    named = all(re.fullmatch(said, str(top.get(name, ""))) for name, said in kind.named.items())
    return named and (not kind.bare or (kind.envelope in there and there <= set(kind.bare)))


def text_match(text: str, *, connectors: Sequence[Connector]) -> Match | Miss | None:
    """The kind of form text whose marks all stand in the beginning of a text: the one with most of them. None if none."""
    fitting = [
        Match(connector=connector, kind=kind)
        for connector in connectors
        for kind in connector.kinds
        if kind.form == TEXT and all(_stands(mark, text) for mark in kind.marks)
    ]
    most = max((len(match.kind.marks) for match in fitting), default=0)
    best = [match for match in fitting if len(match.kind.marks) == most]
    if not best:
        return None
    return _tied(best) if len(best) > 1 else best[0]


def _stands(mark: str, text: str) -> bool:
    """Whether a text holds a mark. What must stand at its very beginning is looked for nowhere else, and words as they are:
    every page of an export is asked."""
    if mark.replace(" ", "").isalnum():
        return mark in text
    find = re.match if mark.startswith(r"\A") and "|" not in mark else re.search
    return find(mark, text, re.MULTILINE) is not None


def _tied(best: Sequence[Match]) -> Miss:
    titles = " and ".join(match.kind.title for match in best)
    return Miss(reason=f"fits two kinds of file alike: {titles}", fits="something that only one of them has")


def spelling_of(kind: Kind, *, names: Iterable[str]) -> dict[str, str]:
    """The kind's own spelling of each of its names that stands here in another one. An exact name is left alone."""
    there = list(names)
    ours = {name.casefold(): name for name in (*kind.needs, *kind.any_of)}
    return {
        name: ours[name.strip().casefold()]
        for name in there
        if name.strip().casefold() in ours and ours[name.strip().casefold()] not in there
    }


def _folded(names: Iterable[str]) -> set[str]:
    return {name.strip().casefold() for name in names}


def _fits(kind: Kind, there: set[str]) -> bool:
    return (
        all(name.casefold() in there for name in kind.needs)
        and (not kind.any_of or any(name.casefold() in there for name in kind.any_of))
        and not any(name.casefold() in there for name in kind.never)
    )


def _score(kind: Kind, there: set[str]) -> int:
    return len({name.casefold() for name in (*kind.needs, *kind.any_of)} & there)


def _miss(names: Iterable[str], near: Kind | None, there: Callable[[Kind], set[str]]) -> Miss:
    reason = f"{UNKNOWN} of file; it has {_listed(names)}"
    if near is None:
        return Miss(reason=reason, fits="a file that a connector reads, or a mapping file for this one")
    return Miss(reason=reason, fits=f"{near.title}, which {_lack(near, there(near))}")


def _lack(kind: Kind, there: set[str]) -> str:
    missing = [name for name in kind.needs if name.casefold() not in there]
    if missing:
        return f"also needs {', '.join(missing)}"
    forbidden = [name for name in kind.never if name.casefold() in there]
    if forbidden:
        return f"never has {', '.join(forbidden)}"
    return f"also needs one of {', '.join(kind.any_of)}"


def _listed(names: Iterable[str]) -> str:
    """The names, but nothing that looks like a value: a file without a header shows a person's row here."""
    every = list(names)
    shown = [name if _NAME_LIKE.fullmatch(name) else masked(name) for name in every[:_SHOWN]]
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return f"{', '.join(shown)}{more}" if every else "no names"
