"""Whether the installation may be reached from a network: somebody in charge, whose password alone opens nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from homeroom.apps.platform.districts.queries import DIRECTOR, list_districts
from homeroom.apps.platform.second_factors.queries import list_member_factors


@dataclass(frozen=True, kw_only=True)
class ExposureStatus:
    """`directors` of all districts, those of them who are `protected`, and `open_districts`, where none of them is.

    Break-glass accounts are left out: one is in a safe, and protects nobody's password.
    """

    directors: int
    protected: int
    open_districts: Sequence[str]

    @property
    def may_be_reached(self) -> bool:
        """True if a director has a second factor or a linked account."""
        return self.protected > 0


def check_exposure(*, at: datetime) -> ExposureStatus:
    """Return which directors have a second factor or a linked account."""
    directors = protected = 0
    open_districts = []
    for district in list_districts():
        members = list_member_factors(district=district, at=at)
        own = [member for member in members if member.role == DIRECTOR and not member.is_break_glass]
        safe = sum(member.has_any for member in own)
        directors, protected = directors + len(own), protected + safe
        if not safe:
            open_districts.append(district.slug)
    return ExposureStatus(directors=directors, protected=protected, open_districts=open_districts)
