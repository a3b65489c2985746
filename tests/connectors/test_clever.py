"""Clever's files become canonical rows, and private columns are dropped at ingest."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from homeroom.connectors.clever import readers
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import contains_text, list_rejects, list_rows, parse_csv

STUDENTS = """
    School_id,Student_id,Student_number,State_id,Last_name,Middle_name,First_name,Grade,Gender,DOB,Student_email,Username,Password,Contact_phone
    310,77,1077,88001,Vega,,Marisol,Kindergarten,F,02/29/2020,MVega@maple.example,MVega,Tulip-4471,555-0100
    320,77,1077,88001,Vega,,Marisol,Kindergarten,F,02/29/2020,MVega@maple.example,MVega,Tulip-4471,
    310,78,123-45-6789,,Okoro,,Ada,PostGraduate,F,,,,,
    310,,1,,No,,Id,3,,,,,,
"""
SECTIONS = """
    School_id,Section_id,Teacher_id,Teacher_2_id,Name,Section_number,Grade,Course_name,Course_number,Period,Subject,Term_name,Term_start,Term_end
    310,S1,t1,t2,Algebra - 2,2,9,Algebra,ALG,3,math,Fall,08/15/2026,12/18/2026
    310,S2,t2,,,1,1,,,,homeroom/advisory,,,
"""


def test_a_student_with_two_schools_is_one_person_with_two_roles() -> None:
    read = readers.read_students(parse_csv(STUDENTS))
    assert list_rows(read, "person_records")[0] == {
        "key": "77",
        "status": "active",
        "given_name": "Marisol",
        "family_name": "Vega",
        "username": "mvega",
        "email": "mvega@maple.example",
        "identifier": "1077",
        "other_ids": ["state:88001"],
        "grade": "KG",
        "org_key": "310",
    }
    assert [(row["person_key"], row["org_key"]) for row in list_rows(read, "role_records")] == [
        ("77", "310"), ("77", "320"), ("78", "310"),
    ]  # fmt: skip
    assert list_rows(read, "person_records")[1]["grade"] == "PS"
    assert list_rejects(read) == [(5, "Student_id", True)]


def test_what_is_private_is_counted_and_left() -> None:
    read = readers.read_students(parse_csv(STUDENTS))
    assert read.dropped == {"Gender": 3, "DOB": 2, "Password": 2, "Contact_phone": 1, "identifier": 1}
    assert not contains_text(read, "Tulip-4471")
    assert not contains_text(read, "123-45-6789")


def test_the_first_teacher_answers_for_a_section() -> None:
    read = readers.read_sections(parse_csv(SECTIONS))
    assert [(row["key"], row["primary"]) for row in list_rows(read, "enrollments")] == [
        ("S1:t1", True), ("S1:t2", False), ("S2:t2", True),
    ]  # fmt: skip
    algebra, homeroom = list_rows(read, "classes")
    assert algebra | {} == {
        "key": "S1",
        "title": "Algebra - 2",
        "kind": "scheduled",
        "course_key": "310:ALG:Algebra",
        "org_key": "310",
        "status": "active",
        "code": "2",
        "grades": ["09"],
        "periods": ["3"],
        "term_keys": ["Fall:2026-08-15:2026-12-18"],
    }
    assert (homeroom["kind"], homeroom["title"], homeroom.get("course_key")) == ("homeroom", "S2", None)
    assert list_rows(read, "academic_sessions")[0]["end_date"] == date(2026, 12, 18)
    assert list_rows(read, "courses")[0]["title"] == "Algebra"


def test_each_file_is_known_by_its_headings(tmp_path: Path) -> None:
    files = {
        "a": "School_id,School_name,School_number,State_id,Low_grade\n310,Maple,310,1,KG\n",
        "b": "\n".join(line.strip() for line in STUDENTS.strip().splitlines()) + "\n",
        "c": "School_id,Teacher_id,Teacher_number,Teacher_email,First_name,Last_name\n310,t1,5,t@maple.example,Per,Lind\n",
        "d": "School_id,Staff_id,Staff_email,First_name,Last_name,Title,Role\n310,9,s@maple.example,Ada,Ek,Clerk,School Tech Lead\n",
        "e": "\n".join(line.strip() for line in SECTIONS.strip().splitlines()) + "\n",
        "f": "School_id,Section_id,Student_id\n310,S1,77\n310,S1,77\n310,S1,\n",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    detection = detect_packages([tmp_path], connectors=load_connectors())
    assert detection.problems == ()
    assert sorted(package.stream for package in detection.packages) == [
        f"clever.{name}" for name in ("enrollments", "schools", "sections", "staff", "students", "teachers")
    ]
    enrolled = next(package for package in detection.packages if package.stream == "clever.enrollments")
    read = readers.read_enrollments(next(enrolled.files[0].iter_chunks()))
    assert [row["key"] for row in list_rows(read, "enrollments")] == ["S1:77"]
    assert list_rejects(read) == [(4, "Student_id", True)]


def test_staff_and_schools_are_read() -> None:
    clerk = readers.read_staff(
        parse_csv(
            "School_id,Staff_id,Staff_email,First_name,Last_name,Title,Role\n310,9,s@maple.example,Ada,Ek,,School "
            "Tech Lead"
        )
    )
    assert (list_rows(clerk, "role_records")[0]["role"], list_rows(clerk, "role_records")[0]["job"]) == (
        "staff",
        "school tech lead",
    )
    teacher = readers.read_teachers(
        parse_csv("School_id,Teacher_id,Teacher_number,First_name,Last_name\n310,t1,5,Per,Lind")
    )
    assert list_rows(teacher, "role_records")[0]["role"] == "teacher"
    school = readers.read_schools(
        parse_csv("School_id,School_name,Principal,School_phone\n310,Maple,Ann Example,555-0100")
    )
    assert list_rows(school, "orgs") == [{"key": "310", "name": "Maple", "kind": "school", "status": "active"}]
    assert school.dropped == {"Principal": 1, "School_phone": 1}
