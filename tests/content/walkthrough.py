"""Walk through a page of the documentation as written: write its files, run its commands, compare its output.

A fenced block whose first line has `file=PATH` is that file (`append` adds to it). A block `sh` is run line by line in
a copy of the tree; `exits=CODES` gives the expected exit codes, else 0. A block `text` after it holds lines of the
output.
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

from tests.content.built_demo import run_demo
from tests.data_folders import prepare_data_folder
from tests.warm_program import run_program

ROOT = Path(__file__).resolve().parent.parent.parent
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROGRAM = ["-m", "homeroom"]
_DATA_OPTION = re.compile(r" --data ([-\w]+)")
_SOURCE_PATHS = ("src", "tests", "bench", "tools", "pyproject.toml", "README.md", "CHANGELOG.md", "changelog.d")


@dataclass(frozen=True)
class FencedBlock:
    """One fenced block: its language, the options after it, and its text."""

    language: str
    options: tuple[str, ...]
    text: str

    def get_option(self, name: str) -> str:
        """Return the value of the option `name=`, or empty text."""
        return next((option.partition("=")[2] for option in self.options if option.startswith(f"{name}=")), "")


def parse_blocks(page: Path) -> Iterator[FencedBlock]:
    """Yield the fenced blocks of a page, in order."""
    for language, options, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        yield FencedBlock(language=language, options=tuple(options.split()), text=text)


def copy_tree(folder: Path, page: Path) -> Path:
    """Copy into the folder what the page needs of the tree, so that it can be walked through there.

    That is the documentation, whose examples are files; and all else if the page changes the source or runs more of it
    than the program.
    """
    for name in ("docs", *(_SOURCE_PATHS if _needs_source(page) else ())):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)  # compiled files too: they keep their times
        elif source.exists():
            shutil.copy(source, folder / name)
    return folder


def _needs_source(page: Path) -> bool:
    lines = [line for block in parse_blocks(page) if block.language == "sh" for line in block.text.splitlines()]
    return _has_source_blocks(page) or any(_resolve_command(line)[:2] != _PROGRAM for line in lines)


def _has_source_blocks(page: Path) -> bool:
    return any(block.get_option("file").startswith("src/") for block in parse_blocks(page))


def run_page(page: Path, tree: Path) -> int:
    """Walk through the page in a copy of the tree and return how many commands ran.

    Fail on a command or output that differs.
    """
    prepare_data_folder(tree / "data")
    command_count, output = 0, ""
    changes_source = _has_source_blocks(page)
    for block in parse_blocks(page):
        if block.get_option("file"):
            _write(tree / block.get_option("file"), block)
        elif block.language == "sh":
            codes = {int(code) for code in (block.get_option("exits") or "0").split(",")}
            output = ""
            for line in block.text.splitlines():
                output += _run_line(line, tree, codes, changes_source=changes_source)
                command_count += 1
        elif block.language == "text":
            for line in block.text.splitlines():
                assert _collapse_spaces(line) in _collapse_spaces(output), (
                    f"{page.name} promises {line!r}; there was:\n{output[-3000:]}"
                )
    return command_count


def _write(path: Path, block: FencedBlock) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if "append" in block.options else "w", encoding="utf-8") as file:
        file.write(block.text)


def _run_line(line: str, tree: Path, codes: set[int], *, changes_source: bool) -> str:
    for name in _DATA_OPTION.findall(line):
        prepare_data_folder(tree / name)
    source = tree if (tree / "src").exists() else ROOT
    environment = {
        **os.environ,
        "PYTHONPATH": f"{source / 'src'}{os.pathsep}{source}",
        "COLUMNS": "200",
        "HOMEROOM_DATA": str(tree / "data"),
        "XDG_DATA_HOME": str(tree / "home"),  # where a demo goes
    }
    process = _run_words(_resolve_command(line), tree, environment, changes_source=changes_source)
    assert process.returncode in codes, (
        f"{line}: exit code {process.returncode}\n{process.stdout[-2000:]}\n{process.stderr[-2000:]}"
    )
    return process.stdout + process.stderr


def _run_words(
    words: list[str], tree: Path, environment: dict[str, str], *, changes_source: bool
) -> subprocess.CompletedProcess[str]:
    if words[:2] == _PROGRAM and not changes_source:
        run = run_demo if words[2] == "demo" else run_program
        return run(*words[2:], environment=environment, folder=tree)
    return subprocess.run(
        [sys.executable, "-P", *words], cwd=tree, env=environment, capture_output=True, encoding="utf-8", check=False
    )


def _resolve_command(line: str) -> list[str]:
    """Return the arguments with which `./run` would start Python."""
    words = shlex.split(line)
    assert words[0] == "./run", f"{line!r} is no command of the house"
    verb, arguments = words[1], words[2:]
    if verb == "homeroom":
        return [*_PROGRAM, *arguments]
    if verb == "demo":
        return [*_PROGRAM, verb, *arguments]
    if verb == "python":
        return arguments
    return ["-m", "tools", verb, *arguments]


def _collapse_spaces(text: str) -> str:
    return " ".join(text.split())
