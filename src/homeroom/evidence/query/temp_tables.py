"""Temporary tables of an engine in a DuckDB session: created, read and dropped under a prefix of their own.

While a step runs (`homeroom.evidence.query.steps`), a query may name only the tables that the step declares and those
that it created itself; the latter are dropped when the step ends.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables import Table

_ARROW_VIEW = "_arrow"
"""View of an Arrow table while it is copied; no table has this name."""


class UndeclaredTable(Exception):
    """A query names a temporary table that its step does not declare, or that no step created."""


@dataclass
class _Scope:
    """The tables that the running step may name: those that it declares, and those that it created."""

    step: str
    declared: frozenset[str]
    created: set[str] = field(default_factory=set)


class TempTables:
    """The temporary tables `<prefix><name>` in one session. Not safe to share between threads.

    A method that takes a query raises UndeclaredTable if the query names a table that the running step does not
    declare, or outside of steps a table that does not exist.
    """

    def __init__(self, session: duckdb.DuckDBPyConnection, *, prefix: str) -> None:
        self._session, self._prefix = session, prefix
        self._kinds: dict[str, str] = {}
        self._scopes: list[_Scope] = []

    @property
    def names(self) -> frozenset[str]:
        """Names of the tables that exist, without the prefix."""
        return frozenset(self._kinds)

    def create(self, name: str, query: str) -> None:
        """Create or replace the table `name` from a SELECT."""
        self._check_names(query)
        self._create(name, "TABLE", query)

    def create_view(self, name: str, query: str) -> None:
        """Create or replace the view `name` over a SELECT, which is not computed before the view is read."""
        self._check_names(query)
        self._create(name, "VIEW", query)

    def register(self, name: str, table: pa.Table) -> None:
        """Create or replace the table `name` from the rows of an Arrow table."""
        view = self._prefix + _ARROW_VIEW
        self._session.register(view, table)
        try:
            self._create(name, "TABLE", f"SELECT * FROM {view}")
        finally:
            self._session.unregister(view)

    def register_view(self, name: str, table: pa.Table) -> None:
        """Make an Arrow table readable as `name` without a copy."""
        self._add_name(name, "ARROW")
        self._session.register(self._prefix + name, table)

    def execute(self, statement: str) -> None:
        """Execute a statement that changes tables, such as an INSERT."""
        self._check_names(statement)
        self._session.execute(statement)

    def fetch_rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        self._check_names(query)
        return self._session.execute(query, parameters).fetchall()

    def fetch_arrow(self, query: str) -> pa.Table:
        """Return the rows of a query as Arrow."""
        self._check_names(query)
        table: pa.Table = self._session.execute(query).to_arrow_table()
        return table

    def fetch_declared(self, table: Table) -> pa.Table:
        """Return the rows of the table that has the name of a declared table, ordered by its key, in its schema."""
        columns, order = (", ".join(f'"{name}"' for name in names) for names in (table.names, table.key))
        rows = self.fetch_arrow(f"SELECT {columns} FROM {self._prefix}{table.name} ORDER BY {order}")
        return rows.cast(build_arrow_schema(table))

    def fetch_arrays(self, query: str) -> list[NDArray[np.int64]]:
        """Return the columns of a query, which must be integers without nulls."""
        return [column.to_numpy().astype(np.int64, copy=False) for column in self.fetch_arrow(query).columns]

    def fetch_number(self, query: str) -> int:
        """Return the single integer of a query's result, 0 if it is null or missing."""
        rows = self.fetch_rows(query)
        return int(rows[0][0]) if rows and rows[0][0] is not None else 0

    def has_rows(self, name: str) -> bool:
        """Check whether the table `name` has a row."""
        return bool(self.fetch_rows(f"SELECT 1 FROM {self._prefix}{name} LIMIT 1"))

    def drop(self, names: Collection[str]) -> None:
        """Drop tables and views; ignore names that do not exist, and those that the running step declares."""
        declared = self._scopes[-1].declared if self._scopes else frozenset()
        for name in names:
            if name not in declared:
                self._drop(name)

    def drop_all(self) -> None:
        """Drop every table and view."""
        for name in self._sort_views_first(self._kinds):
            self._drop(name)

    @contextmanager
    def run_in_scope(self, step: str, *, reads: Collection[str], writes: Collection[str]) -> Iterator[None]:
        """Allow only these tables while a step runs, and drop the others that it created when it ends.

        Raise UndeclaredTable if a table that the step reads does not exist.
        """
        missing = frozenset(reads) - self.names
        if missing:
            raise UndeclaredTable(f"{step} reads {_format_names(missing)}, which no step before it wrote")
        outer = self._scopes[-1] if self._scopes else None
        scope = _Scope(step, frozenset(reads) | frozenset(writes))
        self._scopes.append(scope)
        try:
            yield
        finally:
            self.drop(self._sort_views_first(scope.created))
            self._scopes.pop()
            if outer is not None:
                outer.created |= scope.created & frozenset(writes)

    def _create(self, name: str, kind: str, query: str) -> None:
        if self._kinds.get(name, kind) != kind:
            self._drop(name)
        self._add_name(name, kind)
        self._session.execute(f"CREATE OR REPLACE TEMP {kind} {self._prefix}{name} AS {query}")

    def _drop(self, name: str) -> None:
        kind = self._kinds.pop(name, "")
        if kind == "ARROW":
            self._session.unregister(self._prefix + name)
        elif kind:
            self._session.execute(f"DROP {kind} IF EXISTS {self._prefix}{name}")
        if self._scopes:
            self._scopes[-1].created.discard(name)

    def _sort_views_first(self, names: Collection[str]) -> list[str]:
        return sorted(names, key=lambda name: (self._kinds.get(name) == "TABLE", name))

    def _add_name(self, name: str, kind: str) -> None:
        scope = self._scopes[-1] if self._scopes else None
        if scope is not None:
            if name in self._kinds and name not in scope.declared | scope.created:
                raise UndeclaredTable(f"{scope.step} would replace {name}, which it does not declare")
            scope.created.add(name)
        self._kinds[name] = kind

    def _check_names(self, query: str) -> None:
        names = find_table_names(query, prefix=self._prefix)
        if not self._scopes:
            undeclared = names - self.names
        else:
            scope = self._scopes[-1]
            undeclared = names - scope.declared - scope.created
        if undeclared:
            step = self._scopes[-1].step if self._scopes else "a query"
            raise UndeclaredTable(f"{step} names {_format_names(undeclared)}, which it does not declare")


def find_table_names(query: str, *, prefix: str) -> frozenset[str]:
    """Return the names of the temporary tables in a query, without their prefix."""
    return frozenset(re.findall(rf"\b{re.escape(prefix)}([a-z0-9_]+)\b", query))


def _format_names(names: Collection[str]) -> str:
    return ", ".join(sorted(names))
