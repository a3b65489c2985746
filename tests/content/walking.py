"""Walks through a page of the documentation as it stands: makes its files, runs its commands, looks for its answers.

A fenced block whose first line says `file=PATH` is that file (`append` adds to it). A block `sh` is run line by line in a copy of
the tree; `exits=CODES` says with which exit codes, else 0. A block `text` after it holds lines that were printed.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COPIED = ("src", "tests", "house", "docs", "pyproject.toml", "README.md", "CHANGELOG.md", "changelog.d")


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the words after it, and its text."""

    language: str
    words: tuple[str, ...]
    text: str

    def word(self, name: str) -> str:
        """What stands after `name=`, or empty text."""
        return next((word.partition("=")[2] for word in self.words if word.startswith(f"{name}=")), "")


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for language, words, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        yield Block(language=language, words=tuple(words.split()), text=text)


def copied(folder: Path) -> Path:
    """A copy of the tree in which a page may be walked through."""
    for name in _COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, folder / name)
    return folder


def walked(page: Path, tree: Path) -> int:
    """Walks through the page in a copy of the tree; how many commands ran. A command or answer that differs fails."""
    ran, printed = 0, ""
    for block in blocks(page):
        if block.word("file"):
            _write(tree / block.word("file"), block)
        elif block.language == "sh":
            codes = {int(code) for code in (block.word("exits") or "0").split(",")}
            printed = ""
            for line in block.text.splitlines():
                printed += _run(line, tree, codes)
                ran += 1
        elif block.language == "text":
            for line in block.text.splitlines():
                assert _flat(line) in _flat(printed), f"{page.name} promises {line!r}; there was:\n{printed[-3000:]}"
    return ran


def _write(path: Path, block: Block) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if "append" in block.words else "w", encoding="utf-8") as file:
        file.write(block.text)


def _run(line: str, tree: Path, codes: set[int]) -> str:
    done = subprocess.run(
        [sys.executable, "-P", *_meant(line)],
        cwd=tree,
        env={
            **os.environ,
            "PYTHONPATH": f"{tree / 'src'}{os.pathsep}{tree}",
            "COLUMNS": "200",
            "HOMEROOM_DATA": str(tree / "data"),
        },
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode in codes, (
        f"{line}: exit code {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    )
    return done.stdout + done.stderr


def _meant(line: str) -> list[str]:
    """What `./run` would start with Python, as its arguments."""
    words = shlex.split(line)
    assert words[0] == "./run", f"{line!r} is no command of the house"
    verb, rest = words[1], words[2:]
    if verb == "homeroom":
        return ["-m", "homeroom", *rest]
    if verb == "demo":
        return ["-m", "homeroom", verb, *rest]
    if verb == "python":
        return rest
    return ["-m", "house", verb, *rest]


def _flat(text: str) -> str:
    return " ".join(text.split())
