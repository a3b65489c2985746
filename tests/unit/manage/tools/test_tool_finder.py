"""One way of joining names: contracts, apps and use meet by the tool that they name, and by what people answered."""

from __future__ import annotations

from homeroom.domain.manage.tools.products import ToolProduct
from homeroom.domain.manage.tools.stated_tools import StatedTool
from homeroom.domain.manage.tools.tool_finder import ToolFinder

PRODUCTS = (
    ToolProduct(id="wren-math", name="Wren Math", vendor="Wren", domains=("wrenmath.example",), client_ids=("7.apps",)),
    ToolProduct(id="wren-read", name="Wren Reading", vendor="Wren"),
)


def find_key(finder: ToolFinder, text: str) -> str | None:
    return finder.build_key(finder.find_known(text), text)


def test_a_purchase_an_app_and_a_list_of_use_meet_under_the_product_that_they_name() -> None:
    finder = ToolFinder(PRODUCTS)
    bought = finder.find_contract("CDW-G: Wren Math District 1YR", "CDW-G")
    assert {
        finder.build_key(bought, ""),
        find_key(finder, "Wren Math"),
        find_key(finder, "app.wrenmath.example"),
        finder.build_key(finder.find_app("7.apps", "An app"), "An app"),
    } == {"tool wren-math"}


def test_two_products_of_one_vendor_and_a_name_that_only_looks_alike_stay_apart() -> None:
    finder = ToolFinder(PRODUCTS)
    assert len({find_key(finder, text) for text in ("Wren Math", "Wren Reading", "Wrenn Math")}) == 3


def test_without_known_products_texts_meet_under_their_bare_words() -> None:
    finder = ToolFinder()
    assert find_key(finder, "Finch Lab, Inc.") == find_key(finder, "450 x Finch Lab") == "name finch lab"
    assert find_key(finder, " ") is None


def test_what_the_district_states_is_a_name_too() -> None:
    finder = ToolFinder(PRODUCTS, stated=[StatedTool(name="Wren Math", also=("Zaunkoenig",))])
    assert find_key(finder, "Zaunkoenig Site License") == "tool wren-math"


def test_an_answer_joins_a_name_to_a_product_and_nothing_else() -> None:
    finder = ToolFinder(PRODUCTS, same=[("Wrenn Math", "Wren Math")])
    assert find_key(finder, "Wrenn Math 1YR Renewal") == "tool wren-math"
    assert find_key(finder, "Wrenn Math Junior") == "name wrenn math junior"


def test_answers_reach_over_several_names_whatever_their_order() -> None:
    chain = [("Finch Lab", "Finch Labs"), ("Finch Labs", "FinchLab"), ("Wren Reading", "FinchLab")]
    for same in (chain, chain[::-1]):
        finder = ToolFinder(PRODUCTS, same=same)
        assert {find_key(finder, text) for pair in chain for text in pair} == {"tool wren-read"}
    unknown = ToolFinder(PRODUCTS, same=chain[:2])
    assert {find_key(unknown, text) for pair in chain[:2] for text in pair} == {"name finch lab"}
