"""The schools that a user's role can be limited to, by their names.

A school is stored by its name: the next roster may give its id to another school.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext

from homeroom.apps.platform.districts.memberships import MemberRefused
from homeroom.apps.platform.districts.school_keys import list_school_keys
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import fold_name


def list_school_choices(*, district: District) -> tuple[str, ...]:
    """Return the names of the district's schools in order; empty before rosters are loaded. Raise QueryTimeout."""
    return tuple(sorted(list_school_keys(district=district).keys, key=str.casefold))


def parse_schools(*, district: District, texts: Iterable[str]) -> tuple[str, ...]:
    """Return the names of schools by names or ids.

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
    return tuple(sorted({school_keys.names[fold_name(text)] for text in wanted}))


def find_lost_schools(*, district: District, schools: Sequence[str]) -> tuple[str, ...]:
    """Return those schools of a membership that no loaded roster has by this name. Raise QueryTimeout."""
    names = {fold_name(name) for name in list_school_keys(district=district).keys} if schools else set()
    return tuple(school for school in schools if names and fold_name(school) not in names)
