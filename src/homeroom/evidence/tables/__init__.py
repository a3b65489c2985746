"""The canonical tables: the one folder that says what evidence can hold.

Every connector writes these tables and nothing else; every engine reads them and nothing else. Source tables hold what
one source said, one row a record of that source (`key` is the source's own id). Derived tables hold what resolving made
of all sources, one row a subject (`id` is Homeroom's).

Tables grow by addition: a new column is appended, an old one is never renamed, retyped or removed, and a snapshot that
lacks a column is read with nulls in it.

Privacy classes: `public` (no person), `staff` (about an employee), `student` (about a pupil: masked in logs and
exports), `secret` (never stored: dropped at the door and counted).

A page beside this one is a module that assigns `Table`s; being there is being registered.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from homeroom.evidence.tables.declaring import Column, Privacy, Table, Type

__all__ = ["DERIVED_TABLES", "SOURCE_TABLES", "TABLES", "THINGS", "Column", "Privacy", "Table", "Type"]


def _declared() -> tuple[Table, ...]:
    """Every table of every page, pages by name, tables as they stand. Raises ValueError where a name is taken twice."""
    pages = [import_module(f"{__name__}.{page.name}") for page in iter_modules(__path__)]
    found = [one for page in pages for one in vars(page).values() if isinstance(one, Table)]
    names = [table.name for table in found]
    if len(set(names)) < len(names):
        raise ValueError(f"a table is declared twice: {sorted({name for name in names if names.count(name) > 1})}")
    return tuple(found)


_ALL = _declared()
SOURCE_TABLES: tuple[Table, ...] = tuple(table for table in _ALL if not table.derived)
DERIVED_TABLES: tuple[Table, ...] = tuple(table for table in _ALL if table.derived)
TABLES: dict[str, Table] = {table.name: table for table in (*SOURCE_TABLES, *DERIVED_TABLES)}
THINGS: dict[str, Table] = {table.thing: table for table in DERIVED_TABLES if table.thing}
"""By kind of subject, the derived table of which each row is one: what a district has besides people, accounts and devices."""
