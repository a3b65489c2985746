"""Terms, courses and classes of a OneRoster bundle become canonical rows."""

from __future__ import annotations

from datetime import date

from homeroom.connectors.oneroster import readers
from tests.connectors.raw_frames import list_rejects, list_rows, parse_csv


def test_a_term_keeps_its_days_and_the_year_that_it_is_a_part_of() -> None:
    read = readers.read_academic_sessions(
        parse_csv("""
        sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear
        y1,,,2026-27,schoolYear,2026-08-15,2027-06-05,,2027
        q1,tobedeleted,,Fall,gradingPeriod,8/15/2026,soon,y1,2027
        """)
    )
    assert list_rows(read, "academic_sessions") == [
        {
            "key": "y1", "title": "2026-27", "kind": "schoolYear", "begin_date": date(2026, 8, 15),
            "end_date": date(2027, 6, 5), "school_year": "2027", "status": "active",
        },
        {
            "key": "q1", "title": "Fall", "kind": "gradingPeriod", "begin_date": date(2026, 8, 15), "parent_key": "y1",
            "school_year": "2027", "status": "tobedeleted",
        },
    ]  # fmt: skip
    assert list_rejects(read) == [(3, "endDate", False)]


def test_a_course_and_its_class_keep_grades_terms_periods_and_room() -> None:
    course = readers.read_courses(
        parse_csv("""
        sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,subjectCodes
        k1,,,y1,Algebra,ALG,"9,08",s1,"Math, Numbers",
        """)
    )
    assert list_rows(course, "courses") == [
        {
            "key": "k1",
            "title": "Algebra",
            "code": "ALG",
            "org_key": "s1",
            "session_key": "y1",
            "grades": ["08", "09"],
            "subjects": ["Math", "Numbers"],
            "status": "active",
        }
    ]
    section = readers.read_classes(
        parse_csv("""
        sourcedId,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,periods
        c1,Algebra 1,K,k1,A1,scheduled,Room 101,s1,"q2,q1",3
        """)
    )
    assert list_rows(section, "classes")[0] | {} == {
        "key": "c1", "title": "Algebra 1", "kind": "scheduled", "course_key": "k1", "org_key": "s1", "status": "active",
        "code": "A1", "grades": ["KG"], "term_keys": ["q1", "q2"], "periods": ["3"],
        "location": "Room 101",
    }  # fmt: skip


def test_who_answers_for_a_class_is_told_and_an_aide_is_one_in_either_version() -> None:
    read = readers.read_enrollments(
        parse_csv("""
        sourcedId,classSourcedId,schoolSourcedId,userSourcedId,role,primary
        e1,c1,s1,t1,teacher,true
        e2,c1,s1,t2,ext:aide,
        """)
    )
    assert [(row["role"], row.get("primary")) for row in list_rows(read, "enrollments")] == [
        ("teacher", True),
        ("aide", None),
    ]
