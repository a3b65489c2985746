"""A place in a list as opaque, signed text: where the next page begins, in which generation, for which question."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from django.core import signing

_SALT = "homeroom.inventory.cursor"


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """After (or, backward, before) the row of `subject`, which has that rank (place in the order) in `generation`.

    `question` ties it to its filters and sort.
    """

    generation: int
    rank: int
    subject: int
    question: str
    backward: bool = False

    def sealed(self) -> str:
        """The cursor as text for an address."""
        return signing.dumps([self.generation, self.rank, self.subject, self.question, self.backward], salt=_SALT)


def opened(text: str, *, question: str) -> Cursor | None:
    """The cursor of such text; None where it is not ours or belongs to another question: the list then begins anew."""
    try:
        generation, rank, subject, asked, backward = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if asked != question:
        return None
    return Cursor(generation=generation, rank=rank, subject=subject, question=asked, backward=backward)


def question_of(*, district: int, kind: str, search: str, filters: Mapping[str, str], sort: str, down: bool) -> str:
    """A short mark of what was asked, the same for the same question."""
    asked = msgspec.json.encode([district, kind, search, sorted(filters.items()), sort, down])
    return hashlib.blake2b(asked, digest_size=9).hexdigest()
