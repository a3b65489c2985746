"""The schools that a membership reaches, as rows of the inventory name them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from homeroom.apps.districts.evidence_store import fetch_small_table, get_evidence_store
from homeroom.domain.district import District
from homeroom.domain.permissions.school_scope import EVERY_SCHOOL, SchoolScope, build_school_scope

_SCHOOLS_SQL = "SELECT DISTINCT key, name FROM orgs WHERE lower(kind) = 'school' AND name IS NOT NULL ORDER BY ALL"


def load_school_scope(*, district: District, schools: Sequence[str]) -> SchoolScope:
    """Return the scope of a membership that is limited to schools (ids or names of a roster; none for all schools).

    Nothing is read for all schools. Raise QueryTimeout.
    """
    if not schools:
        return EVERY_SCHOOL
    names_by_key: dict[str, set[str]] = defaultdict(set)
    for key, name in fetch_small_table(get_evidence_store(district=district), _SCHOOLS_SQL):
        names_by_key[key or name].add(name)
    names = {name for key_names in names_by_key.values() for name in key_names}
    return build_school_scope(schools, names_by_key=names_by_key, names=names)
