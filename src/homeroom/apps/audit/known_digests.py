"""What is known of a district's entries outside the database, and where the database differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from homeroom.apps.audit.checkpoints import Checkpoint, collect_expected, parse_checkpoint
from homeroom.apps.audit.keys import AuditKeys
from homeroom.apps.audit.models import Entry
from homeroom.apps.audit.trail_files import iterate_checkpoint_lines, read_heads
from homeroom.domain.audit.chain import FIRST_PREVIOUS, ChainHead
from homeroom.domain.district import District


@dataclass(frozen=True, kw_only=True)
class Contradiction:
    """Where a trail is not what was recorded outside: known entries that are `missing` behind its end, and `other`
    ones in their place, by number.
    """

    missing: tuple[int, ...] = ()
    other: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.other)

    @property
    def first(self) -> int:
        """The smallest number that is concerned, 0 if none is."""
        return min((*self.missing, *self.other), default=0)


def read_known_digests(data: Path, *, district: District, keys: AuditKeys) -> dict[int, str]:
    """Return the digests of entries by number that notes and sound checkpoints state."""
    lines = iterate_checkpoint_lines(data, district=district.slug)
    signed = collect_expected(lines, known_keys=keys.public_keys)
    return read_heads(data, district=district.slug) | signed


def read_newest_digests(data: Path, *, district: District) -> dict[int, str]:
    """Return what notes and the last checkpoint alone state, for a quick look."""
    last = get_last_checkpoint(data, district=district)
    signed = {last.number: last.digest} if last is not None else {}
    return read_heads(data, district=district.slug) | signed


def get_last_checkpoint(data: Path, *, district: District) -> Checkpoint | None:
    """Return the newest checkpoint of a district that can be read."""
    lines = list(iterate_checkpoint_lines(data, district=district.slug))
    return next(filter(None, map(parse_checkpoint, reversed(lines))), None)


def find_contradiction(recorded: Mapping[int, str], *, district: District, end: int) -> Contradiction:
    """Compare entries with recorded digests; `end` is the number of the last one.

    Read those before the end is read: an entry that is added in between is no contradiction.
    """
    missing = tuple(sorted(number for number in recorded if number > end))
    rows = Entry.objects.of(district).filter(number__gte=min(recorded, default=0), number__lte=end)
    digests = dict(rows.values_list("number", "digest")) if recorded else {}
    other = tuple(sorted(number for number, digest in recorded.items() if digests.get(number, digest) != digest))
    return Contradiction(missing=missing, other=other)


def find_last_same(contradiction: Contradiction, *, district: District, head: ChainHead) -> ChainHead:
    """Return the head that the trail had before the first entry that contradicts what is known."""
    rows = Entry.objects.of(district).filter(number__lt=contradiction.first, number__lte=head.number)
    number, digest = rows.order_by("-number").values_list("number", "digest").first() or (0, FIRST_PREVIOUS)
    return ChainHead(chain=head.chain, number=number, digest=digest)
