"""Recording the hash of each manifest of evidence, so that one that Homeroom did not write is found.

A row is announced before its manifest is written or removed, and settled after: a writer that is killed leaves an
announced row, and a file that somebody else put there has none. What is rewritten is an entry of the trail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from homeroom.apps.audit.appending import append_entry
from homeroom.apps.audit.keys import open_audit_keys
from homeroom.apps.audit.models import Entry, ManifestRecord
from homeroom.apps.districts.durability import sync_state
from homeroom.domain.audit.chain import RECORDING, REWRITING, compute_mac, compute_manifest_text, hash_json
from homeroom.domain.district import District
from homeroom.evidence.files.manifest_records import REMOVED, list_recorded_paths

REMOVAL = "removal"
"""What a row announces whose manifest is about to be removed."""
MANIFESTS_AN_ENTRY = 200
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

    def announce(self, digests: Mapping[str, str]) -> None:
        """Record what is about to be written, or removed, durably."""
        known_rows = {row.name: row for row in ManifestRecord.objects.of(self._district).filter(name__in=digests)}
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
        if self._announced:
            self._settle_rows(ManifestRecord.objects.of(self._district).filter(name__in=self._announced))

    def _settle_rows(self, rows: Iterable[ManifestRecord]) -> None:
        open_rows = list(rows)
        if not open_rows:
            return
        outcome = _SettledRows(stated=self._list_stated_again(open_rows))
        for row in open_rows:
            outcome.add(row, hash_file(self._folder / row.name))
        with transaction.atomic():
            ManifestRecord.objects.filter_by_keys(self._district, outcome.gone).delete()
            _store(self._district, outcome.settled)
            for part in batched(outcome.rewritten, MANIFESTS_AN_ENTRY):
                append_entry(
                    district=self._district,
                    at=timezone.now(),
                    actor="",
                    action=REWRITING,
                    subject_kind="district",
                    subject=self._district.slug,
                    detail={"manifests": [[row.name, row.digest] for row in part]},
                )

    def _list_stated_again(self, rows: Sequence[ManifestRecord]) -> frozenset[str]:
        """Return the names of new loads that the trail states: their files were set aside, and loaded again."""
        new_loads = [row.name.removeprefix("loads/").removesuffix(".json") for row in rows if not row.digest]
        entries = Entry.objects.of(self._district).filter(action="load", subject__in=new_loads)
        return frozenset(f"loads/{subject}.json" for subject in entries.values_list("subject", flat=True))


@dataclass(kw_only=True)
class _SettledRows:
    """Announced rows as their files turned out: those to store, those that were rewritten, and keys of those gone.

    `stated` are names that the trail states already.
    """

    stated: frozenset[str] = frozenset()

    settled: list[ManifestRecord] = field(default_factory=list)
    rewritten: list[ManifestRecord] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    def add(self, row: ManifestRecord, digest: str) -> None:
        """Settle one row by the digest of its file, empty if there is none; another file than announced stays open."""
        is_removed = row.announced == REMOVAL
        if not digest and (is_removed or not row.digest):
            self.gone.append(row.pk)
        elif digest == row.announced:
            self.rewritten += [row] if row.digest not in ("", digest) or row.name in self.stated else []
            row.digest, row.announced = digest, ""
            self.settled.append(row)
        elif digest and digest == row.digest:
            row.announced = ""
            self.settled.append(row)


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


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file, empty if there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


def _store(district: District, rows: Sequence[ManifestRecord]) -> None:
    key = open_audit_keys(Path(settings.DATA)).current.mac_key
    for row in rows:
        text = compute_manifest_text(row.name, row.digest, row.announced, district=district.slug)
        row.mac = compute_mac(key, text)
    if rows:
        ManifestRecord.objects.bulk_create(
            rows, batch_size=500, update_conflicts=True, unique_fields=["district", "name"], update_fields=_COLUMNS
        )
