"""Names of schools as lists write them, beside those that the roster has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

_ALL_SCHOOLS = re.compile(
    r"\W*((all|any)( of)?( the)?( our)?( district)?( schools?| campus(es)?| buildings?| sites?)?"
    r"|(the )?(whole |entire )?district([- ]?wide)?|n/?a|none)?\W*",
    re.IGNORECASE,
)
_KINDS = re.compile(
    r"\b(elementary|primary|middle|junior|intermediate|high|senior|school|schools|academy|elem|es|ms|hs|jhs|k-?8)\b\.?",
    re.IGNORECASE,
)


def means_all_schools(name: str) -> bool:
    """Check whether a text in place of a school's name means all schools, or none in particular."""
    return bool(_ALL_SCHOOLS.fullmatch(name))


class SchoolNames:
    """The schools of a roster, found by name in any case, by id, or by the name without the kind of school."""

    def __init__(self, names: Iterable[str], *, ids: Mapping[str, str]) -> None:
        """`ids` are the names by the ids that sources have for schools."""
        unique_names = tuple(dict.fromkeys(names))
        self._names = {_fold(name): name for name in unique_names}
        for identifier, name in ids.items():
            self._names.setdefault(_fold(identifier), name)
        short_names: dict[str, set[str]] = defaultdict(set)
        for name in unique_names:
            short_names[_strip_kind(name)].add(name)
        self._short_names = {short: next(iter(full)) for short, full in short_names.items() if short and len(full) == 1}

    def has(self, name: str) -> bool:
        """Check whether a school has this name or id."""
        return _fold(name) in self._names

    def resolve(self, name: str) -> str:
        """Return the roster's name of a school; a name that fits none, or several, as it is written."""
        written = " ".join(name.split())
        return self._names.get(_fold(written)) or self._short_names.get(_strip_kind(written)) or written


def _fold(name: str) -> str:
    return " ".join(name.casefold().split())


def _strip_kind(name: str) -> str:
    return _fold(_KINDS.sub(" ", name))
