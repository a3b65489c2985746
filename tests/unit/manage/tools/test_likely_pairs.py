"""Likely pairs of tools: slips of the pen and longer names wait for an answer."""

from __future__ import annotations

import pytest

from homeroom.domain.manage.tools.products import ToolProduct
from homeroom.engines.manage.tools.likely_pairs import NamedTool, find_likely_pairs

PRODUCTS = (
    ToolProduct(id="heron-filter", name="Heron Filter", names=("HeronGuard",)),
    ToolProduct(id="o", name="Office 3"),
)


def find_pairs(*names: str) -> set[tuple[str, str]]:
    tools = [NamedTool(name=name, is_known=False) for name in names]
    return {(pair.first, pair.second) for pair in find_likely_pairs(tools, products=PRODUCTS)}


@pytest.mark.parametrize(
    ("names", "pair"),
    [
        (("Herron Filter",), ("Heron Filter", "Herron Filter")),
        (("HeronGard",), ("Heron Filter", "HeronGard")),
        (("Finch Lab", "FinchLab"), ("Finch Lab", "FinchLab")),
        (("Finch Math", "Finch Math Elementary"), ("Finch Math", "Finch Math Elementary")),
    ],
)
def test_a_pair_that_looks_like_one_tool_is_asked(names: tuple[str, ...], pair: tuple[str, str]) -> None:
    assert find_pairs(*names) == {pair}


@pytest.mark.parametrize(
    "names",
    [
        ("Zoo", "Zo"),
        ("Office 4",),
        ("Finch Grade 3", "Finch Grade 4"),
        ("Finch", "Finch Reading"),
        ("Finch Math", "Lark Math"),
        ("Finch Math", "Finch Math Reading Writing Science"),
    ],
)
def test_short_names_other_numbers_and_one_shared_word_are_not_asked(names: tuple[str, ...]) -> None:
    assert find_pairs(*names) == set()


def test_what_costs_most_is_asked_first_and_the_id_depends_on_the_names_alone() -> None:
    tools = [
        NamedTool(name="Finch Lab", is_known=False, year_minor=100),
        NamedTool(name="FinchLab", is_known=False),
        NamedTool(name="Herron Filter", is_known=False, year_minor=900),
        NamedTool(name="Heron Filter", is_known=True, year_minor=5_000),
    ]
    pairs = find_likely_pairs(tools, products=PRODUCTS)
    assert [(pair.first, pair.year_minor) for pair in pairs] == [("Heron Filter", 5_900), ("Finch Lab", 100)]
    respelled = [NamedTool(name="FINCHLAB 1YR", is_known=False), NamedTool(name="450 x Finch Lab", is_known=False)]
    assert find_likely_pairs(respelled)[0].id == pairs[1].id
