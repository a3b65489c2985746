"""Every module of a wing belongs to an area, and docs/architecture.md lists each area with its parts."""

from __future__ import annotations

from tools.steps import ROOT
from tools.structure.architecture_page import is_outdated
from tools.structure.areas import list_areas, list_stale_places, list_unplaced_parts


def test_every_module_of_a_wing_belongs_to_an_area() -> None:
    assert list_unplaced_parts() == []


def test_no_place_names_what_is_gone() -> None:
    assert list_stale_places() == []


def test_the_page_shows_every_area_with_its_parts() -> None:
    areas = list_areas()
    assert len(areas) > 40
    assert all(area.purpose.endswith(".") for area in areas)
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [area.key for area in areas if f"| **{area.key}** |" not in page] == []
    assert not is_outdated(), "run ./run docs"
