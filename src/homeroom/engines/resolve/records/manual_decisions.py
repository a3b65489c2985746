"""Manual decisions: two records that a person called the same, or not the same.

A decision names two records, never subjects, so that it holds whatever else is loaded. It applies before any scoring
and after every rule: records that are the same are joined even where their identifiers differ, records that are not are
split even where they share one. Where decisions contradict each other through a chain, the decision to split wins.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from homeroom.engines.resolve.shared.components import IntArray, label_components
from homeroom.engines.resolve.shared.sql import create_temp_table, fetch_arrays

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


def apply_decisions(session: duckdb.DuckDBPyConnection, kind: str, *, label: IntArray) -> IntArray:
    """Apply the decisions on one kind and return the labels.

    Leaves rz_apart (one, other), nodes that must stay separate, and rz_<kind>_hand (n), the records that a decision
    joined to another.
    """
    nodes = f"rz_{kind}_nodes"
    create_temp_table(
        session,
        "named",
        f"""SELECT a.n AS one, b.n AS other, d.same FROM rz_decisions d
        JOIN {nodes} a ON a.connector = d.one_connector AND a.instance = d.one_instance AND a.key = d.one_key
        JOIN {nodes} b ON b.connector = d.other_connector AND b.instance = d.other_instance AND b.key = d.other_key
        WHERE d.kind = '{kind}' ORDER BY one, other""",
    )
    create_temp_table(session, f"{kind}_hand", "SELECT DISTINCT unnest([one, other]) AS n FROM rz_named WHERE same")
    left, right = fetch_arrays(session, "SELECT one, other FROM rz_named WHERE same")
    different_pairs = list(zip(*fetch_arrays(session, "SELECT one, other FROM rz_named WHERE NOT same"), strict=True))
    merged_label = label_components(count=len(label), start=label, left=left, right=right)
    for first, second in different_pairs:
        if merged_label[first] == merged_label[second]:
            merged_label = _split_component(session, kind, merged_label, int(first), int(second))
    create_temp_table(session, "apart", "SELECT one, other FROM rz_named WHERE NOT same")
    return merged_label


def _split_component(
    session: duckdb.DuckDBPyConnection, kind: str, label: IntArray, first: int, second: int
) -> IntArray:
    """Split one component in two and return the labels.

    Each record goes with the one of the two nodes with which it shares more identifiers, else with `first`.
    """
    members = np.flatnonzero(label == label[first])
    shared = np.zeros((len(members), 2), dtype=np.int64)
    for side, node in enumerate((first, second)):
        rows = session.execute(
            f"""SELECT k.n, count(DISTINCT (k.space, k.value)) FROM rz_{kind}_keys k
            JOIN rz_{kind}_keys m ON m.n = ? AND m.space = k.space AND m.scope = k.scope AND m.value = k.value
            WHERE (k.space, k.scope, k.value) NOT IN (SELECT (space, scope, value) FROM rz_{kind}_keys WHERE n = ?)
            GROUP BY k.n""",
            [node, second if node == first else first],
        ).fetchall()
        counts = dict(rows)
        shared[:, side] = [counts.get(int(n), 0) for n in members]
    moves = shared[:, 1] > shared[:, 0]
    moves[members == first], moves[members == second] = False, True
    new_label = label.copy()
    for group in (members[moves], members[~moves]):
        new_label[group] = group.min()
    return new_label
