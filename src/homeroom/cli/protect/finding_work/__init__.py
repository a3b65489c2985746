"""Commands for the work on findings."""

from homeroom.cli.protect.finding_work.commands import verbs

__all__ = ["verbs"]
