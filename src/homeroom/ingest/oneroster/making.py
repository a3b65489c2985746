"""Canonical rows of one source as the members of a OneRoster 1.2 bundle that is referentially whole.

What the specification requires and a source does not say is made, always alike: a district above its schools, the school
year in which a class without a term is taught, the course of a class without one. What cannot be written is left out and
counted with its reason: people without a name or a role, classes at no school, places in classes that are not there.
Passwords, telephones and demographics are never written: no canonical row holds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from homeroom.evidence.schema import POLARS
from homeroom.evidence.tables import TABLES
from homeroom.ingest.oneroster import people
from homeroom.ingest.oneroster.columns import CLASS_TYPES, ORG_TYPES, SESSION_TYPES
from homeroom.ingest.oneroster.written import (
    GONE,
    comma,
    day,
    extended,
    identified,
    known,
    only,
    without_circles,
)

NEEDED = ("orgs", "person_records", "role_records", "academic_sessions", "courses", "classes", "enrollments")
DISTRICT = "homeroom-district"


@dataclass
class Made:
    """The members that have rows, by name, all values as text; and how many rows were left out, by reason."""

    members: dict[str, pl.DataFrame] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    def leave(self, rows: pl.DataFrame, keep: pl.Expr, *, reason: str) -> pl.DataFrame:
        """The rows that are kept; the others are counted."""
        kept = rows.filter(keep.fill_null(False))
        if lost := rows.height - kept.height:
            self.left[reason] = self.left.get(reason, 0) + lost
        return kept


def bundle_of(tables: Mapping[str, pl.DataFrame], *, district: str, year: tuple[date, date]) -> Made:
    """The members of a bundle from one source's canonical rows (`NEEDED`; a table may be missing).

    `district` names the organisation that is made where the source has none, `year` is the first and last day of the
    school year that is made for classes without a term.
    """
    rows = {name: identified(_active(tables.get(name), name), TABLES[name]) for name in NEEDED}
    made = Made()
    orgs = _orgs(rows, district=district)
    sessions = _sessions(rows, year=year, made=made)
    classes = _classes(rows, orgs=orgs, sessions=sessions, made=made)
    courses = _courses(rows, classes=classes, orgs=orgs, sessions=sessions)
    users, roles = people.written(rows, orgs=orgs, made=made.leave)
    enrollments = people.enrolled(rows, classes=classes, users=users, made=made.leave)
    taught = sessions.filter(~pl.col("made") | known(pl.col("sourcedId"), classes["termSourcedIds"]))
    members = {
        "orgs": orgs, "academicSessions": taught.drop("made"), "courses": courses, "classes": classes.drop("terms"),
        "users": users, "roles": roles, "enrollments": enrollments,
    }  # fmt: skip
    made.members = {name: frame for name, frame in members.items() if frame.height}
    return made


def _active(frame: pl.DataFrame | None, table: str) -> pl.DataFrame:
    declared = {column.name: POLARS[column.type] for column in TABLES[table].columns}
    if frame is None:
        return pl.DataFrame(schema=declared)
    whole = frame.select(
        pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, dtype=kind).alias(name)
        for name, kind in declared.items()
    )
    return whole.filter((pl.col("status") != GONE).fill_null(True))


def _orgs(rows: Mapping[str, pl.DataFrame], *, district: str) -> pl.DataFrame:
    """Organisations, those that only roles and classes name as schools, and a district where there is none."""
    told = rows["orgs"].select("key", "name", "kind", "identifier", "parent_key")
    named = pl.concat(
        [
            rows["role_records"].select(pl.col("org_key").alias("key"), pl.col("org_name").alias("name")),
            rows["person_records"].select(pl.col("org_key").alias("key"), pl.col("org_name").alias("name")),
            rows["classes"].select(pl.col("org_key").alias("key"), pl.lit(None, dtype=pl.String).alias("name")),
        ]
    ).drop_nulls("key")
    others = named.sort("name", nulls_last=True, maintain_order=True).unique("key", keep="first", maintain_order=True)
    schools = others.join(told, on="key", how="anti").with_columns(kind=pl.lit("school"))
    every = pl.concat([told, schools], how="diagonal")
    if not (every["kind"] == "district").any():
        top = pl.DataFrame({"key": [DISTRICT], "name": [district], "kind": ["district"]})
        every = pl.concat([every, top], how="diagonal")
    every = without_circles(every, parent="parent_key")
    return only(
        "orgs",
        every.select(
            pl.col("key").alias("sourcedId"),
            pl.coalesce("name", "key").alias("name"),
            extended(pl.col("kind"), ORG_TYPES, default="school").alias("type"),
            "identifier",
            pl.col("parent_key").alias("parentSourcedId"),
        ),
    )


def _sessions(rows: Mapping[str, pl.DataFrame], *, year: tuple[date, date], made: Made) -> pl.DataFrame:
    dated = pl.col("begin_date").is_not_null() & (pl.col("begin_date") <= pl.col("end_date"))
    told = made.leave(rows["academic_sessions"], dated, reason="a term without its first and last day")
    own = f"homeroom-year-{year[1].year}"
    spare = pl.DataFrame(
        {"key": [own], "title": [f"{year[0].year}-{year[1].year}"], "kind": ["schoolYear"], "begin_date": [year[0]],
         "end_date": [year[1]], "school_year": [str(year[1].year)], "made": [True]}
    )  # fmt: skip
    every = pl.concat([told.filter(pl.col("key") != own), spare], how="diagonal")
    every = without_circles(every, parent="parent_key")
    ends = pl.col("end_date").dt.year() + (pl.col("end_date").dt.month() > 7).cast(pl.Int32)
    said = pl.when(pl.col("school_year").str.contains(r"^(19|20|21)\d\d$")).then(pl.col("school_year"))
    return only(
        "academicSessions",
        every.select(
            pl.col("key").alias("sourcedId"),
            pl.coalesce("title", "key").alias("title"),
            extended(pl.col("kind"), SESSION_TYPES, default="term").alias("type"),
            day("begin_date").alias("startDate"),
            day("end_date").alias("endDate"),
            pl.col("parent_key").alias("parentSourcedId"),
            pl.coalesce(said, ends.cast(pl.String)).alias("schoolYear"),
            pl.col("made").fill_null(False),
        ),
        more=("made",),
    )


def _classes(
    rows: Mapping[str, pl.DataFrame], *, orgs: pl.DataFrame, sessions: pl.DataFrame, made: Made
) -> pl.DataFrame:
    schools = orgs.filter((pl.col("type") == "school") | pl.col("type").str.starts_with("ext:"))
    at_school = known(pl.col("org_key"), schools["sourcedId"])
    told = made.leave(rows["classes"], at_school, reason="a class at no school")
    spare = sessions.filter(pl.col("made"))["sourcedId"].item()
    there = sessions["sourcedId"].implode()
    terms = pl.col("term_keys").list.eval(pl.element().filter(pl.element().is_in(there)))
    none = (terms.list.len() == 0).fill_null(True)
    return only(
        "classes",
        told.select(
            pl.col("key").alias("sourcedId"),
            pl.coalesce("title", "code", "key").alias("title"),
            comma("grades").alias("grades"),
            pl.coalesce("course_key", pl.concat_str(pl.lit("course-of-"), pl.col("key"))).alias("courseSourcedId"),
            pl.col("code").alias("classCode"),
            extended(pl.col("kind"), CLASS_TYPES, default="scheduled").alias("classType"),
            pl.col("org_key").alias("schoolSourcedId"),
            pl.when(none).then(pl.lit(spare)).otherwise(terms.list.join(",")).alias("termSourcedIds"),
            comma("periods").alias("periods"),
            terms.alias("terms"),
        ),
        more=("terms",),
    )


def _courses(
    rows: Mapping[str, pl.DataFrame], *, classes: pl.DataFrame, orgs: pl.DataFrame, sessions: pl.DataFrame
) -> pl.DataFrame:
    """Courses, and one of its own for each class whose course is not told."""
    top = orgs.filter(pl.col("type") == "district")["sourcedId"].first()
    years = sessions.filter(pl.col("type") == "schoolYear")["sourcedId"]
    told = rows["courses"].select(
        pl.col("key").alias("sourcedId"),
        pl.when(known(pl.col("session_key"), years)).then(pl.col("session_key")).alias("schoolYearSourcedId"),
        pl.coalesce("title", "code", "key").alias("title"),
        pl.col("code").alias("courseCode"),
        comma("grades").alias("grades"),
        pl.when(known(pl.col("org_key"), orgs["sourcedId"]))
        .then(pl.col("org_key"))
        .otherwise(pl.lit(top))
        .alias("orgSourcedId"),
        comma("subjects").alias("subjects"),
    )
    of_classes = classes.select(
        pl.col("courseSourcedId").alias("sourcedId"), "title", pl.col("schoolSourcedId").alias("orgSourcedId")
    ).unique("sourcedId", keep="first", maintain_order=True)
    others = of_classes.join(told, on="sourcedId", how="anti")
    return only("courses", pl.concat([told, others], how="diagonal"))
