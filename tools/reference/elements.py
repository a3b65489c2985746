"""The reference page of elements: the kinds of student data and what names them, from content/elements."""

from __future__ import annotations

from collections.abc import Iterator

from homeroom.domain.comply.privacy.elements import DataElement
from homeroom.library.comply.privacy.elements import load_elements

INTRODUCTION = """# Elements

The kinds of student data, with the words of agreements, the headings of lists, the columns of a OneRoster bundle and
the permissions of Google and Microsoft that name each ([how vendors are judged](../comply/vendors.md)). One is a file
in `content/elements/`: `id`, `title`, `sensitivity` (low, moderate, high), `about` (student, parent), `directory` (may
a district declare it directory information), `words`, `headings`, `oneroster`, `google`, `graph`, and `examples` that
must hold, each `{word: …, names: true}`, with `heading` or `scope` in place of `word`.
"""


def render_pages() -> dict[str, str]:
    """Render all elements on one page."""
    parts = [INTRODUCTION, *(part for element in load_elements() for part in _render_element(element))]
    return {"elements.md": "\n".join(parts)}


def _render_element(element: DataElement) -> Iterator[str]:
    yield f"## {element.title}\n"
    directory = "; may be directory information" if element.directory else ""
    yield f"`{element.id}`: {element.sensitivity}, about a {element.about}{directory}.\n"
    rows = (
        ("words", element.words),
        ("headings", element.headings),
        ("OneRoster", element.oneroster),
        ("Google", element.google),
        ("Microsoft", element.graph),
    )
    yield from (f"- {name}: {', '.join(f'`{value}`' for value in values)}" for name, values in rows if values)
    yield ""
