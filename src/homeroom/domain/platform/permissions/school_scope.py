"""The schools that a member of the office works for: what of a district their pages may show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class SchoolScope:
    """The schools whose rows a visitor sees.

    `texts` are the folded names and ids of the schools as rows may have them; None for all schools, also for rows
    without a school. With an empty set no row is seen.
    """

    texts: frozenset[str] | None

    @property
    def is_limited(self) -> bool:
        """True if rows of some schools only are seen."""
        return self.texts is not None

    def includes(self, school: str | None) -> bool:
        """Check whether a row with this school is seen; one without a school is seen for all schools only."""
        return self.texts is None or bool(school and fold_name(school) in self.texts)


EVERY_SCHOOL: Final = SchoolScope(texts=None)
"""The scope of a member who is responsible for all schools, and of what the operator runs."""


def fold_name(name: str) -> str:
    """Return a name without odd blanks, in lower case, as names are compared."""
    return " ".join(name.casefold().split())


def find_shared_ids(names_by_key: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Return the folded ids that sources do not give to one school alone, by its name."""
    folded_names: dict[str, set[str]] = defaultdict(set)
    for key, key_names in names_by_key.items():
        folded_names[fold_name(key)].update(map(fold_name, key_names))
    return frozenset(key for key, key_names in folded_names.items() if len(key_names) != 1)


def build_school_scope(
    schools: Iterable[str], *, names_by_key: Mapping[str, Iterable[str]], names: Iterable[str]
) -> SchoolScope:
    """Return the scope of schools by their names; no schools mean all of them.

    `names_by_key` are the names that sources give the school with an id, `names` all names of schools. An id opens
    nothing, since the next roster may give it to another school; the ids of a row do while all sources give them to
    the school of that name.
    """
    wanted = [fold_name(school) for school in schools]
    if not wanted:
        return EVERY_SCHOOL
    known_names = {fold_name(name) for name in names}
    name_by_key = {fold_name(key): fold_name(name) for key, key_names in names_by_key.items() for name in key_names}
    ambiguous_keys = find_shared_ids(names_by_key)
    ids = (ambiguous_keys | name_by_key.keys()) - known_names
    wanted_names = {text for text in wanted if text not in ids}
    keys = {
        key
        for key, name in name_by_key.items()
        if name in wanted_names and key not in ambiguous_keys and key not in known_names - wanted_names
    }
    return SchoolScope(texts=frozenset(wanted_names | keys))
