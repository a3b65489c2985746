"""The repository's files, as tests read them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "homeroom"


@cache
def list_tracked_files() -> tuple[Path, ...]:
    """Return every file that the repository carries."""
    output = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return tuple(path for name in output.split("\0") if name and (path := ROOT / name).is_file())


@cache
def list_modules() -> tuple[Path, ...]:
    """Return every module of the package except migrations."""
    return tuple(path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts)


def parse_module(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def format_path(path: Path) -> str:
    """Return the path relative to the repository, for messages of failing tests."""
    return path.relative_to(ROOT).as_posix()
