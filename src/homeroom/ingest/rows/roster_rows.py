"""Shared parts of native rosters: grades, headings with a table's name before them, and several rows a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import (
    LINE,
    SSN,
    DateFormat,
    RawRows,
    ValueFormat,
    build_rejects,
    normalize_heading,
)
from homeroom.ingest.values import parsers
from homeroom.ingest.values.datetimes import BLANKS

_GRADES: dict[str, str | None] = {
    **{f"{number}": f"{number:02}" for number in range(1, 13)},
    **{f"{number:02}": f"{number:02}" for number in range(1, 10)},
    **dict.fromkeys(("0", "00", "k", "kg", "kn", "kf", "kindergarten"), "KG"),
    **dict.fromkeys(("-1", "pk", "prek", "pre-k", "p4", "ps"), "PK"),
    **dict.fromkeys(("-2", "-3", "pr", "p3", "ec", "ee"), "PR"),
    **{"tk": "TK", "it": "IT", "13": "13", "ug": "UG", "12+": "12", "99": None, "": None},
}
"""Grades in Common Education Data Standards codes. 99 is PowerSchool's code for graduates."""
_SHORTENED = r"^\d(\.\d+)?[Ee]\+?\d+$"
"""1.00241E+11: the numbers of several people have become the same one."""
_WORDS = r"^grade\s+|(st|nd|rd|th)(\s+grade)?$"


def _parse_grade(column: pl.Expr) -> pl.Expr:
    return (
        parsers.lower_text(column)
        .str.replace_all(_WORDS, "")
        .replace_strict(_GRADES, default=None, return_dtype=pl.String)
    )


GRADE = ValueFormat(parse=_parse_grade, fits="not a known grade; PK, KG and 01 to 12 fit", silent=("99",), repeats=True)
DAY = DateFormat(
    parse=parsers.parse_date,
    kind=pl.Date(),
    fits="not a date; 2026-05-01 and 5/1/2026 fit",
    silent=("0/0/0", "0/0/00", "0/0/0000"),
)
"""A day; 0/0/0 is PowerSchool's notation for none."""


def _parse_person(column: pl.Expr) -> pl.Expr:
    text = column.str.strip_chars(BLANKS)
    return pl.when((text != "") & ~text.str.contains(SSN)).then(text)


PERSON = ValueFormat(
    parse=_parse_person,
    fits="looks like a Social Security number, never kept; an id that the district gives fits",
)
"""The id of a person.

A text that looks like a Social Security number is no id, in any column.
"""
PEOPLE = ValueFormat(
    parse=lambda column: parsers.normalize_list(
        parsers.split_list(column).list.eval(pl.element().filter(~pl.element().str.contains(SSN)))
    ),
    kind=pl.List(pl.String()),
)
"""Ids of persons, separated by commas, without those that look like a Social Security number."""


def remove_table_prefixes(frame: pl.DataFrame, *, tables: str) -> tuple[pl.DataFrame, dict[str, str]]:
    """Remove table prefixes such as `STUDENTS.` from headings; return the original headings as well.

    `tables` is a regular expression of the names that may precede the dot, in any case. A heading whose bare form
    exists already stays as it is.
    """
    bare = {name: re.sub(rf"^(?:{tables})\.", "", name, flags=re.IGNORECASE) for name in frame.columns}
    used_headings = {normalize_heading(name) for name in frame.columns if bare[name] == name}
    original_names: dict[str, str] = {}
    for name, bare_name in bare.items():
        if bare_name != name and normalize_heading(bare_name) not in used_headings:
            used_headings.add(normalize_heading(bare_name))
            original_names[bare_name] = name
    return frame.rename({name: bare_name for bare_name, name in original_names.items()}), original_names


def restore_headings(reading: Reading, *, original_names: Mapping[str, str]) -> Reading:
    """Return the reading with rejects, dropped columns and column usage under the file's own headings."""
    return replace(
        reading,
        rejects=reading.rejects.with_columns(pl.col("field").replace(dict(original_names))),
        dropped={original_names.get(name, name): count for name, count in reading.dropped.items()},
        usage=reading.usage.rename_columns(original_names),
    )


