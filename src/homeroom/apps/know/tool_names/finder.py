"""The names of tools of a district: those of content, what its own file states, and what people answered."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from homeroom.apps.manage.tools.queries import load_tool_content
from homeroom.domain.manage.tools.tool_finder import ToolFinder
from homeroom.engines.manage.tools.read_records import read_stated


def build_tool_finder(session: duckdb.DuckDBPyConnection, *, same: Iterable[tuple[str, str]] = ()) -> ToolFinder:
    """Build the finder of the session's records. `same` are pairs of names that are answered to be one tool."""
    return ToolFinder(load_tool_content().products, stated=read_stated(session), same=same)
