"""The objects of the OneRoster REST service as rows of the CSV binding's members, so that one set of columns reads both.

Source: OneRoster 1.2 Rostering Service, REST/JSON binding, and OneRoster 1.1: a GUIDRef (`{"href", "sourcedId", "type"}`)
stands where the CSV has a sourcedId. In 1.1 a user has one `role` and `orgs`, in 1.2 a list of `roles`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import polars as pl

from homeroom.ingest.nested import Objects, at, plain

One = Mapping[str, Any]
NO_LISTS: Mapping[str, Callable[[One], Sequence[str]]] = MappingProxyType({})
LINE = "_line"
_ABOUT = {"sourcedId": "sourcedId", "status": "status"}
ORGS = {**_ABOUT, "name": "name", "type": "type", "identifier": "identifier", "parentSourcedId": "parent.sourcedId"}
SESSIONS = {
    **_ABOUT,
    "title": "title",
    "type": "type",
    "startDate": "startDate",
    "endDate": "endDate",
    "parentSourcedId": "parent.sourcedId",
    "schoolYear": "schoolYear",
}
COURSES = {
    **_ABOUT,
    "title": "title",
    "courseCode": "courseCode",
    "orgSourcedId": "org.sourcedId",
    "schoolYearSourcedId": "schoolYear.sourcedId",
}
CLASSES = {
    **_ABOUT,
    "title": "title",
    "classCode": "classCode",
    "classType": "classType",
    "courseSourcedId": "course.sourcedId",
    "schoolSourcedId": "school.sourcedId",
}
ENROLLMENTS = {
    **_ABOUT,
    "userSourcedId": "user.sourcedId",
    "classSourcedId": "class.sourcedId",
    "schoolSourcedId": "school.sourcedId",
    "role": "role",
    "primary": "primary",
    "beginDate": "beginDate",
    "endDate": "endDate",
}
USERS = {
    **_ABOUT,
    "enabledUser": "enabledUser",
    "givenName": "givenName",
    "middleName": "middleName",
    "familyName": "familyName",
    "preferredGivenName": "preferredFirstName",
    "username": "username",
    "email": "email",
    "identifier": "identifier",
    "userMasterIdentifier": "userMasterIdentifier",
    "primaryOrgSourcedId": "primaryOrg.sourcedId",
    "role": "role",
    "sms": "sms",
    "phone": "phone",
    "password": "password",
}


def rows_of(
    objects: Objects,
    first: int,
    *,
    paths: Mapping[str, str],
    lists: Mapping[str, Callable[[One], Sequence[str]]] = NO_LISTS,
) -> pl.DataFrame:
    """A frame of text: the columns of a CSV member, each from a path of names with dots between levels, `_line`, and lists as the
    CSV binding joins them."""
    return pl.DataFrame(
        {
            **{name: _texts([at(one, path) for one in objects]) for name, path in paths.items()},
            **{name: _texts([",".join(found(one)) for one in objects]) for name, found in lists.items()},
            LINE: pl.Series(range(first, first + len(objects)), dtype=pl.Int64),
        }
    )


def roles_of(objects: Objects, first: int) -> pl.DataFrame:
    """The roles of 1.2 users as rows of roles.csv; `_line` is the ordinal of the user."""
    found = [
        (line, one, role)
        for line, one in enumerate(objects, start=first)
        for role in one.get("roles") or ()
        if isinstance(role, Mapping)
    ]
    return pl.DataFrame(
        {
            "sourcedId": _texts([one.get("sourcedId") for _, one, _ in found]),
            "userSourcedId": _texts([one.get("sourcedId") for _, one, _ in found]),
            "status": _texts([one.get("status") for _, one, _ in found]),
            "role": _texts([role.get("role") for _, _, role in found]),
            "roleType": _texts([role.get("roleType") for _, _, role in found]),
            "orgSourcedId": _texts([at(role, "org.sourcedId") for _, _, role in found]),
            "beginDate": _texts([role.get("beginDate") for _, _, role in found]),
            "endDate": _texts([role.get("endDate") for _, _, role in found]),
            LINE: pl.Series([line for line, _, _ in found], dtype=pl.Int64),
        }
    )


def has_roles(objects: Objects) -> bool:
    """Whether these are users of 1.2, who have a list of roles."""
    return any("roles" in one for one in objects)


def _texts(values: Sequence[Any]) -> pl.Series:
    return pl.Series([plain(value) for value in values], dtype=pl.String)


def _refs(name: str) -> Callable[[One], Sequence[str]]:
    """The ids of a list of GUIDRefs."""
    return lambda one: [text for ref in _listed(one.get(name)) if (text := plain(at(ref, "sourcedId")))]


def _words(*names: str) -> Callable[[One], Sequence[str]]:
    """The values of a list, under the first of the names that is there."""

    def found(one: One) -> Sequence[str]:
        value = next((one[name] for name in names if name in one), None)
        return [text for item in _listed(value) if (text := plain(item))]

    return found


def _user_ids(one: One) -> Sequence[str]:
    ids = [found for found in _listed(one.get("userIds")) if isinstance(found, Mapping)]
    return [f"{{{found.get('type') or ''}:{found['identifier']}}}" for found in ids if plain(found.get("identifier"))]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


COURSE_LISTS = {"grades": _words("grades"), "subjects": _words("subjects")}
CLASS_LISTS = {"grades": _words("grades"), "termSourcedIds": _refs("terms"), "periods": _words("periods")}
USER_LISTS = {
    "userIds": _user_ids,
    "agentSourcedIds": _refs("agents"),
    "orgSourcedIds": _refs("orgs"),
    "grades": _words("grades", "grade"),
}
