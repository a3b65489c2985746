"""The reference pages of canonical tables: one page for each module of evidence/tables, and an index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from homeroom.evidence import tables as declarations
from homeroom.evidence.tables import Table
from tools.reference.markdown import render_table

INTRODUCTION = """# Canonical tables

What evidence can hold. Connectors write the source tables, resolving writes the derived ones, controls query both.
Each source table `t` has a sibling `t_gone`: rows that an older complete load had and the newest does not. In a session
both begin with `connector`, `instance`, `load_id` and `seen_at`.

Privacy: `public` is about no person, `staff` about an employee, `student` about a student (masked in logs and
exports).
"""


@dataclass(frozen=True, kw_only=True)
class TableArea:
    """The tables that one module declares."""

    name: str
    meaning: str
    tables: tuple[Table, ...]


def render_pages() -> dict[str, str]:
    """Render a page for each area, and the index of all tables."""
    areas = list(_list_areas())
    pages = {f"tables/{area.name}.md": "\n".join(_render_area(area)) for area in areas}
    return {"tables/README.md": "\n".join([INTRODUCTION, *_render_index(areas)])} | pages


def _list_areas() -> Iterator[TableArea]:
    for module_info in iter_modules(declarations.__path__):
        module = import_module(f"{declarations.__name__}.{module_info.name}")
        tables = tuple(value for value in vars(module).values() if isinstance(value, Table))
        if tables:
            meaning = (module.__doc__ or "").splitlines()[0]
            yield TableArea(name=module_info.name, meaning=meaning, tables=tables)


def _render_index(areas: list[TableArea]) -> Iterator[str]:
    for area in areas:
        yield f"## [{_format_title(area)}]({area.name}.md)\n\n{area.meaning}\n"
        rows = [
            (f"[{table.name}]({area.name}.md#{table.name})", _describe_kind(table), table.meaning)
            for table in area.tables
        ]
        yield render_table(("table", "kind", "meaning"), rows)


def _render_area(area: TableArea) -> Iterator[str]:
    yield f"# Canonical tables: {_format_title(area).lower()}\n\n{area.meaning} [All tables](README.md).\n"
    for table in area.tables:
        rows = [(f"`{c.name}`", str(c.type), str(c.privacy), c.meaning) for c in table.columns]
        key = ", ".join(f"`{name}`" for name in table.key)
        yield f"## {table.name}\n\n{table.meaning} {_describe_kind(table).capitalize()} table; key: {key}.\n"
        yield render_table(("column", "type", "privacy", "meaning"), rows)


def _format_title(area: TableArea) -> str:
    return area.name.replace("_", " ").capitalize()


def _describe_kind(table: Table) -> str:
    return "derived" if table.derived else "source"
