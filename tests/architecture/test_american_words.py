"""Texts are American English, and call the young people of a school students."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OTHER_ENGLISH = re.compile(
    r"pupil|catalogue|judgement|neighbour|recognis|organisation|authoris|behaviour|\bcolour|licence|\benrol\b",
    re.IGNORECASE,
)
READS_EXPORTS = re.compile(r"student\|pupil|\"\*pupil|\"pupil\", \"pupils\"|unauthorised|enrol-secret")
"""Lines that match what districts and vendors write themselves, and the old name of a command."""


def test_no_text_of_the_program_or_its_documentation_is_in_other_english() -> None:
    paths = [
        path
        for folder in ("src", "docs")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".html", ".yaml", ".md", ".js"}
    ]
    assert len(paths) > 1_000
    lines = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()[:80]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if OTHER_ENGLISH.search(line) and not READS_EXPORTS.search(line)
    ]
    assert lines == []
