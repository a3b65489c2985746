"""Areas of the wings form no circle, also across wings, and each layer has the same six wings."""

from __future__ import annotations

from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import homeroom
from homeroom.domain.wings import WINGS

HOUSE = Path(homeroom.__file__).parent
LAYERS = ("apps", "web", "cli", "engines", "domain", "library")
WITHOUT_PLATFORM = {"platform"}
"""The platform computes nothing, and has no content."""


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("homeroom", cache_dir=None, exclude_type_checking_imports=True)


@pytest.mark.parametrize("layer", LAYERS)
def test_areas_of_a_layer_form_no_circle(graph: grimp.ImportGraph, layer: str) -> None:
    areas: dict[str, set[str]] = {}
    for module in graph.modules:
        area = _find_area(module, layer)
        imported = {_find_area(other, layer) for other in graph.find_modules_directly_imported_by(module)}
        areas.setdefault(area, set()).update(imported - {area, ""})
    areas.pop("", None)
    assert len(list(TopologicalSorter(areas).static_order())) > len(WINGS)  # raises CycleError with the circle


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_with_areas_has_the_same_wings(layer: str) -> None:
    packages = {path.parent.name for path in (HOUSE / layer).glob("*/__init__.py")}
    assert set(WINGS) - packages == (WITHOUT_PLATFORM if layer in ("engines", "library") else set())


def _find_area(module: str, layer: str) -> str:
    """Return the area of a module of a layer as wing and name; empty for any other module."""
    names = module.split(".")
    return ".".join(names[2:4]) if names[1:2] == [layer] and len(names) > 3 and names[2] in WINGS else ""
