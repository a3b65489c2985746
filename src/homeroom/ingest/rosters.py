"""What native rosters have in common: grades, headings with a table's name before them, and several rows a person."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from homeroom.ingest import fields
from homeroom.ingest.connector import Reading
from homeroom.ingest.headings import hearing
from homeroom.ingest.rows import LINE, SSN, Form, Raw, folded, rejects

_GRADES: dict[str, str | None] = {
    **{f"{number}": f"{number:02}" for number in range(1, 13)},
    **{f"{number:02}": f"{number:02}" for number in range(1, 10)},
    **dict.fromkeys(("0", "00", "k", "kg", "kn", "kf", "kindergarten"), "KG"),
    **dict.fromkeys(("-1", "pk", "prek", "pre-k", "p4", "ps"), "PK"),
    **dict.fromkeys(("-2", "-3", "pr", "p3", "ec", "ee"), "PR"),
    **{"tk": "TK", "it": "IT", "13": "13", "ug": "UG", "12+": "12", "99": None, "": None},
}
"""Grades in Common Education Data Standards codes. 99 is PowerSchool's for those who graduated."""
_SHORTENED = r"^\d(\.\d+)?[Ee]\+?\d+$"
"""1.00241E+11: the numbers of several people have become the same one."""
_WORDS = r"^grade\s+|(st|nd|rd|th)(\s+grade)?$"


def _grade(column: pl.Expr) -> pl.Expr:
    return (
        fields.lower(column).str.replace_all(_WORDS, "").replace_strict(_GRADES, default=None, return_dtype=pl.String)
    )


GRADE = Form(parse=_grade, fits="not a known grade; PK, KG and 01 to 12 fit", silent=("99",))
DAY = Form(
    parse=fields.date,
    kind=pl.Date(),
    fits="not a date; 2026-05-01 and 5/1/2026 fit",
    silent=("0/0/0", "0/0/00", "0/0/0000"),
)
"""A day; 0/0/0 is how PowerSchool writes that there is none."""


PERSON = Form(
    parse=lambda column: pl.when(~fields.plain(column).str.contains(SSN)).then(fields.plain(column)),
    fits="looks like a Social Security number, never kept; an id that the district gives fits",
)
"""The id of a person. One that looks like a Social Security number is none, wherever it stands."""
PEOPLE = Form(
    parse=lambda column: fields.tidy(
        fields.parts(column).list.eval(pl.element().filter(~pl.element().str.contains(SSN)))
    ),
    kind=pl.List(pl.String()),
)
"""Ids of persons, parted by commas, without those that look like a Social Security number."""


def without_tables(frame: pl.DataFrame, *, tables: str) -> tuple[pl.DataFrame, dict[str, str]]:
    """The frame with `STUDENTS.` and the like cut off its headings, and each heading that was cut as it is written.

    `tables` is a regular expression of the names that may stand before the dot, in any case. A heading whose bare form
    is there already stays as it is.
    """
    bare = {name: re.sub(rf"^(?:{tables})\.", "", name, flags=re.IGNORECASE) for name in frame.columns}
    taken = {folded(name) for name in frame.columns if bare[name] == name}
    written: dict[str, str] = {}
    for name, short in bare.items():
        if short != name and folded(short) not in taken:
            taken.add(folded(short))
            written[short] = name
    return frame.rename({name: short for short, name in written.items()}), written


def as_written(reading: Reading, *, written: Mapping[str, str]) -> Reading:
    """The reading with its rejects and dropped columns under the file's own headings, and what was asked for told by them."""
    if headings := hearing():
        headings.renamed(written)
    return Reading(
        tables=reading.tables,
        rejects=reading.rejects.with_columns(pl.col("field").replace(dict(written))),
        dropped={written.get(name, name): count for name, count in reading.dropped.items()},
    )


def numbered(
    rows: pl.DataFrame, *, raw: Raw, headings: tuple[str, ...]
) -> tuple[pl.DataFrame, list[pl.DataFrame], dict[str, int]]:
    """The rows with a number in `key` that is no Social Security number, the rejects, and how many were such numbers."""
    name = (raw.named(*headings) or [headings[0]])[0]
    secret = pl.col("key").str.contains(SSN).fill_null(False)
    short = pl.col("key").str.contains(_SHORTENED).fill_null(False)
    missing = rows.filter(pl.col("key").is_null())
    lost = [
        rejects(missing, field=name, reason="no number, so the person cannot be told from others", row_lost=True),
        rejects(
            rows.filter(secret), field=name, reason="looks like a Social Security number, never kept", row_lost=True
        ),
        rejects(
            rows.filter(short),
            field=name,
            value="key",
            reason="was shortened by a spreadsheet; 100241 fits",
            row_lost=True,
        ),
    ]
    count = int(rows.select(secret.sum()).item())
    return rows.filter(pl.col("key").is_not_null() & ~secret & ~short), lost, {name: count} if count else {}


def people_and_roles(rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """One `person_records` row a key and a `role_records` row for each of its schools and times.

    Of several rows of a person the one that is not over speaks for them, of those the one that is open or ends last.
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
