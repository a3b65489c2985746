"""The derived table `doubts`: undecided pairs that score high enough for a person to review."""

from __future__ import annotations

import duckdb

from homeroom.engines.resolve.matching.scoring import reasons_sql
from homeroom.engines.resolve.matching.weights import MATCH_MODELS
from homeroom.engines.resolve.shared.sql import create_temp_table, fetch_number

MAX_REVIEWS = 2_000
"""Maximum number of reviews of one kind, highest score first: a longer list means that a source is wrong."""


def build_reviews(session: duckdb.DuckDBPyConnection) -> None:
    """Create rz_doubts with the columns of `doubts`, from rz_<kind>_weighed of devices, persons and accounts."""
    parts = [_reviews_sql(session, kind) for kind in ("device", "person", "account")]
    create_temp_table(
        session,
        "doubts",
        f"""SELECT md5(concat_ws(chr(31), kind, one_connector, one_instance, one_key, other_connector, other_instance,
            other_key)) AS id, *
        FROM ({" UNION ALL ".join(part for part in parts)})""",
    )


def _reviews_sql(session: duckdb.DuckDBPyConnection, kind: str) -> str:
    """Return SQL for the reviews of one kind.

    A device or person pair is a pair of components, which may have been joined since; an account pair is a pair of ids.
    """
    left, right = ("account", "person") if kind == "account" else (kind, kind)
    node_column, node_sql = ("id", "min(n)") if kind == "account" else ("n", "n")
    explanation_sql = (
        "''"
        if not fetch_number(session, f"SELECT count(*) FROM rz_{kind}_weighed")
        else f"array_to_string({reasons_sql(MATCH_MODELS[kind])}, '; ')"
    )
    bits = "0" if explanation_sql == "''" else "round(w.bits)::BIGINT"
    joined = "false" if explanation_sql == "''" else "w.joined"

    def nodes_sql(entity: str) -> str:
        if kind != "account":
            return f"rz_{entity}_nodes"
        return (
            f"(SELECT id, arg_min(connector, n) AS connector, arg_min(instance, n) AS instance, arg_min(key, n) AS "
            f"key, {node_sql} AS n FROM rz_{entity}_nodes GROUP BY id)"
        )

    return f"""(SELECT '{kind}' AS kind, x.id AS one, y.id AS other, x.connector AS one_connector,
        x.instance AS one_instance, x.key AS one_key,
        y.connector AS other_connector, y.instance AS other_instance, y.key AS other_key, {bits} AS bits,
            {explanation_sql} AS why
        FROM rz_{kind}_weighed w JOIN {nodes_sql(left)} x ON x.{node_column} = w.a JOIN {nodes_sql(right)} y
            ON y.{node_column} = w.b
        WHERE NOT {joined} AND {"true" if kind == "account" else "x.id <> y.id"} ORDER BY bits DESC, x.id,
            y.id LIMIT {MAX_REVIEWS})"""
