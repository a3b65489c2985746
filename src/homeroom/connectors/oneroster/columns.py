"""Columns of OneRoster members, and their words, as canonical columns and words.

Source of the columns: OneRoster CSV Binding 1.1 and 1.2.1 (1EdTech, 22 August 2023).
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.rows import roster_rows
from homeroom.ingest.rows.field_table import DATE, EMAIL, LOWER, TEXT, TRUTH, Field, ValueFormat, build_word_format
from homeroom.ingest.values import parsers

STATUS = build_word_format({"active": "active", "tobedeleted": "tobedeleted", "inactive": "tobedeleted"}, noun="status")
ROLES = {
    "student": "student",
    "teacher": "teacher",
    "administrator": "administrator",
    "districtadministrator": "administrator",
    "siteadministrator": "administrator",
    "systemadministrator": "administrator",
    "principal": "administrator",
    "aide": "aide",
    "counselor": "staff",
    "proctor": "staff",
    "staff": "staff",
    "ext:staff": "staff",
    "guardian": "guardian",
    "parent": "parent",
    "relative": "relative",
}
"""Role words of 1.1 and 1.2; any other word, `ext:` ones included, is `other` and stays readable in `job`."""
_NUMBERED = {f"{number:02}": f"{number:02}" for number in range(1, 13)}
_SHORT = {str(number): f"{number:02}" for number in range(1, 10)}
GRADES = {
    **_NUMBERED,
    **_SHORT,
    **{"kg": "KG", "k": "KG", "kindergarten": "KG", "0": "KG", "00": "KG", "tk": "TK", "pk": "PK", "prek": "PK"},
    **{
        "pre-k": "PK",
        "pr": "PR",
        "it": "IT",
        "ug": "UG",
        "13": "13",
        "ps": "PS",
        "-1": "PK",
        "-2": "PR",
        "other": None,
    },
}
"""Grades in Common Education Data Standards codes, from the words that student information systems write."""


def _parse_grade(column: pl.Expr) -> pl.Expr:
    first = parsers.lower_text(column).str.extract(r"^([^,;]+)").str.replace(r"^grade\s+|(st|nd|rd|th)(\s+grade)?$", "")
    return first.replace_strict(GRADES, default=None, return_dtype=pl.String)


GRADE = ValueFormat(
    parse=_parse_grade, fits="not a known grade; PK, KG and 01 to 12 fit", silent=("other",), repeats=True
)
LIST = ValueFormat(parse=lambda column: parsers.normalize_list(parsers.split_list(column)), kind=pl.List(pl.String()))
ORDERED = ValueFormat(parse=parsers.split_list, kind=pl.List(pl.String()))


def _parse_grades(column: pl.Expr) -> pl.Expr:
    """Parse the known grades of a list, in the order of their codes; others are dropped."""
    codes = parsers.split_list(parsers.lower_text(column)).list.eval(
        pl.element().replace_strict(GRADES, default=None, return_dtype=pl.String)
    )
    return parsers.normalize_list(codes.list.drop_nulls())


GRADE_LIST = ValueFormat(parse=_parse_grades, kind=pl.List(pl.String()))
ENROLLED_AS = ValueFormat(
    parse=lambda column: parsers.lower_text(column).str.replace(r"^ext:aide$", "aide"), repeats=True
)
"""The role in a class; 1.2 has no aides, so that they come as an `ext:` extension."""


def _parse_user_ids(column: pl.Expr) -> pl.Expr:
    unwrapped = parsers.strip_text(column).str.strip_chars("{}")
    return parsers.normalize_list(parsers.split_list(unwrapped.str.replace_all("},{", ",", literal=True)))


USER_IDS = ValueFormat(parse=_parse_user_ids, kind=pl.List(pl.String()))
_KEY = Field(to="key", headings=("sourcedId",))
_STATUS = Field(to="status", headings=("status",), form=STATUS)

ORGS = (
    _KEY,
    Field(to="name", headings=("name",), form=TEXT),
    Field(to="kind", headings=("type",), form=LOWER),
    Field(to="identifier", headings=("identifier",)),
    Field(to="parent_key", headings=("parentSourcedId",)),
    _STATUS,
)
PEOPLE = (
    Field(to="key", headings=("sourcedId",), form=roster_rows.PERSON),
    _STATUS,
    Field(to="enabled", headings=("enabledUser",), form=TRUTH),
    Field(to="given_name", headings=("givenName",), form=TEXT),
    Field(to="middle_name", headings=("middleName",), form=TEXT),
    Field(to="family_name", headings=("familyName",), form=TEXT),
    Field(to="preferred_name", headings=("preferredGivenName",), form=TEXT),
    Field(to="username", headings=("username",), form=LOWER),
    Field(to="email", headings=("email",), form=EMAIL),
    Field(to="identifier", headings=("identifier",)),
    Field(to="other_ids", headings=("userIds",), form=USER_IDS),
    Field(to="master_id", headings=("userMasterIdentifier",)),
    Field(to="grade", headings=("grades",), form=GRADE),
    Field(to="agent_keys", headings=("agentSourcedIds",), form=roster_rows.PEOPLE),
)
PEOPLE_1_1 = (
    *PEOPLE,
    Field(to="_job", headings=("role",)),
    Field(to="_orgs", headings=("orgSourcedIds", "orgSourcedId"), form=ORDERED),
)
PEOPLE_1_2 = (*PEOPLE, Field(to="org_key", headings=("primaryOrgSourcedId",)))
ROLE_ROWS = (
    Field(to="person_key", headings=("userSourcedId",), form=roster_rows.PERSON),
    Field(to="job", headings=("role",)),
    Field(to="org_key", headings=("orgSourcedId",)),
    Field(
        to="primary",
        headings=("roleType",),
        form=build_word_format({"primary": True, "secondary": False}, noun="role type"),
    ),
    Field(to="begin_date", headings=("beginDate",), form=DATE),
    Field(to="end_date", headings=("endDate",), form=DATE),
    _STATUS,
)
CLASSES = (
    _KEY,
    Field(to="title", headings=("title",), form=TEXT),
    Field(to="kind", headings=("classType",), form=LOWER),
    Field(to="course_key", headings=("courseSourcedId",)),
    Field(to="org_key", headings=("schoolSourcedId",)),
    _STATUS,
    Field(to="code", headings=("classCode",)),
    Field(to="grades", headings=("grades",), form=GRADE_LIST),
    Field(to="term_keys", headings=("termSourcedIds", "termSourcedId"), form=LIST),
    Field(to="periods", headings=("periods",), form=LIST),
    Field(to="location", headings=("location",), form=TEXT),
)
SESSIONS = (
    _KEY,
    Field(to="title", headings=("title",), form=TEXT),
    Field(to="kind", headings=("type",)),
    Field(to="begin_date", headings=("startDate",), form=DATE),
    Field(to="end_date", headings=("endDate",), form=DATE),
    Field(to="parent_key", headings=("parentSourcedId",)),
    Field(to="school_year", headings=("schoolYear",)),
    _STATUS,
)
COURSES = (
    _KEY,
    Field(to="title", headings=("title",), form=TEXT),
    Field(to="code", headings=("courseCode",)),
    Field(to="org_key", headings=("orgSourcedId",)),
    Field(to="session_key", headings=("schoolYearSourcedId",)),
    Field(to="grades", headings=("grades",), form=GRADE_LIST),
    Field(to="subjects", headings=("subjects",), form=LIST),
    _STATUS,
)
ENROLLMENTS = (
    Field(to="key", headings=("sourcedId",), form=roster_rows.PERSON),  # some systems number a row by its person
    Field(to="person_key", headings=("userSourcedId",), form=roster_rows.PERSON),
    Field(to="class_key", headings=("classSourcedId",)),
    Field(to="org_key", headings=("schoolSourcedId",)),
    Field(to="role", headings=("role",), form=ENROLLED_AS),
    Field(to="begin_date", headings=("beginDate",), form=DATE),
    Field(to="end_date", headings=("endDate",), form=DATE),
    _STATUS,
    Field(to="primary", headings=("primary",), form=TRUTH),
)
