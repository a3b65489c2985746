"""List cursor as opaque, signed text: where the next page begins, in which generation, for which query."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from django.core import signing

_SALT = "homeroom.inventory.cursor"


@dataclass(frozen=True, kw_only=True)
class ListCursor:
    """Position after (or, backward, before) the row of `subject`, which has that rank in `generation`.

    `query_hash` ties it to its filters and sort.
    """

    generation: int
    rank: int
    subject: int
    query_hash: str
    backward: bool = False

    def serialize(self) -> str:
        """Return the cursor as text for a URL."""
        return signing.dumps([self.generation, self.rank, self.subject, self.query_hash, self.backward], salt=_SALT)


def parse_cursor(text: str, *, query_hash: str) -> ListCursor | None:
    """Parse a cursor; None if it is not ours or belongs to another query, in which case the list begins at the top."""
    try:
        generation, rank, subject, signed_hash, backward = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if signed_hash != query_hash:
        return None
    return ListCursor(generation=generation, rank=rank, subject=subject, query_hash=signed_hash, backward=backward)


def hash_query(
    *,
    district: int,
    kind: str,
    search: str,
    filters: Mapping[str, str],
    sort: str,
    down: bool,
    picked: Sequence[str] = (),
) -> str:
    """Return a short hash of the query, equal for equal queries."""
    payload = msgspec.json.encode([district, kind, search, sorted(filters.items()), sort, down, sorted(picked)])
    return hashlib.blake2b(payload, digest_size=9).hexdigest()
