"""The six wings: the same folders in every layer, with the areas of each in them."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType

WINGS: Mapping[str, str] = {
    "know": "what the district has: the systems that are read, and the people, accounts, devices and software in them",
    "protect": "how secure the district is: controls, findings, vulnerabilities, alerts and incidents",
    "manage": "the team's work: the plan, rollouts, devices, the budget and the tools",
    "teach": "good practice: phishing tests, courses, trials and what staff are asked to do",
    "comply": "laws, privacy, vendors and what the district has to show",
    "platform": "what every district needs to run: users, permissions, the audit trail, backups and the server",
}
"""What each wing is about. `platform` imports none of the others, and `know` only `platform`."""


def list_area_modules(package: ModuleType) -> dict[str, str]:
    """Return the dotted name of each area of a layer by the area's name, in order of the names.

    An area is a module or package of a wing, or one beside the wings.
    """
    return dict(sorted(_iter_areas(package)))


def get_area_name(module: str, *, layer: str) -> str:
    """Return the area that a module of a layer belongs to; empty outside the layer and for a wing itself."""
    prefix = f"{layer}."
    if not module.startswith(prefix):
        return ""
    names = module.removeprefix(prefix).split(".")
    inner = names[1:] if names[0] in WINGS else names
    return inner[0] if inner else ""


def _iter_areas(package: ModuleType) -> Iterator[tuple[str, str]]:
    for folder in package.__path__:
        for info in pkgutil.iter_modules([folder]):
            if info.name not in WINGS:
                yield info.name, f"{package.__name__}.{info.name}"
        for wing in WINGS:
            for info in pkgutil.iter_modules([f"{folder}/{wing}"]):
                yield info.name, f"{package.__name__}.{wing}.{info.name}"
