"""`./run docs`: writes docs/reference/ from the code; `--check` says which page differs from it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from house.reference import commands, connectors, controls, exports, matching, policies, settings, tables
from house.steps import ROOT

REFERENCE = ROOT / "docs" / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands.page,
    "connectors.md": connectors.page,
    "controls.md": controls.page,
    "exports.md": exports.page,
    "matching.md": matching.page,
    "policies.md": policies.page,
    "settings.md": settings.page,
    "tables.md": tables.page,
}
NOTE = "<!-- Written by ./run docs; do not edit. -->\n\n"


def written() -> dict[str, str]:
    """The text of each page, by its file name."""
    return {name: NOTE + page().rstrip() + "\n" for name, page in PAGES.items()}


def differing() -> list[str]:
    """Names of pages that are missing, differ from the code, or that nothing writes."""
    pages = written()
    standing = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}
    return sorted(name for name in pages.keys() | standing.keys() if pages.get(name) != standing.get(name))


def main(arguments: Sequence[str]) -> int:
    """Writes the pages, or with `--check` changes nothing; 1 where a page differs."""
    if "--check" in arguments:
        different = differing()
        for name in different:
            print(f"docs/reference/{name} differs from the code; ./run docs writes it anew", file=sys.stderr)
        return 1 if different else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in written().items():
        (REFERENCE / name).write_text(text, encoding="utf-8", newline="\n")
    return 0
