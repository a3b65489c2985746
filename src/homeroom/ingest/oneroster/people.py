"""People, their roles and their places in classes as rows of users.csv, roles.csv and enrollments.csv."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import polars as pl

from homeroom.ingest.oneroster.columns import ENROLLED_AS, ROLES_1_2
from homeroom.ingest.oneroster.written import comma, day, extended, known, only


class Leave(Protocol):
    """Gives back the rows that are kept, and counts the others with their reason."""

    def __call__(self, rows: pl.DataFrame, keep: pl.Expr, *, reason: str) -> pl.DataFrame:
        """The rows that are kept."""


def written(rows: Mapping[str, pl.DataFrame], *, orgs: pl.DataFrame, made: Leave) -> tuple[pl.DataFrame, pl.DataFrame]:
    """users.csv and roles.csv: everybody who has a name and a role, and all their roles."""
    named = pl.col("given_name").is_not_null() & pl.col("family_name").is_not_null()
    persons = made(rows["person_records"], pl.col("key").is_not_null() & named, reason="a person without a name")
    roles = _roles(rows["role_records"], persons=persons, orgs=orgs, made=made)
    holders = roles["userSourcedId"]
    users = made(persons, known(pl.col("key"), holders), reason="a person without a role")
    return _users(users, roles=roles), roles


def enrolled(
    rows: Mapping[str, pl.DataFrame], *, classes: pl.DataFrame, users: pl.DataFrame, made: Leave
) -> pl.DataFrame:
    """enrollments.csv: every place of a written person in a written class, at the class's school.

    Of several teachers who answer for a class the first does. An end before the beginning is left blank.
    """
    told = made(
        rows["enrollments"],
        known(pl.col("class_key"), classes["sourcedId"]),
        reason="a place in a class that is not there",
    )
    told = made(told, known(pl.col("person_key"), users["sourcedId"]), reason="a place of a person who is not there")
    told = made(told, pl.col("key").is_not_null() & pl.col("role").is_not_null(), reason="a place without a role")
    placed = told.join(
        classes.select(pl.col("sourcedId").alias("class_key"), pl.col("schoolSourcedId").alias("_school")), on="class_key",
        maintain_order="left",
    )  # fmt: skip
    answers = (pl.col("primary") & (pl.col("role") == "teacher")).fill_null(False)
    first = answers & (answers.cast(pl.Int32).cum_sum().over("class_key") == 1)
    late = (pl.col("end_date") < pl.col("begin_date")).fill_null(False)
    return only(
        "enrollments",
        placed.select(
            pl.col("key").alias("sourcedId"),
            pl.col("class_key").alias("classSourcedId"),
            pl.col("_school").alias("schoolSourcedId"),
            pl.col("person_key").alias("userSourcedId"),
            extended(pl.col("role"), ENROLLED_AS, default="student").alias("role"),
            pl.when(first)
            .then(pl.lit("true"))
            .when(pl.col("primary").is_not_null())
            .then(pl.lit("false"))
            .alias("primary"),
            day("begin_date").alias("beginDate"),
            pl.when(~late).then(day("end_date")).alias("endDate"),
        ),
    )


def _roles(rows: pl.DataFrame, *, persons: pl.DataFrame, orgs: pl.DataFrame, made: Leave) -> pl.DataFrame:
    """One row a role. Where a source does not say which role is the main one at an organisation, the first is."""
    told = made(rows, known(pl.col("person_key"), persons["key"]), reason="a role of a person who is not there")
    top = orgs.filter(pl.col("type") == "district")["sourcedId"].first()
    placed = told.with_columns(
        pl.when(known(pl.col("org_key"), orgs["sourcedId"]))
        .then(pl.col("org_key"))
        .otherwise(pl.lit(top))
        .alias("_org")
    ).join(
        orgs.select(pl.col("sourcedId").alias("_org"), pl.col("type").alias("_type")), on="_org", maintain_order="left"
    )
    both = ["person_key", "_org"]
    says = pl.col("primary").fill_null(False)
    unsaid = pl.col("primary").is_null()
    able = pl.when(says.any().over(both)).then(says).when(unsaid.any().over(both)).then(unsaid)
    main = able.otherwise(pl.lit(True))  # each organisation has one
    placed = placed.with_columns(main.alias("_main")).with_columns(
        (pl.col("_main") & (pl.col("_main").cast(pl.Int32).cum_sum().over(both) == 1)).alias("_main"),
        _word().alias("_role"),
    )
    begun = pl.when((pl.col("end_date") < pl.col("begin_date")).fill_null(False)).then(None).otherwise(day("end_date"))
    made_id = pl.concat_str("person_key", "_role", "_org", day("begin_date"), separator="~", ignore_nulls=True)
    made_rows = placed.select(
        made_id.alias("sourcedId"),
        pl.col("person_key").alias("userSourcedId"),
        pl.when("_main").then(pl.lit("primary")).otherwise(pl.lit("secondary")).alias("roleType"),
        pl.col("_role").alias("role"),
        day("begin_date").alias("beginDate"),
        begun.alias("endDate"),
        pl.col("_org").alias("orgSourcedId"),
    )
    return only("roles", made_rows.unique("sourcedId", keep="first", maintain_order=True))


def _word() -> pl.Expr:
    """The role in the words of 1.2: the source's own word where that is one, else the nearest."""
    own = pl.col("job").replace_strict({word: word for word in ROLES_1_2}, default=None, return_dtype=pl.String)
    marked = pl.when(pl.col("job").str.contains(r"^ext:\S+$")).then(pl.col("job"))
    leads = (
        pl.when(pl.col("_type") == "school")
        .then(pl.lit("siteAdministrator"))
        .otherwise(pl.lit("districtAdministrator"))
    )
    near = (
        pl.when(pl.col("role") == "administrator")
        .then(leads)
        .otherwise(extended(pl.col("role"), ROLES_1_2, default="ext:other"))
    )
    return pl.coalesce(own, marked, near)


