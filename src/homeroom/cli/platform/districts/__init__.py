"""Commands about the districts of an installation side by side."""

from homeroom.cli.platform.districts.overview import verbs

__all__ = ["verbs"]
