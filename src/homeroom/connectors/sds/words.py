"""School Data Sync's words for roles and grades, from its default list of values."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from homeroom.ingest.rows.field_table import ValueFormat
from homeroom.ingest.rows.roster_rows import GRADE
from homeroom.ingest.values import parsers

ROLES: Mapping[str, str] = {
    **dict.fromkeys(
        ("teacher", "faculty", "professor", "lecturer", "instructor", "adjunct", "substitute", "chair"), "teacher"
    ),
    **dict.fromkeys(("principal", "administrator", "itadmin", "manager"), "administrator"),
    **dict.fromkeys(("aide", "paraprofessional", "teacherassistant"), "aide"),
    **{"student": "student", "parent": "parent", "guardian": "guardian", "relative": "relative"},
    **dict.fromkeys(("alumni", "other", "doctor", "child"), "other"),
}
"""Words in lower case; any other word of a role is staff, as in the form, and stays readable in `job`."""
_GRADES: Mapping[str, str] = {
    **dict.fromkeys(("ps", *(f"ps{year}" for year in range(1, 9)), "undergraduate", "graduate", "postgraduate"), "PS"),
    **{"infanttoddler": "IT", "preschool": "PR", "prekindergarten": "PK", "transitionalkindergarten": "TK"},
}
"""Grades of this form alone, in lower case; PS1 to PS8 are years after school."""
SILENT = ("other", "ae", "un", "a", "ungraded", "unknown", "adulteducation")


def _parse_grade(column: pl.Expr) -> pl.Expr:
    own = parsers.lower_text(column).replace_strict(_GRADES, default=None, return_dtype=pl.String)
    return pl.coalesce(own, GRADE.parse(column))


GRADES = ValueFormat(parse=_parse_grade, fits=GRADE.fits, silent=(*GRADE.silent, *SILENT))
