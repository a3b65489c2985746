"""The areas of the site: every module of this package that has `urlpatterns`. Being there is being registered.

A module may also state its place in the main navigation: `PLACE = Place(order=3, title=gettext_lazy("Inventory"),
name="inventory")`, where `name` is the name of one of its addresses. A page belongs to the place whose module's name begins the name
of the module that its view stands in, so that `inventory_export` is a page of `inventory`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import homeroom.web

_NOT_AREAS = {"urls", "areas", "apps"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """One entry of the main navigation; `title` may be lazy, for translation."""

    order: int
    title: Any
    name: str


@cache
def areas() -> tuple[ModuleType, ...]:
    """The modules with addresses, by name."""
    names = sorted(info.name for info in pkgutil.iter_modules(homeroom.web.__path__) if info.name not in _NOT_AREAS)
    modules = [import_module(f"{homeroom.web.__name__}.{name}") for name in names]
    return tuple(module for module in modules if hasattr(module, "urlpatterns"))


@cache
def places() -> Sequence[tuple[str, Place]]:
    """(module's short name, place) of every area in the navigation, in order."""
    placed = [(module.__name__.rpartition(".")[2], module.PLACE) for module in areas() if hasattr(module, "PLACE")]
    return sorted(placed, key=lambda pair: pair[1].order)
