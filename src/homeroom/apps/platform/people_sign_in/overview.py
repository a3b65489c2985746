"""What the office sees of how people sign in: registrations, codes as counts, and for whom codes are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from homeroom.apps.platform.people_sign_in.codes import CodeCounts, count_codes
from homeroom.apps.platform.people_sign_in.providers import Registration, list_registrations
from homeroom.apps.platform.people_sign_in.queries import list_people
from homeroom.domain.platform.district import District


@dataclass(frozen=True, kw_only=True)
class SignInOverview:
    """How people of a district sign in. `schools` are names with the number of people who may sign in there."""

    registrations: Sequence[Registration]
    codes: CodeCounts
    schools: Sequence[tuple[str, int]]

    @property
    def people(self) -> int:
        """How many people may sign in."""
        return sum(count for _school, count in self.schools)


def build_overview(*, district: District, at: datetime) -> SignInOverview:
    """Return how people of a district sign in. Raise QueryTimeout."""
    return SignInOverview(
        registrations=list_registrations(district=district),
        codes=count_codes(district=district, at=at),
        schools=sorted(Counter(person.school for person in list_people(district=district)).items()),
    )
