"""Verifying the trails of this installation: against their keyed hashes, their checkpoints and the noted heads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db.models import Max

from homeroom.apps.platform.audit.announcing import find_altered_announcements
from homeroom.apps.platform.audit.appending import build_entry, build_head
from homeroom.apps.platform.audit.checkpoints import (
    NamedCheckpoints,
    check_checkpoints,
    collect_expected,
    list_restarts,
)
from homeroom.apps.platform.audit.keys import AuditKeys, open_audit_keys
from homeroom.apps.platform.audit.models import Entry, Head
from homeroom.apps.platform.audit.trail_files import iterate_checkpoint_lines, list_trail_districts, read_heads
from homeroom.domain.platform.audit.chain import FIRST_PREVIOUS, ChainedEntry, split_salts
from homeroom.domain.platform.audit.verifier import ChainProblem, ChainVerifier, ProblemKind, verify_head
from homeroom.domain.platform.district import District

CHUNK_ROWS = 2_000
START = (0, FIRST_PREVIOUS)
"""Number and digest before the first entry."""
ATTEMPTS = 3
"""How often a trail with problems is read: what changed it meanwhile, such as an erasure, is no problem."""


@dataclass(frozen=True, kw_only=True)
class VerifiedTrail:
    """The result for one district's trail; `notes` are no problems, and nobody may overlook them.

    `through` is the number of the last entry of the trail, and `after` that of the checkpoint which was verified before
    and from which this verification went on, 0 for a verification of all entries.
    """

    district: str
    entries: int
    checkpoints: int
    problems: tuple[ChainProblem, ...]
    notes: tuple[str, ...] = ()
    through: int = 0
    after: int = 0


def verify_trail(*, district: District, verified: int = 0) -> VerifiedTrail:
    """Read a district's trail from end to end, and return what is wrong with it.

    With `verified`, the number of an entry, go on from the newest sound checkpoint up to it, if there is one.
    """
    for _ in range(ATTEMPTS):
        recorded = _read_recorded(district)  # before the head: entries are added meanwhile
        before = _read_head(district)
        trail = _verify_once(district, before, recorded, verified=verified)
        if not trail.problems or (_read_head(district) == before and _read_recorded(district) == recorded):
            break
    return trail


def find_lost_trails(*, districts: frozenset[str]) -> tuple[VerifiedTrail, ...]:
    """Return the trails whose files are there and whose district (by short name) is not."""
    data = Path(settings.DATA)
    text = "the district is gone from the database, and its trail with it"
    return tuple(
        VerifiedTrail(
            district=slug,
            entries=0,
            checkpoints=sum(1 for _ in iterate_checkpoint_lines(data, district=slug)),
            problems=(ChainProblem(kind=ProblemKind.TRUNCATED, text=text),),
        )
        for slug in list_trail_districts(data)
        if slug not in districts
    )


def _read_head(district: District) -> Head | None:
    return Head.objects.of(district).first()


def _read_recorded(district: District) -> tuple[list[bytes], dict[int, str]]:
    """Return the checkpoints and the noted heads of a district."""
    data = Path(settings.DATA)
    lines = list(iterate_checkpoint_lines(data, district=district.slug))
    return lines, read_heads(data, district=district.slug)


def _verify_once(
    district: District, row: Head | None, recorded: tuple[list[bytes], dict[int, str]], *, verified: int
) -> VerifiedTrail:
    keys = open_audit_keys(Path(settings.DATA), create=False)
    lines, noted = recorded
    if row is None:
        problems = tuple(_check_missing_head(district, has_files=bool(lines or noted)))
        return VerifiedTrail(district=district.slug, entries=0, checkpoints=len(lines), problems=problems)
    head = build_head(row)
    signed_digests = collect_expected(lines, known_keys=keys.public_keys)
    expected = noted | signed_digests
    after = max(((number, signed_digests[number]) for number in signed_digests if number <= verified), default=START)
    verifier = ChainVerifier(head, mac_keys=keys.mac_keys, expected=expected, after=after)
    named = NamedCheckpoints()
    for entry in iterate_entries(district, until=head.number, after=after[0]):
        verifier.add(entry)
        named.add(entry)
    problems = (
        *_check_keys(keys),
        *verify_head(head, row.mac, district=district.slug, keys=keys.mac_keys),
        *verifier.finish(),
        *_check_entries_outside(district),
        *find_altered_announcements(district),
        *check_checkpoints(lines, district=district.slug, chain=head.chain, known_keys=keys.public_keys),
        *named.find_lost(lines),
    )
    return VerifiedTrail(
        district=district.slug,
        entries=verifier.entries,
        checkpoints=len(lines),
        problems=merge_problems(problems),
        notes=tuple(_list_notes(lines, named, after=after[0])),
        through=head.number,
        after=after[0],
    )


def _list_notes(lines: list[bytes], named: NamedCheckpoints, *, after: int) -> Iterator[str]:
    """Yield what is no problem; the reasons of restarts are in entries that may have been verified before."""
    if after:
        yield f"the entries up to {after:,} were verified before"
    else:
        yield from list_restarts(lines, reasons=named.reasons)


def iterate_entries(district: District, *, until: int, after: int = 0) -> Iterator[ChainedEntry]:
    """Yield the entries of a district after a number, up to another, in their order, in batches that lock nothing.

    After 0 are all, also those whose number is not one.
    """
    rows = Entry.objects.of(district).filter(number__lte=until).order_by("number", "pk")
    rows = rows.filter(number__gt=after) if after else rows
    last, last_pk = -1, 0
    while True:
        later = rows.filter(number__gte=last)[: CHUNK_ROWS + 1] if last >= 0 else rows[:CHUNK_ROWS]
        keys = [key for key in later.values_list("number", "pk") if key > (last, last_pk)]
        if not keys:
            return
        yield from _read_entries(district, keys)
        last, last_pk = keys[-1]


def _read_entries(district: District, keys: list[tuple[int, int]]) -> Iterator[ChainedEntry]:
    """Yield the entries of these numbers and primary keys; one whose values cannot be read fits no hash."""
    rows = Entry.objects.of(district).filter(number__gte=keys[0][0], number__lte=keys[-1][0]).order_by("number", "pk")
    try:
        by_pk = {row.pk: build_entry(row) for row in rows}
    except (AttributeError, TypeError, ValueError):
        by_pk = {pk: entry for _, pk in keys if (entry := _read_entry(district, pk)) is not None}
    for number, pk in keys:
        yield by_pk.get(pk) or _build_unreadable(number)


def _read_entry(district: District, pk: int) -> ChainedEntry | None:
    try:
        return build_entry(Entry.objects.of(district).get(pk=pk))
    except (AttributeError, TypeError, ValueError, Entry.DoesNotExist):
        return None


def _build_unreadable(number: int) -> ChainedEntry:
    """Return an entry that no hash fits, in the place of one whose time or JSON is none."""
    texts = dict.fromkeys(("actor", "action", "subject_kind", "subject"), "")
    at = datetime.fromtimestamp(0, UTC)
    return ChainedEntry(number=number, at=at, detail={}, salts=split_salts(""), removed={}, **texts)


def merge_problems(problems: tuple[ChainProblem, ...]) -> tuple[ChainProblem, ...]:
    """Return problems with those of neighboring entries joined, where the same is wrong with them."""
    merged: list[ChainProblem] = []
    for problem in problems:
        last = merged[-1] if merged else None
        is_next = last is not None and problem.first == last.last + 1 > 1 and problem.last > 0
        if last is not None and is_next and (problem.kind, problem.text) == (last.kind, last.text):
            merged[-1] = replace(last, last=problem.last)
        else:
            merged.append(problem)
    return tuple(merged)


def _check_keys(keys: AuditKeys) -> Iterator[ChainProblem]:
    if not keys.keys:
        yield ChainProblem(kind=ProblemKind.HEAD, text="audit.key is missing; restore it from a backup")


def _check_missing_head(district: District, *, has_files: bool) -> Iterator[ChainProblem]:
    if Entry.objects.of(district).exists():
        yield ChainProblem(kind=ProblemKind.HEAD, text="the head of the trail is missing")
    elif has_files:
        yield ChainProblem(kind=ProblemKind.TRUNCATED, text="the trail is gone from the database")


def _check_entries_outside(district: District) -> Iterator[ChainProblem]:
    """Yield the entries behind the head; the last number is read first, so that what is added meanwhile is none."""
    last = Entry.objects.of(district).aggregate(last=Max("number"))["last"] or 0
    row = _read_head(district)
    if row is not None and last > row.number:
        text = "was added behind the end of the trail"
        yield ChainProblem(kind=ProblemKind.INSERTED, first=row.number + 1, last=last, text=text)
