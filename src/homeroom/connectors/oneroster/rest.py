"""Objects of the OneRoster REST service as rows of the CSV binding, so that one set of columns reads both.

Source: OneRoster 1.2 Rostering Service, REST/JSON binding, and OneRoster 1.1: a GUIDRef (`{"href", "sourcedId",
"type"}`) replaces the CSV's sourcedId. In 1.1 a user has one `role` and `orgs`, in 1.2 a list of `roles`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import polars as pl

from homeroom.ingest.json_files.nested_values import JsonObjects, format_plain_value, get_nested_value

RestObject = Mapping[str, Any]
NO_LISTS: Mapping[str, Callable[[RestObject], Sequence[str]]] = MappingProxyType({})
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
    "location": "location",
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


def build_member_frame(
    objects: JsonObjects,
    first: int,
    *,
    paths: Mapping[str, str],
    lists: Mapping[str, Callable[[RestObject], Sequence[str]]] = NO_LISTS,
) -> pl.DataFrame:
    """Build a frame of text with the columns of a CSV member, and `_line`.

    Each column comes from a path of names with dots between levels; lists are joined as in the CSV binding.
    """
    return pl.DataFrame(
        {
            **{
                name: _build_text_series([get_nested_value(rest_object, path) for rest_object in objects])
                for name, path in paths.items()
            },
            **{
                name: _build_text_series([",".join(read_values(rest_object)) for rest_object in objects])
                for name, read_values in lists.items()
            },
            LINE: pl.Series(range(first, first + len(objects)), dtype=pl.Int64),
        }
    )


def build_role_frame(objects: JsonObjects, first: int) -> pl.DataFrame:
    """Build rows of roles.csv from the roles of 1.2 users; `_line` is the ordinal of the user."""
    user_roles = [
        (line, user, role)
        for line, user in enumerate(objects, start=first)
        for role in user.get("roles") or ()
        if isinstance(role, Mapping)
    ]
    return pl.DataFrame(
        {
            "sourcedId": _build_text_series([user.get("sourcedId") for _, user, _ in user_roles]),
            "userSourcedId": _build_text_series([user.get("sourcedId") for _, user, _ in user_roles]),
            "status": _build_text_series([user.get("status") for _, user, _ in user_roles]),
            "role": _build_text_series([role.get("role") for _, _, role in user_roles]),
            "roleType": _build_text_series([role.get("roleType") for _, _, role in user_roles]),
            "orgSourcedId": _build_text_series([get_nested_value(role, "org.sourcedId") for _, _, role in user_roles]),
            "beginDate": _build_text_series([role.get("beginDate") for _, _, role in user_roles]),
            "endDate": _build_text_series([role.get("endDate") for _, _, role in user_roles]),
            LINE: pl.Series([line for line, _, _ in user_roles], dtype=pl.Int64),
        }
    )


def has_roles(objects: JsonObjects) -> bool:
    """Check whether these are users of 1.2, who have a list of roles."""
    return any("roles" in user for user in objects)


def _build_text_series(values: Sequence[Any]) -> pl.Series:
    return pl.Series([format_plain_value(value) for value in values], dtype=pl.String)


def _build_ref_reader(name: str) -> Callable[[RestObject], Sequence[str]]:
    """Build a function that lists the ids of a list of GUIDRefs."""
    return lambda rest_object: [
        text
        for ref in _ensure_list(rest_object.get(name))
        if (text := format_plain_value(get_nested_value(ref, "sourcedId")))
    ]


def _build_list_reader(*names: str) -> Callable[[RestObject], Sequence[str]]:
    """Build a function that lists the values under the first of the names that an object has."""

    def read_values(rest_object: RestObject) -> Sequence[str]:
        value = next((rest_object[name] for name in names if name in rest_object), None)
        return [text for item in _ensure_list(value) if (text := format_plain_value(item))]

    return read_values


def _format_user_ids(user: RestObject) -> Sequence[str]:
    ids = [user_id for user_id in _ensure_list(user.get("userIds")) if isinstance(user_id, Mapping)]
    return [
        f"{{{user_id.get('type') or ''}:{user_id['identifier']}}}"
        for user_id in ids
        if format_plain_value(user_id.get("identifier"))
    ]


def _ensure_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


COURSE_LISTS = {"grades": _build_list_reader("grades"), "subjects": _build_list_reader("subjects")}
CLASS_LISTS = {
    "grades": _build_list_reader("grades"),
    "termSourcedIds": _build_ref_reader("terms"),
    "periods": _build_list_reader("periods"),
}
USER_LISTS = {
    "userIds": _format_user_ids,
    "agentSourcedIds": _build_ref_reader("agents"),
    "orgSourcedIds": _build_ref_reader("orgs"),
    "grades": _build_list_reader("grades", "grade"),
}
