"""Entries of changes to files: announced before the file is written, added after, and added later if a run was killed.

An announced row names the file and its hash before and after. Whoever changes files of that area next, starts the
program or is woken by the worker compares them: a file that was changed has its entry added, another one loses the row.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import filelock
from django.conf import settings
from django.db import transaction

from homeroom.apps.platform.audit.appending import append_entry, cut_to_column, lock_head, normalize_detail
from homeroom.apps.platform.audit.file_hashes import hash_file
from homeroom.apps.platform.audit.keys import open_audit_keys
from homeroom.apps.platform.audit.models import AnnouncedEntry
from homeroom.apps.platform.districts.durability import sync_state
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.domain.platform.audit.chain import compute_announcement_text, compute_mac
from homeroom.domain.platform.audit.verifier import ChainProblem, ProblemKind, is_mac_of
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import StoreBusy

REMOVED, WRITTEN = "", "written"
"""What a file becomes, where it is not the hash of its content: it is removed, or there with any content."""
NO_WAIT, ANY_WAIT = 0.0, -1.0
AddDetail = Callable[[], Mapping[str, Any]]
_COLUMNS = ("at", "actor", "action", "subject_kind", "subject", "detail", "path", "before", "after")
_log = logging.getLogger(__name__)


class ChangedArea(StrEnum):
    """Files that one writer at a time changes."""

    EVIDENCE = "evidence"
    FRAMEWORKS = "frameworks"
    RULES = "rules"
    LAST_AGES = "last-ages"


class ChangeAnnouncer:
    """Announces the changes of one writer, which has the lock of its area."""

    def __init__(self, district: District, area: ChangedArea) -> None:
        self._district, self._area = district, area
        self.added_details: dict[int, AddDetail] = {}

    def announce(
        self,
        *,
        at: datetime,
        actor: str,
        action: str,
        path: Path,
        after: str,
        subject_kind: str = "",
        subject: str = "",
        detail: Mapping[str, Any] | None = None,
        add_detail: AddDetail = dict,
    ) -> None:
        """Announce durably that a file of the data folder is about to be changed, with the entry that states it.

        `after` is the SHA-256 that it gets, `REMOVED` or `WRITTEN`; `add_detail` returns what else the entry states of
        a change that no kill interrupted. The rest is as for `record_audit_entry`.
        """
        row = AnnouncedEntry(
            district_id=self._district.pk,
            area=str(self._area),
            at=at,
            actor=cut_to_column(actor, "actor"),
            action=cut_to_column(action, "action"),
            subject_kind=cut_to_column(subject_kind, "subject_kind"),
            subject=cut_to_column(subject, "subject"),
            detail=normalize_detail(detail),
            path=_name_path(path),
            before=hash_file(path),
            after=after,
        )
        keys = open_audit_keys(Path(settings.DATA))
        row.mac = compute_mac(keys.current.mac_key, _compute_text(self._district, row))
        row.save(force_insert=True)
        sync_state()
        self.added_details[row.pk] = add_detail


@contextmanager
def announce_changes(*, district: District, area: ChangedArea, wait: float = ANY_WAIT) -> Iterator[ChangeAnnouncer]:
    """Lock an area of a district's files, and yield what announces their changes; their entries are added at the end.

    If the block fails, the files decide. Raise StoreBusy if another writer does not end within `wait` seconds. Call it
    outside of transactions.
    """
    with _lock(district, area, wait=wait):
        _settle(district, area)
        announcer = ChangeAnnouncer(district, area)
        try:
            yield announcer
        except BaseException:
            _settle(district, area)
            raise
        for row in AnnouncedEntry.objects.of(district).filter(pk__in=announcer.added_details).order_by("pk"):
            _record(district, row, add_detail=announcer.added_details[row.pk])


def settle_announced_entries(*, district: District, wait: float = NO_WAIT) -> None:
    """Add the entries of changes that a killed run made; those of an area that somebody is changing are theirs."""
    rows = AnnouncedEntry.objects.of(district)
    for area in sorted(set(rows.values_list("area", flat=True))):
        try:
            with _lock(district, ChangedArea(area), wait=wait):
                _settle(district, ChangedArea(area))
        except StoreBusy:
            continue


def settle_all_announced_entries() -> None:
    """Add the entries of changes that killed runs made, in every district."""
    if AnnouncedEntry.everywhere.exists():
        for district in list_districts():
            settle_announced_entries(district=district)


class AnnouncementClock:
    """Adds the entries of changes that killed runs made, however often it is called."""

    def apply(self) -> None:
        """Add what is due."""
        settle_all_announced_entries()


def find_altered_announcements(district: District) -> Iterator[ChainProblem]:
    """Yield a problem for each announced entry that somebody altered or put there."""
    keys = open_audit_keys(Path(settings.DATA), create=False).mac_keys
    for row in AnnouncedEntry.objects.of(district).order_by("pk"):
        if not is_mac_of(row.mac, _compute_text(district, row), keys=keys):
            text = f"an announced entry of the {row.area} was altered or put there, or its key is not in audit.key"
            yield ChainProblem(kind=ProblemKind.EVIDENCE, text=text)


@contextmanager
def _lock(district: District, area: ChangedArea, *, wait: float) -> Iterator[None]:
    path = Path(settings.DATA) / "run" / "changes" / f"{district.slug}-{area}.lock"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = filelock.FileLock(path, timeout=wait)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise StoreBusy("another change of this district is being written; try again when it has ended") from error
    try:
        yield
    finally:
        lock.release()


def _settle(district: District, area: ChangedArea) -> None:
    """Compare what was announced with the files. Call it with the lock of the area."""
    keys = open_audit_keys(Path(settings.DATA), create=False).mac_keys
    for row in AnnouncedEntry.objects.of(district).filter(area=str(area)).order_by("pk"):
        if not is_mac_of(row.mac, _compute_text(district, row), keys=keys):
            _log.warning("An announced entry of an audit trail was altered; homeroom verify names it")
        elif _is_changed(row):
            _record(district, row)
        else:
            AnnouncedEntry.objects.of(district).filter(pk=row.pk).delete()


def _name_path(path: Path) -> str:
    """Return the path of a file in the data folder, where it is in it."""
    data = Path(settings.DATA)
    return (path.relative_to(data) if path.is_relative_to(data) else path).as_posix()


def _is_changed(row: AnnouncedEntry) -> bool:
    """Return whether a file was changed as announced, and not already before it was."""
    now = hash_file(Path(settings.DATA) / row.path)
    return now != row.before and (now == row.after or (row.after == WRITTEN and now != REMOVED))


def _record(district: District, row: AnnouncedEntry, *, add_detail: AddDetail = dict) -> None:
    """Add the entry of a row in its place."""
    with transaction.atomic():
        lock_head(district)  # first: what rewrites a manifest meanwhile states its new hash before this entry
        removed, _ = AnnouncedEntry.objects.of(district).filter(pk=row.pk).delete()
        if removed:
            append_entry(
                district=district,
                at=row.at,
                actor=row.actor,
                action=row.action,
                subject_kind=row.subject_kind,
                subject=row.subject,
                detail=row.detail | dict(add_detail()),
            )


def _compute_text(district: District, row: AnnouncedEntry) -> str:
    values = [getattr(row, name) for name in _COLUMNS[1:]]
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return compute_announcement_text([row.area, at, *values], district=district.slug)
