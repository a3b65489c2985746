"""What a member of some schools begins the day with: how much is at the schools, and the rows that need a look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from homeroom.apps.know.inventory.queries import ListQuery, count_subjects, get_page, get_projection
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import SchoolScope

_NEEDING_A_LOOK: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("devices of leavers", "device", {"withdrawn": "yes"}),
    ("accounts of leavers", "account", {"withdrawn": "yes", "enabled": "yes"}),
    ("staff without a second factor", "account", {"kind": "staff", "enabled": "yes", "second_factor": "no"}),
)


@dataclass(frozen=True, kw_only=True)
class RowsToCheck:
    """Rows of a list that need a look: what they are, the list's kind, the filters that select them, and how many."""

    name: str
    kind: str
    filters: Mapping[str, str]
    count: int


@dataclass(frozen=True, kw_only=True)
class SchoolSummary:
    """The number of subjects of each kind at the schools, and the rows that need a look, without empty ones."""

    totals: Mapping[str, int]
    to_check: tuple[RowsToCheck, ...]


def summarize_schools(*, district: District, schools: SchoolScope) -> SchoolSummary:
    """Return the summary of the inventory at the schools. Raise QueryTimeout."""
    projection = get_projection(district)
    to_check = []
    for name, kind, filters in _NEEDING_A_LOOK:
        query = ListQuery(kind=kind, schools=schools, filters=filters)
        count = get_page(district=district, query=query, columns=[], rows=1, projection=projection).count
        to_check.append(RowsToCheck(name=name, kind=kind, filters=filters, count=count))
    return SchoolSummary(
        totals=count_subjects(district=district, schools=schools), to_check=tuple(row for row in to_check if row.count)
    )
