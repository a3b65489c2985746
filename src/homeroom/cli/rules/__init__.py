"""Commands of detection rules."""

from homeroom.cli.rules.commands import verbs

__all__ = ["verbs"]
