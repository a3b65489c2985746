"""PowerSchool's pupils and staff."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from homeroom.connectors.powerschool.reading import staff, students
from homeroom.ingest.recognise import packages
from homeroom.library.connectors import connectors
from tests.connectors.raw import holds, rejected, rows, said

BO: dict[str, str | None] = {
    "Student_Number": "100241",
    "First_Name": "Bo",
    "Middle_Name": "",
    "Last_Name": "Lindqvist",
    "Grade_Level": "0",
    "SchoolID": "310",
    "[39]Name": "Lincoln Elementary",
    "Enroll_Status": "0",
    "EntryDate": "8/18/2026",
    "ExitDate": "6/12/2027",
    "Home_Room": "K-2 Ortiz",
    "DCID": "9001",
    "State_StudentNumber": "880012",
    "Student_Web_ID": "Bo.Lindqvist",
    "Student_Web_Password": "hunter2",
    "SSN": "078-05-1120",
    "DOB": "3/3/2021",
}


def test_a_pupil_with_a_role_and_without_secrets() -> None:
    read = students(rows([BO]))
    assert said(read, "person_records") == [
        {
            "key": "100241",
            "status": "active",
            "given_name": "Bo",
            "family_name": "Lindqvist",
            "username": "bo.lindqvist",
            "identifier": "100241",
            "other_ids": ["dcid:9001", "state:880012"],
            "grade": "KG",
            "org_key": "310",
            "org_name": "Lincoln Elementary",
            "start_date": date(2026, 8, 18),
            "end_date": date(2027, 6, 12),
            "homeroom": "K-2 Ortiz",
        }
    ]
    assert said(read, "role_records") == [
        {
            "person_key": "100241",
            "role": "student",
            "org_key": "310",
            "org_name": "Lincoln Elementary",
            "primary": True,
            "begin_date": date(2026, 8, 18),
            "end_date": date(2027, 6, 12),
            "status": "active",
        }
    ]
    assert read.dropped == {"Student_Web_Password": 1, "SSN": 1, "DOB": 1}
    assert not any(holds(read, secret) for secret in ("hunter2", "078-05", "2021"))
    assert rejected(read) == []


def test_headings_with_the_tables_name_are_the_same_pupil() -> None:
    named = {name if name.startswith("[") else f"STUDENTS.{name.upper()}": value for name, value in BO.items()}
    read = students(rows([named]))
    assert said(read, "person_records") == said(students(rows([BO])), "person_records")
    assert read.dropped == {"STUDENTS.STUDENT_WEB_PASSWORD": 1, "STUDENTS.SSN": 1, "STUDENTS.DOB": 1}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("0", "active"),
        ("-1", "active"),
        ("1", "tobedeleted"),
        ("2", "tobedeleted"),
        ("3", "tobedeleted"),
        ("4", "tobedeleted"),
        ("Transferred Out", "tobedeleted"),
        (None, "active"),
    ],
)
def test_enrollment_states(word: str | None, status: str) -> None:
    assert said(students(rows([BO | {"Enroll_Status": word}])), "person_records")[0]["status"] == status


@pytest.mark.parametrize(("written", "grade"), [("-1", "PK"), ("-2", "PR"), ("3", "03"), ("12", "12"), ("99", None)])
def test_grades(written: str, grade: str | None) -> None:
    read = students(rows([BO | {"Grade_Level": written}]))
    assert said(read, "person_records")[0].get("grade") == grade
    assert rejected(read) == []


def test_what_cannot_be_read_is_said_and_no_date_is_no_fault() -> None:
    read = students(
        rows(
            [
                BO | {"ExitDate": "0/0/0", "EntryDate": "13/45/2026", "Enroll_Status": "7", "Grade_Level": "Q"},
                BO | {"Student_Number": None},
                BO | {"Student_Number": "078-05-1120"},
            ]
        )
    )
    assert rejected(read) == [
        (2, "Enroll_Status", False),
        (2, "Grade_Level", False),
        (2, "EntryDate", False),
        (3, "Student_Number", True),
        (4, "Student_Number", True),
    ]
    assert read.dropped["Student_Number"] == 1
    assert not holds(read, "078-05")
    assert "end_date" not in said(read, "person_records")[0]


def test_the_enrolment_that_is_not_over_speaks_for_the_pupil() -> None:
    before = BO | {"Enroll_Status": "2", "SchoolID": "320", "[39]Name": "Maple Middle", "ExitDate": "8/17/2026"}
    read = students(rows([before | {"EntryDate": "8/19/2025"}, BO]))
    (person,) = said(read, "person_records")
    assert (person["org_key"], person["status"]) == ("310", "active")
    assert [(role["org_key"], role["primary"]) for role in said(read, "role_records")] == [
        ("320", False),
        ("310", True),
    ]


def test_staff_have_a_role_for_each_school() -> None:
    ada: dict[str, str | None] = {
        "TeacherNumber": "T-88",
        "First_Name": "Ada",
        "Last_Name": "Okoro",
        "Email_Addr": "AOkoro@maple.example",
        "TeacherLoginID": "AOkoro",
        "TeacherLoginPW": "hunter2",
        "Title": "Science",
        "SchoolID": "310",
        "Status": "1",
        "StaffStatus": "1",
        "Home_Phone": "555-0100",
    }
    read = staff(
        rows(
            [
                ada | {"Status": "2", "SchoolID": "320"},
                ada,
                ada | {"TeacherNumber": "T-90", "Title": None, "StaffStatus": "4"},
            ]
        )
    )
    people = said(read, "person_records")
    assert [(one["key"], one["status"], one["org_key"]) for one in people] == [
        ("T-88", "active", "310"),
        ("T-90", "active", "310"),
    ]
    assert (people[0]["email"], people[0]["username"]) == ("aokoro@maple.example", "aokoro")
    roles = [
        (role["person_key"], role["role"], role["org_key"], role["status"], role["job"])
        for role in said(read, "role_records")
    ]
    assert roles == [
        ("T-88", "teacher", "320", "tobedeleted", "Science"),
        ("T-88", "teacher", "310", "active", "Science"),
        ("T-90", "teacher", "310", "active", "Substitute"),
    ]
    assert read.dropped == {"TeacherLoginPW": 3, "Home_Phone": 3}
    assert not holds(read, "hunter2")
    strange = staff(rows([ada | {"StaffStatus": "9"}]))
    assert rejected(strange) == [(2, "StaffStatus", False)]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Student_Number\tFirst_Name\tLast_Name\tGrade_Level\tSchoolID\tEnroll_Status", "powerschool.students"),
        ("STUDENTS.STUDENT_NUMBER\tSTUDENTS.LAST_NAME\tSTUDENTS.GRADE_LEVEL", "powerschool.students-named"),
        ("TeacherNumber\tFirst_Name\tLast_Name\tSchoolID\tEmail_Addr", "powerschool.staff"),
        ("USERS.TeacherNumber\tUSERS.Last_Name\tSCHOOLSTAFF.SchoolID", "powerschool.users-named"),
    ],
)
def test_a_tab_separated_export_finds_its_reader(tmp_path: Path, header: str, kind: str) -> None:
    path = tmp_path / "student.export.text"
    path.write_text(header + "\r\n" + "\t".join("1" for _ in header.split("\t")) + "\r\n", encoding="utf-8", newline="")
    found = packages([path], connectors=connectors())
    assert found.problems == ()
    assert [file.kind.id for package in found.packages for file in package.files] == [kind]


def test_a_number_that_a_spreadsheet_shortened_tells_nobody_apart() -> None:
    read = students(rows([{**BO, "Student_Number": "1.00241E+11"}, {**BO, "Student_Number": "100241000001"}]))
    assert [one["key"] for one in said(read, "person_records")] == ["100241000001"]
    assert rejected(read) == [(2, "Student_Number", True)]
