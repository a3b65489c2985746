"""Restrict an exported bundle to some schools: people, classes and enrollments of others are left out.

Organizations above a school stay, and so do people who work there. What stays refers to nothing that is left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from homeroom.domain.comply.privacy.vendor_names import build_vendor_key
from homeroom.ingest.oneroster.column_spec import ROLES_1_2
from homeroom.ingest.oneroster.exporter import ExportedBundle

GUARDIANS = tuple(role for role in ROLES_1_2 if role in ("guardian", "parent", "relative"))
STUDENT = "student"
_REASON = "of a school that the agreement is not for"


def list_schools(bundle: ExportedBundle) -> Mapping[str, str]:
    """Return the names of the bundle's schools by their ids."""
    schools = bundle.members["orgs"].filter(pl.col("type") == "school")
    return dict(schools.select("sourcedId", "name").iter_rows())


def find_school_ids(bundle: ExportedBundle, names: Collection[str]) -> frozenset[str]:
    """Return the ids of the schools with one of the names, and of the organizations under them."""
    keys = {build_vendor_key(name) for name in names}
    schools = {key for key, name in list_schools(bundle).items() if build_vendor_key(name) in keys}
    return frozenset(_close_over(bundle, schools, of="sourcedId", by="parentSourcedId"))


def find_students_beyond(bundle: ExportedBundle, names: Collection[str]) -> pl.Series:
    """Return the ids of students who have no role at a school with one of the names."""
    roles = bundle.members["roles"].filter(pl.col("role") == STUDENT)
    covered = roles.filter(pl.col("orgSourcedId").is_in(list(find_school_ids(bundle, names))))["userSourcedId"]
    students = roles["userSourcedId"].unique()
    return students.filter(~students.is_in(covered.to_list()))


def restrict_to_schools(bundle: ExportedBundle, names: Collection[str]) -> None:
    """Leave out of the bundle what is of other schools than those with one of the names, and count it."""
    schools = find_school_ids(bundle, names)
    above = _close_over(bundle, set(schools), of="parentSourcedId", by="sourcedId")
    _restrict_people(bundle, schools=schools, above=above - schools)
    members = bundle.members
    if "classes" in members:
        members["classes"] = _filter(bundle, "classes", pl.col("schoolSourcedId").is_in(list(schools)), "class")
        _restrict_courses(bundle, remaining=above)
    if "enrollments" in members:
        has_class = pl.col("classSourcedId").is_in(_list_ids(bundle, "classes"))
        has_user = pl.col("userSourcedId").is_in(_list_ids(bundle, "users"))
        members["enrollments"] = _filter(bundle, "enrollments", has_class & has_user, "place in a class")
    orgs = members["orgs"].filter(pl.col("sourcedId").is_in(list(above)))
    members["orgs"] = _clear_unknown(orgs, "parentSourcedId", orgs["sourcedId"])
    bundle.members = {name: frame for name, frame in members.items() if frame.height}


def _restrict_people(bundle: ExportedBundle, *, schools: Collection[str], above: Collection[str]) -> None:
    """Leave out students of other schools, guardians of nobody who stays, and people who only work elsewhere."""
    users, roles = bundle.members["users"], bundle.members["roles"]
    at_school = pl.col("orgSourcedId").is_in(list(schools))
    students = set(roles.filter(pl.col("role") == STUDENT)["userSourcedId"])
    remaining = set(roles.filter((pl.col("role") == STUDENT) & at_school)["userSourcedId"])
    family = _find_family(users, roles, remaining=remaining)
    is_there = pl.col("orgSourcedId").is_in([*schools, *above])
    is_family = pl.col("role").is_in(GUARDIANS)
    own_roles = roles.filter(
        pl.when(pl.col("role") == STUDENT)
        .then(at_school)
        .otherwise(is_there & (~is_family | pl.col("userSourcedId").is_in(list(family))))
    )
    own_roles = own_roles.filter(~pl.col("userSourcedId").is_in(list(students - remaining)))
    elsewhere = family - set(own_roles["userSourcedId"])
    org = min(above, default=min(schools))
    moved = roles.filter(is_family & pl.col("userSourcedId").is_in(list(elsewhere))).with_columns(
        pl.concat_str("userSourcedId", "role", pl.lit(org), separator="~").alias("sourcedId"),
        pl.lit("primary").alias("roleType"),
        pl.lit(org).alias("orgSourcedId"),
    )
    bundle.members["roles"] = pl.concat([own_roles, moved.unique("userSourcedId", keep="first", maintain_order=True)])
    holders = bundle.members["roles"]["userSourcedId"].to_list()
    for subject, condition in (
        ("student", pl.col("sourcedId").is_in(list(students))),
        ("person", ~pl.col("sourcedId").is_in(list(students))),
    ):
        gone = users.filter(condition & ~pl.col("sourcedId").is_in(holders)).height
        if gone:
            bundle.left_out[f"a {subject} {_REASON}"] = gone
    people = users.filter(pl.col("sourcedId").is_in(holders))
    people = _clear_unknown(people, "primaryOrgSourcedId", pl.Series([*schools, *above]))
    if "agentSourcedIds" in people.columns:
        remains = pl.element().is_in(people["sourcedId"].to_list())
        agents = pl.col("agentSourcedIds").str.split(",").list.eval(pl.element().filter(remains)).list.join(",")
        people = people.with_columns(pl.when(agents != "").then(agents).alias("agentSourcedIds"))
    bundle.members["users"] = _align_primary_orgs(people, bundle.members["roles"])


