"""The changelog: fragments in changelog.d/, merged into CHANGELOG.md for a version."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tools.steps import ROOT

FRAGMENTS = ROOT / "changelog.d"
CHANGELOG = ROOT / "CHANGELOG.md"
HEAD = "# Changelog\n\nWhat the next version changes stands in `changelog.d/`, one fragment a change.\n"


def read_fragments(folder: Path = FRAGMENTS) -> dict[Path, str]:
    """Return each fragment's file and stripped text, in the order of their names, without README.md."""
    return {
        path: path.read_text(encoding="utf-8").strip()
        for path in sorted(folder.glob("*.md"))
        if path.name != "README.md"
    }


def validate_fragments(fragments: dict[Path, str]) -> list[str]:
    """Return what is wrong with the fragments, one line each."""
    empty = [
        f"{path.name}: is empty; say in a sentence what changed for a user"
        for path, text in fragments.items()
        if not text
    ]
    with_heading = [
        f"{path.name}: begins with a heading; a fragment is a sentence or two"
        for path, text in fragments.items()
        if text.startswith("#")
    ]
    return empty + with_heading


def build_changelog(before: str, *, version: str, day: str, texts: Sequence[str]) -> str:
    """Return the changelog with one more version on top; each fragment becomes a list item."""
    items = "\n".join("- " + text.removeprefix("- ").replace("\n", "\n  ") for text in texts)
    return f"{HEAD}\n## {version} ({day})\n\n{items}\n{before.removeprefix(HEAD)}"


def run_changelog(arguments: Sequence[str]) -> int:
    """Check the fragments with `--check`, or move them into CHANGELOG.md with `VERSION`."""
    texts_by_path = read_fragments()
    problems = validate_fragments(texts_by_path)
    if problems or not arguments:
        print("\n".join(problems) or "usage: changelog --check | VERSION", file=sys.stderr)
        return 1 if problems else 2
    if arguments[0] == "--check":
        return 0
    today = datetime.now(UTC).date().isoformat()
    before = CHANGELOG.read_text(encoding="utf-8")
    after = build_changelog(before, version=arguments[0], day=today, texts=list(texts_by_path.values()))
    CHANGELOG.write_text(after, encoding="utf-8", newline="\n")
    for path in texts_by_path:
        path.unlink()
    return 0
