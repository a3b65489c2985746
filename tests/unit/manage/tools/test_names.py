"""A text belongs to the tool whose longest known name it holds as whole words, and to no other."""

from __future__ import annotations

from datetime import date

import pytest

from homeroom.domain.manage.tools.names import ToolNames
from homeroom.domain.manage.tools.products import Season, ToolProduct
from homeroom.library.manage.tools.product_files import load_tool_names


def _find(text: str) -> str | None:
    product = load_tool_names().find(text)
    return product.id if product else None


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("CDW-G: Kami District Unlimited 1YR", "kami"),
        ("Lightspeed Filter (replaces GoGuardian)", "lightspeed-filter"),
        ("Kami – in place of GoGuardian Teacher", "kami"),
        ("Kami for Google Classroom, 450 licenses", "kami"),
        ("Cánva™ for Education", "canva"),
        ("Canvas", "canvas"),
        ("INSTRUCTURE, INC. CANVAS LMS 2026-27", "canvas"),
        ("GoGuardian Teacher", "goguardian-teacher"),
        ("GoGuardian Admin", "goguardian-admin"),
        ("app.kamiapp.com", "kami"),
        ("Duo", "duo"),
        ("Surface Duo", None),
        ("duo tang folders, 100 pk", None),
        ("SHI: PowerSchool 3,100 students FY27", "powerschool-sis"),
        ("PowerSchool Group LLC - Naviance", "naviance"),
        ("PowerSchool Behavior Support", None),
        ("Discovery Education - Mystery Science", "mystery-science"),
        ("Read and Write for Google", "read-and-write"),
        ("Read & Write for Google", "read-and-write"),
        ("Gifted and Talented workbook", None),
        ("Weaving loom", None),
        ("Loom 12 licenses 1YR", "loom"),
        ("Kamis", None),
        ("Canvass", None),
        ("", None),
    ],
)
def test_a_text_belongs_to_the_tool_whose_name_it_holds(text: str, tool: str | None) -> None:
    assert _find(text) == tool


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Brightpath Math", "brightpath math"),
        ("CDW-G: Brightpath Math™ Site License 1YR", "brightpath math"),
        ("Brightpath Math, Inc. - 450 student licenses FY27", "brightpath math"),
        ("SKU BPM-450-1Y Brightpath Math renewal 2026-27 qty 450", "brightpath math"),
        ("450 x Brightpath Math @ $4.50 ea", "brightpath math"),
        ("Brightpath Math 07/01/2026 - 06/30/2027", "brightpath math"),
        ("PO 2024-118 Brightpath Math 3-year term", "brightpath math"),
        ("450 Brightpath Math Licen" + "ces", "brightpath math"),
        ("Brightpath Math (formerly Brightpath Numbers), 1,200 seats", "brightpath math"),
        ("Brightpath Math - Oak Elementary, Year 2 of 3", "brightpath math"),
        ("Brightpath Math w/ onboarding, NTE $5,000", "brightpath math"),
        ("Brightpath Math in place of Zearn", "brightpath math"),
        ("Brightpath Math 1,250 @ $1,234.00", "brightpath math"),
        ("Decimals 5", "decimals 5"),
        ("Écoute 2", "ecoute 2"),
        ("Annual license", "annual license"),
        ("CDW-G", "cdw g"),
    ],
)
def test_a_bare_text_has_only_words_of_a_name(text: str, bare: str) -> None:
    assert load_tool_names().bare(text) == bare


def test_a_domain_belongs_to_the_nearest_product_above_it() -> None:
    names = load_tool_names()
    assert [
        product.id if product else None for product in map(names.find_domain, ("web.KamiApp.com", "kami.example"))
    ] == [
        "kami",
        None,
    ]


def test_ids_of_extensions_and_clients_find_their_product() -> None:
    product = ToolProduct(id="quill", name="Quill", extension_ids=("a" * 32,), client_ids=("1-x.apps.example",))
    names = ToolNames([product])
    assert names.find_extension("A" * 32) is product
    assert names.find_client("1-X.apps.example") is product
    assert names.find_extension("b" * 32) is names.find_client("2") is None


def test_what_is_given_first_owns_a_shared_name() -> None:
    own, shipped = ToolProduct(id="own", name="Kami"), ToolProduct(id="kami", name="Kami")
    assert ToolNames([own, shipped]).find("Kami 1yr") is own


def test_a_season_may_cross_the_new_year() -> None:
    winter, spring = Season(starts="11-15", ends="02-01"), Season(starts="04-01", ends="05-31")
    days = [date(2026, 11, 15), date(2027, 2, 1), date(2027, 2, 2), date(2027, 4, 1), date(2027, 5, 31)]
    assert [winter.contains(day) for day in days] == [True, True, False, False, False]
    assert [spring.contains(day) for day in days] == [False, False, False, True, True]
