"""Lists for a reader who reads nothing about students: what they are searched, filtered and sorted by.

A filter, an order or a search by a masked cell would show it after all. Rows are found by public ids, and
devices by their serial number, asset tag, model and cart; the order is that of public ids, which have no meaning.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext_lazy

from homeroom.apps.know.inventory.list_definitions import FilterOperator, ListDefinition, ListSort
from homeroom.apps.know.inventory.models import Device, Person, Projection, build_generation_condition
from homeroom.domain.ids import format_public_id, parse_public_id
from homeroom.domain.platform.district import District
from homeroom.evidence.page_cache.list_cache import ListCache
from homeroom.evidence.page_cache.search_text import Mask
from homeroom.evidence.tables import Privacy

_OPEN_FILTERS = frozenset({"school", "kind"})
"""Filters by masked columns that stay: where and what a row is counts in every audit, and nobody is known by it."""


def may_filter_masked(definition: ListDefinition, name: str) -> bool:
    """Check whether a filter stays: by school, kind, a state that is yes or no, or a column that is not masked."""
    list_filter = definition.find_filter(name)
    if list_filter is None:
        return False
    if list_filter.name in _OPEN_FILTERS or list_filter.operator is FilterOperator.TRUTH:
        return True
    return _is_shown(definition, list_filter.column)


def may_sort_masked(definition: ListDefinition, name: str) -> bool:
    """Check whether an order stays: the first, which then is by public id, by school, or by a column that is shown."""
    sort = definition.get_sort(name)
    return sort == definition.sorts[0] or sort.name == "school" or _is_shown(definition, sort.column)


def mask_sorts(definition: ListDefinition) -> tuple[ListSort, ...]:
    """Return the orders that stay, the first with the label of public ids."""
    first, *others = (sort for sort in definition.sorts if may_sort_masked(definition, sort.name))
    return (replace(first, label=gettext_lazy("ID")), *others)


def get_order(list_cache: ListCache, sort: str, *, masked: bool) -> npt.NDArray[np.int32] | None:
    """Return the order of a sort; None for that of the list cache itself, by name.

    With `masked`, rows without another sort are in the order of public ids, as are those of each school.
    """
    if not masked:
        return list_cache.orders.get(sort)
    if sort == "school":
        codes = list_cache.codes["school"][list_cache.by_subject]
        by_school: npt.NDArray[np.int32] = list_cache.by_subject[np.argsort(codes, kind="stable")]
        return by_school
    return list_cache.orders.get(sort, list_cache.by_subject)


def find_public_id(list_cache: ListCache, kind: str, text: str) -> Mask:
    """Return which row of a list has a public id: none if the text is no such id of this kind."""
    mask: Mask = np.zeros(len(list_cache), dtype=np.bool_)
    try:
        text_kind, subject = parse_public_id(text.strip())
    except ValueError:
        return mask
    if text_kind == kind:
        mask[list_cache.find_positions([subject])] = True
    return mask


def list_named_devices(publics: Iterable[str], *, district: District) -> frozenset[str]:
    """Return those devices, by public id, whose names are shown to everybody: nobody has them, or staff do.

    Other devices may be named after a student. A device that is gone is not returned.
    """
    projection = Projection.objects.filter(district_id=district.pk).first()
    current = build_generation_condition(projection.generation if projection else 0)
    devices = Device.objects.of(district).filter(current, public__in=list(publics))
    rows = list(devices.values_list("public", "holder", "holder_name"))
    holders = [format_public_id("person", holder) for _, holder, _ in rows if holder is not None]
    people = Person.objects.of(district).filter(current, public__in=holders, kind="staff")
    staff = set(people.values_list("subject", flat=True))
    return frozenset(public for public, holder, name in rows if holder in staff or (holder is None and not name))


def _is_shown(definition: ListDefinition, column: str) -> bool:
    return any(item.name == column and item.privacy is not Privacy.STUDENT for item in definition.columns)
