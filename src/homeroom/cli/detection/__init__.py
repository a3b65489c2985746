"""The commands about alerts."""

from homeroom.cli.detection.alerts import verbs

__all__ = ["verbs"]
