"""Finding subjects by any identifier: the beginning of a serial number, tag, address, name or number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from homeroom.apps.inventory.models import SearchTerm, in_generation

MOST = 1_000
_LAST = "\U0010ffff"


@dataclass(frozen=True, kw_only=True)
class Found:
    """The subjects that a search met, at most MOST, and whether there were more than were looked at."""

    subjects: tuple[int, ...]
    more: bool


def cleaned(text: str) -> str:
    """A search as terms are written: lower case, single blanks, at most 100 characters."""
    return " ".join(text.lower().split())[:100]


def found_by(*, district: Any, kind: str, generation: int, text: str) -> Found:
    """The subjects of one kind of which an identifier begins with the text.

    Words in the other order are tried too, so that "ada lovelace" finds "lovelace ada".
    """
    rows = SearchTerm.objects.of(district).filter(in_generation(generation), _begins(text), kind=kind)
    met = rows.order_by("term", "subject").values_list("subject", flat=True)[: 2 * MOST + 1]
    subjects = list(dict.fromkeys(met))
    more = len(met) > 2 * MOST or len(subjects) > MOST
    return Found(subjects=tuple(subjects[:MOST]), more=more)


def _begins(text: str) -> Q:
    words = text.split(" ")
    ways = {text, " ".join(reversed(words)), ", ".join(reversed(words))} if len(words) > 1 else {text}
    asked = Q()
    for way in sorted(ways):
        asked |= _prefix(way)
    return asked


def _prefix(text: str) -> Q:
    """Terms are compared byte by byte on either database, so that a range along the index is a beginning."""
    return Q(term__gte=text, term__lt=text + _LAST)
