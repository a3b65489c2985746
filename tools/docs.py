"""Run `./run docs`: write docs/reference/ from the code; `--check` lists the pages that differ from it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from tools.reference import commands, connectors, controls, exports, matching, policies, settings, tables
from tools.steps import ROOT

REFERENCE = ROOT / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands.render_page,
    "connectors.md": connectors.render_page,
    "controls.md": controls.render_page,
    "exports.md": exports.render_page,
    "matching.md": matching.render_page,
    "policies.md": policies.render_page,
    "settings.md": settings.render_page,
    "tables.md": tables.render_page,
}
NOTE = "<!-- Written by ./run docs; do not edit. -->\n\n"


def render_pages() -> dict[str, str]:
    """Return the text of each page, by its file name."""
    return {name: NOTE + render().rstrip() + "\n" for name, render in PAGES.items()}


def find_outdated_pages() -> list[str]:
    """Return names of pages that are missing, differ from the code, or that nothing writes."""
    pages = render_pages()
    current = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}
    return sorted(name for name in pages.keys() | current.keys() if pages.get(name) != current.get(name))


def run_docs(arguments: Sequence[str]) -> int:
    """Write the pages, or only check them with `--check`; return 1 if a page differs."""
    if "--check" in arguments:
        outdated = find_outdated_pages()
        for name in outdated:
            print(f"docs/reference/{name} differs from the code; ./run docs writes it anew", file=sys.stderr)
        return 1 if outdated else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in render_pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8", newline="\n")
    return 0
