"""Compare a receiver's copy of a roster with the student information system.

People are matched by the ids of the student information system first (the receiver's own key, then its number for the
person against either), then by address, always one to one. Students and staff are compared; parents and guardians are
not, since few receivers get them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

RosterTables = Mapping[str, pl.DataFrame]
REQUIRED_ROSTER_TABLES = ("orgs", "person_records", "role_records", "classes", "enrollments")
MISSING, EXTRA, MOVED, GRADE, ADDRESS, SECTION_MISSING, SECTION_EXTRA = KINDS = (
    "missing", "extra", "moved", "grade", "email", "section missing", "section extra",
)  # fmt: skip
"""missing: the receiver lacks the person; extra: only it has them; then what differs about a person in both."""
_FAMILY_ROLES = ("guardian", "parent", "relative")
_MATCH_COLUMNS = (
    ("key", "key"),
    ("identifier", "key"),
    ("key", "identifier"),
    ("identifier", "identifier"),
    ("email", "email"),
)
"""The receiver's column and the system's, in the order in which they are tried."""


@dataclass(frozen=True, kw_only=True)
class RosterDifferences:
    """Differences between two rosters.

    `rows` has one row per difference: kind, school, key, name, role, the system's value, the received value. `matched`
    counts the people in both; `sections` is false if the two share no class, so that sections cannot be compared.
    """

    rows: pl.DataFrame
    matched: int
    sections: bool


def compare_rosters(*, sis: RosterTables, received: RosterTables, today: date) -> RosterDifferences:
    """Compare the receiver's roster with the system's.

    Both are canonical rows (`REQUIRED_ROSTER_TABLES`) of one source each.
    """
    sis_people = _build_people(sis, today=today).with_columns(pl.col("key").alias("ours"))
    received_people = _build_people(received, today=today).with_columns(pl.col("key").alias("theirs"))
    pairs = _pair_people(sis_people, received_people)
    both = pairs.join(sis_people, on="ours").join(received_people, on="theirs", suffix="_there")
    missing = sis_people.join(pairs, on="ours", how="anti").select(
        _kind_column(MISSING),
        "school",
        pl.col("ours").alias("key"),
        "name",
        "role",
        _null_column("said"),
        _null_column("received"),
    )
    extra = received_people.join(pairs, on="theirs", how="anti").select(
        _kind_column(EXTRA),
        "school",
        pl.col("theirs").alias("key"),
        "name",
        "role",
        _null_column("said"),
        _null_column("received"),
    )
    changed = [
        _find_changes(both, kind, column) for kind, column in ((MOVED, "schools"), (GRADE, "grade"), (ADDRESS, "email"))
    ]
    section_differences, comparable = _compare_sections(sis, received, both=both, today=today)
    differences = pl.concat([missing, extra, *changed, section_differences])
    order = pl.col("kind").replace_strict({kind: number for number, kind in enumerate(KINDS)}, return_dtype=pl.Int32)
    ordered = differences.sort(pl.col("school").is_null(), "school", order, "name", "key", nulls_last=True)
    return RosterDifferences(rows=ordered, matched=pairs.height, sections=comparable)


def count_differences(differences: RosterDifferences) -> pl.DataFrame:
    """Count the differences of each kind in each school: school, then one column per kind."""
    rows = differences.rows.with_columns(pl.col("school").fill_null(""))
    counted = [(pl.col("kind") == kind).sum().alias(kind) for kind in KINDS]
    return rows.group_by("school").agg(counted).sort("school")


def _kind_column(kind: str) -> pl.Expr:
    return pl.lit(kind).alias("kind")


def _null_column(name: str) -> pl.Expr:
    return pl.lit(None, dtype=pl.String).alias(name)


def _filter_current(rows: pl.DataFrame, *, today: date) -> pl.DataFrame:
    is_deleted = (pl.col("status") == "tobedeleted").fill_null(False)
    is_ended = (pl.col("end_date") < today).fill_null(False) if "end_date" in rows.columns else pl.lit(False)
    return rows.filter(~is_deleted & ~is_ended)


def _build_people(rows: RosterTables, *, today: date) -> pl.DataFrame:
    """Return students and staff, one row each, with their schools by name."""
    persons = _filter_current(rows["person_records"], today=today)
    roles = _filter_current(rows["role_records"], today=today)
    names = rows["orgs"].select(pl.col("key").alias("org_key"), pl.col("name").alias("_named")).unique("org_key")
    named_roles = roles.join(names, on="org_key", how="left").with_columns(
        pl.coalesce("_named", "org_name", "org_key").alias("_school")
    )
    roles_by_person = named_roles.group_by("person_key").agg(
        pl.col("role").sort().unique(maintain_order=True).str.join(", ").alias("role"),
        pl.col("role").is_in(list(_FAMILY_ROLES)).all().alias("_family"),
        pl.col("_school").drop_nulls().unique().sort().alias("_schools"),
        pl.col("grade").drop_nulls().first().alias("_grade"),
    )
    persons_with_home = persons.join(names, on="org_key", how="left").with_columns(
        pl.coalesce("_named", "org_name").alias("_home")
    )
    people = persons_with_home.join(roles_by_person, left_on="key", right_on="person_key", how="left").filter(
        ~pl.col("_family").fill_null(False)
    )
    schools = (
        pl.when(pl.col("_schools").list.len() > 0).then(pl.col("_schools").list.join(", ")).otherwise(pl.col("_home"))
    )
    return people.select(
        "key",
        "identifier",
        "email",
        pl.concat_str("given_name", "family_name", separator=" ", ignore_nulls=True).alias("name"),
        "role",
        schools.alias("schools"),
        pl.coalesce(pl.col("_schools").list.first(), "_home").alias("school"),
        pl.coalesce("grade", "_grade").alias("grade"),
    ).unique("key", keep="first", maintain_order=True)


def _pair_people(sis_people: pl.DataFrame, received_people: pl.DataFrame) -> pl.DataFrame:
    """Return the matched people of both sides, one to one."""
    pairs = pl.DataFrame(schema={"ours": pl.String, "theirs": pl.String})
    for received_column, sis_column in _MATCH_COLUMNS:
        left = _filter_unique(sis_people.join(pairs, on="ours", how="anti"), sis_column).select(
            "ours", pl.col(sis_column).alias("_by")
        )
        right = _filter_unique(received_people.join(pairs, on="theirs", how="anti"), received_column).select(
            "theirs", pl.col(received_column).alias("_by")
        )
        pairs = pl.concat([pairs, left.join(right, on="_by").select("ours", "theirs")])
    return pairs


def _filter_unique(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    return rows.filter(pl.col(column).is_not_null() & pl.col(column).is_unique())


def _find_changes(both: pl.DataFrame, kind: str, column: str) -> pl.DataFrame:
    """Return the people with different values on both sides; case and blanks do not matter."""
    sis_value, received_value = (
        pl.col(name).str.to_lowercase().str.strip_chars() for name in (column, f"{column}_there")
    )
    # A school that only one side names by its number is no evidence of a move.
    return both.filter(sis_value != received_value).select(
        _kind_column(kind), "school", pl.col("ours").alias("key"), "name", "role", pl.col(column).alias("said"),
        pl.col(f"{column}_there").alias("received"),
    )  # fmt: skip


def _compare_sections(
    sis: RosterTables, received: RosterTables, *, both: pl.DataFrame, today: date
) -> tuple[pl.DataFrame, bool]:
    """Return the sections that only one side has, and whether the sides share any class.

    Only people and classes that both have are compared.
    """
    shared = sis["classes"].join(received["classes"], on="key", how="semi").select(
        pl.col("key").alias("class_key"), pl.coalesce("title", "code", "key").alias("_class")
    ).unique("class_key")  # fmt: skip
    people = both.select("ours", "theirs", "school", "name", "role")
    sis_sections = (
        _list_sections(sis, shared, today=today)
        .join(people, left_on="person_key", right_on="ours")
        .rename({"person_key": "ours"})
    )
    received_sections = _list_sections(received, shared, today=today).join(
        people, left_on="person_key", right_on="theirs"
    )
    only_sis = sis_sections.join(received_sections.select("class_key", "ours"), on=["class_key", "ours"], how="anti")
    only_received = received_sections.join(
        sis_sections.select("class_key", "ours"), on=["class_key", "ours"], how="anti"
    )
    differences = [
        rows.select(
            _kind_column(kind), "school", pl.col("ours").alias("key"), "name", "role",
            pl.col("_class").alias("said") if kind == SECTION_MISSING else _null_column("said"),
            pl.col("_class").alias("received") if kind == SECTION_EXTRA else _null_column("received"),
        )
        for kind, rows in ((SECTION_MISSING, only_sis), (SECTION_EXTRA, only_received))
    ]  # fmt: skip
    return pl.concat(differences), shared.height > 0


def _list_sections(rows: RosterTables, shared: pl.DataFrame, *, today: date) -> pl.DataFrame:
    current = _filter_current(rows["enrollments"], today=today).select("class_key", "person_key").unique()
    return current.join(shared, on="class_key")
