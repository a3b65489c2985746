"""Which commands each module of the command line has, so that a command begins without all other modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "districts": ("districts",),
    "posture": ("assess",),
    "planning": ("plan",),
    "finding_work": ("work",),
    "fixes": ("fix", "fixes"),
    "vulnerabilities": ("feed",),
    "rollouts": ("rollout",),
    "reports": ("report",),
    "sources": ("approve", "discard", "load", "loads", "rejects", "sample", "undo"),
    "remote": ("push",),
    "connect": ("connect", "disconnect"),
    "connections": ("connections", "sync"),
    "agents": ("agents", "enrol-secret", "take-in"),
    "inventory": ("resolve",),
    "rosters": ("compare", "export", "rosters"),
    "people": ("district", "name-district"),
    "detect": ("detect",),
    "detection": ("alerts", "events", "incidents"),
    "rules": ("rules",),
    "tools": ("tool-names", "tools"),
    "vendors": ("sent", "vendors"),
    "budget": ("aging", "refresh"),
    "estimates": ("breakage", "effect"),
    "awareness": ("awareness",),
    "laws": ("clocks", "duties", "facts", "laws"),
    "privacy": ("disclosures", "erase", "last-ages", "opt-outs", "requests", "scan"),
    "users": ("add-user", "users"),
    "two_step": ("break-glass", "mfa"),
    "permissions": ("permissions",),
    "staff": ("staff",),
    "tokens": ("tokens",),
    "demo": ("demo",),
    "serving": ("serve", "worker"),
    "doctor": ("doctor",),
    "backups": ("backup", "move", "restore"),
    "auditing": ("audit", "verify"),
    "baselines": ("policies", "tenant-settings"),
    "catalogs": ("check-content", "connectors", "controls", "mappings", "tables"),
    "frameworks": ("frameworks", "standing", "take-in-framework"),
}
"""Commands by module. One that is missing here begins with all modules, which takes a tenth of a second longer: also
those to which other modules add commands of their own."""
_MODULES = {command: module for module, commands in COMMANDS.items() for command in commands}


def find_module(arguments: Sequence[str]) -> str:
    """Return the module that the command among arguments needs alone, or an empty text for all."""
    return _MODULES.get(arguments[0], "") if arguments else ""
