"""Export of one source's canonical rows as the members of a OneRoster 1.2 bundle with complete references.

Required values that a source lacks are generated, always in the same way: a district above its schools, the school year
of a class without a term, the course of a class without one. Rows that cannot be exported are left out and counted with
the reason: people without a name or a role, classes at no school, enrollments in missing classes. Passwords, telephones
and demographics are never exported: no canonical row holds them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from homeroom.evidence.files.polars_schema import POLARS_TYPES
from homeroom.evidence.tables import TABLES
from homeroom.ingest.oneroster import user_export
from homeroom.ingest.oneroster.column_spec import CLASS_TYPES, ORG_TYPES, SESSION_TYPES
from homeroom.ingest.oneroster.serialization import (
    GONE,
    format_day,
    is_known,
    join_with_commas,
    map_to_vocabulary,
    remove_cycles,
    sanitize_ids,
    select_member_columns,
)

REQUIRED_TABLES = ("orgs", "person_records", "role_records", "academic_sessions", "courses", "classes", "enrollments")
DISTRICT = "homeroom-district"


@dataclass
class ExportedBundle:
    """The members that have rows, by name, all values as text; and how many rows were left out, by reason."""

    members: dict[str, pl.DataFrame] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    def filter_rows(self, rows: pl.DataFrame, condition: pl.Expr, *, reason: str) -> pl.DataFrame:
        """Return the rows that fulfill the condition; count the others."""
        valid_rows = rows.filter(condition.fill_null(False))
        if rejected_count := rows.height - valid_rows.height:
            self.left_out[reason] = self.left_out.get(reason, 0) + rejected_count
        return valid_rows


def export_bundle(tables: Mapping[str, pl.DataFrame], *, district: str, year: tuple[date, date]) -> ExportedBundle:
    """Build the members of a bundle from one source's canonical rows (`REQUIRED_TABLES`; a table may be missing).

    `district` names the organization that is added if the source has none, `year` is the first and last day of the
    school year that is added for classes without a term.
    """
    rows = {name: sanitize_ids(_filter_active(tables.get(name), name), TABLES[name]) for name in REQUIRED_TABLES}
    bundle = ExportedBundle()
    orgs = _export_orgs(rows, district=district)
    sessions = _export_sessions(rows, year=year, bundle=bundle)
    classes = _export_classes(rows, orgs=orgs, sessions=sessions, bundle=bundle)
    courses = _export_courses(rows, classes=classes, orgs=orgs, sessions=sessions)
    users, roles = user_export.export_users_and_roles(rows, orgs=orgs, filter_rows=bundle.filter_rows)
    enrollments = user_export.export_enrollments(rows, classes=classes, users=users, filter_rows=bundle.filter_rows)
    taught = sessions.filter(~pl.col("made") | is_known(pl.col("sourcedId"), classes["termSourcedIds"]))
    members = {
        "orgs": orgs, "academicSessions": taught.drop("made"), "courses": courses, "classes": classes.drop("terms"),
        "users": users, "roles": roles, "enrollments": enrollments,
    }  # fmt: skip
    bundle.members = {name: frame for name, frame in members.items() if frame.height}
    return bundle


def _filter_active(frame: pl.DataFrame | None, table: str) -> pl.DataFrame:
    types = {column.name: POLARS_TYPES[column.type] for column in TABLES[table].columns}
    if frame is None:
        return pl.DataFrame(schema=types)
    all_columns = frame.select(
        pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, dtype=kind).alias(name)
        for name, kind in types.items()
    )
    return all_columns.filter((pl.col("status") != GONE).fill_null(True))


def _export_orgs(rows: Mapping[str, pl.DataFrame], *, district: str) -> pl.DataFrame:
    """Export organizations, those that only roles and classes name as schools, and a district if there is none."""
    source_orgs = rows["orgs"].select("key", "name", "kind", "identifier", "parent_key")
    mentioned_orgs = pl.concat(
        [
            rows["role_records"].select(pl.col("org_key").alias("key"), pl.col("org_name").alias("name")),
            rows["person_records"].select(pl.col("org_key").alias("key"), pl.col("org_name").alias("name")),
            rows["classes"].select(pl.col("org_key").alias("key"), pl.lit(None, dtype=pl.String).alias("name")),
        ]
    ).drop_nulls("key")
    distinct_names = mentioned_orgs.sort("name", nulls_last=True, maintain_order=True).unique(
        "key", keep="first", maintain_order=True
    )
    schools = distinct_names.join(source_orgs, on="key", how="anti").with_columns(kind=pl.lit("school"))
    all_orgs = pl.concat([source_orgs, schools], how="diagonal")
    if not (all_orgs["kind"] == "district").any():
        district_row = pl.DataFrame({"key": [DISTRICT], "name": [district], "kind": ["district"]})
        all_orgs = pl.concat([all_orgs, district_row], how="diagonal")
    all_orgs = remove_cycles(all_orgs, parent="parent_key")
    return select_member_columns(
        "orgs",
        all_orgs.select(
            pl.col("key").alias("sourcedId"),
            pl.coalesce("name", "key").alias("name"),
            map_to_vocabulary(pl.col("kind"), ORG_TYPES, default="school").alias("type"),
            "identifier",
            pl.col("parent_key").alias("parentSourcedId"),
        ),
    )


def _export_sessions(
    rows: Mapping[str, pl.DataFrame], *, year: tuple[date, date], bundle: ExportedBundle
) -> pl.DataFrame:
    has_dates = pl.col("begin_date").is_not_null() & (pl.col("begin_date") <= pl.col("end_date"))
    dated_sessions = bundle.filter_rows(
        rows["academic_sessions"], has_dates, reason="a term without its first and last day"
    )
    own_key = f"homeroom-year-{year[1].year}"
    default_year = pl.DataFrame(
        {"key": [own_key], "title": [f"{year[0].year}-{year[1].year}"], "kind": ["schoolYear"], "begin_date": [year[0]],
         "end_date": [year[1]], "school_year": [str(year[1].year)], "made": [True]}
    )  # fmt: skip
    all_sessions = pl.concat([dated_sessions.filter(pl.col("key") != own_key), default_year], how="diagonal")
    all_sessions = remove_cycles(all_sessions, parent="parent_key")
    derived_year = pl.col("end_date").dt.year() + (pl.col("end_date").dt.month() > 7).cast(pl.Int32)
    stated_year = pl.when(pl.col("school_year").str.contains(r"^(19|20|21)\d\d$")).then(pl.col("school_year"))
    return select_member_columns(
        "academicSessions",
        all_sessions.select(
            pl.col("key").alias("sourcedId"),
            pl.coalesce("title", "key").alias("title"),
            map_to_vocabulary(pl.col("kind"), SESSION_TYPES, default="term").alias("type"),
            format_day("begin_date").alias("startDate"),
            format_day("end_date").alias("endDate"),
            pl.col("parent_key").alias("parentSourcedId"),
            pl.coalesce(stated_year, derived_year.cast(pl.String)).alias("schoolYear"),
            pl.col("made").fill_null(False),
        ),
        extra_columns=("made",),
    )


def _export_classes(
    rows: Mapping[str, pl.DataFrame], *, orgs: pl.DataFrame, sessions: pl.DataFrame, bundle: ExportedBundle
) -> pl.DataFrame:
    schools = orgs.filter((pl.col("type") == "school") | pl.col("type").str.starts_with("ext:"))
    at_school = is_known(pl.col("org_key"), schools["sourcedId"])
    school_classes = bundle.filter_rows(rows["classes"], at_school, reason="a class at no school")
    default_term = sessions.filter(pl.col("made"))["sourcedId"].item()
    session_ids = sessions["sourcedId"].implode()
    terms = pl.col("term_keys").list.eval(pl.element().filter(pl.element().is_in(session_ids)))
    has_no_term = (terms.list.len() == 0).fill_null(True)
    return select_member_columns(
        "classes",
        school_classes.select(
            pl.col("key").alias("sourcedId"),
            pl.coalesce("title", "code", "key").alias("title"),
            join_with_commas("grades").alias("grades"),
            pl.coalesce("course_key", pl.concat_str(pl.lit("course-of-"), pl.col("key"))).alias("courseSourcedId"),
            pl.col("code").alias("classCode"),
            map_to_vocabulary(pl.col("kind"), CLASS_TYPES, default="scheduled").alias("classType"),
            "location",
            pl.col("org_key").alias("schoolSourcedId"),
            pl.when(has_no_term).then(pl.lit(default_term)).otherwise(terms.list.join(",")).alias("termSourcedIds"),
            join_with_commas("periods").alias("periods"),
            terms.alias("terms"),
        ),
        extra_columns=("terms",),
    )


def _export_courses(
    rows: Mapping[str, pl.DataFrame], *, classes: pl.DataFrame, orgs: pl.DataFrame, sessions: pl.DataFrame
) -> pl.DataFrame:
    """Export courses, and a course of its own for each class without one."""
    district_id = orgs.filter(pl.col("type") == "district")["sourcedId"].first()
    years = sessions.filter(pl.col("type") == "schoolYear")["sourcedId"]
    source_courses = rows["courses"].select(
        pl.col("key").alias("sourcedId"),
        pl.when(is_known(pl.col("session_key"), years)).then(pl.col("session_key")).alias("schoolYearSourcedId"),
        pl.coalesce("title", "code", "key").alias("title"),
        pl.col("code").alias("courseCode"),
        join_with_commas("grades").alias("grades"),
        pl.when(is_known(pl.col("org_key"), orgs["sourcedId"]))
        .then(pl.col("org_key"))
        .otherwise(pl.lit(district_id))
        .alias("orgSourcedId"),
        join_with_commas("subjects").alias("subjects"),
    )
    class_courses = classes.select(
        pl.col("courseSourcedId").alias("sourcedId"), "title", pl.col("schoolSourcedId").alias("orgSourcedId")
    ).unique("sourcedId", keep="first", maintain_order=True)
    missing_courses = class_courses.join(source_courses, on="sourcedId", how="anti")
    return select_member_columns("courses", pl.concat([source_courses, missing_courses], how="diagonal"))
