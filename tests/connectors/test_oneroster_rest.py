"""Objects of the OneRoster REST service, of both versions, become the same rows as the CSV binding's members."""

from __future__ import annotations

from datetime import date
from typing import Any

from homeroom.connectors.oneroster import readers
from tests.connectors.raw_frames import contains_text, list_rejects, list_rows


def _build_ref(key: str) -> dict[str, str]:
    return {"href": f"https://sis.maple.example/{key}", "sourcedId": key, "type": "x"}


STUDENT: dict[str, Any] = {
    "sourcedId": "u1",
    "status": "active",
    "dateLastModified": "2026-11-01T00:00:00.000Z",
    "userMasterIdentifier": "M-1",
    "username": "MVega",
    "userIds": [{"type": "SIS", "identifier": "77"}, {"type": "SSN", "identifier": "123-45-6789"}],
    "enabledUser": True,
    "givenName": "Marisol",
    "familyName": "Vega",
    "preferredFirstName": "Mari",
    "identifier": "1077",
    "email": "mvega@maple.example",
    "sms": "5550100",
    "password": "Tulip-4471",
    "agents": [_build_ref("g2"), _build_ref("g1")],
    "grades": ["03"],
    "primaryOrg": _build_ref("s1"),
    "roles": [
        {"roleType": "primary", "role": "student", "org": _build_ref("s1"), "beginDate": "2026-08-20"},
        {"roleType": "secondary", "role": "student", "org": _build_ref("s2")},
    ],
}


def test_a_user_of_version_1_2_has_the_roles_that_stand_in_it() -> None:
    read = readers.read_rest_users([STUDENT], 1)
    assert list_rows(read, "person_records") == [
        {
            "key": "u1",
            "status": "active",
            "enabled": True,
            "given_name": "Marisol",
            "family_name": "Vega",
            "preferred_name": "Mari",
            "username": "mvega",
            "email": "mvega@maple.example",
            "identifier": "1077",
            "other_ids": ["SIS:77"],
            "master_id": "M-1",
            "grade": "03",
            "agent_keys": ["g1", "g2"],
            "org_key": "s1",
        }
    ]
    assert [
        (row["person_key"], row["role"], row["org_key"], row["primary"]) for row in list_rows(read, "role_records")
    ] == [
        ("u1", "student", "s1", True),
        ("u1", "student", "s2", False),
    ]
    assert list_rows(read, "role_records")[0]["begin_date"] == date(2026, 8, 20)


def test_a_user_of_version_1_1_has_one_role_at_each_organization() -> None:
    older = {name: value for name, value in STUDENT.items() if name not in ("roles", "primaryOrg")}
    read = readers.read_rest_users(
        [older | {"enabledUser": "false", "role": "teacher", "orgs": [_build_ref("s1"), _build_ref("s2")]}], 7
    )
    assert list_rows(read, "person_records")[0]["enabled"] is False
    assert [(row["role"], row["org_key"], row["_line"]) for row in read.tables["role_records"].to_dicts()] == [
        ("teacher", "s1", 7),
        ("teacher", "s2", 7),
    ]


def test_passwords_numbers_and_telephones_of_the_service_stay_at_the_door() -> None:
    read = readers.read_rest_users([STUDENT], 1)
    assert read.dropped == {"password": 1, "sms": 1, "userIds": 1}
    for value in ("Tulip-4471", "5550100", "123-45-6789"):
        assert not contains_text(read, value)


def test_references_of_a_class_a_course_a_term_and_an_enrollment_become_keys() -> None:
    klass = {
        "sourcedId": "c1",
        "title": "Art",
        "classCode": "A1",
        "school": _build_ref("s1"),
        "course": _build_ref("k1"),
        "grades": ["09"],
    }
    (row,) = list_rows(
        readers.read_rest_classes([klass | {"terms": [_build_ref("t1")], "periods": ["2"], "location": "B 12"}], 1),
        "classes",
    )
    assert (row["org_key"], row["course_key"], row["term_keys"], row["periods"], row["location"]) == (
        "s1",
        "k1",
        ["t1"],
        ["2"],
        "B 12",
    )
    course = {
        "sourcedId": "k1",
        "title": "Art",
        "courseCode": "AR",
        "org": _build_ref("s0"),
        "schoolYear": _build_ref("y1"),
    }
    (row,) = list_rows(readers.read_rest_courses([course | {"subjects": ["Art"]}], 1), "courses")
    assert (row["org_key"], row["session_key"], row["subjects"]) == ("s0", "y1", ["Art"])
    term = {"sourcedId": "t1", "title": "Fall", "type": "term", "startDate": "2026-08-20", "endDate": "2026-12-18"}
    (row,) = list_rows(
        readers.read_rest_sessions([term | {"parent": _build_ref("y1"), "schoolYear": "2027"}], 1), "academic_sessions"
    )
    assert (row["parent_key"], row["school_year"], row["begin_date"]) == ("y1", "2027", date(2026, 8, 20))
    enrollment = {
        "sourcedId": "e1",
        "user": _build_ref("u1"),
        "class": _build_ref("c1"),
        "school": _build_ref("s1"),
        "role": "student",
    }
    (row,) = list_rows(
        readers.read_rest_enrollments([enrollment | {"primary": False, "status": "tobedeleted"}], 1), "enrollments"
    )
    assert (row["person_key"], row["class_key"], row["org_key"], row["status"]) == ("u1", "c1", "s1", "tobedeleted")
    org = {"sourcedId": "s1", "name": "Cedar", "type": "school", "parent": _build_ref("s0")}
    (row,) = list_rows(readers.read_rest_orgs([org], 1), "orgs")
    assert (row["parent_key"], row["kind"]) == ("s0", "school")


def test_an_object_without_an_id_is_told_and_left_out() -> None:
    read = readers.read_rest_orgs([{"name": "Nowhere", "type": "school"}], 4)
    assert list_rejects(read) == [(4, "sourcedId", True)]
