"""Commands of rollouts."""

from homeroom.cli.rollouts import specs
from homeroom.cli.rollouts.commands import verbs

__all__ = ["specs", "verbs"]
