"""The derived tables of tools, built and published together with those of resolving."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from homeroom.apps.manage.tools.queries import load_tool_content
from homeroom.domain.manage import tools as tool_names
from homeroom.engines.manage import tools as tool_engine
from homeroom.engines.manage.tools.finding_tables import build_finding_tables
from homeroom.engines.manage.tools.portfolio import build_portfolio
from homeroom.engines.manage.tools.tables import build_cover_table, build_tools_table
from homeroom.evidence.tables.tools import TOOL_COVER, TOOLS
from homeroom.library.yaml_loader import BUILTIN_CONTENT

RESOLVED = ("people", "accounts", "devices", "links", "software")
"""The resolved tables that the portfolio reads; while it is built they hide those of the session's snapshot."""


def add_tool_tables(
    session: duckdb.DuckDBPyConnection,
    tables: Mapping[str, pa.Table],
    *,
    today: date,
    same: Iterable[tuple[str, str]] = (),
) -> dict[str, pa.Table]:
    """Return the resolved tables and those of tools. `same` are pairs of names that are answered to be one tool."""
    content = load_tool_content()
    for name in RESOLVED:
        session.register(name, tables[name])
    try:
        portfolio = build_portfolio(session, content=content, today=today, same=same)
    finally:
        for name in RESOLVED:
            session.unregister(name)
    return {
        **tables,
        TOOLS.name: build_tools_table(portfolio),
        TOOL_COVER.name: build_cover_table(portfolio, capabilities=content.capabilities),
        **build_finding_tables(portfolio),
    }


@cache
def hash_tool_rules() -> str:
    """Hash the rules and content of tools (12 hex digits), so that changed ones derive the tables again."""
    folders = (Path(tool_engine.__file__).parent, Path(tool_names.__file__).parent)
    code = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    content = [path for name in ("tools", "capabilities") for path in sorted((BUILTIN_CONTENT / name).glob("*.yaml"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in (*code, *content))).hexdigest()[:12]
