"""What an erasure leaves in the state database, with the reason and the law or rule for it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.apps import apps

from homeroom.apps.comply.erasing.field_classes import FIELD_CLASSES
from homeroom.apps.protect.incidents.erase_person import list_holds
from homeroom.domain.platform.district import District
from homeroom.evidence.erasing.person_terms import PersonTerms, TermMatcher
from homeroom.evidence.erasing.register import RemainingData

_OVER = ("closed", "merged")


def list_remaining_data(district: District, terms: PersonTerms, matcher: TermMatcher) -> Iterator[RemainingData]:
    """Yield what stays: what open incidents hold, a user's own account, and names that somebody else has too."""
    pattern = re.compile("|".join(map(re.escape, matcher.searched)) or r"(?!)", re.IGNORECASE)
    for hold in list_holds(district=district, pattern=pattern):
        if hold.state not in _OVER:
            yield RemainingData(
                what=f"incident {hold.incident}",
                count=hold.alerts + hold.events + hold.entries,
                why="an incident that is not over holds its evidence; erase again once it is closed",
                law="duty to preserve evidence of a security incident",
            )
    user = apps.get_model("districts", "User")
    fields = FIELD_CLASSES["districts.User"].actors
    named = sum(any(matcher.is_in(str(value)) for value in row) for row in user.objects.values_list(*fields))
    if named:
        reason = "somebody who signs in to Homeroom is named in what they did; end their membership"
        yield RemainingData(what="users of Homeroom", count=named, why=reason)
    if terms.shared_names:
        yield RemainingData(
            what="texts with the name alone",
            count=len(terms.shared_names),
            why="somebody else has the same name, and a text that has nothing else may be about them",
        )
