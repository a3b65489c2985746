"""Commands for the users of a district."""

from homeroom.cli.platform.users.commands import verbs

__all__ = ["verbs"]
