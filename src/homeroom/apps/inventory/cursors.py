"""A place in a list as opaque, signed text: where the next page begins, in which generation, for which question."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from django.core import signing

_SALT = "homeroom.inventory.cursor"


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """After (or, backward, before) the row with `key` in `generation`. `question` ties it to its filters and sort."""

    generation: int
    key: tuple[Any, ...]
    question: str
    backward: bool = False
    about: tuple[int, bool] | None = None

    def sealed(self) -> str:
        """The cursor as text for an address."""
        about = list(self.about) if self.about else None
        return signing.dumps([self.generation, list(self.key), self.question, self.backward, about], salt=_SALT)


def opened(text: str, *, question: str) -> Cursor | None:
    """The cursor of such text; None where it is not ours or belongs to another question: the list then begins anew."""
    try:
        generation, key, asked, backward, about = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if asked != question:
        return None
    kept = (int(about[0]), bool(about[1])) if about else None
    return Cursor(generation=generation, key=tuple(key), question=asked, backward=backward, about=kept)


def question_of(*, district: int, kind: str, search: str, filters: Mapping[str, str], sort: str, down: bool) -> str:
    """A short mark of what was asked, the same for the same question."""
    asked = msgspec.json.encode([district, kind, search, sorted(filters.items()), sort, down])
    return hashlib.blake2b(asked, digest_size=9).hexdigest()
