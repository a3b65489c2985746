"""The actions that connectors offer: `ACTIONS` of each connector's actions.py, which registers them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module, resources
from pathlib import Path

from homeroom.domain.remedies import ConsoleAction
from homeroom.library.connectors import PACKAGE


@cache
def load_actions() -> Mapping[str, ConsoleAction]:
    """Load every action by id; raise ValueError for one that is not named after its folder, or is a duplicate."""
    action_by_id: dict[str, ConsoleAction] = {}
    for path in sorted(Path(str(resources.files(PACKAGE))).glob("*/actions.py")):
        for action in import_module(f"{PACKAGE}.{path.parent.name}.actions").ACTIONS:
            if action.id in action_by_id or not action.id.startswith(f"{path.parent.name}."):
                raise ValueError(f"{action.id}: an id that is new and begins with {path.parent.name}. would fit")
            action_by_id[action.id] = action
    return action_by_id
