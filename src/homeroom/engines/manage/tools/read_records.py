"""Read the records that name tools, and join each to its tool."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from homeroom.domain.manage.tools.capabilities import Capability
from homeroom.domain.manage.tools.portfolio import KnownBy, ToolRecord
from homeroom.domain.manage.tools.products import ToolProduct
from homeroom.domain.manage.tools.stated_tools import StatedTool
from homeroom.engines.manage.tools.tool_index import ToolIndex, list_stated

NO_TOOL = "('none', 'no', 'n/a', 'na', '-', 'nothing', 'no backup', 'not backed up', 'no record', 'missing')"
"""Words in place of a backup's tool that mean that there is none."""
COVERING_TOOL = "CASE WHEN trim(coalesce(c.tool, '')) = '' THEN c.purpose ELSE c.tool END"
"""SQL over a coverage record `c`: its tool as written; a list that names none is of a tool called by its purpose."""
BACKUP_CAPABILITY = "backup-servers"
_ALL_PRODUCTS = r"^\W*((all|any|various|several)( of)?( its| their)?( products?| apps?| services?)?|n/?a)?\W*$"
"""Pattern over a product in lower case that means all of a vendor's, or nothing."""
_STATED_SQL = (
    "SELECT name, also, does, also_does, season_from, season_until FROM tool_records ORDER BY connector, instance, name"
)
_NAMED_SQL = {
    "app_use_records": "SELECT DISTINCT app, app FROM app_use_records WHERE trim(app) <> '' ORDER BY ALL",
    "coverage_records": f"SELECT DISTINCT {COVERING_TOOL}, {COVERING_TOOL} FROM coverage_records c ORDER BY ALL",
    "backup_records": f"""SELECT DISTINCT tool, tool FROM backup_records WHERE trim(tool) <> ''
        AND lower(trim(tool)) NOT IN {NO_TOOL} ORDER BY ALL""",
    "app_grants": "SELECT app_key, min(app_name) FROM app_grants WHERE app_key <> '' GROUP BY app_key ORDER BY ALL",
    "extension_records": """SELECT app_key, min(name) FROM extension_records WHERE app_key <> '' GROUP BY app_key
        ORDER BY ALL""",
}
_CONTRACTS_SQL = "SELECT instance, key, product, vendor FROM contract_records ORDER BY ALL"
_AGREEMENTS_SQL = f"""SELECT key, CASE WHEN NOT regexp_matches(lower(coalesce(product, '')), '{_ALL_PRODUCTS}')
    THEN product END, vendor FROM agreement_records ORDER BY ALL"""
_SOFTWARE_SQL = "SELECT DISTINCT name FROM software_records WHERE trim(name) <> '' ORDER BY ALL"
_PURPOSES_SQL = f"SELECT DISTINCT {COVERING_TOOL}, c.purpose FROM coverage_records c ORDER BY ALL"
_CONSOLES_SQL = "SELECT DISTINCT connector, instance FROM sources ORDER BY ALL"
NAMES_TABLE = "_tl_names"
"""Temporary table of what records call tools: table, name, tool."""


@dataclass(frozen=True, kw_only=True)
class JoinedRecords:
    """The tools of records: of contracts by instance and key, of others by table and name."""

    contracts: Mapping[tuple[str, str], str]
    named: Mapping[str, Mapping[str, str]]


