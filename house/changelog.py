"""The changelog: fragments in changelog.d/, collated into CHANGELOG.md when a version is made."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from house.steps import ROOT

FRAGMENTS = ROOT / "changelog.d"
CHANGELOG = ROOT / "CHANGELOG.md"
HEAD = "# Changelog\n\nWhat the next version changes stands in `changelog.d/`, one fragment a change.\n"


def fragments(folder: Path = FRAGMENTS) -> dict[Path, str]:
    """Each fragment's file and text without the blank around it, in the order of their names; README.md is none."""
    return {
        path: path.read_text(encoding="utf-8").strip()
        for path in sorted(folder.glob("*.md"))
        if path.name != "README.md"
    }


def faults(found: dict[Path, str]) -> list[str]:
    """What is wrong with the fragments, one line each."""
    empty = [
        f"{path.name}: is empty; say in a sentence what changed for a user" for path, text in found.items() if not text
    ]
    titled = [
        f"{path.name}: begins with a heading; a fragment is a sentence or two"
        for path, text in found.items()
        if text.startswith("#")
    ]
    return empty + titled


def collated(before: str, *, version: str, day: str, texts: Sequence[str]) -> str:
    """The changelog with one more version on top; each fragment becomes a list item."""
    items = "\n".join("- " + text.removeprefix("- ").replace("\n", "\n  ") for text in texts)
    return f"{HEAD}\n## {version} ({day})\n\n{items}\n{before.removeprefix(HEAD)}"


def main(arguments: Sequence[str]) -> int:
    """`--check` looks at the fragments; `VERSION` moves them into CHANGELOG.md."""
    found = fragments()
    wrong = faults(found)
    if wrong or not arguments:
        print("\n".join(wrong) or "usage: changelog --check | VERSION", file=sys.stderr)
        return 1 if wrong else 2
    if arguments[0] == "--check":
        return 0
    today = datetime.now(UTC).date().isoformat()
    before = CHANGELOG.read_text(encoding="utf-8")
    after = collated(before, version=arguments[0], day=today, texts=list(found.values()))
    CHANGELOG.write_text(after, encoding="utf-8", newline="\n")
    for path in found:
        path.unlink()
    return 0
