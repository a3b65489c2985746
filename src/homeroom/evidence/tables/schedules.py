"""School schedules beside classes: years and terms, and the courses of classes."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, D, L, T, Table, build_columns

ACADEMIC_SESSIONS = Table(
    name="academic_sessions",
    meaning="A school year, semester, term or grading period, as one source names it.",
    derived=False,
    key=("key",),
    columns=build_columns(
        PUBLIC,
        ("key", T, "The source's own id of the session."),
        ("title", T, "Its title."),
        ("kind", T, "schoolYear, semester, term, gradingPeriod, or the source's own word."),
        ("begin_date", D, "First day."),
        ("end_date", D, "Last day."),
        ("parent_key", T, "The session that it is a part of, by the source's id."),
        ("school_year", T, "The year in which its school year ends, such as 2027."),
        ("org_key", T, "The school, by the source's id, where a session is one school's."),
        ("status", T, "active or tobedeleted."),
    ),
)

COURSES = Table(
    name="courses",
    meaning="A course that classes are of, as one source names it.",
    derived=False,
    key=("key",),
    columns=build_columns(
        PUBLIC,
        ("key", T, "The source's own id of the course."),
        ("title", T, "Its title."),
        ("code", T, "The code that the district knows the course by."),
        ("org_key", T, "The school or district that offers it, by the source's id."),
        ("session_key", T, "The school year that it is offered in, by the source's id."),
        ("grades", L, "The grades that it is for, in Common Education Data Standards codes."),
        ("subjects", L, "Its subjects, in the source's words."),
        ("status", T, "active or tobedeleted."),
    ),
)
