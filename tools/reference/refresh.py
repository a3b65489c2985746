"""The reference page of the formats of a refresh plan: every key, every column, and every key of the document."""

from __future__ import annotations

from collections.abc import Iterable

from homeroom.apps.manage.budget.refresh_documents import DOCUMENT_KEYS, EVIDENCE_KEYS
from homeroom.library.manage.refresh import problem_fields
from homeroom.library.manage.refresh.lifetimes import FIELDS, PARTS
from homeroom.library.manage.refresh.yaml_document import DocumentField
from homeroom.library.yaml_loader import ContentField
from tools.reference.markdown import render_table

INTRODUCTION = """# Formats of a refresh plan

`homeroom refresh PLAN.yaml --json` reads the first and prints the last; [refresh plans](../manage/refresh-plan.md) has
the rules.

Money is in dollars in the files and in cents in the document. Years are fiscal years. Paths are relative to the plan.
What does not fit is refused with file, line, field, value and what would fit; then nothing is planned, and the exit
code is 2.
"""
LISTS = """## The lists

CSV in UTF-8, with the columns in any order; other columns are not read.

| list | column | meaning |
| --- | --- | --- |
| `fleet` | `group` | A name of devices that are alike, each once. |
| | `school`, `kind` | Where they are and what they are; each kind has a price. |
| | `count` | How many. |
| | `last_good` | The last day they are good: 2029-06-30 or 6/30/2029; 9999-12-31 for never; blank if unknown. |
| `prices` | `kind` | The kind, each once. |
| | `price` | Dollars for a device. |
| | `life` | Years that it lasts, for what is thrown away. |
| | `minutes` | Minutes of work to replace or add a device. |
| | `weight` | What a year past support or missing counts. |
| `needs` | `school`, `kind`, `year` | What is needed where in which year of the plan, each once. |
| | `needed` | How many devices. |
"""


EVIDENCE = """## The document of a plan from evidence

`homeroom refresh --json` without a file has these keys beside the others. The lists of funds and prices that it reads
are [fund_records and price_records](tables/budgets.md), through any mapping file.
"""
LIFETIMES = """## Lifetimes

`content/lifetimes/<id>.yaml` has the days until which devices are good, and support beyond them. A file that is dropped
in is used. `homeroom check-content` proves it: each `from` of its rules needs an example, and so does a near-miss of
which nothing is known. Of several `models` that a device's model has as whole words, the longest decides; of the ends
of a model and of a system, the earlier. A rule with `years` counts only where neither is known.
"""


def render_pages() -> dict[str, str]:
    """Render the page of all formats."""
    parts = [
        INTRODUCTION,
        _render_fields("The plan", problem_fields.PROBLEM),
        _render_fields("`funds.NAME`", problem_fields.FUND),
        _render_fields("`ways.NAME`", problem_fields.WAY),
        _render_fields("`team`", problem_fields.TEAM),
        LISTS,
        "## The document\n",
        render_table(("key", "meaning"), ((f"`{key}`", meaning) for key, meaning in DOCUMENT_KEYS)),
        EVIDENCE,
        render_table(("key", "meaning"), ((f"`{key}`", meaning) for key, meaning in EVIDENCE_KEYS)),
        LIFETIMES,
        _render_content("A file", FIELDS),
        *(_render_content(f"`{name}[]`", fields) for name, fields in PARTS),
    ]
    return {"refresh-formats.md": "\n".join(parts)}


def _render_content(title: str, fields: Iterable[ContentField]) -> str:
    rows = ((f"`{field.name}`", "yes" if field.required else "", field.fits) for field in fields)
    return f"### {title}\n\n{render_table(('key', 'required', 'what fits'), rows)}"


def _render_fields(title: str, fields: Iterable[DocumentField]) -> str:
    rows = ((f"`{field.name}`", "yes" if field.required else "", field.means) for field in fields)
    return f"## {title}\n\n{render_table(('key', 'required', 'meaning'), rows)}"
