"""The areas of the site: every module below `homeroom.web` that has `urlpatterns` is registered.

An area is a package of a wing of this folder, or a single module. It may state its entry in the main navigation, in the
package's `__init__.py` or in the module: `NAV_ITEM = NavItem(order=3, title=gettext_lazy("Inventory"),
name="inventory")`, where `name` is the name of one of its addresses. Every page of the area belongs to that entry. A
package without an entry of its own may name the area whose entry its pages belong to: `NAV_AREA = "posture"`.

A module of a package may state its entry in the navigation of its area in the same form: `AREA_PAGE = NavItem(order=1,
title=gettext_lazy("Duties"), name="privacy-duties")`. All pages of the module belong to that entry, and nothing
else is edited; those of a module beside it do if it names the first one's module: `AREA_PAGE_OF = "requests"`.

An entry is seen by those who hold the permission of its page. `visit.pages` holds the entries that the visitor sees; an
area that has such entries is in the main navigation of those who see at least one.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

import homeroom.web
from homeroom.domain.wings import get_area_name, list_area_modules

Holds = Callable[[str], bool]
"""Checks whether a visitor holds a permission."""
_NOT_AREAS = {"urls", "apps", "shared", "templatetags"}


@dataclass(frozen=True, kw_only=True)
class NavItem:
    """One entry of the main navigation, or of an area's own; `title` may be lazy, for translation.

    `name` is the name of its address. `findings_of` are the tables whose findings lead to the page.
    """

    order: int
    title: Any
    name: str
    findings_of: frozenset[str] = frozenset()

    def is_seen(self, holds: Holds) -> bool:
        """Check whether a visitor who holds permissions sees the entry."""
        return holds(get_page_permission(self.name))


@cache
def list_areas() -> tuple[ModuleType, ...]:
    """Return the modules with addresses, by name."""
    modules = [module for area in _load_areas().values() for module in _iter_modules(area)]
    return tuple(module for module in modules if hasattr(module, "urlpatterns"))


@cache
def list_nav_items() -> Sequence[tuple[str, NavItem]]:
    """Return (area, navigation entry) of every area in the navigation, in order."""
    items = [(name, area.NAV_ITEM) for name, area in _load_areas().items() if hasattr(area, "NAV_ITEM")]
    return sorted(items, key=lambda pair: pair[1].order)


@cache
def list_area_pages(area: str) -> Sequence[tuple[str, NavItem]]:
    """Return (module, entry) of every module that is in the navigation of an area, in order; none outside the site."""
    if area not in _load_areas():
        return ()
    modules = _iter_modules(_load_areas()[area])
    items = [(module.__name__, module.AREA_PAGE) for module in modules if hasattr(module, "AREA_PAGE")]
    return sorted(items, key=lambda pair: pair[1].order)


def is_area_seen(area: str, nav_item: NavItem, *, holds: Holds) -> bool:
    """Check whether a visitor sees the entry of an area: its own page, and one of the area's pages if it has any."""
    pages = list_area_pages(area)
    return nav_item.is_seen(holds) and (not pages or any(item.is_seen(holds) for _module, item in pages))


@cache
def get_page_permission(name: str) -> str:
    """Return the permission that opens the page with this name of an address; raise LookupError if there is none."""
    for area in list_areas():
        for pattern in area.urlpatterns:
            if getattr(pattern, "name", None) == name:
                return str(pattern.callback.permission)
    raise LookupError(f"no page has the name {name!r}")


def find_page_of_table(table: str, *, holds: Holds) -> NavItem | None:
    """Return the page of an area to which findings about a table lead, if the visitor sees it."""
    items = (item for area in _load_areas() for _module, item in list_area_pages(area))
    return next((item for item in items if table in item.findings_of and item.is_seen(holds)), None)


def get_area_page(module: str) -> str:
    """Return the module whose entry in its area's navigation the pages of a module belong to."""
    page_of = getattr(sys.modules.get(module), "AREA_PAGE_OF", "")
    return f"{module.rpartition('.')[0]}.{page_of}" if page_of else module


def get_nav_area(module: str) -> str:
    """Return the area whose navigation entry the pages of a module belong to; empty outside the site."""
    name = get_area_name(module, layer=homeroom.web.__name__)
    area = _load_areas().get(name)
    return str(getattr(area, "NAV_AREA", name))


@cache
def _load_areas() -> dict[str, ModuleType]:
    modules = list_area_modules(homeroom.web)
    return {name: import_module(module) for name, module in modules.items() if name not in _NOT_AREAS}


def _iter_modules(area: ModuleType) -> Iterator[ModuleType]:
    yield area
    for info in sorted(pkgutil.iter_modules(getattr(area, "__path__", ())), key=lambda info: info.name):
        yield import_module(f"{area.__name__}.{info.name}")
