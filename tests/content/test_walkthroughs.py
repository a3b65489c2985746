"""The guides are correct: each is walked through as written, in a copy of the tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.content.walkthrough import ROOT, copy_tree, parse_blocks, run_page

PAGES = sorted((ROOT / "docs" / "guides").glob("*.md"))
pytestmark = pytest.mark.scale


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_guide_works_as_it_is_written(page: Path, tmp_path: Path) -> None:
    command_count = sum(block.language == "sh" for block in parse_blocks(page))
    assert command_count > 2
    assert run_page(page, copy_tree(tmp_path, page)) >= command_count


def test_a_promise_that_is_not_kept_is_told(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\n./run homeroom --version\n```\n\n```text\nno such answer\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="promises 'no such answer'"):
        run_page(page, copy_tree(tmp_path / "tree", page))
