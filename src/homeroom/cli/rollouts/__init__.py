"""Commands of rollouts."""

from homeroom.cli.rollouts.commands import verbs

__all__ = ["verbs"]
