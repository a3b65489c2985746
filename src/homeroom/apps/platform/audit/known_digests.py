"""What is known of a district's entries outside the database, and where the database differs from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import batched
from pathlib import Path

from homeroom.apps.platform.audit.appending import build_head
from homeroom.apps.platform.audit.checkpoints import Checkpoint, collect_expected, parse_checkpoint
from homeroom.apps.platform.audit.keys import AuditKeys, open_audit_keys
from homeroom.apps.platform.audit.models import Entry, Head
from homeroom.apps.platform.audit.trail_files import iterate_checkpoint_lines, list_turning_points, read_heads
from homeroom.domain.platform.audit.chain import FIRST_PREVIOUS, ChainHead
from homeroom.domain.platform.district import District

NUMBERS_A_QUERY = 500


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


@dataclass(frozen=True, kw_only=True)
class ComparedTrail:
    """A trail, as far as `head`, beside what was `recorded` outside; `head` is None before the first entry."""

    recorded: Mapping[int, str]
    head: ChainHead | None
    contradiction: Contradiction


def compare_trail(data: Path, *, district: District) -> ComparedTrail:
    """Compare a trail with what was recorded outside; nothing is locked, so that entries are added meanwhile."""
    keys = open_audit_keys(data, create=False)
    recorded = read_known_digests(data, district=district, keys=keys)  # before the head
    row = Head.objects.of(district).first()
    head = build_head(row) if row is not None else None
    contradiction = find_contradiction(recorded, district=district, end=head.number if head is not None else 0)
    return ComparedTrail(recorded=recorded, head=head, contradiction=contradiction)


def is_continued(head: ChainHead | None, *, district: District) -> bool:
    """Return whether a trail has no other entry in the place of the one that was its last."""
    if head is None:
        return True
    return _read_digests([head.number], district=district).get(head.number, head.digest) == head.digest


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


def select_telling(recorded: Mapping[int, str], data: Path, *, district: District) -> dict[int, str]:
    """Return a few of the newest digests: some differ from the trail if it was put back to an older copy."""
    last = get_last_checkpoint(data, district=district)
    points = list_turning_points(data, district=district.slug) | {max(recorded, default=0)}
    points |= {last.number} if last is not None else set()
    return {number: recorded[number] for number in points & recorded.keys()}


def get_last_checkpoint(data: Path, *, district: District) -> Checkpoint | None:
    """Return the newest checkpoint of a district that can be read."""
    lines = list(iterate_checkpoint_lines(data, district=district.slug))
    return next(filter(None, map(parse_checkpoint, reversed(lines))), None)


def find_contradiction(recorded: Mapping[int, str], *, district: District, end: int) -> Contradiction:
    """Compare entries with recorded digests; `end` is the number of the last one.

    Read those before the end is read: an entry that is added in between is no contradiction.
    """
    missing = tuple(sorted(number for number in recorded if number > end))
    digests = _read_digests([number for number in recorded if number <= end], district=district)
    other = tuple(sorted(number for number, digest in recorded.items() if digests.get(number, digest) != digest))
    return Contradiction(missing=missing, other=other)


def _read_digests(numbers: Iterable[int], *, district: District) -> dict[int, str]:
    rows = Entry.objects.of(district).values_list("number", "digest")
    parts = batched(sorted(numbers), NUMBERS_A_QUERY)
    return {number: digest for part in parts for number, digest in rows.filter(number__in=part)}


def find_last_same(contradiction: Contradiction, *, district: District, head: ChainHead) -> ChainHead:
    """Return the head that the trail had before the first entry that contradicts what is known."""
    rows = Entry.objects.of(district).filter(number__lt=contradiction.first, number__lte=head.number)
    number, digest = rows.order_by("-number").values_list("number", "digest").first() or (0, FIRST_PREVIOUS)
    return ChainHead(chain=head.chain, number=number, digest=digest)
