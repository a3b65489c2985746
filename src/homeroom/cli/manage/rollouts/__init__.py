"""Commands of rollouts."""

from homeroom.cli.manage.rollouts import specs
from homeroom.cli.manage.rollouts.commands import verbs

__all__ = ["specs", "verbs"]
