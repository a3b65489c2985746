"""Export of people, their roles and their enrollments as rows of users.csv, roles.csv and enrollments.csv."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import polars as pl

from homeroom.ingest.oneroster.column_spec import ENROLLED_AS, ROLES_1_2
from homeroom.ingest.oneroster.serialization import (
    format_day,
    is_known,
    join_with_commas,
    map_to_vocabulary,
    select_member_columns,
)


class RowFilter(Protocol):
    """Returns the rows that fulfill a condition, and counts the others with their reason."""

    def __call__(self, rows: pl.DataFrame, condition: pl.Expr, *, reason: str) -> pl.DataFrame:
        """Return the rows that fulfill the condition."""


def export_users_and_roles(
    rows: Mapping[str, pl.DataFrame], *, orgs: pl.DataFrame, filter_rows: RowFilter
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Export users.csv and roles.csv: everyone with a name and a role, and all their roles."""
    has_name = pl.col("given_name").is_not_null() & pl.col("family_name").is_not_null()
    persons = filter_rows(
        rows["person_records"], pl.col("key").is_not_null() & has_name, reason="a person without a name"
    )
    roles = _export_roles(rows["role_records"], persons=persons, orgs=orgs, filter_rows=filter_rows)
    holders = roles["userSourcedId"]
    users = filter_rows(persons, is_known(pl.col("key"), holders), reason="a person without a role")
    return _export_users(users, roles=roles), roles


def export_enrollments(
    rows: Mapping[str, pl.DataFrame], *, classes: pl.DataFrame, users: pl.DataFrame, filter_rows: RowFilter
) -> pl.DataFrame:
    """Export enrollments.csv: every enrollment of an exported person in an exported class, at the class's school.

    Of several primary teachers of a class the first is exported as primary. An end before the beginning is left blank.
    """
    valid_rows = filter_rows(
        rows["enrollments"],
        is_known(pl.col("class_key"), classes["sourcedId"]),
        reason="a place in a class that is not there",
    )
    valid_rows = filter_rows(
        valid_rows, is_known(pl.col("person_key"), users["sourcedId"]), reason="a place of a person who is not there"
    )
    valid_rows = filter_rows(
        valid_rows, pl.col("key").is_not_null() & pl.col("role").is_not_null(), reason="a place without a role"
    )
    enrollments = valid_rows.join(
        classes.select(pl.col("sourcedId").alias("class_key"), pl.col("schoolSourcedId").alias("_school")),
        on="class_key",
        maintain_order="left",
    )
    is_primary_teacher = (pl.col("primary") & (pl.col("role") == "teacher")).fill_null(False)
    is_first = is_primary_teacher & (is_primary_teacher.cast(pl.Int32).cum_sum().over("class_key") == 1)
    ends_early = (pl.col("end_date") < pl.col("begin_date")).fill_null(False)
    return select_member_columns(
        "enrollments",
        enrollments.select(
            pl.col("key").alias("sourcedId"),
            pl.col("class_key").alias("classSourcedId"),
            pl.col("_school").alias("schoolSourcedId"),
            pl.col("person_key").alias("userSourcedId"),
            map_to_vocabulary(pl.col("role"), ENROLLED_AS, default="student").alias("role"),
            pl.when(is_first)
            .then(pl.lit("true"))
            .when(pl.col("primary").is_not_null())
            .then(pl.lit("false"))
            .alias("primary"),
            format_day("begin_date").alias("beginDate"),
            pl.when(~ends_early).then(format_day("end_date")).alias("endDate"),
        ),
    )


