"""The tools by whose names contracts, apps, agreements and use meet: each distinct text is looked up once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pyarrow as pa

from homeroom.domain.manage.tools.tool_finder import ToolFinder
from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.temp_tables import TempTables

USED, AUTHORIZED, BOUGHT = "used", "authorized", "bought"
_TEXTS_SQL = f"""SELECT DISTINCT '{USED}', '', coalesce(app, '') FROM app_use_records
    UNION ALL SELECT DISTINCT '{AUTHORIZED}', coalesce(app_key, ''), coalesce(app_name, '') FROM app_grants
    UNION ALL SELECT DISTINCT '{BOUGHT}', coalesce(vendor, ''), coalesce(product, '') FROM (
        SELECT vendor, product FROM contract_records UNION SELECT vendor, product FROM agreement_records)"""
_SCHEMA = pa.schema([(name, pa.string()) for name in ("kind", "maker", "text", "tool")])


def list_tool_key_steps(*, finder: ToolFinder) -> tuple[Step, ...]:
    """Build rz_tool_keys (kind, maker, text, tool): the tool of each distinct text, null where there is no text.

    `maker` is the vendor of what is BOUGHT, the app's id of what is AUTHORIZED, and empty for what is USED.
    """
    return (Step(name="find the tools of names", writes=("tool_keys",), run=partial(_find_tool_keys, finder=finder)),)


def join_tool_sql(kind: str, *, name: str, maker: str = "''", alias: str = "k") -> str:
    """Return the SQL of a join to the tool of a record, as the column `tool` of the alias."""
    return f"""LEFT JOIN rz_tool_keys {alias} ON {alias}.kind = '{kind}' AND {alias}.maker = coalesce({maker}, '')
            AND {alias}.text = coalesce({name}, '')"""


def _find_tool_keys(tables: TempTables, *, finder: ToolFinder) -> None:
    rows = tables.fetch_rows(_TEXTS_SQL)
    columns = [*zip(*rows, strict=True), list(_iter_keys(rows, finder))] if rows else [()] * len(_SCHEMA)
    tables.register(
        "tool_keys", pa.Table.from_arrays([pa.array(column, pa.string()) for column in columns], schema=_SCHEMA)
    )


def _iter_keys(rows: list[tuple[str, str, str]], finder: ToolFinder) -> Iterator[str | None]:
    for kind, maker, text in rows:
        if kind == AUTHORIZED:
            yield finder.build_key(finder.find_app(maker, text), text)
        elif kind == BOUGHT:
            yield finder.build_key(finder.find_contract(text, maker), text if text.strip() else maker)
        else:
            yield finder.build_key(finder.find_known(text), text)
