"""Break one recording at random, read it as ingest does, and report what went wrong."""

from __future__ import annotations

import hashlib
import random
import shutil
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from homeroom.apps.know.sources.loading.read import read_package
from homeroom.evidence.loads.writer import LoadWriter
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.scale.mutations import BYTE_MUTATIONS, RecordedFile, load_recordings, modify_recording

HANG_SECONDS = 20.0
"""From here on a file of some kilobytes counts as hanging."""


@dataclass(frozen=True, kw_only=True)
class ReaderFailure:
    """One failure with one file: `failure` is crash, hang or left (something half written)."""

    kind: str
    failure: str
    detail: str


def list_recordings() -> tuple[RecordedFile, ...]:
    """Return the recordings of every kind."""
    return load_recordings()


def fuzz_once(
    recording: RecordedFile, *, chance: random.Random, folder: Path, keep: Path | None
) -> tuple[float, list[ReaderFailure]]:
    """Break the recording as `chance` decides and read it; return the seconds taken and the failures."""
    data = break_recording(recording, chance=chance)
    input_folder, blobs = folder / "given", folder / "blobs"
    shutil.rmtree(input_folder, ignore_errors=True)
    input_folder.mkdir(parents=True)
    for name, content in (*recording.companions, (recording.name, data)):
        (input_folder / name).write_bytes(content)
    start, failures = time.monotonic(), list[ReaderFailure]()
    try:
        _read_package(input_folder, blobs)
    except Exception:  # noqa: BLE001 - whatever a reader raises is what is looked for
        failures.append(ReaderFailure(kind=recording.kind, failure="crash", detail=traceback.format_exc(limit=-4)))
    seconds = time.monotonic() - start
    if seconds > HANG_SECONDS:
        failures.append(ReaderFailure(kind=recording.kind, failure="hang", detail=f"{seconds:.1f} s"))
    if partial_files := [path.name for path in blobs.rglob("*.part")]:
        failures.append(ReaderFailure(kind=recording.kind, failure="left", detail=", ".join(partial_files)))
    if failures and keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{recording.kind}-{hashlib.sha256(data).hexdigest()[:12]}-{recording.name}").write_bytes(data)
    shutil.rmtree(blobs, ignore_errors=True)
    return seconds, failures


def break_recording(recording: RecordedFile, *, chance: random.Random) -> bytes:
    """Return the recording with one to five changes: in its bytes, in its structure, or in both."""
    structure = chance.random() < 0.75
    data = modify_recording(recording, _draw_changes(chance), structure=structure)
    if structure and chance.random() < 0.2:
        index, position, amount = _draw_changes(chance)[0]
        data = BYTE_MUTATIONS[index % len(BYTE_MUTATIONS)](data, position, amount)
    return data


def _draw_changes(chance: random.Random) -> list[tuple[int, int, int]]:
    return [
        (chance.randrange(60), chance.randrange(1 << 20), chance.randrange(1 << 20))
        for _ in range(chance.randint(1, 5))
    ]


def _read_package(path: Path, blobs: Path) -> None:
    """Read a package through detection and the reader into a load; a refusal must name file and reason."""
    detection = detect_packages([path], connectors=load_connectors())
    _check_refusals(detection.problems)
    for package in detection.packages:
        draft = LoadWriter(blobs)
        try:
            read_package(package, writer=draft, progress=lambda _step, _done, _total: None)
            draft.finish(names=[file.name for file in package.files], newest=package.accumulates)
        except FileRefused as error:
            _check_refusals(error.problems)
            draft.abandon()
        except BaseException:
            draft.abandon()
            raise


def _check_refusals(problems: Sequence[object]) -> None:
    for problem in problems:
        if not (getattr(problem, "file", "") and getattr(problem, "reason", "")):
            raise AssertionError(f"a refusal without file or reason: {problem}")
