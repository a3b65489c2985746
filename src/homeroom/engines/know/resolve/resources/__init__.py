"""The district's resources besides people, accounts and devices: one module for each, found by being here."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from homeroom.engines.know.resolve.resources.definition import Resource

__all__ = ["RESOURCES", "Resource"]


def _find_resources() -> tuple[Resource, ...]:
    modules = [
        import_module(f"{__name__}.{module.name}")
        for module in iter_modules(__path__)
        if module.name not in ("build", "definition")
    ]
    return tuple(
        definition for module in modules for definition in vars(module).values() if isinstance(definition, Resource)
    )


RESOURCES: tuple[Resource, ...] = _find_resources()
"""Every resource definition, modules by name."""
