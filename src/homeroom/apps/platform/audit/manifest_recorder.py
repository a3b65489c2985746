"""Recording the hash of each manifest of evidence, so that one that Homeroom did not write is found.

A row is announced before its manifest is written or removed, and settled after: a writer that is killed leaves an
announced row, and a file that somebody else put there has none. What is rewritten is an entry of the trail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from homeroom.apps.platform.audit.announcing import settle_announced_entries
from homeroom.apps.platform.audit.appending import append_entry
from homeroom.apps.platform.audit.file_hashes import hash_file
from homeroom.apps.platform.audit.keys import open_audit_keys
from homeroom.apps.platform.audit.models import Entry, ManifestRecord
from homeroom.apps.platform.districts.durability import sync_state
from homeroom.domain.platform.audit.chain import RECORDING, REWRITING, compute_mac, compute_manifest_text, hash_json
from homeroom.domain.platform.district import District
from homeroom.evidence.event_files.catalog import CATALOG_FOLDER
from homeroom.evidence.event_files.event_loads import ARCHIVE_PREFIX, EVENT_LOAD_FOLDER
from homeroom.evidence.files.manifest_records import REMOVED, list_recorded_paths

REMOVAL = "removal"
"""What a row announces whose manifest is about to be removed."""
MANIFESTS_AN_ENTRY = 200
LOAD_FOLDERS = ("loads", EVENT_LOAD_FOLDER)
STATED_REMOVALS = (*LOAD_FOLDERS, "undone")
"""Folders whose removed manifests the trail states: all others that it stated are there."""
_COLUMNS = ("digest", "announced", "mac")


class TrailRecorder:
    """Records the manifests of one district, for the writer that has its lock."""

    def __init__(self, district: District) -> None:
        self._district, self._folder = district, Path()
        self._announced: set[str] = set()

    def begin(self, folder: Path) -> None:
        """Settle what a killed writer announced; record manifests from before there were records."""
        self._folder, self._announced = folder, set()
        rows = ManifestRecord.objects.of(self._district)
        self._settle_rows(rows.exclude(announced=""))
        if not rows.exists() and not has_statements(self._district):
            record_all_manifests(self._district, folder, at=timezone.now())
        settle_announced_entries(district=self._district)

    def announce(self, digests: Mapping[str, str]) -> None:
        """Record what is about to be written, or removed, durably."""
        self._settle_rows(self._select(self._announced & digests.keys()))  # a record announces one thing at a time
        known_rows = {row.name: row for row in self._select(digests.keys())}
        rows = []
        for name, digest in digests.items():
            row = known_rows.get(name)
            if row is None and digest != REMOVED:
                row = ManifestRecord(district_id=self._district.pk, name=name)
            if row is not None:
                row.announced = digest or REMOVAL
                rows.append(row)
        _store(self._district, rows)
        sync_state()
        self._announced |= digests.keys()

    def settle(self) -> None:
        """Compare what was announced with the files, and record what is there."""
        self._settle_rows(self._select(self._announced))

    def _select(self, names: Set[str]) -> Iterable[ManifestRecord]:
        return ManifestRecord.objects.of(self._district).filter(name__in=names) if names else ()

    def _settle_rows(self, rows: Iterable[ManifestRecord]) -> None:
        open_rows = list(rows)
        if not open_rows:
            return
        outcome = _SettledRows(unstated=self._list_unstated(open_rows))
        for row in open_rows:
            outcome.add(row, hash_file(self._folder / row.name))
        with transaction.atomic():
            ManifestRecord.objects.filter_by_keys(self._district, outcome.gone).delete()
            _store(self._district, outcome.settled)
            for part in batched(outcome.stated, MANIFESTS_AN_ENTRY):
                append_entry(
                    district=self._district,
                    at=timezone.now(),
                    actor="",
                    action=REWRITING,
                    subject_kind="district",
                    subject=self._district.slug,
                    detail={"manifests": [[name, digest] for name, digest in part]},
                )

    def _list_unstated(self, rows: Sequence[ManifestRecord]) -> frozenset[str]:
        """Return the names of new loads that the trail does not state yet: an entry of their own does it.

        A load that was set aside and is loaded again has such an entry already, of what it was.
        """
        new_names = [row.name for row in rows if not row.digest and get_folder(row.name) in LOAD_FOLDERS]
        names = [name for name in new_names if not name.startswith(f"{EVENT_LOAD_FOLDER}/{ARCHIVE_PREFIX}")]
        subjects = [PurePosixPath(name).stem for name in names]
        if not subjects:
            return frozenset()
        entries = Entry.objects.of(self._district).filter(action="load", subject__in=subjects)
        stated = set(entries.values_list("subject", flat=True))
        return frozenset(name for name in names if PurePosixPath(name).stem not in stated)


@dataclass(kw_only=True)
class _SettledRows:
    """Announced rows as their files turned out: those to store, keys of those gone, and what an entry has to state.

    `unstated` are names of new loads, whose own entries follow.
    """

    unstated: frozenset[str]
    settled: list[ManifestRecord] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    stated: list[tuple[str, str]] = field(default_factory=list)

    def add(self, row: ManifestRecord, digest: str) -> None:
        """Settle one row by the digest of its file, empty if there is none; another file than announced stays open."""
        is_removed = row.announced == REMOVAL
        if not digest and (is_removed or not row.digest):
            is_stated = bool(row.digest) and get_folder(row.name) in STATED_REMOVALS
            self.stated += [(row.name, REMOVED)] if is_stated else []
            self.gone.append(row.pk)
        elif digest == row.announced:
            self.stated += [(row.name, digest)] if self._needs_statement(row) else []
            row.digest, row.announced = digest, ""
            self.settled.append(row)
        elif digest and digest == row.digest:
            row.announced = ""
            self.settled.append(row)

    def _needs_statement(self, row: ManifestRecord) -> bool:
        """Return whether no entry of a load follows that states this manifest."""
        if row.digest:
            return row.digest != row.announced
        folder = get_folder(row.name)
        if folder == CATALOG_FOLDER:
            return not any(get_folder(name) == EVENT_LOAD_FOLDER for name in self.unstated)
        return folder in LOAD_FOLDERS and row.name not in self.unstated


def record_all_manifests(district: District, folder: Path, *, at: datetime, actor: str = "", reason: str = "") -> int:
    """Record all manifests of a district's folder as they are, with an entry; return how many there are."""
    digests = {name: hash_file(path) for name, path in list_recorded_paths(folder)}
    if not digests and not reason:
        return 0
    with transaction.atomic():
        ManifestRecord.objects.of(district).delete()
        _store(
            district,
            [ManifestRecord(district_id=district.pk, name=name, digest=digest) for name, digest in digests.items()],
        )
        append_entry(
            district=district,
            at=at,
            actor=actor,
            action=RECORDING,
            subject_kind="district",
            subject=district.slug,
            detail={"manifests": len(digests), "sha256": hash_json(sorted(digests.items())), "reason": reason},
        )
    return len(digests)