def read_stated(session: duckdb.DuckDBPyConnection) -> tuple[StatedTool, ...]:
    """Read what the district states of its tools."""
    cursor = session.execute(_STATED_SQL)
    names = [column[0] for column in cursor.description or ()]
    return list_stated(dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def join_records(
    session: duckdb.DuckDBPyConnection,
    index: ToolIndex,
    *,
    consoles: Mapping[str, str],
    programs: Mapping[str, str],
) -> JoinedRecords:
    """Add every record to its tool in the index; return the tools, and write those by name as NAMES_TABLE.

    `consoles` are the titles of connectors by name, `programs` the ids of content/software by a program's name.
    """
    contracts = _join_contracts(session, index)
    tools = {table: _join_named(session, index, table) for table in _NAMED_SQL}
    _join_agreements(session, index)
    _join_software(session, index, programs=programs)
    tools["sources"] = _join_consoles(session, index, consoles=consoles)
    rows = [
        {"table": table, "name": name, "tool": tool} for table, keys in tools.items() for name, tool in keys.items()
    ]
    schema = pa.schema([("table", pa.string()), ("name", pa.string()), ("tool", pa.string())])
    session.register("_tl_rows", pa.Table.from_pylist(rows, schema=schema))
    session.execute(f"CREATE OR REPLACE TEMP TABLE {NAMES_TABLE} AS SELECT * FROM _tl_rows")
    session.unregister("_tl_rows")
    return JoinedRecords(contracts=contracts, named=tools)


def infer_capabilities(
    session: duckdb.DuckDBPyConnection,
    index: ToolIndex,
    joined: JoinedRecords,
    *,
    capabilities: Mapping[str, Capability],
) -> None:
    """Add to tools that are known by name alone what their lists show that they do: cover a purpose, make backups."""
    words = {word: name for name, entry in capabilities.items() for word in (*entry.words, name)}
    coverage, backups = joined.named["coverage_records"], joined.named["backup_records"]
    shown = [
        (coverage[text], words[purpose])
        for text, purpose in session.execute(_PURPOSES_SQL).fetchall()
        if purpose in words
    ]
    if BACKUP_CAPABILITY in capabilities:
        shown += [(tool, BACKUP_CAPABILITY) for tool in backups.values()]
    for tool, capability in shown:
        entry = index.entries[tool]
        if entry.known is KnownBy.NAME:
            entry.does |= {capability}


def _join_contracts(session: duckdb.DuckDBPyConnection, index: ToolIndex) -> dict[tuple[str, str], str]:
    tools = {}
    for instance, key, product, vendor in session.execute(_CONTRACTS_SQL).fetchall():
        text = _get_first(product, vendor, key)
        record = ToolRecord(table="contract_records", key=str(key))
        product_id = index.add_record(record, product=index.find_contract(product, vendor), text=text)
        tools[str(instance), str(key)] = product_id
    return tools


def _join_named(session: duckdb.DuckDBPyConnection, index: ToolIndex, table: str) -> dict[str, str]:
    tools = {}
    for key, text in session.execute(_NAMED_SQL[table]).fetchall():
        matched = _find_by_id(index, table, str(key)) or index.find_known(text)
        record = ToolRecord(table=table, key=str(key))
        tools[str(key)] = index.add_record(record, product=matched, text=_get_first(text, key))
    return tools


def _find_by_id(index: ToolIndex, table: str, key: str) -> ToolProduct | None:
    if table == "extension_records":
        return index.names.find_extension(key)
    return index.names.find_client(key) if table == "app_grants" else None


def _join_agreements(session: duckdb.DuckDBPyConnection, index: ToolIndex) -> None:
    """Add agreements about a product; about all of a vendor's only where the vendor has a tool's name."""
    for key, product, vendor in session.execute(_AGREEMENTS_SQL).fetchall():
        matched = index.find_contract(product, vendor)
        if matched is not None or (product and product.strip()):
            record = ToolRecord(table="agreement_records", key=str(key))
            index.add_record(record, product=matched, text=_get_first(product, vendor, key))


def _join_software(session: duckdb.DuckDBPyConnection, index: ToolIndex, *, programs: Mapping[str, str]) -> None:
    """Add programs of known tools and of tools that other lists name; thousands of others are no tools."""
    for (name,) in session.execute(_SOFTWARE_SQL).fetchall():
        matched = index.find_software(programs.get(name)) or index.find_known(name)
        if matched is not None or index.has_name(name):
            index.add_record(ToolRecord(table="software_records", key=name), product=matched, text=name)


def _join_consoles(
    session: duckdb.DuckDBPyConnection, index: ToolIndex, *, consoles: Mapping[str, str]
) -> dict[str, str]:
    return dict(_iter_consoles(session, index, consoles))


def _iter_consoles(
    session: duckdb.DuckDBPyConnection, index: ToolIndex, consoles: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for connector, instance in session.execute(_CONSOLES_SQL).fetchall():
        matched = index.find_known(consoles.get(connector))
        if matched is not None:
            record = ToolRecord(table="sources", key=str(instance))
            yield str(instance), index.add_record(record, product=matched, text=matched.name)


def _get_first(*texts: object) -> str:
    return next(str(text) for text in texts if text is not None and str(text).strip())