def require_person_numbers(
    rows: pl.DataFrame, *, raw: RawRows, headings: tuple[str, ...]
) -> tuple[pl.DataFrame, list[pl.DataFrame], dict[str, int]]:
    """Return the rows with a valid number in `key`, the rejects, and the count of Social Security numbers."""
    name = (raw.find_columns(*headings) or [headings[0]])[0]
    is_ssn = pl.col("key").str.contains(SSN).fill_null(False)
    is_shortened = pl.col("key").str.contains(_SHORTENED).fill_null(False)
    missing = rows.filter(pl.col("key").is_null())
    rejected_rows = [
        build_rejects(missing, field=name, reason="no number, so the person cannot be told from others", row_lost=True),
        build_rejects(
            rows.filter(is_ssn), field=name, reason="looks like a Social Security number, never kept", row_lost=True
        ),
        build_rejects(
            rows.filter(is_shortened),
            field=name,
            value="key",
            reason="was shortened by a spreadsheet; 100241 fits",
            row_lost=True,
        ),
    ]
    count = int(rows.select(is_ssn.sum()).item())
    return (
        rows.filter(pl.col("key").is_not_null() & ~is_ssn & ~is_shortened),
        rejected_rows,
        {name: count} if count else {},
    )


def split_people_and_roles(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return one `person_records` row a key and a `role_records` row for each of its schools and times.

    Of several rows of a person the one that is not over is used, of those the one that is open or ends last.
    Needs key, role, status, org_key, org_name, start_date, end_date, job and `_line`; the rest is the person's.
    """
    ordered = rows.sort(
        pl.col("status") == "tobedeleted",
        pl.col("end_date").is_not_null(),
        "end_date",
        LINE,
        descending=[False, False, True, False],
        maintain_order=True,
    )
    people = ordered.filter(pl.col("key").is_first_distinct()).sort(LINE)
    first = people.select(LINE).to_series().implode()
    roles = rows.select(
        pl.col("key").alias("person_key"),
        "role",
        pl.coalesce("org_key", "org_name").alias("org_key"),
        "org_name",
        pl.col(LINE).is_in(first).alias("primary"),
        pl.col("start_date").alias("begin_date"),
        "end_date",
        "status",
        "job",
        LINE,
    )
    distinct = pl.struct("person_key", "role", "org_key", "begin_date").is_first_distinct()
    own_org = pl.coalesce("org_key", "org_name").alias("org_key")
    person = [name for name in people.columns if not name.startswith("_") and name not in ("role", "job")]
    return {
        "person_records": people.select(*person, LINE).with_columns(own_org),
        "role_records": roles.filter(distinct),
    }


def build_terms(rows: pl.DataFrame, *, key: str, title: str) -> pl.DataFrame:
    """Return the academic sessions that rows of sections name, one row each: the first row of a term describes it.

    `key` and `title` are columns of the rows; a term without a title has its key as such.
    """
    terms = rows.filter(pl.col(key).is_not_null() & pl.col(key).is_first_distinct())
    return terms.select(
        pl.col(key).alias("key"),
        pl.coalesce(title, key).alias("title"),
        pl.lit("term").alias("kind"),
        "begin_date",
        "end_date",
        pl.lit("active").alias("status"),
        "_line",
    )


def build_courses(rows: pl.DataFrame, *, titles: Sequence[str], code: str, subject: str = "") -> pl.DataFrame:
    """Return the courses that rows of sections name by `course_key`, one row each, as the first row describes them.

    `titles` are columns of the rows, the first with a value counts; `code` and, where there is one, `subject` as well.
    """
    courses = rows.filter(pl.col("course_key").is_not_null() & pl.col("course_key").is_first_distinct())
    return courses.select(
        pl.col("course_key").alias("key"),
        pl.coalesce(*titles).alias("title"),
        pl.col(code).alias("code"),
        "org_key",
        *([parsers.collect_list([pl.col(subject)]).alias("subjects")] if subject else ()),
        pl.lit("active").alias("status"),
        "_line",
    )
