"""The actions that connectors offer: every `ACTIONS` of a connector's actions.py. Being there is being registered."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module, resources
from pathlib import Path

from homeroom.domain.remedies import Action
from homeroom.library.connectors import PACKAGE


@cache
def actions() -> Mapping[str, Action]:
    """Every action by id. Raises ValueError for one that is not named after its folder, or that stands twice."""
    found: dict[str, Action] = {}
    for path in sorted(Path(str(resources.files(PACKAGE))).glob("*/actions.py")):
        for action in import_module(f"{PACKAGE}.{path.parent.name}.actions").ACTIONS:
            if action.id in found or not action.id.startswith(f"{path.parent.name}."):
                raise ValueError(f"{action.id}: an id that is new and begins with {path.parent.name}. would fit")
            found[action.id] = action
    return found
