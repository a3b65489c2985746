"""The derived table `doubts`: pairs that weigh enough to ask about and that nothing decided, as questions to a person."""

from __future__ import annotations

import duckdb

from homeroom.engines.resolve.sql import made, number
from homeroom.engines.resolve.weighing import reasons
from homeroom.engines.resolve.weights import SCALES

MOST = 2_000
"""Questions of one kind at most, the weightiest first: nobody answers more, and a longer list says that a source is wrong."""


def doubt(session: duckdb.DuckDBPyConnection) -> None:
    """Makes rz_doubts in the columns of `doubts`, from rz_device_weighed, rz_person_weighed and rz_account_weighed."""
    parts = [_of(session, kind) for kind in ("device", "person", "account")]
    made(
        session,
        "doubts",
        f"""SELECT md5(concat_ws(chr(31), kind, one_connector, one_instance, one_key, other_connector, other_instance, other_key)) AS id, *
        FROM ({" UNION ALL ".join(part for part in parts)})""",
    )


def _of(session: duckdb.DuckDBPyConnection, kind: str) -> str:
    """The questions of one kind. Of devices and people a pair of components, by now perhaps one; of accounts ids."""
    left, right = ("account", "person") if kind == "account" else (kind, kind)
    at, least = ("id", "min(n)") if kind == "account" else ("n", "n")
    why = (
        "''"
        if not number(session, f"SELECT count(*) FROM rz_{kind}_weighed")
        else f"array_to_string({reasons(SCALES[kind])}, '; ')"
    )
    bits = "0" if why == "''" else "round(w.bits)::BIGINT"
    joined = "false" if why == "''" else "w.joined"

    def side(of: str) -> str:
        if kind != "account":
            return f"rz_{of}_nodes"
        return f"(SELECT id, arg_min(connector, n) AS connector, arg_min(instance, n) AS instance, arg_min(key, n) AS key, {least} AS n FROM rz_{of}_nodes GROUP BY id)"

    return f"""(SELECT '{kind}' AS kind, x.id AS one, y.id AS other, x.connector AS one_connector, x.instance AS one_instance, x.key AS one_key,
        y.connector AS other_connector, y.instance AS other_instance, y.key AS other_key, {bits} AS bits, {why} AS why
        FROM rz_{kind}_weighed w JOIN {side(left)} x ON x.{at} = w.a JOIN {side(right)} y ON y.{at} = w.b
        WHERE NOT {joined} AND {"true" if kind == "account" else "x.id <> y.id"} ORDER BY bits DESC, x.id, y.id LIMIT {MOST})"""
