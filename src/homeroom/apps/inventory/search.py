"""Search for subjects: by the beginning of a name, number, serial number, tag, address, model or cart, or its end."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from homeroom.apps.inventory.models import SearchTerm, build_generation_condition
from homeroom.apps.inventory.search_terms import list_spellings
from homeroom.domain.district import District

MAX_MATCHES = 1_000
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, kw_only=True)
class SubjectMatches:
    """The subjects that a search matched, at most MAX_MATCHES, and whether there were more."""

    subjects: tuple[int, ...]
    has_more: bool


def search_subjects(*, district: District, kind: str, generation: int, text: str) -> SubjectMatches:
    """Return the subjects of one kind with a term that begins with a spelling of the folded text."""
    rows = SearchTerm.objects.of(district).filter(
        build_generation_condition(generation), _build_search_condition(text), kind=kind
    )
    matches = rows.order_by("term", "subject").values_list("subject", flat=True)[: 2 * MAX_MATCHES + 1]
    subjects = list(dict.fromkeys(matches))
    has_more = len(matches) > 2 * MAX_MATCHES or len(subjects) > MAX_MATCHES
    return SubjectMatches(subjects=tuple(subjects[:MAX_MATCHES]), has_more=has_more)


def _build_search_condition(text: str) -> Q:
    condition = Q()
    for spelling in sorted(list_spellings(text)):
        condition |= _build_prefix_condition(spelling)
    return condition


def _build_prefix_condition(text: str) -> Q:
    """Build a range condition: either database compares terms byte by byte, so a range on the index is a prefix."""
    return Q(term__gte=text, term__lt=text + _LAST_CHARACTER)
