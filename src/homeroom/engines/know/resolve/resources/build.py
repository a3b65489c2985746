"""Build resources from records: number them, match them to the ledger, and derive each kind with one SELECT."""

from __future__ import annotations

from datetime import date

from homeroom.engines.know.resolve.records.subject_ids import list_id_steps
from homeroom.engines.know.resolve.resources import RESOURCES, Resource
from homeroom.evidence import tables as declared
from homeroom.evidence.files.arrow_schema import SQL_TYPES
from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.temp_tables import find_table_names
from homeroom.evidence.tables import Table


def list_numbering_steps() -> tuple[Step, ...]:
    """Build rz_<kind>_nodes and rz_<kind>_rows of every kind of resource, and add the changes to the ledger.

    Needs rz_ledger, rz_spent, rz_ledger_added and rz_merged_subjects.
    """
    return tuple(step for resource in RESOURCES for step in _list_kind_steps(resource))


def list_description_steps(*, today: date) -> tuple[Step, ...]:
    """Build the derived table of every kind.

    Needs the derived tables of people, accounts and devices, and rz_<kind>_rows.
    """
    return tuple(step for resource in RESOURCES for step in _list_derived_steps(resource, today))


def list_resource_link_steps() -> tuple[Step, ...]:
    """Add the records of every resource to rz_links."""
    return tuple(
        Step(
            name=f"link records to {resource.kind}s",
            reads=("links", f"{resource.kind}_nodes"),
            writes=("links",),
            sql=f"""INSERT INTO rz_links BY NAME SELECT '{resource.kind}' AS subject_kind, id, connector, instance,
                '{resource.records}' AS table_name, key, CASE WHEN n = comp THEN 'anchor'
                    ELSE 'the same name' END AS rule,
                false AS gone FROM rz_{resource.kind}_nodes""",
        )
        for resource in RESOURCES
    )


def _list_kind_steps(resource: Resource) -> tuple[Step, ...]:
    """Assign numbers to the resources of one kind.

    Records with one key in one source are one node; those that share `same` are one resource with the first of them.
    """
    kind = resource.kind
    nodes, rows = f"{kind}_nodes", f"{kind}_rows"
    return (
        Step(
            name=f"number the {kind} records",
            writes=(nodes,),
            sql=f"""SELECT n, connector, instance, key, coalesce(min(n) OVER (PARTITION BY same), n) AS least, same,
            n AS comp, NULL::BIGINT AS id FROM (
            SELECT row_number() OVER (ORDER BY connector, instance, key) - 1 AS n, * FROM (
                SELECT r.connector, r.instance, left({resource.key}, 255) AS key, min({resource.same})::VARCHAR AS same
                FROM {resource.records} r WHERE ({resource.where}) AND nullif({resource.key}, '') IS NOT NULL
                    GROUP BY ALL))
        ORDER BY n""",
        ),
        Step(
            name=f"add ids to the {kind} records",
            reads=("ledger", "ledger_added", "merged_subjects", "spent", nodes),
            writes=("ledger_added", "merged_subjects", nodes),
            steps=(
                Step(
                    name=f"join {kind} records of the same name",
                    reads=(nodes,),
                    writes=(f"{kind}_components",),
                    sql=f"SELECT n, CASE WHEN same IS NULL THEN n ELSE least END AS comp FROM rz_{nodes}",
                ),
                Step(
                    name=f"remove empty ids of {kind} records",
                    reads=(nodes,),
                    writes=(nodes,),
                    sql=f"SELECT * EXCLUDE (comp, id) FROM rz_{nodes}",
                ),
                *list_id_steps(kind),
            ),
            when=f"SELECT count(*) > 0 FROM rz_{nodes}",
        ),
        Step(
            name=f"join the {kind} records to their ids",
            reads=(nodes,),
            writes=(rows,),
            sql=f"""SELECT n.id, r.* FROM {resource.records} r JOIN rz_{nodes} n
        ON n.connector = r.connector AND n.instance = r.instance AND n.key = left({resource.key}, 255)
            WHERE {resource.where}""",
        ),
    )


def _list_derived_steps(resource: Resource, today: date) -> tuple[Step, ...]:
    table = declared.RESOURCE_TABLES[resource.kind]
    select = resource.select.replace("$today", f"DATE '{today}'")
    reads = tuple(sorted(find_table_names(select, prefix="rz_")))
    return (
        Step(name=f"start the list of {resource.kind}s", writes=(table.name,), sql=_empty_table_sql(table)),
        Step(
            name=f"describe {resource.kind}s",
            reads=(table.name, *reads),
            writes=(table.name,),
            sql=select,
            when=f"SELECT count(*) > 0 FROM rz_{resource.kind}_rows",
        ),
    )


def _empty_table_sql(table: Table) -> str:
    columns = ", ".join(f'NULL::{SQL_TYPES[column.type]} AS "{column.name}"' for column in table.columns)
    return f"SELECT {columns} LIMIT 0"
