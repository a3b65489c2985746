"""The schools that a user's role can be limited to: an id of each, and its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext

from homeroom.apps.districts.memberships import MemberRefused
from homeroom.apps.districts.school_keys import SchoolKeys, list_school_keys
from homeroom.domain.district import District
from homeroom.domain.permissions.school_scope import fold_name


def list_school_choices(*, district: District) -> tuple[tuple[str, str], ...]:
    """Return (id, name) of the district's schools, by name; empty before rosters are loaded. Raise QueryTimeout."""
    school_keys = list_school_keys(district=district)
    return tuple((_get_id(school_keys, name), name) for name in sorted(school_keys.keys, key=str.casefold))


def parse_schools(*, district: District, texts: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of schools by names or ids.

    Raise MemberRefused for unknown ones and for the id of several schools, and QueryTimeout.
    """
    wanted = [text for text in texts if text.strip()]
    if not wanted:
        return ()
    school_keys = list_school_keys(district=district)
    for text in wanted:
        if fold_name(text) not in school_keys.names:
            names = ", ".join(sorted(school_keys.keys)) or gettext("none until a roster is loaded")
            raise MemberRefused(
                gettext("There is no school “%(school)s”; schools are: %(names)s.") % {"school": text, "names": names}
            )
        if fold_name(text) in school_keys.shared and fold_name(school_keys.names[fold_name(text)]) != fold_name(text):
            raise MemberRefused(gettext("“%(school)s” is the id of several schools; use a name.") % {"school": text})
    return tuple(sorted({_get_id(school_keys, school_keys.names[fold_name(text)]) for text in wanted}))


def name_schools(*, district: District, schools: Sequence[str]) -> tuple[str, ...]:
    """Return the names of schools by their ids; the id itself where the school is gone. Raise QueryTimeout."""
    if not schools:
        return ()
    school_keys = list_school_keys(district=district)
    return tuple(school_keys.names.get(fold_name(school), school) for school in schools)


def _get_id(school_keys: SchoolKeys, name: str) -> str:
    """Return the first id that is of this school alone, or its name where no source gives it such an id."""
    return min(school_keys.keys[name] - {fold_name(name)} - school_keys.shared, default=name)
