"""Find the tool that a person means by a name, its records, and what the name nearly is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

import duckdb
from rapidfuzz import fuzz, process

from homeroom.domain.manage.tools.adoption import LikelyTool, NamedRecord
from homeroom.domain.manage.tools.portfolio import KnownBy
from homeroom.domain.manage.tools.products import ToolProduct
from homeroom.domain.manage.tools.stated_tools import build_tool_id
from homeroom.domain.manage.tools.words import fold_words
from homeroom.engines.manage.tools.tool_index import ToolIndex

MAX_LIKELY = 3
LIKELY = 78.0
"""Similarity, of 100, from which a name is asked; it never joins anything."""
MIN_LETTERS = 4
_TOOLS_SQL = """SELECT id AS number, tool, name, known, coalesce(does, []) AS does,
    coalesce(also_does, []) AS also_does, runs, coalesce(schools, []) AS schools, costs, year_minor, currency, seats,
    hollow FROM tools ORDER BY tool"""
_BY_KEY_SQL = """SELECT t.tool FROM tool_links l JOIN tools t ON t.id = l.tool
    WHERE l.record_key = ? AND l.record_table IN ('app_grants', 'extension_records') ORDER BY ALL LIMIT 1"""
_LINKS_SQL = "SELECT record_table, record_key FROM tool_links WHERE tool = ? ORDER BY ALL"
_TEXTS_SQL: Mapping[str, str] = {
    "contract_records": "SELECT DISTINCT key, coalesce(nullif(trim(product), ''), vendor) FROM contract_records",
    "agreement_records": "SELECT DISTINCT key, coalesce(nullif(trim(product), ''), vendor) FROM agreement_records",
    "app_grants": "SELECT app_key AS key, min(app_name) FROM app_grants",
    "extension_records": "SELECT app_key AS key, min(name) FROM extension_records",
}
_GROUPED = ("app_grants", "extension_records")


@dataclass(frozen=True, kw_only=True)
class ToolRow:
    """A tool of the district as the derived table has it; `number` is its id there, `tool` the one in words."""

    number: int
    tool: str
    name: str
    known: str
    does: Sequence[str]
    also_does: Sequence[str]
    runs: bool
    schools: Sequence[str]
    costs: bool | None
    year_minor: int | None
    currency: str | None
    seats: int | None
    hollow: str | None


@dataclass(frozen=True, kw_only=True)
class MatchedTool:
    """The tool of a name: what content or the district states of it, and its row if the district has records."""

    product: ToolProduct | None
    row: ToolRow | None

    @property
    def is_known(self) -> bool:
        """Whether anybody knows it."""
        return self.product is not None or self.row is not None


def read_tool_rows(session: duckdb.DuckDBPyConnection) -> dict[str, ToolRow]:
    """Read the tools of the district by id."""
    names = [field.name for field in fields(ToolRow)]
    cursor = session.execute(_TOOLS_SQL)
    columns = [column[0] for column in cursor.description or ()]
    rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return {str(row["tool"]): ToolRow(**{name: row[name] for name in names}) for row in rows}


def match_tool(
    session: duckdb.DuckDBPyConnection, index: ToolIndex, rows: Mapping[str, ToolRow], text: str
) -> MatchedTool:
    """Return the tool of a name, a domain, or an id of an extension or client; without likeness, as records join."""
    names = index.names
    product = names.find_extension(text) or names.find_client(text) or index.find_known(text)
    if product is not None:
        return MatchedTool(product=product, row=rows.get(product.id))
    by_key = session.execute(_BY_KEY_SQL, [text]).fetchone()
    tool = rows.get(str(by_key[0])) if by_key else _find_by_bare(index, rows, text)
    stated = next((item for item in names.products if tool is not None and item.id == tool.tool), None)
    return MatchedTool(product=stated, row=tool)


def list_likely(index: ToolIndex, rows: Mapping[str, ToolRow], text: str) -> tuple[LikelyTool, ...]:
    """List the tools that a name nearly is, or whose vendor it is: known products, and tools of the district."""
    bare = index.names.bare(text)
    if len(bare) < MIN_LETTERS:
        return ()
    products = {item.id: item for item in index.names.products}
    choices = {
        **{(item.id, name): " ".join(fold_words(name)) for item in products.values() for name in item.all_names},
        **{(tool.tool, tool.name): index.names.bare(tool.name) for tool in rows.values() if tool.known == KnownBy.NAME},
    }
    near = process.extract(bare, choices, scorer=fuzz.ratio, score_cutoff=LIKELY, limit=3 * MAX_LIKELY)
    ids = [tool for _, _, (tool, _) in near]
    ids += [item.id for item in products.values() if item.vendor and " ".join(fold_words(item.vendor)) == bare]
    return tuple(
        LikelyTool(id=tool, name=products[tool].name if tool in products else rows[tool].name, here=tool in rows)
        for tool in list(dict.fromkeys(ids))[:MAX_LIKELY]
    )


def list_named_records(session: duckdb.DuckDBPyConnection, tool: ToolRow) -> tuple[NamedRecord, ...]:
    """List the records of a tool with the texts by which they name it, by table and key."""
    by_table: dict[str, list[str]] = {}
    for table, key in session.execute(_LINKS_SQL, [tool.number]).fetchall():
        by_table.setdefault(table, []).append(key)
    return tuple(record for table, keys in by_table.items() for record in _name_records(session, table, keys))


def _find_by_bare(index: ToolIndex, rows: Mapping[str, ToolRow], text: str) -> ToolRow | None:
    """Return the tool that is known by its name alone and has the bare text of a name; ids may be numbered."""
    bare = index.names.bare(text)
    pattern = re.compile(rf"{re.escape(build_tool_id(bare))}(-\d+)?")
    return next(
        (
            tool
            for tool in rows.values()
            if tool.known == KnownBy.NAME and pattern.fullmatch(tool.tool) and index.names.bare(tool.name) == bare
        ),
        None,
    )


def _name_records(session: duckdb.DuckDBPyConnection, table: str, keys: Sequence[str]) -> Iterable[NamedRecord]:
    texts = _read_texts(session, table, keys)
    return (NamedRecord(table=table, key=key, text=texts.get(key) or key) for key in keys)


def _read_texts(session: duckdb.DuckDBPyConnection, table: str, keys: Sequence[str]) -> dict[str, str]:
    if table not in _TEXTS_SQL:
        return {}
    column = "app_key" if table in _GROUPED else "key"
    sql = f"{_TEXTS_SQL[table]} WHERE list_contains(?::VARCHAR[], {column})"
    rows = session.execute(f"{sql} GROUP BY app_key" if table in _GROUPED else sql, [list(keys)]).fetchall()
    return {str(key): str(text) for key, text in rows if text}
