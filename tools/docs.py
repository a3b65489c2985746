"""Run `./run docs`: write docs/reference/ and the areas of docs/architecture.md from the code.

`--check` lists the pages that differ from it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from tools.reference import (
    api,
    asks,
    commands,
    connectors,
    controls,
    courses,
    detections,
    elements,
    exports,
    laws,
    mail_machines,
    matching,
    permissions,
    playbooks,
    policies,
    portfolio_tools,
    recognizers,
    refresh,
    rollouts,
    settings,
    steps,
    tables,
    tool_check,
)
from tools.steps import ROOT
from tools.structure import architecture_page

REFERENCE = ROOT / "docs" / "reference"
AREAS: tuple[Callable[[], dict[str, str]], ...] = (
    api.render_pages,
    asks.render_pages,
    commands.render_pages,
    connectors.render_pages,
    controls.render_pages,
    courses.render_pages,
    detections.render_pages,
    exports.render_pages,
    elements.render_pages,
    laws.render_pages,
    matching.render_pages,
    permissions.render_pages,
    playbooks.render_pages,
    policies.render_pages,
    mail_machines.render_pages,
    portfolio_tools.render_pages,
    recognizers.render_pages,
    refresh.render_pages,
    rollouts.render_pages,
    settings.render_pages,
    steps.render_pages,
    tables.render_pages,
    tool_check.render_pages,
)
NOTE = "<!-- Written by ./run docs; do not edit. -->\n\n"


def render_pages() -> dict[str, str]:
    """Return the text of each page, by its path below docs/reference/."""
    areas = (render_area() for render_area in AREAS)
    return {name: _finish(name, text) for area in areas for name, text in sorted(area.items())}


def _finish(name: str, text: str) -> str:
    """Return the text of a file as it is written: a page begins with a note, a document for programs has none."""
    return (NOTE if name.endswith(".md") else "") + text.rstrip() + "\n"


def read_pages() -> dict[str, str]:
    """Return the text of each page on disk, by its path below docs/reference/."""
    paths = (path for path in REFERENCE.rglob("*") if path.suffix in (".md", ".json"))
    return {path.relative_to(REFERENCE).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def find_outdated_pages() -> list[str]:
    """Return names of pages that are missing, differ from the code, or that nothing writes."""
    pages, current = render_pages(), read_pages()
    return sorted(name for name in pages.keys() | current.keys() if pages.get(name) != current.get(name))


def write_pages() -> None:
    """Write every page, and remove those that nothing writes any more."""
    pages = render_pages()
    for name in read_pages().keys() - pages.keys():
        (REFERENCE / name).unlink()
    for name, text in pages.items():
        path = REFERENCE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def run_docs(arguments: Sequence[str]) -> int:
    """Write the pages, or only check them with `--check`; return 1 if a page differs."""
    if "--check" not in arguments:
        write_pages()
        architecture_page.write_block()
        return 0
    outdated = [f"reference/{name}" for name in find_outdated_pages()]
    if architecture_page.is_outdated():
        outdated.append(architecture_page.PAGE.name)
    for name in outdated:
        print(f"docs/{name} differs from the code; ./run docs writes it", file=sys.stderr)
    return 1 if outdated else 0
