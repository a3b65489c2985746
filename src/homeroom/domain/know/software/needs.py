"""What a product needs of a device, as its maker states: system and least version, memory, disk, and updates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from homeroom.domain.know.software.versions import compute_version_key

_BUILD = re.compile(r"^(\d+\.\d+) \((\d+)\)")
"""A version as Active Directory writes it, with its build in parentheses."""
MAX_AGE = timedelta(days=400)
"""How long a maker's needs may be taken as they are: most change with a school year."""


@dataclass(frozen=True, kw_only=True)
class SystemNeeds:
    """What a product needs on one platform. `least` is a version of its system, `memory` and `disk` are gigabytes."""

    platform: str
    least: str = ""
    memory: int = 0
    disk: int = 0
    architecture: str = ""

    def is_enough(self, version: str) -> bool | None:
        """Return whether a version of the system is at least the one needed; None if it cannot be read."""
        if not self.least:
            return True
        least, key = compute_version_key(self.least), compute_version_key(_BUILD.sub(r"\1.\2", version))
        return None if least is None or key is None else key >= least


@dataclass(frozen=True, kw_only=True)
class ProductNeeds:
    """The needs of a product on the platforms that its maker names.

    `title` is what the needs are for if that is not the product as a whole. `never` are platforms on which it does not
    run; about those in neither, nothing is known. `updates` is whether the system must still get
    updates of its maker while the product is used. `as_of` is the last day for which `source` vouches; None if it has
    no date. Needs only grow, so old ones still block a device, but prove for none that it fits.
    """

    systems: tuple[SystemNeeds, ...]
    source: str
    title: str = ""
    never: tuple[str, ...] = ()
    updates: bool = False
    as_of: date | None = None

    def find_system(self, platform: str) -> SystemNeeds | None:
        """Return the needs on a platform; None if they are not known."""
        return next((item for item in self.systems if item.platform == platform), None)

    def is_current(self, today: date) -> bool:
        """Return True if the needs may be taken as they are."""
        return self.as_of is not None and today - self.as_of <= MAX_AGE
