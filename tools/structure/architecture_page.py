"""Write the picture of the wings and the table of areas into docs/architecture.md, from the code."""

from __future__ import annotations

from pathlib import Path

from grimp import build_graph

from homeroom.domain.wings import WINGS
from tools.reference.markdown import render_table
from tools.steps import ROOT
from tools.structure.areas import Area, list_areas

PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- Written by ./run docs from the code, until the end mark; do not edit. -->\n"
END = "<!-- End of what ./run docs writes. -->\n"
LAYERS_BELOW_PAGES = ("domain", "engines", "library", "apps")
COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("nouns", ("src/homeroom/domain/", "src/homeroom/evidence/")),
    ("computation", ("src/homeroom/engines/",)),
    ("content", ("src/homeroom/content/", "src/homeroom/library/")),
    ("state", ("src/homeroom/apps/",)),
    ("pages", ("src/homeroom/web/",)),
    ("verbs", ("src/homeroom/cli/",)),
    ("tests", ("tests/",)),
)


def render_block() -> str:
    """Return the picture and the table, between their marks."""
    legend = "An arrow goes from a wing to those that it imports, below the pages and verbs, which show any wing.\n"
    return "\n".join([BEGIN, _render_picture(), legend, _render_areas(list_areas()), END])


def is_outdated() -> bool:
    """Return whether docs/architecture.md shows another picture or table than the code."""
    return render_block() not in PAGE.read_text(encoding="utf-8")


def write_block() -> None:
    """Replace the part of docs/architecture.md between the marks. Raise ValueError if a mark is missing."""
    text = PAGE.read_text(encoding="utf-8")
    start, end = text.index(BEGIN), text.index(END) + len(END)
    PAGE.write_text(text[:start] + render_block() + text[end:], encoding="utf-8", newline="\n")


def _render_picture() -> str:
    boxes = [f'    {wing}["<b>{wing}</b><br>{purpose.split(":")[0]}"]' for wing, purpose in WINGS.items()]
    arrows = [f"    {start} --> {end}" for start, end in sorted(_find_arrows())]
    return "\n".join(["```mermaid", "flowchart TD", *boxes, *arrows, "```", ""])


def _find_arrows() -> set[tuple[str, str]]:
    graph = build_graph("homeroom", exclude_type_checking_imports=True, cache_dir=str(ROOT / ".import_linter_cache"))
    arrows = {
        (_get_wing(module), _get_wing(imported))
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    }
    return {(start, end) for start, end in arrows if start and end and start != end}


def _get_wing(module: str) -> str:
    names = module.split(".")
    return names[2] if len(names) > 2 and names[1] in LAYERS_BELOW_PAGES and names[2] in WINGS else ""


def _render_areas(areas: list[Area]) -> str:
    header = ["area", *(name for name, _folders in COLUMNS), "what it is"]
    return render_table(header, [_render_row(area) for area in areas])


def _render_row(area: Area) -> list[str]:
    return [f"**{area.key}**", *(_render_cell(area, folders) for _name, folders in COLUMNS), area.purpose]


def _render_cell(area: Area, folders: tuple[str, ...]) -> str:
    parts = [part for part in area.parts if part.startswith(folders) and not _is_named_closer(part, area.parts)]
    return ", ".join(f"[{_format_path(part)}](../{part})" for part in parts) or "–"


def _is_named_closer(part: str, parts: tuple[str, ...]) -> bool:
    """Return whether another part of the area is inside this one, which other areas share."""
    return any(other.startswith(f"{part}/") for other in parts)


def _format_path(part: str) -> str:
    """Return a short name of a part: the layer of a test, otherwise its own name."""
    path = Path(part)
    return "/".join(path.parts[1:2] + path.parts[3:]) if part.startswith("tests/") else path.name
