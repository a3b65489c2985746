"""Which manifests a writer writes and removes: announced before it is done, and settled after, by whoever records them.

A recorder that is outside the evidence, such as the audit trail, so has the hash of each manifest that Homeroom wrote,
and none of a file that somebody else put there. `lock_for_writing` begins and ends a recording.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Protocol

RECORDED_FOLDERS = ("loads", "pending", "undone", "event_loads", "events", "derived")
"""Folders whose manifests are recorded. Rows that departed are not: readers find them again from the loads."""
REMOVED = ""
"""The digest of a manifest that is removed."""


class ManifestRecorder(Protocol):
    """Records the SHA-256 of manifests by name, such as `loads/000001-0123456789ab.json`."""

    def begin(self, folder: Path) -> None:
        """Settle what a killed writer announced; `folder` is the district's folder."""

    def announce(self, digests: Mapping[str, str]) -> None:
        """Record what is about to be written, or `REMOVED`, durably."""

    def settle(self) -> None:
        """Compare what was announced with the files, and record what is there."""


_active: ContextVar[tuple[Path, ManifestRecorder] | None] = ContextVar("manifest_recorder", default=None)


@contextmanager
def record_manifests(folder: Path, recorder: ManifestRecorder | None) -> Iterator[None]:
    """Record the manifests below a folder while the block runs; what a failed block announced is settled later."""
    if recorder is None:
        yield
        return
    recorder.begin(folder)
    token = _active.set((folder, recorder))
    try:
        yield
        recorder.settle()
    finally:
        _active.reset(token)


def announce_manifests(contents: Mapping[Path, bytes]) -> None:
    """Announce the contents of manifests that are about to be written."""
    _announce({path: hashlib.sha256(content).hexdigest() for path, content in contents.items()})


def remove_manifests(paths: Iterable[Path]) -> None:
    """Remove manifests, as announced; one that is missing is no error."""
    removed = list(paths)
    _announce(dict.fromkeys(removed, REMOVED))
    for path in removed:
        path.unlink(missing_ok=True)


def announce_removal(path: Path) -> None:
    """Announce that a manifest is about to be moved away."""
    _announce({path: REMOVED})


def list_recorded_paths(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each manifest of a district's folder that is to be recorded."""
    for name in RECORDED_FOLDERS:
        for path in sorted((folder / name).glob("[!.]*.json")):
            yield f"{name}/{path.name}", path


def _announce(digests: Mapping[Path, str]) -> None:
    active = _active.get()
    if active is None or not digests:
        return
    folder, recorder = active
    named = {path.relative_to(folder).as_posix(): digest for path, digest in digests.items() if folder in path.parents}
    recorded = {name: digest for name, digest in named.items() if name.split("/")[0] in RECORDED_FOLDERS}
    if recorded:
        recorder.announce(recorded)
