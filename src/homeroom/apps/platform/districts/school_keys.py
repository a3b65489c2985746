"""The schools of a district by their names and ids, as rosters and calendars have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from homeroom.apps.platform.districts.evidence_store import fetch_small_table, get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import (
    EVERY_SCHOOL,
    SchoolScope,
    build_school_scope,
    find_shared_ids,
    fold_name,
)

_SCHOOLS_SQL = "SELECT DISTINCT key, name FROM orgs WHERE lower(kind) = 'school' AND name IS NOT NULL ORDER BY ALL"
_CALENDARS_SQL = """
    SELECT DISTINCT org_key FROM (
        SELECT org_key FROM calendar_days UNION ALL SELECT org_key FROM bell_weeks
        UNION ALL SELECT org_key FROM bell_periods
    ) WHERE org_key <> '' ORDER BY ALL"""


@dataclass(frozen=True, kw_only=True)
class SchoolKeys:
    """The schools of a district: `names` by each name and id, folded, `keys` the folded ids and names of each name.

    `shared` are the folded ids that rosters give to schools of different names.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()

    def list_keys(self, name: str) -> frozenset[str]:
        """Return the folded names and ids of a school; its own name for a school that is unknown."""
        return self.keys.get(name) or frozenset({fold_name(name)})


def list_school_keys(*, district: District) -> SchoolKeys:
    """Return the schools that rosters and calendars name. Raise QueryTimeout."""
    store = get_evidence_store(district=district)
    names: dict[str, str] = {}
    keys: dict[str, set[str]] = {}
    names_by_key: dict[str, set[str]] = defaultdict(set)
    for key, name in fetch_small_table(store, _SCHOOLS_SQL):
        for text in filter(None, (name, key)):
            names.setdefault(fold_name(text), name)
            keys.setdefault(names[fold_name(text)], {fold_name(name)}).add(fold_name(text))
        names_by_key[key or name].add(name)
    for (org,) in fetch_small_table(store, _CALENDARS_SQL):
        name = names.setdefault(fold_name(org), org)
        keys.setdefault(name, {fold_name(name)}).add(fold_name(org))
    return SchoolKeys(
        names=names,
        keys={name: frozenset(texts) for name, texts in keys.items()},
        shared=find_shared_ids(names_by_key),
    )


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
