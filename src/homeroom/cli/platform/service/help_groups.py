"""The groups in which `homeroom --help` lists the commands of each module."""

from __future__ import annotations

from itertools import chain

import typer

HELP_GROUPS = {
    "Daily work": (
        "districts",
        "posture",
        "planning",
        "finding_work",
        "fixes",
        "vulnerabilities",
        "rollouts",
        "reports",
    ),
    "Data": ("sources", "remote", "connect", "connections", "agents", "inventory", "rosters", "people"),
    "Alerts and incidents": ("detect", "detection", "rules"),
    "Tools, devices and vendors": ("tools", "vendors", "budget", "estimates"),
    "Training and phishing tests": ("awareness",),
    "Laws and privacy": ("laws", "privacy"),
    "Users and sign-in": ("users", "two_step", "permissions", "staff", "tokens"),
    "Server": ("serving", "demo", "doctor", "backups", "auditing"),
    "Reference": ("baselines", "catalogs", "frameworks", "check"),
}
"""Modules of the command line by group, in the order of the help."""
OTHER_GROUP = "Other commands"


def sort_module_names(names: list[str]) -> list[str]:
    """Return the names of modules in the order of the help; those of no group are last."""
    order = {name: place for place, name in enumerate(chain.from_iterable(HELP_GROUPS.values()))}
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def set_help_group(verbs: typer.Typer, module_name: str) -> None:
    """List the commands of a module under its group in the help."""
    title = next((title for title, modules in HELP_GROUPS.items() if module_name in modules), OTHER_GROUP)
    _set_panel(verbs, title)


def _set_panel(verbs: typer.Typer, title: str) -> None:
    for command in verbs.registered_commands:
        command.rich_help_panel = title
    for group in verbs.registered_groups:
        if group.typer_instance is not None and not isinstance(group.typer_instance.info.name, str):
            _set_panel(group.typer_instance, title)  # commands of another module, not a command in itself
        group.rich_help_panel = title
