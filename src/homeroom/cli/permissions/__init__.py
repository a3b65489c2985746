"""Commands for permissions."""

from homeroom.cli.permissions.commands import verbs

__all__ = ["verbs"]
