"""The documentation agrees with the repository, and is written in plain English."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.content.documentation import (
    DOCS,
    REFERENCE,
    ROOT,
    find_broken_links,
    find_unknown_names,
    find_unknown_paths,
    list_pages,
    list_table_rows,
    list_written_pages,
    read_prose,
    resolve_dotted_name,
    strip_to_prose,
)
from tools.reference import tables

PACKAGE = ROOT / "src" / "homeroom"
MAX_LINES = 800
DIALECT = re.compile(r"\b(told|laid|let\s+stand|of\s+whom|anew|befall(s|en)?|befell)\b", re.IGNORECASE)


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", list_pages(), ids=_name)
def test_each_link_leads_to_a_page_and_a_heading(page: Path) -> None:
    assert find_broken_links(page) == []


@pytest.mark.parametrize("page", list_written_pages(), ids=_name)
def test_each_module_function_and_path_on_a_page_exists(page: Path) -> None:
    assert find_unknown_names(page) == []
    assert find_unknown_paths(page) == []


def test_how_a_load_works_names_its_functions() -> None:
    names = re.findall(r"`(homeroom\.[\w.]+)`", (DOCS / "know" / "how-a-load-works.md").read_text(encoding="utf-8"))
    assert len(names) > 40


def test_a_name_that_is_nowhere_in_the_code_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("`homeroom.evidence.no_such_module` `evidence/no_such_module.py` [x](gone.md) [y](#gone)\n")
    assert find_unknown_names(page) == ["homeroom.evidence.no_such_module"]
    assert find_unknown_paths(page) == ["evidence/no_such_module.py"]
    assert find_broken_links(page) == ["gone.md", "#gone"]
    assert resolve_dotted_name("homeroom.evidence.loads.store.EvidenceStore.publish") is not None


@pytest.mark.parametrize("page", list_written_pages(), ids=_name)
def test_a_page_is_written_without_private_dialect(page: Path) -> None:
    assert [match[0] for match in DIALECT.finditer(read_prose(page))] == []


def test_introductions_of_reference_pages_are_written_without_private_dialect() -> None:
    modules = sorted(Path(tables.__file__).parent.glob("*.py"))
    assert [path.name for path in modules if DIALECT.search(path.read_text(encoding="utf-8"))] == []


def test_code_and_quotes_are_no_prose() -> None:
    text = '`told` is *told* and "told".\n\n```sh\ntold\n```\n\n    told\n\n**told**'
    assert DIALECT.findall(strip_to_prose(text)) == [("told", "")]


def test_no_page_is_too_long_to_read() -> None:
    lengths = {_name(page): page.read_text(encoding="utf-8").count("\n") for page in list_pages()}
    assert {name: length for name, length in lengths.items() if length > MAX_LINES} == {}


def test_the_index_of_decisions_lists_every_record_by_its_title() -> None:
    folder = DOCS / "decisions"
    listed = re.findall(r"^- \[(\d{4})\]\((\S+)\) (.+)$", (folder / "README.md").read_text("utf-8"), re.MULTILINE)
    records = {path.name: path.read_text(encoding="utf-8").splitlines()[0] for path in folder.glob("0*.md")}
    assert {name: f"# {number} {title}" for number, name, title in listed} == records


def test_every_reference_page_is_linked_from_its_index() -> None:
    for index in REFERENCE.glob("*/README.md"):
        text = index.read_text(encoding="utf-8")
        assert [page.name for page in index.parent.glob("*.md") if page != index and f"({page.name}" not in text] == []


# --- the packages of architecture.md ---------------------------------------------------------------------------------


def _read_package_tables() -> dict[str, list[str]]:
    """Return, for each section that is named after a package, the packages of its table in order."""
    sections = re.split(r"^### `([\w/]+)/`$", (DOCS / "architecture.md").read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {
        name: [row[0].strip("`/") for row in list_table_rows(re.split(r"^##+ ", text, flags=re.MULTILINE)[0])]
        for name, text in zip(sections[::2], sections[1::2], strict=True)
    }


def _list_imports(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


PACKAGES = _read_package_tables()


@pytest.mark.parametrize("parent", PACKAGES)
def test_architecture_lists_every_package(parent: str) -> None:
    folders = {path.parent.name for path in (PACKAGE / parent).glob("*/__init__.py")} - {"migrations"}
    assert set(PACKAGES[parent]) == folders


@pytest.mark.parametrize("parent", PACKAGES)
def test_architecture_lists_packages_in_import_order(parent: str) -> None:
    prefix, seen = f"homeroom.{parent.replace('/', '.')}.", set()
    for package in PACKAGES[parent]:
        seen.add(package)
        imported = {
            name.removeprefix(prefix).split(".")[0]
            for name in _list_imports(PACKAGE / parent / package)
            if name.startswith(prefix)
        }
        assert (imported & set(PACKAGES[parent])) - seen == set(), f"{parent}/{package} imports a package below it"
