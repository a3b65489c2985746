"""Tool products: one product as people buy it, with its names and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Season:
    """The part of a year in which a tool is used: its first and last day as MM-DD; it may cross the new year."""

    starts: str
    ends: str

    def contains(self, day: date) -> bool:
        """Check whether a day is in the season."""
        month_day = f"{day:%m-%d}"
        if self.starts <= self.ends:
            return self.starts <= month_day <= self.ends
        return month_day >= self.starts or month_day <= self.ends


@dataclass(frozen=True, kw_only=True)
class ToolProduct:
    """One product.

    `names` find it anywhere in a text, `not_names` are near names that are something else, and `short_names` find it
    only where a text has no other word that counts. `does` has the capabilities that it is bought for, `also_does`
    those that come with it and replace a product; a product without either is only a name. `software` has ids of
    content/software that are the program of the tool. Without `checked_on` the facts are recalled, and `source` is
    where they can be read.
    """

    id: str
    name: str
    vendor: str = ""
    names: tuple[str, ...] = ()
    not_names: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    extension_ids: tuple[str, ...] = ()
    client_ids: tuple[str, ...] = ()
    does: frozenset[str] = frozenset()
    also_does: frozenset[str] = frozenset()
    season: Season | None = None
    software: tuple[str, ...] = ()
    source: str = ""
    checked_on: date | None = None

    @property
    def all_names(self) -> tuple[str, ...]:
        """The names that find the product anywhere in a text: its own, unless that is a short name, and the others."""
        return tuple(name for name in dict.fromkeys((self.name, *self.names)) if name not in self.short_names)
