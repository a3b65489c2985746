"""Decisions made by hand: two records that a person called the same, or not the same.

A decision names two records, never subjects, so that it holds whatever else is loaded. It is obeyed before any weight and
after every rule: records that are the same are joined even where their identifiers differ, records that are not are
parted even where they share one. Where decisions contradict each other by a chain, being apart wins.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from homeroom.engines.resolve.components import Numbers, components
from homeroom.engines.resolve.sql import arrays, made

DECISIONS_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("one_connector", pa.string()),
        ("one_instance", pa.string()),
        ("one_key", pa.string()),
        ("other_connector", pa.string()),
        ("other_instance", pa.string()),
        ("other_key", pa.string()),
        ("same", pa.bool_()),
    ]
)


def obey(session: duckdb.DuckDBPyConnection, kind: str, *, label: Numbers) -> Numbers:
    """The labels after the decisions on that kind. Leaves rz_apart (one, other), nodes that must stay apart,
    and rz_<kind>_hand (n), the records that somebody called the same as another."""
    nodes = f"rz_{kind}_nodes"
    made(
        session,
        "named",
        f"""SELECT a.n AS one, b.n AS other, d.same FROM rz_decisions d
        JOIN {nodes} a ON a.connector = d.one_connector AND a.instance = d.one_instance AND a.key = d.one_key
        JOIN {nodes} b ON b.connector = d.other_connector AND b.instance = d.other_instance AND b.key = d.other_key
        WHERE d.kind = '{kind}' ORDER BY one, other""",
    )
    made(session, f"{kind}_hand", "SELECT DISTINCT unnest([one, other]) AS n FROM rz_named WHERE same")
    left, right = arrays(session, "SELECT one, other FROM rz_named WHERE same")
    apart = list(zip(*arrays(session, "SELECT one, other FROM rz_named WHERE NOT same"), strict=True))
    settled = components(count=len(label), start=label, left=left, right=right)
    for one, other in apart:
        if settled[one] == settled[other]:
            settled = _parted(session, kind, settled, int(one), int(other))
    made(session, "apart", "SELECT one, other FROM rz_named WHERE NOT same")
    return settled


def _parted(session: duckdb.DuckDBPyConnection, kind: str, label: Numbers, one: int, other: int) -> Numbers:
    """One component as two: each record goes with whichever of the two it shares more identifiers with, else with `one`."""
    members = np.flatnonzero(label == label[one])
    shared = np.zeros((len(members), 2), dtype=np.int64)
    for side, me in enumerate((one, other)):
        rows = session.execute(
            f"""SELECT k.n, count(DISTINCT (k.space, k.value)) FROM rz_{kind}_keys k
            JOIN rz_{kind}_keys m ON m.n = ? AND m.space = k.space AND m.scope = k.scope AND m.value = k.value
            WHERE (k.space, k.scope, k.value) NOT IN (SELECT (space, scope, value) FROM rz_{kind}_keys WHERE n = ?)
            GROUP BY k.n""",
            [me, other if me == one else one],
        ).fetchall()
        counts = dict(rows)
        shared[:, side] = [counts.get(int(n), 0) for n in members]
    goes = shared[:, 1] > shared[:, 0]
    goes[members == one], goes[members == other] = False, True
    parted = label.copy()
    for group in (members[goes], members[~goes]):
        parted[group] = group.min()
    return parted
