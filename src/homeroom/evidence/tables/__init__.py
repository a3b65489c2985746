"""The canonical tables: the one folder that defines what evidence can hold.

Every connector writes these tables and nothing else; every engine reads them and nothing else. Source tables hold what
one source reported, one row per record of that source (`key` is the source's own id). Derived tables hold what
resolving built from all sources, one row per subject (`id` is Homeroom's).

Tables grow by addition: a new column is appended, an old one is never renamed, retyped or removed, and a snapshot that
lacks a column is read with nulls in it.

Privacy classes: `public` (no person), `staff` (about an employee), `student` (about a student: masked in logs and
exports), `individual` (what one person did in a drill: shown to the person and the coach alone, and counted for
everybody else), `secret` (never stored: dropped by ingest and counted).

A module in this folder assigns `Table`s; being there is being registered.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from homeroom.evidence.tables.declaration import Column, Privacy, Table, Type

__all__ = ["DERIVED_TABLES", "RESOURCE_TABLES", "SOURCE_TABLES", "TABLES", "Column", "Privacy", "Table", "Type"]


def _discover_tables() -> tuple[Table, ...]:
    """Return the tables of all modules, modules by name, tables in module order. Raise ValueError if a name repeats."""
    pages = [import_module(f"{__name__}.{page.name}") for page in iter_modules(__path__)]
    tables = [value for page in pages for value in vars(page).values() if isinstance(value, Table)]
    names = [table.name for table in tables]
    if len(set(names)) < len(names):
        raise ValueError(f"a table is declared twice: {sorted({name for name in names if names.count(name) > 1})}")
    return tuple(tables)


_ALL = _discover_tables()
SOURCE_TABLES: tuple[Table, ...] = tuple(table for table in _ALL if not table.derived)
DERIVED_TABLES: tuple[Table, ...] = tuple(table for table in _ALL if table.derived)
TABLES: dict[str, Table] = {table.name: table for table in (*SOURCE_TABLES, *DERIVED_TABLES)}
RESOURCE_TABLES: dict[str, Table] = {table.resource_kind: table for table in DERIVED_TABLES if table.resource_kind}
"""By kind of subject, the derived table of that kind: resources other than people, accounts and devices."""
