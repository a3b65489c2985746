"""Infinite Campus' students and staff."""

from __future__ import annotations

from datetime import date

import pytest

from homeroom.connectors.infinitecampus.readers import read_staff, read_students
from homeroom.ingest.contract.connector import CsvKind
from homeroom.ingest.detection.file_kinds import KindMatch, match_kind
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import build_frame, contains_text, list_rejects, list_rows

BO: dict[str, str | None] = {
    "student.personID": "501",
    "student.stateID": "880012",
    "student.studentNumber": "100241",
    "student.lastName": "Lindqvist",
    "student.firstName": "Bo",
    "student.grade": "KG",
    "student.birthdate": "03/03/2021",
    "student.ssn": "078-05-1120",
    "student.calendarName": "26-27 Lincoln Elementary",
    "student.schoolName": "Lincoln Elementary",
    "student.startDate": "08/18/2026",
    "student.endDate": "",
    "student.endStatus": "",
    "student.homeroomTeacher": "Ortiz, Mia",
    "contacts.email": "Bo.Lindqvist@maple.example",
}


def test_a_student_with_grouped_headings() -> None:
    read = read_students(build_frame([BO]))
    assert list_rows(read, "person_records") == [
        {
            "key": "100241",
            "status": "active",
            "given_name": "Bo",
            "family_name": "Lindqvist",
            "email": "bo.lindqvist@maple.example",
            "identifier": "100241",
            "other_ids": ["personid:501", "stateid:880012"],
            "grade": "KG",
            "org_key": "Lincoln Elementary",
            "org_name": "Lincoln Elementary",
            "start_date": date(2026, 8, 18),
            "homeroom": "Ortiz, Mia",
        }
    ]
    assert list_rows(read, "role_records") == [
        {
            "person_key": "100241",
            "role": "student",
            "org_key": "Lincoln Elementary",
            "org_name": "Lincoln Elementary",
            "primary": True,
            "begin_date": date(2026, 8, 18),
            "status": "active",
        }
    ]
    assert read.dropped == {"student.birthdate": 1, "student.ssn": 1}
    assert not any(contains_text(read, secret) for secret in ("078-05", "2021"))


def test_bare_headings_and_the_calendar_where_no_school_is_named() -> None:
    bare = {name.split(".")[1]: value for name, value in BO.items() if name != "student.schoolName"}
    read = read_students(build_frame([bare]))
    assert list_rows(read, "person_records")[0]["org_name"] == "26-27 Lincoln Elementary"


def test_an_enrollment_that_ended_stands_back() -> None:
    before = BO | {"student.schoolName": "Maple", "student.startDate": "08/18/2025", "student.endDate": "06/10/2026"}
    read = read_students(build_frame([before, BO]))
    assert [person["org_name"] for person in list_rows(read, "person_records")] == ["Lincoln Elementary"]
    assert [(role["org_name"], role["primary"]) for role in list_rows(read, "role_records")] == [
        ("Maple", False),
        ("Lincoln Elementary", True),
    ]


def test_an_end_status_without_a_date_is_an_end() -> None:
    assert (
        list_rows(read_students(build_frame([BO | {"student.endStatus": "T01"}])), "person_records")[0]["status"]
        == "tobedeleted"
    )
    dated = BO | {"student.endStatus": "T01", "student.endDate": "06/10/2027"}
    assert list_rows(read_students(build_frame([dated])), "person_records")[0]["status"] == "active"


def test_what_cannot_be_read_is_said_with_line_and_field() -> None:
    read = read_students(
        build_frame(
            [
                BO | {"student.grade": "Q", "student.startDate": "13/45/2026", "contacts.email": "none here"},
                BO | {"student.studentNumber": None},
            ]
        )
    )
    assert list_rejects(read) == [
        (2, "contacts.email", False),
        (2, "student.grade", False),
        (2, "student.startDate", False),
        (3, "student.studentNumber", True),
    ]


def test_staff_with_two_assignments() -> None:
    ada = {
        "individual.staffNumber": "88",
        "individual.lastName": "Okoro",
        "individual.firstName": "Ada",
        "individual.personID": "77",
        "employmentAssignment.title": "Science Teacher",
        "employmentAssignment.teacher": "1",
        "employmentAssignment.startDate": "08/01/2019",
        "sch.name": "Lincoln Elementary",
        "individual.ssn": "078-05-1120",
    }
    club = ada | {"employmentAssignment.title": "Coach", "employmentAssignment.teacher": "0", "sch.name": "Maple"}
    read = read_staff(build_frame([ada, club]))
    (person,) = list_rows(read, "person_records")
    assert (person["key"], person["title"], person["org_name"]) == ("88", "Science Teacher", "Lincoln Elementary")
    roles = [(role["role"], role["org_name"], role["job"]) for role in list_rows(read, "role_records")]
    assert roles == [("teacher", "Lincoln Elementary", "Science Teacher"), ("staff", "Maple", "Coach")]
    assert read.dropped == {"individual.ssn": 2}


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (list(BO), "infinitecampus.students-grouped"),
        (["studentNumber", "lastName", "firstName", "grade", "schoolName"], "infinitecampus.students"),
        (["staffNumber", "lastName", "firstName", "title"], "infinitecampus.staff"),
        (["individual.staffNumber", "individual.lastName", "sch.name"], "infinitecampus.staff-grouped"),
    ],
)
def test_a_header_finds_its_reader(header: list[str], kind: str) -> None:
    match = match_kind(header, kind_class=CsvKind, connectors=load_connectors())
    assert isinstance(match, KindMatch), match
    assert match.kind.id == kind
