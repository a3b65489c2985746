"""Check the files in which a district states its tools before anything is loaded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from homeroom.connectors.district.readers import read_tools
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.library.know.mappings import read_document

SUFFIXES = (".yaml", ".yml")
MAX_BYTES = 5_000_000
_KIND = re.compile(r"^homeroom:\s*[\"']?tools[\"']?\s*(#.*)?$", re.MULTILINE)


def find_problems(paths: Sequence[Path]) -> tuple[Problem, ...]:
    """Find what does not fit in the files that begin with `homeroom: tools`, given or in a given folder."""
    return tuple(problem for path in _iter_files(paths) for problem in _check_file(path))


def _iter_files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in files if file.suffix.lower() in SUFFIXES and file.is_file())


def _check_file(path: Path) -> Sequence[Problem]:
    try:
        if path.stat().st_size > MAX_BYTES:
            return ()
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ()  # loading reports it
    if not _KIND.search(text):
        return ()
    try:
        read_document(text, file=path.name, reader=read_tools)
    except FileRefused as error:
        return error.problems
    return ()
