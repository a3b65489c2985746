"""The page of canonical tables."""

from __future__ import annotations

from collections.abc import Iterator

from homeroom.evidence.tables import DERIVED_TABLES, SOURCE_TABLES, Table
from tools.reference.markdown import render_table

INTRODUCTION = """# Canonical tables

What evidence can hold. Connectors write the source tables, resolving writes the derived ones, controls ask both. Each
source table `t` has a sibling `t_gone`: rows that an older complete load held and the newest does not. In a session
both
begin with `connector`, `instance`, `load_id` and `seen_at`.

Privacy: `public` is about no person, `staff` about an employee, `student` about a pupil (masked in logs and exports).
"""


def render_page() -> str:
    """Render every table with its columns."""
    return "\n".join(
        [
            INTRODUCTION,
            "## Source tables\n",
            *_render_sections(SOURCE_TABLES),
            "## Derived tables\n",
            *_render_sections(DERIVED_TABLES),
        ]
    )


def _render_sections(tables: tuple[Table, ...]) -> Iterator[str]:
    for table in tables:
        rows = [(f"`{c.name}`", str(c.type), str(c.privacy), c.meaning) for c in table.columns]
        yield f"### {table.name}\n\n{table.meaning} Key: {', '.join(f'`{name}`' for name in table.key)}.\n"
        yield render_table(("column", "type", "privacy", "meaning"), rows)