def has_statements(district: District) -> bool:
    """Return whether the trail states the hash of any manifest."""
    entries = Entry.objects.of(district)
    return (
        entries.filter(action__in=(RECORDING, REWRITING)).exists()
        or entries.filter(action="load", detail__has_key="manifest").exists()
    )


def get_manifest_digest(district: District, name: str) -> str:
    """Return the recorded digest of a manifest, empty if there is none."""
    row = ManifestRecord.objects.of(district).filter(name=name).first()
    return row.digest if row is not None else ""


def get_newest_manifest(district: District, *, folder: str) -> tuple[str, str]:
    """Return name and digest of the recorded manifest of a folder that is the last by name; empty without any."""
    rows = ManifestRecord.objects.of(district).filter(name__startswith=f"{folder}/").exclude(digest="")
    row = rows.order_by("-name").first()
    return (row.name, row.digest) if row is not None else ("", "")


def list_recorded_manifests(district: District, *, folder: str) -> frozenset[str]:
    """Return the file names, without ending, of the recorded manifests of a folder."""
    rows = ManifestRecord.objects.of(district).filter(name__startswith=f"{folder}/")
    return frozenset(
        name.removeprefix(f"{folder}/").removesuffix(".json") for name in rows.values_list("name", flat=True)
    )


def get_folder(name: str) -> str:
    """Return the folder of a manifest by its name."""
    return name.partition("/")[0]


def _store(district: District, rows: Sequence[ManifestRecord]) -> None:
    key = open_audit_keys(Path(settings.DATA)).current.mac_key
    for row in rows:
        text = compute_manifest_text(row.name, row.digest, row.announced, district=district.slug)
        row.mac = compute_mac(key, text)
    if rows:
        ManifestRecord.objects.bulk_create(
            rows, batch_size=500, update_conflicts=True, unique_fields=["district", "name"], update_fields=_COLUMNS
        )
