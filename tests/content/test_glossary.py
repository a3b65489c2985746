"""The glossary names one existing class for each word, and explains it in one sentence."""

from __future__ import annotations

import inspect
import re
from itertools import pairwise

from tests.content.documentation import (
    DOCS,
    find_broken_links,
    list_dotted_names,
    list_table_rows,
    resolve_dotted_name,
)

PAGE = DOCS / "glossary.md"
ROWS = list(list_table_rows(PAGE.read_text(encoding="utf-8")))


def test_each_word_has_one_class_that_exists() -> None:
    assert len(ROWS) > 40
    for word, _, cell in ROWS:
        [name] = list_dotted_names(cell)
        assert inspect.isclass(resolve_dotted_name(name)), f"{word}: {name} is no class"


def test_each_word_is_explained_once_in_one_sentence() -> None:
    words = [row[0] for row in ROWS]
    assert sorted(set(words)) == sorted(words)
    assert [word for word, meaning, _ in ROWS if not re.fullmatch(r"[A-Z].*[^.]\.", meaning) or ". " in meaning] == []


def test_words_of_a_section_are_in_alphabetical_order() -> None:
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        words = [row[0].lower() for row in list_table_rows(section)]
        assert [pair for pair in pairwise(words) if pair[0] > pair[1]] == []


def test_each_link_of_the_glossary_works() -> None:
    assert find_broken_links(PAGE) == []
