"""Manual decisions: two records that a person called the same, or not the same.

A decision names two records, never subjects, so that it holds whatever else is loaded. It applies before any scoring
and after every rule: records that are the same are joined even where their identifiers differ, records that are not are
split even where they share one. Where decisions contradict each other through a chain, the decision to split wins.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pyarrow as pa

from homeroom.engines.know.resolve.shared.components import (
    IntArray,
    fetch_components,
    join_components,
    register_components,
)
from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.temp_tables import TempTables

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


SCORED_KINDS = ("person", "device")
"""Kinds of record that scores join after the manual decisions."""


def list_decision_steps(kind: str) -> tuple[Step, ...]:
    """Apply the decisions on one kind to rz_<kind>_components.

    Build also rz_<kind>_hand (n), the records that a decision joined to another, and for SCORED_KINDS rz_apart.
            Needs rz_decisions, rz_<kind>_nodes and rz_<kind>_keys.
    """
    nodes, keys, components = f"{kind}_nodes", f"{kind}_keys", f"{kind}_components"
    return (
        Step(
            name=f"find the {kind} records of manual decisions",
            reads=("decisions", nodes),
            writes=("decided",),
            sql=f"""SELECT a.n AS one, b.n AS other, d.same FROM rz_decisions d
        JOIN rz_{nodes} a ON a.connector = d.one_connector AND a.instance = d.one_instance AND a.key = d.one_key
        JOIN rz_{nodes} b ON b.connector = d.other_connector AND b.instance = d.other_instance AND b.key = d.other_key
        WHERE d.kind = '{kind}' ORDER BY one, other""",
        ),
        Step(
            name=f"list {kind} records joined by hand",
            reads=("decided",),
            writes=(f"{kind}_hand",),
            sql="SELECT DISTINCT unnest([one, other]) AS n FROM rz_decided WHERE same",
        ),
        Step(
            name=f"join and split {kind} records by hand",
            reads=("decided", keys, components),
            writes=(components,),
            run=partial(_apply_decisions, kind=kind),
        ),
        *((_build_separation_step(kind),) if kind in SCORED_KINDS else ()),
    )


def _build_separation_step(kind: str) -> Step:
    """Build rz_apart (one, other): nodes that scores must not join."""
    return Step(
        name=f"list {kind} records to keep separate",
        reads=("decided",),
        writes=("apart",),
        sql="SELECT one, other FROM rz_decided WHERE NOT same",
    )


def _apply_decisions(tables: TempTables, *, kind: str) -> None:
    components = f"{kind}_components"
    join_components(
        tables,
        components=components,
        edges="SELECT one, other FROM rz_decided WHERE same",
        result=components,
    )
    pairs = zip(*tables.fetch_arrays("SELECT one, other FROM rz_decided WHERE NOT same"), strict=True)
    label = fetch_components(tables, components)
    for first, second in pairs:
        if label[first] == label[second]:
            label = _split_component(tables, kind, label, int(first), int(second))
    register_components(tables, components, label)


def _split_component(tables: TempTables, kind: str, label: IntArray, first: int, second: int) -> IntArray:
    """Split one component in two and return the labels.

    Each record goes with the one of the two nodes with which it shares more identifiers, else with `first`.
    """
    members = np.flatnonzero(label == label[first])
    shared = np.zeros((len(members), 2), dtype=np.int64)
    for side, node in enumerate((first, second)):
        rows = tables.fetch_rows(
            f"""SELECT k.n, count(DISTINCT (k.space, k.value)) FROM rz_{kind}_keys k
            JOIN rz_{kind}_keys m ON m.n = ? AND m.space = k.space AND m.scope = k.scope AND m.value = k.value
            WHERE (k.space, k.scope, k.value) NOT IN (SELECT (space, scope, value) FROM rz_{kind}_keys WHERE n = ?)
            GROUP BY k.n""",
            [node, second if node == first else first],
        )
        counts = dict(rows)
        shared[:, side] = [counts.get(int(n), 0) for n in members]
    moves = shared[:, 1] > shared[:, 0]
    moves[members == first], moves[members == second] = False, True
    new_label = label.copy()
    for group in (members[moves], members[~moves]):
        new_label[group] = group.min()
    return new_label