def _users(rows: pl.DataFrame, *, roles: pl.DataFrame) -> pl.DataFrame:
    homes = roles.select(
        pl.col("userSourcedId").alias("key"), pl.col("orgSourcedId").alias("org_key"), pl.lit(True).alias("_there")
    )
    told = rows.join(homes.unique(), on=["key", "org_key"], how="left", maintain_order="left")
    local = pl.coalesce("username", "email", "key")
    ids = pl.element().filter(pl.element().str.contains(r"^[^{}:,]+:[^{},]*[^{},\s]$"))
    held = pl.col("other_ids").list.eval(pl.concat_str(pl.lit("{"), ids, pl.lit("}")))
    there = rows["key"].implode()
    agents = pl.col("agent_keys").list.eval(pl.element().filter(pl.element().is_in(there)))
    listed = told.with_columns(agents.alias("agent_keys"))
    selves = pl.col("agent_keys").list.set_difference(pl.concat_list("key")).list.sort()
    return only(
        "users",
        listed.with_columns(selves.alias("agent_keys")).select(
            pl.col("key").alias("sourcedId"),
            pl.when(pl.col("enabled").fill_null(True))
            .then(pl.lit("true"))
            .otherwise(pl.lit("false"))
            .alias("enabledUser"),
            pl.when(local.str.to_lowercase().is_first_distinct()).then(local).otherwise("key").alias("username"),
            held.list.join(",").alias("userIds"),
            pl.col("given_name").alias("givenName"),
            pl.col("family_name").alias("familyName"),
            pl.col("middle_name").alias("middleName"),
            "identifier",
            "email",
            comma("agent_keys").alias("agentSourcedIds"),
            pl.col("grade").alias("grades"),
            pl.col("master_id").alias("userMasterIdentifier"),
            pl.col("preferred_name").alias("preferredGivenName"),
            pl.when("_there").then(pl.col("org_key")).alias("primaryOrgSourcedId"),
        ),
    )
