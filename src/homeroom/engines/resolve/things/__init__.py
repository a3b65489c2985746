"""What a district has besides people, accounts and devices: a module a subject, found by being here."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from homeroom.engines.resolve.things.describing import Thing

__all__ = ["THINGS", "Thing"]


def _described() -> tuple[Thing, ...]:
    pages = [import_module(f"{__name__}.{page.name}") for page in iter_modules(__path__) if page.name != "making"]
    return tuple(one for page in pages for one in vars(page).values() if isinstance(one, Thing))


THINGS: tuple[Thing, ...] = _described()
"""Every description, modules by name."""
