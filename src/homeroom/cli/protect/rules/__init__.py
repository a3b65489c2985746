"""Commands of detection rules."""

from homeroom.cli.protect.rules.commands import verbs

__all__ = ["verbs"]
