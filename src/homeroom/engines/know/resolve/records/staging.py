"""The numbered records of each kind: a node is one record of one source, with its rows, current or gone."""

from __future__ import annotations

from homeroom.engines.know.resolve.shared.hosts import own_macs_sql, specific_host_sql
from homeroom.engines.know.resolve.shared.rules import NORMAL_FORMS
from homeroom.evidence.query.steps import Step

RECORD_TABLES: dict[str, str] = {"person": "person_records", "account": "account_records", "device": "device_records"}

_NORMALIZED_COLUMNS: dict[str, str] = {
    "device": f", {NORMAL_FORMS['serial'].format('r.serial')} AS plain_serial, "
    f"{NORMAL_FORMS['serial'].format('r.asset_tag')} AS plain_tag, "
    f"CASE WHEN len(r.macs) > 0 THEN {own_macs_sql('r.macs')} END AS own_macs, "
    f"CASE WHEN len(r.macs) > 0 THEN {specific_host_sql('r.name')} END AS card_host"
}
"""Normalized values that many steps compare: they are computed once, because that is costly."""
_MAX_NODES = 2**30
"""More than the number of records of any district."""
ORD_RANGE = 2**20 * _MAX_NODES
"""More than the `ord` of any person's or account's row, for up to a million loads."""
_ROLE_KIND = """CASE WHEN role = 'student' THEN 'student' WHEN role IN ('guardian', 'parent', 'relative')
    THEN 'guardian'
    WHEN role IN ('teacher', 'staff', 'administrator', 'aide') THEN 'staff' ELSE 'other' END"""


def list_staging_steps(kind: str) -> tuple[Step, ...]:
    """Build rz_<kind>_nodes (n, connector, instance, key, gone, source) and rz_<kind>_rows (n, ord and the record).

    Nodes are numbered by connector, instance and key, so that the order of rows never matters. A node with a current
    row has none of its gone ones. `ord` orders rows from old to new; a device also has plain_serial, plain_tag,
    own_macs (those that a maker assigned) and, beside them, card_host.
    """
    table = RECORD_TABLES[kind]
    is_person = kind == "person"
    order = f"coalesce(l.load, 0) * {_MAX_NODES} + n.n"
    if kind == "device":
        order = f"coalesce(epoch_us(r.last_seen), 0)::HUGEINT * {ORD_RANGE} + {order}"
    return (
        Step(
            name=f"number the {kind} records",
            writes=(f"{kind}_nodes",),
            sql=f"""SELECT row_number() OVER (ORDER BY connector, instance, key) - 1 AS n, *,
            dense_rank() OVER (ORDER BY connector, instance) AS source
        FROM (SELECT connector, instance, key, bool_and(gone) AS gone
            FROM (SELECT connector, instance, key, false AS gone FROM {table}
                UNION ALL SELECT connector, instance, key, true FROM {table}_gone)
            WHERE key IS NOT NULL GROUP BY ALL) ORDER BY n""",
        ),
        Step(
            name=f"order the loads of {kind} records",
            writes=("loads",),
            sql=f"""SELECT load_id, seen_at, row_number() OVER (ORDER BY seen_at, load_id) AS load FROM (
            SELECT DISTINCT load_id, seen_at FROM {table} UNION SELECT DISTINCT load_id, seen_at FROM {table}_gone)""",
        ),
        *(_list_namespace_steps() if is_person else ()),
        Step(
            name=f"join the {kind} records to their numbers",
            reads=(f"{kind}_nodes", "loads", *(("namespaces",) if is_person else ())),
            writes=(f"{kind}_rows",),
            sql=f"""SELECT n.n, n.source, {order} AS ord,
            {_NAMESPACE_SQL if is_person else "''"} AS namespace, r.*{_NORMALIZED_COLUMNS.get(kind, "")}
        FROM (SELECT *, false AS gone FROM {table} UNION ALL BY NAME SELECT *, true AS gone FROM {table}_gone) r
        JOIN rz_{kind}_nodes n ON r.connector = n.connector AND r.instance = n.instance AND r.key = n.key
            AND r.gone = n.gone
        LEFT JOIN rz_loads l ON l.load_id = r.load_id AND l.seen_at = r.seen_at
        {"LEFT JOIN rz_namespaces s ON s.n = n.n" if is_person else ""}""",
        ),
    )


_NAMESPACE_SQL = """coalesce(s.namespace, CASE WHEN r.grade IS NOT NULL THEN 'student' WHEN r.connector = 'hr'
    OR r.employment IS NOT NULL OR r.title IS NOT NULL THEN 'staff' ELSE 'other' END)"""
"""SQL for a person record's namespace of numbers."""


def _list_namespace_steps() -> tuple[Step, ...]:
    """Build rz_role_rows, the role records with the number of their person, and rz_namespaces (n, namespace)."""
    return (
        Step(
            name="join role records to person records",
            reads=("person_nodes",),
            writes=("role_rows",),
            sql=f"""SELECT n.n, {_ROLE_KIND} AS kind, r.* FROM
            (SELECT *, false AS role_gone FROM role_records UNION ALL BY NAME SELECT *, true AS role_gone
                FROM role_records_gone) r
        JOIN rz_person_nodes n ON r.connector = n.connector AND r.instance = n.instance AND r.person_key = n.key""",
        ),
        Step(
            name="derive namespaces of numbers from roles",
            reads=("role_rows",),
            writes=("namespaces",),
            sql="""SELECT n, CASE WHEN bool_or(kind = 'staff') THEN 'staff' WHEN bool_or(kind = 'student') THEN
            'student'
            WHEN bool_or(kind = 'other') THEN 'staff' ELSE 'guardian' END AS namespace
        FROM rz_role_rows GROUP BY n""",
        ),
    )
