"""The documentation as tests read it: its pages, their prose, links, dotted names and paths."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^ {4}.*$", re.MULTILINE)
_CODE = re.compile(r"`[^`]+`")
_QUOTES = re.compile(r"(?<!\*)\*(?!\*)[^*]+\*(?!\*)|\"[^\"]+\"")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_DOTTED_NAME = re.compile(r"`(homeroom(?:\.\w+)+)`")
_PATH = re.compile(r"`((?:[\w.-]+/)+[\w-]+\.(?:py|yaml|toml|sql|md)|(?:[\w.-]+/){2,})`")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def list_pages() -> list[Path]:
    """Return every page of the documentation, generated ones included."""
    return [*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]


def list_written_pages() -> list[Path]:
    """Return the pages that people write: all but those of docs/reference/."""
    return [page for page in list_pages() if not page.is_relative_to(REFERENCE)]


def read_text(page: Path) -> str:
    """Return the text of a page without fenced code blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def read_prose(page: Path) -> str:
    """Return the text of a page without code, link targets and quotes (in asterisks or quotation marks)."""
    return strip_to_prose(page.read_text(encoding="utf-8"))


def strip_to_prose(text: str) -> str:
    """Return Markdown without code, link targets and quotes."""
    for pattern in (_FENCE, _INDENTED, _CODE, _QUOTES):
        text = pattern.sub("", text)
    return _LINK.sub("]", text)


def list_links(page: Path) -> list[str]:
    """Return the targets of a page's links to other pages of the repository, with their anchors."""
    return [target for target in _LINK.findall(read_text(page)) if "://" not in target]


def find_broken_links(page: Path) -> list[str]:
    """Return the links of a page that lead to no file, or to no heading of it."""
    return [target for target in list_links(page) if not _is_valid_link(page, target)]


def _is_valid_link(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    if not path.exists():
        return False
    return not anchor or anchor in _list_anchors(path)


def _list_anchors(page: Path) -> set[str]:
    headings = (heading.lower() for heading in _HEADING.findall(read_text(page)))
    return {re.sub(r"[^\w -]", "", heading).replace(" ", "-") for heading in headings}


def list_dotted_names(text: str) -> list[str]:
    """Return the dotted names of the package in backticks, in order."""
    return _DOTTED_NAME.findall(text)


def resolve_dotted_name(name: str) -> object:
    """Return the module, class, function or attribute of that name. Raise AttributeError if there is none."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        parent, _, attribute = name.rpartition(".")
        return getattr(resolve_dotted_name(parent), attribute) if parent else None


def find_unknown_names(page: Path) -> list[str]:
    """Return the dotted names of a page that are nowhere in the code."""
    return [name for name in list_dotted_names(read_text(page)) if not _is_known(name)]


def _is_known(name: str) -> bool:
    try:
        return resolve_dotted_name(name) is not None
    except AttributeError:
        return False


def find_unknown_paths(page: Path) -> list[str]:
    """Return the paths of a page that are neither in the repository, nor in the package, nor in docs/."""
    return [path for path in _PATH.findall(read_text(page)) if not _exists(path)]


def _exists(path: str) -> bool:
    return any((base / path).exists() for base in (ROOT, ROOT / "src" / "homeroom", DOCS))


def list_table_rows(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the Markdown tables of a text, their header and ruler left out."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        is_row = line.startswith("|") and not line.startswith("|---")
        if is_row and not (number + 1 < len(lines) and lines[number + 1].startswith("|---")):
            yield tuple(cell.strip() for cell in line.strip("|").split("|"))
