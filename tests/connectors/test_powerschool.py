"""PowerSchool's students and staff."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from homeroom.connectors.powerschool.readers import read_staff, read_students
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import build_frame, contains_text, list_rejects, list_rows

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


def test_a_student_with_a_role_and_without_secrets() -> None:
    read = read_students(build_frame([BO]))
    assert list_rows(read, "person_records") == [
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
    assert list_rows(read, "role_records") == [
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
    assert not any(contains_text(read, secret) for secret in ("hunter2", "078-05", "2021"))
    assert list_rejects(read) == []


def test_headings_with_the_tables_name_are_the_same_student() -> None:
    named = {name if name.startswith("[") else f"STUDENTS.{name.upper()}": value for name, value in BO.items()}
    read = read_students(build_frame([named]))
    assert list_rows(read, "person_records") == list_rows(read_students(build_frame([BO])), "person_records")
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
    assert (
        list_rows(read_students(build_frame([BO | {"Enroll_Status": word}])), "person_records")[0]["status"] == status
    )


@pytest.mark.parametrize(("written", "grade"), [("-1", "PK"), ("-2", "PR"), ("3", "03"), ("12", "12"), ("99", None)])
def test_grades(written: str, grade: str | None) -> None:
    read = read_students(build_frame([BO | {"Grade_Level": written}]))
    assert list_rows(read, "person_records")[0].get("grade") == grade
    assert list_rejects(read) == []


def test_what_cannot_be_read_is_said_and_no_date_is_no_fault() -> None:
    read = read_students(
        build_frame(
            [
                BO | {"ExitDate": "0/0/0", "EntryDate": "13/45/2026", "Enroll_Status": "7", "Grade_Level": "Q"},
                BO | {"Student_Number": None},
                BO | {"Student_Number": "078-05-1120"},
            ]
        )
    )
    assert list_rejects(read) == [
        (2, "Enroll_Status", False),
        (2, "Grade_Level", False),
        (2, "EntryDate", False),
        (3, "Student_Number", True),
        (4, "Student_Number", True),
    ]
    assert read.dropped["Student_Number"] == 1
    assert not contains_text(read, "078-05")
    assert "end_date" not in list_rows(read, "person_records")[0]


def test_the_enrollment_that_is_not_over_speaks_for_the_student() -> None:
    before = BO | {"Enroll_Status": "2", "SchoolID": "320", "[39]Name": "Maple Middle", "ExitDate": "8/17/2026"}
    read = read_students(build_frame([before | {"EntryDate": "8/19/2025"}, BO]))
    (person,) = list_rows(read, "person_records")
    assert (person["org_key"], person["status"]) == ("310", "active")
    assert [(role["org_key"], role["primary"]) for role in list_rows(read, "role_records")] == [
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
    read = read_staff(
        build_frame(
            [
                ada | {"Status": "2", "SchoolID": "320"},
                ada,
                ada | {"TeacherNumber": "T-90", "Title": None, "StaffStatus": "4"},
            ]
        )
    )
    people = list_rows(read, "person_records")
    assert [(person["key"], person["status"], person["org_key"]) for person in people] == [
        ("T-88", "active", "310"),
        ("T-90", "active", "310"),
    ]
    assert (people[0]["email"], people[0]["username"]) == ("aokoro@maple.example", "aokoro")
    roles = [
        (role["person_key"], role["role"], role["org_key"], role["status"], role["job"])
        for role in list_rows(read, "role_records")
    ]
    assert roles == [
        ("T-88", "teacher", "320", "tobedeleted", "Science"),
        ("T-88", "teacher", "310", "active", "Science"),
        ("T-90", "teacher", "310", "active", "Substitute"),
    ]
    assert read.dropped == {"TeacherLoginPW": 3, "Home_Phone": 3}
    assert not contains_text(read, "hunter2")
    strange = read_staff(build_frame([ada | {"StaffStatus": "9"}]))
    assert list_rejects(strange) == [(2, "StaffStatus", False)]


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
    detection = detect_packages([path], connectors=load_connectors())
    assert detection.problems == ()
    assert [file.kind.id for package in detection.packages for file in package.files] == [kind]


def test_a_number_that_a_spreadsheet_shortened_tells_nobody_apart() -> None:
    read = read_students(
        build_frame([{**BO, "Student_Number": "1.00241E+11"}, {**BO, "Student_Number": "100241000001"}])
    )
    assert [row["key"] for row in list_rows(read, "person_records")] == ["100241000001"]
    assert list_rejects(read) == [(2, "Student_Number", True)]
