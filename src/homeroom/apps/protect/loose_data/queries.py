"""What the newest scans found, and files of drives that are open to everybody, for the page about loose data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.executor import query_executor

if TYPE_CHECKING:
    import duckdb

MAX_ROWS = 200
_WORST = ("ssn", "card", "bank-account", "password", "special-education", "health", "discipline", "meal-status")
_FILES_SQL = """
    SELECT path, coalesce(kind, ''), coalesce(owner, ''), coalesce(students, 0), kinds, coalesce(counts, []),
        coalesce(places, []), instance, seen_at
    FROM loose_file_records WHERE len(kinds) > 0
    ORDER BY list_has_any(kinds, $worst[:4]) DESC, list_has_any(kinds, $worst) DESC, students DESC, path LIMIT $most"""
_UNREAD_SQL = """
    SELECT path, unread, coalesce(owner, '') FROM loose_file_records
    WHERE unread IS NOT NULL ORDER BY path LIMIT $most"""
_SHARED_SQL = """
    SELECT title, coalesce(owner_email, ''), access, coalesce(writable, false) FROM shared_file_records
    WHERE access = 'anyone' ORDER BY title LIMIT $most"""
_TOTALS_SQL = """
    SELECT count(*) FILTER (WHERE unread IS NULL), count(*) FILTER (WHERE len(kinds) > 0),
        count(*) FILTER (WHERE unread IS NOT NULL) FROM loose_file_records"""


@dataclass(frozen=True, kw_only=True)
class LooseFile:
    """A document with student data: where it is and how much of what kind, never a value."""

    path: str
    kind: str
    owner: str
    students: int
    counts: Sequence[str]
    places: Sequence[str]
    source: str


@dataclass(frozen=True, kw_only=True)
class UnreadDocument:
    """A document that could not be read, and why."""

    path: str
    why: str
    owner: str


@dataclass(frozen=True, kw_only=True)
class PublicFile:
    """A file of a drive that everybody with its address can open."""

    title: str
    owner: str
    writable: bool


@dataclass(frozen=True, kw_only=True)
class LooseData:
    """Totals of the newest scans, and the first rows of each list."""

    read: int = 0
    with_data: int = 0
    unread: int = 0
    files: tuple[LooseFile, ...] = ()
    not_read: tuple[UnreadDocument, ...] = ()
    public_files: tuple[PublicFile, ...] = ()


def find_loose_data(*, store: EvidenceStore) -> LooseData:
    """Return what the newest scans found. Raise QueryTimeout."""
    if not store.list_current_loads():
        return LooseData()
    return query_executor().run(
        snapshot_id=f"{store.folder}/loose/{store.compute_sources_id()}",
        pin=lambda: store.pin_snapshot().restrict_to("loose_file_records", "shared_file_records"),
        query=_read_loose_data,
    )


def _read_loose_data(session: duckdb.DuckDBPyConnection) -> LooseData:
    read, with_data, unread = session.execute(_TOTALS_SQL).fetchall()[0]
    limit = {"most": MAX_ROWS}
    files = [
        LooseFile(path=path, kind=kind, owner=owner, students=students, counts=counts, places=places, source=source)
        for path, kind, owner, students, _, counts, places, source, _ in session.execute(
            _FILES_SQL, {**limit, "worst": list(_WORST)}
        ).fetchall()
    ]
    return LooseData(
        read=read,
        with_data=with_data,
        unread=unread,
        files=tuple(replace(file, path=mask_numbers(file.path)) for file in files),
        not_read=tuple(
            UnreadDocument(path=mask_numbers(path), why=reason, owner=owner)
            for path, reason, owner in session.execute(_UNREAD_SQL, limit).fetchall()
        ),
        public_files=tuple(
            PublicFile(title=mask_numbers(title or ""), owner=owner, writable=writable)
            for title, owner, _, writable in session.execute(_SHARED_SQL, limit).fetchall()
        ),
    )


def mask_numbers(text: str) -> str:
    """Return a path or title with long numbers masked: a name of a file may hold an identifier too."""
    return re.sub(r"\d[\d -]{6,}\d", lambda match: re.sub(r"\d", "#", match.group()), text)