def _export_roles(
    rows: pl.DataFrame, *, persons: pl.DataFrame, orgs: pl.DataFrame, filter_rows: RowFilter
) -> pl.DataFrame:
    """Return one row a role.

    If a source does not mark a primary role at an organization, the first is primary.
    """
    person_roles = filter_rows(
        rows, is_known(pl.col("person_key"), persons["key"]), reason="a role of a person who is not there"
    )
    district_id = orgs.filter(pl.col("type") == "district")["sourcedId"].first()
    org_roles = person_roles.with_columns(
        pl.when(is_known(pl.col("org_key"), orgs["sourcedId"]))
        .then(pl.col("org_key"))
        .otherwise(pl.lit(district_id))
        .alias("_org")
    ).join(
        orgs.select(pl.col("sourcedId").alias("_org"), pl.col("type").alias("_type")), on="_org", maintain_order="left"
    )
    person_and_org = ["person_key", "_org"]
    is_stated_primary = pl.col("primary").fill_null(False)
    is_unstated = pl.col("primary").is_null()
    is_candidate = (
        pl.when(is_stated_primary.any().over(person_and_org))
        .then(is_stated_primary)
        .when(is_unstated.any().over(person_and_org))
        .then(is_unstated)
    )
    can_be_primary = is_candidate.otherwise(pl.lit(True))  # each organization has one
    org_roles = org_roles.with_columns(can_be_primary.alias("_main")).with_columns(
        (pl.col("_main") & (pl.col("_main").cast(pl.Int32).cum_sum().over(person_and_org) == 1)).alias("_main"),
        _map_role().alias("_role"),
    )
    end_date = (
        pl.when((pl.col("end_date") < pl.col("begin_date")).fill_null(False))
        .then(None)
        .otherwise(format_day("end_date"))
    )
    role_id = pl.concat_str("person_key", "_role", "_org", format_day("begin_date"), separator="~", ignore_nulls=True)
    role_rows = org_roles.select(
        role_id.alias("sourcedId"),
        pl.col("person_key").alias("userSourcedId"),
        pl.when("_main").then(pl.lit("primary")).otherwise(pl.lit("secondary")).alias("roleType"),
        pl.col("_role").alias("role"),
        format_day("begin_date").alias("beginDate"),
        end_date.alias("endDate"),
        pl.col("_org").alias("orgSourcedId"),
    )
    return select_member_columns("roles", role_rows.unique("sourcedId", keep="first", maintain_order=True))


def _map_role() -> pl.Expr:
    """Map the role to the vocabulary of 1.2: the source's own word if it is in it, else the nearest."""
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
        .otherwise(map_to_vocabulary(pl.col("role"), ROLES_1_2, default="ext:other"))
    )
    return pl.coalesce(own, marked, near)


def _export_users(rows: pl.DataFrame, *, roles: pl.DataFrame) -> pl.DataFrame:
    role_orgs = roles.select(
        pl.col("userSourcedId").alias("key"), pl.col("orgSourcedId").alias("org_key"), pl.lit(True).alias("_there")
    )
    with_org = rows.join(role_orgs.unique(), on=["key", "org_key"], how="left", maintain_order="left")
    local = pl.coalesce("username", "email", "key")
    ids = pl.element().filter(pl.element().str.contains(r"^[^{}:,]+:[^{},]*[^{},\s]$"))
    formatted_ids = pl.col("other_ids").list.eval(pl.concat_str(pl.lit("{"), ids, pl.lit("}")))
    person_keys = rows["key"].implode()
    agents = pl.col("agent_keys").list.eval(pl.element().filter(pl.element().is_in(person_keys)))
    with_agents = with_org.with_columns(agents.alias("agent_keys"))
    agents_without_self = pl.col("agent_keys").list.set_difference(pl.concat_list("key")).list.sort()
    return select_member_columns(
        "users",
        with_agents.with_columns(agents_without_self.alias("agent_keys")).select(
            pl.col("key").alias("sourcedId"),
            pl.when(pl.col("enabled").fill_null(True))
            .then(pl.lit("true"))
            .otherwise(pl.lit("false"))
            .alias("enabledUser"),
            pl.when(local.str.to_lowercase().is_first_distinct()).then(local).otherwise("key").alias("username"),
            formatted_ids.list.join(",").alias("userIds"),
            pl.col("given_name").alias("givenName"),
            pl.col("family_name").alias("familyName"),
            pl.col("middle_name").alias("middleName"),
            "identifier",
            "email",
            join_with_commas("agent_keys").alias("agentSourcedIds"),
            pl.col("grade").alias("grades"),
            pl.col("master_id").alias("userMasterIdentifier"),
            pl.col("preferred_name").alias("preferredGivenName"),
            pl.when("_there").then(pl.col("org_key")).alias("primaryOrgSourcedId"),
        ),
    )