def _find_family(users: pl.DataFrame, roles: pl.DataFrame, *, remaining: Collection[str]) -> set[str]:
    """Return the guardians of students who stay; whom the bundle links to no student is nobody's."""
    guardians = set(roles.filter(pl.col("role").is_in(GUARDIANS))["userSourcedId"])
    if "agentSourcedIds" not in users.columns:
        return set()
    links = users.select("sourcedId", agent=pl.col("agentSourcedIds").str.split(",")).explode("agent").drop_nulls()
    pairs = {frozenset(pair) for pair in links.iter_rows()}
    return {person for pair in pairs if pair & set(remaining) for person in pair if person in guardians}


def _align_primary_orgs(users: pl.DataFrame, roles: pl.DataFrame) -> pl.DataFrame:
    """Blank a primary organization at which its person has no role any more."""
    if "primaryOrgSourcedId" not in users.columns:
        return users
    pairs = roles.select(pl.col("userSourcedId").alias("sourcedId"), pl.col("orgSourcedId").alias("_org")).unique()
    own = users.join(pairs.group_by("sourcedId").agg("_org"), on="sourcedId", how="left", maintain_order="left")
    has_role = pl.col("primaryOrgSourcedId").is_in(pl.col("_org")).fill_null(False)
    return own.with_columns(pl.when(has_role).then("primaryOrgSourcedId").alias("primaryOrgSourcedId")).drop("_org")


def _restrict_courses(bundle: ExportedBundle, *, remaining: Collection[str]) -> None:
    """Leave out courses of other schools that no remaining class has; one that a class has moves to its school."""
    if "courses" not in bundle.members:
        return
    classes = bundle.members["classes"]
    schools = classes.select(pl.col("courseSourcedId").alias("sourcedId"), _school="schoolSourcedId").unique(
        "sourcedId", keep="first", maintain_order=True
    )
    courses = bundle.members["courses"].join(schools, on="sourcedId", how="left", maintain_order="left")
    is_there = pl.col("orgSourcedId").is_in(list(remaining))
    remaining_courses = courses.filter(is_there | pl.col("_school").is_not_null())
    if gone := courses.height - remaining_courses.height:
        bundle.left_out[f"a course {_REASON}"] = gone
    org = pl.when(is_there).then("orgSourcedId").otherwise("_school").alias("orgSourcedId")
    bundle.members["courses"] = remaining_courses.with_columns(org).drop("_school")


def _filter(bundle: ExportedBundle, member: str, condition: pl.Expr, what: str) -> pl.DataFrame:
    return bundle.filter_rows(bundle.members[member], condition, reason=f"a {what} {_REASON}")


def _list_ids(bundle: ExportedBundle, member: str) -> list[str]:
    frame = bundle.members.get(member)
    return [] if frame is None else frame["sourcedId"].to_list()


def _clear_unknown(frame: pl.DataFrame, column: str, ids: pl.Series) -> pl.DataFrame:
    """Blank references to rows that are not there."""
    if column not in frame.columns:
        return frame
    return frame.with_columns(pl.when(pl.col(column).is_in(ids.to_list())).then(column).alias(column))


def _close_over(bundle: ExportedBundle, start: Collection[str], *, of: str, by: str) -> set[str]:
    """Return ids with all that follow from them over organizations: the values of `of` in rows whose `by` is known."""
    orgs = bundle.members["orgs"]
    closed, added = set(start), set(start)
    while added and "parentSourcedId" in orgs.columns:
        added = set(orgs.filter(pl.col(by).is_in(list(added)))[of].drop_nulls()) - closed
        closed |= added
    return closed
