"""Compares what a receiver has of a roster with what the student information system says.

People are matched by the ids of the student information system first (the receiver's own key, then its number for the
person against either), then by address, always one to one. Pupils and staff are compared; parents and guardians are not,
since few receivers get them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

Rows = Mapping[str, pl.DataFrame]
NEEDED = ("orgs", "person_records", "role_records", "classes", "enrollments")
MISSING, EXTRA, MOVED, GRADE, ADDRESS, SECTION_MISSING, SECTION_EXTRA = KINDS = (
    "missing", "extra", "moved", "grade", "email", "section missing", "section extra",
)  # fmt: skip
"""missing: the receiver lacks the person; extra: only it has them; then what differs about somebody whom both have."""
_FAMILY = ("guardian", "parent", "relative")
_MATCHES = (
    ("key", "key"),
    ("identifier", "key"),
    ("key", "identifier"),
    ("identifier", "identifier"),
    ("email", "email"),
)
"""The receiver's column and the system's, in the order in which they are tried."""


@dataclass(frozen=True, kw_only=True)
class Differences:
    """`rows`: kind, school, key, name, role, said (by the system), received, one row a difference. `matched` counts the
    people whom both have; `sections` is false where the two share no class, so that places in classes say nothing.
    """

    rows: pl.DataFrame
    matched: int
    sections: bool


def compare_rosters(*, sis: Rows, received: Rows, today: date) -> Differences:
    """What the receiver has otherwise than the system. Both are canonical rows of one source each (`NEEDED`)."""
    ours = _people(sis, today=today).with_columns(pl.col("key").alias("ours"))
    theirs = _people(received, today=today).with_columns(pl.col("key").alias("theirs"))
    pairs = _pairs(ours, theirs)
    both = pairs.join(ours, on="ours").join(theirs, on="theirs", suffix="_there")
    missing = ours.join(pairs, on="ours", how="anti").select(
        _kind(MISSING), "school", pl.col("ours").alias("key"), "name", "role", _none("said"), _none("received")
    )
    extra = theirs.join(pairs, on="theirs", how="anti").select(
        _kind(EXTRA), "school", pl.col("theirs").alias("key"), "name", "role", _none("said"), _none("received")
    )
    changed = [
        _changed(both, kind, column) for kind, column in ((MOVED, "schools"), (GRADE, "grade"), (ADDRESS, "email"))
    ]
    places, comparable = _places(sis, received, both=both, today=today)
    every = pl.concat([missing, extra, *changed, places])
    order = pl.col("kind").replace_strict({kind: number for number, kind in enumerate(KINDS)}, return_dtype=pl.Int32)
    ordered = every.sort(pl.col("school").is_null(), "school", order, "name", "key", nulls_last=True)
    return Differences(rows=ordered, matched=pairs.height, sections=comparable)


def by_school(differences: Differences) -> pl.DataFrame:
    """How many differences of each kind each school has: school, then one column a kind."""
    rows = differences.rows.with_columns(pl.col("school").fill_null(""))
    counted = [(pl.col("kind") == kind).sum().alias(kind) for kind in KINDS]
    return rows.group_by("school").agg(counted).sort("school")


def _kind(kind: str) -> pl.Expr:
    return pl.lit(kind).alias("kind")


def _none(name: str) -> pl.Expr:
    return pl.lit(None, dtype=pl.String).alias(name)


def _current(rows: pl.DataFrame, *, today: date) -> pl.DataFrame:
    going = (pl.col("status") == "tobedeleted").fill_null(False)
    over = (pl.col("end_date") < today).fill_null(False) if "end_date" in rows.columns else pl.lit(False)
    return rows.filter(~going & ~over)


def _people(rows: Rows, *, today: date) -> pl.DataFrame:
    """Pupils and staff, one row each, with their schools by name."""
    persons = _current(rows["person_records"], today=today)
    roles = _current(rows["role_records"], today=today)
    names = rows["orgs"].select(pl.col("key").alias("org_key"), pl.col("name").alias("_named")).unique("org_key")
    held = roles.join(names, on="org_key", how="left").with_columns(
        pl.coalesce("_named", "org_name", "org_key").alias("_school")
    )
    each = held.group_by("person_key").agg(
        pl.col("role").sort().unique(maintain_order=True).str.join(", ").alias("role"),
        pl.col("role").is_in(list(_FAMILY)).all().alias("_family"),
        pl.col("_school").drop_nulls().unique().sort().alias("_schools"),
        pl.col("grade").drop_nulls().first().alias("_grade"),
    )
    home = persons.join(names, on="org_key", how="left").with_columns(pl.coalesce("_named", "org_name").alias("_home"))
    told = home.join(each, left_on="key", right_on="person_key", how="left").filter(~pl.col("_family").fill_null(False))
    schools = (
        pl.when(pl.col("_schools").list.len() > 0).then(pl.col("_schools").list.join(", ")).otherwise(pl.col("_home"))
    )
    return told.select(
        "key",
        "identifier",
        "email",
        pl.concat_str("given_name", "family_name", separator=" ", ignore_nulls=True).alias("name"),
        "role",
        schools.alias("schools"),
        pl.coalesce(pl.col("_schools").list.first(), "_home").alias("school"),
        pl.coalesce("grade", "_grade").alias("grade"),
    ).unique("key", keep="first", maintain_order=True)


def _pairs(ours: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """Who is who: ours and theirs, one to one."""
    found = pl.DataFrame(schema={"ours": pl.String, "theirs": pl.String})
    for there, here in _MATCHES:
        left = _once(ours.join(found, on="ours", how="anti"), here).select("ours", pl.col(here).alias("_by"))
        right = _once(theirs.join(found, on="theirs", how="anti"), there).select("theirs", pl.col(there).alias("_by"))
        found = pl.concat([found, left.join(right, on="_by").select("ours", "theirs")])
    return found


def _once(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    return rows.filter(pl.col(column).is_not_null() & pl.col(column).is_unique())


def _changed(both: pl.DataFrame, kind: str, column: str) -> pl.DataFrame:
    """Where both say something, and not the same: case and blanks do not matter."""
    here, there = (pl.col(name).str.to_lowercase().str.strip_chars() for name in (column, f"{column}_there"))
    # A school that only one of the two names by its number says nothing about a move.
    return both.filter(here != there).select(
        _kind(kind), "school", pl.col("ours").alias("key"), "name", "role", pl.col(column).alias("said"),
        pl.col(f"{column}_there").alias("received"),
    )  # fmt: skip


def _places(sis: Rows, received: Rows, *, both: pl.DataFrame, today: date) -> tuple[pl.DataFrame, bool]:
    """Places in classes that only one of the two has, among people and classes that both have."""
    shared = sis["classes"].join(received["classes"], on="key", how="semi").select(
        pl.col("key").alias("class_key"), pl.coalesce("title", "code", "key").alias("_class")
    ).unique("class_key")  # fmt: skip
    who = both.select("ours", "theirs", "school", "name", "role")
    ours = (
        _placed(sis, shared, today=today)
        .join(who, left_on="person_key", right_on="ours")
        .rename({"person_key": "ours"})
    )
    theirs = _placed(received, shared, today=today).join(who, left_on="person_key", right_on="theirs")
    only_ours = ours.join(theirs.select("class_key", "ours"), on=["class_key", "ours"], how="anti")
    only_theirs = theirs.join(ours.select("class_key", "ours"), on=["class_key", "ours"], how="anti")
    told = [
        rows.select(
            _kind(kind), "school", pl.col("ours").alias("key"), "name", "role",
            pl.col("_class").alias("said") if kind == SECTION_MISSING else _none("said"),
            pl.col("_class").alias("received") if kind == SECTION_EXTRA else _none("received"),
        )
        for kind, rows in ((SECTION_MISSING, only_ours), (SECTION_EXTRA, only_theirs))
    ]  # fmt: skip
    return pl.concat(told), shared.height > 0


def _placed(rows: Rows, shared: pl.DataFrame, *, today: date) -> pl.DataFrame:
    current = _current(rows["enrollments"], today=today).select("class_key", "person_key").unique()
    return current.join(shared, on="class_key")
