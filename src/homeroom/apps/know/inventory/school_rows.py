"""Rows of the inventory that a member of some schools sees, without holders of other schools.

A device of a school may be held by somebody of another school. Such a holder is not shown, nor is one whose record is
not in the inventory, since their school is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from homeroom.apps.know.inventory.list_definitions import LISTINGS, FilterOperator
from homeroom.apps.know.inventory.models import Person, build_generation_condition
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import SchoolScope
from homeroom.evidence.page_cache.list_cache import ListCache
from homeroom.evidence.page_cache.search_text import Mask

_HIDDEN_HOLDER: Mapping[str, Any] = {"holder": None, "holder_name": "", "holder_left": None}
HOLDER_COLUMNS = frozenset(_HIDDEN_HOLDER)
"""Columns of a device that are about its holder; a row shows them as if nobody had it where the holder is hidden."""


def build_school_mask(list_cache: ListCache, schools: SchoolScope) -> Mask | None:
    """Return which rows of a list are of the schools; None for all schools."""
    if not schools.is_limited:
        return None
    accepted = np.array([schools.includes(school) for school in list_cache.words["school"]], dtype=np.bool_)
    mask: Mask = accepted[list_cache.codes["school"]]
    return mask


def build_holder_mask(list_cache: ListCache, people: ListCache, schools: SchoolScope) -> Mask | None:
    """Return which devices of a list show their holder, somebody of the schools in the list of people; None for all."""
    seen = build_school_mask(people, schools)
    if seen is None:
        return None
    mask: Mask = np.isin(list_cache.numbers["holder"], people.subjects[seen])
    return mask


def list_seen_words(list_cache: ListCache, column: str, mask: Mask) -> list[Any]:
    """Return the distinct values of a column in the rows of a mask, in order."""
    return [list_cache.words[column][code] for code in np.unique(list_cache.codes[column][mask]).tolist()]


def hide_other_holders(
    rows: Sequence[dict[str, Any]], *, district: District, generation: int, schools: SchoolScope
) -> list[dict[str, Any]]:
    """Return database rows of devices, which must have `holder` and `holder_name`, without holders of other schools.

    A device is often named after who holds it, so that its name is hidden with its holder.
    """
    if not schools.is_limited:
        return list(rows)
    holders = {row["holder"] for row in rows} - {None}
    publics = {holder: format_public_id("person", holder) for holder in holders}
    seen_publics = list_seen_people(publics.values(), district=district, generation=generation, schools=schools)
    seen = {holder for holder, public in publics.items() if public in seen_publics}
    return [row if row["holder"] in seen else _hide_holder(row) for row in rows]


def _hide_holder(row: dict[str, Any]) -> dict[str, Any]:
    names_holder = row["holder"] is not None or row["holder_name"]
    hidden = {**_HIDDEN_HOLDER, "name": "" if names_holder else row.get("name", "")}
    return row | {name: value for name, value in hidden.items() if name in row}


def hide_unseen_subjects(
    filters: Mapping[str, str], kind: str, *, district: District, generation: int, schools: SchoolScope
) -> Mapping[str, str]:
    """Return the filters of a list; with one for what belongs to a person of another school, it finds nothing."""
    if not schools.is_limited:
        return filters
    by_subject = {item.name for item in LISTINGS[kind].filters if item.operator is FilterOperator.SUBJECT}
    wanted = [filters[name] for name in by_subject & filters.keys()]
    seen = list_seen_people(wanted, district=district, generation=generation, schools=schools)
    return {name: value if name not in by_subject or value in seen else "" for name, value in filters.items()}


def list_seen_people(
    publics: Iterable[str], *, district: District, generation: int, schools: SchoolScope
) -> frozenset[str]:
    """Return those public ids that people of the schools have in a generation."""
    rows = Person.objects.of(district).filter(build_generation_condition(generation), public__in=list(publics))
    return frozenset(public for public, school in rows.values_list("public", "school") if schools.includes(school))
