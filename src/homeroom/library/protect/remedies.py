"""The actions that connectors offer: `ACTIONS` of each connector's actions.py, which registers them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module, resources
from pathlib import Path

from homeroom.domain.protect.incidents.containment import ContainmentAction
from homeroom.domain.protect.remedies import ConsoleAction
from homeroom.library.know.manifests.connector_names import PACKAGE


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


@cache
def load_containment_actions() -> Mapping[str, ContainmentAction]:
    """Load every action that contains an incident, by id: `CONTAINMENT` of each connector's actions.py."""
    actions: dict[str, ContainmentAction] = {}
    for path in sorted(Path(str(resources.files(PACKAGE))).glob("*/actions.py")):
        module = import_module(f"{PACKAGE}.{path.parent.name}.actions")
        for action in getattr(module, "CONTAINMENT", ()):
            if action.id in actions or action.id in load_actions() or not action.id.startswith(f"{path.parent.name}."):
                raise ValueError(f"{action.id}: an id that is new and begins with {path.parent.name}. would fit")
            actions[action.id] = action
    return actions


def find_action(action: str) -> ConsoleAction | None:
    """Return an action of a fix file by its id, about a finding or about an incident; None if no connector has it."""
    return load_actions().get(action) or load_containment_actions().get(action)
