"""Commands for permissions."""

from homeroom.cli.platform.permissions.commands import verbs

__all__ = ["verbs"]
