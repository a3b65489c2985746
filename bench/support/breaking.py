"""One recording broken at random and read as the door reads it, and what became of that."""

from __future__ import annotations

import hashlib
import random
import shutil
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from homeroom.apps.sources.reading import read
from homeroom.evidence.writing import Draft
from homeroom.ingest.problems import Refused
from homeroom.ingest.recognise import packages
from homeroom.library.connectors import connectors
from tests.scale.mutations import BYTES, Recorded, changed, recorded

SECONDS = 20.0
"""From here on a file of some kilobytes hangs."""


@dataclass(frozen=True, kw_only=True)
class Broke:
    """What went wrong with one file: `what` is crash, hang or left (something half written)."""

    kind: str
    what: str
    told: str


def examples() -> tuple[Recorded, ...]:
    """The recordings of every kind."""
    return recorded()


def broken_once(one: Recorded, *, chance: random.Random, folder: Path, keep: Path | None) -> tuple[float, list[Broke]]:
    """Breaks the recording as `chance` says and reads it; the seconds that took, and what went wrong."""
    data = broken(one, chance=chance)
    given, blobs = folder / "given", folder / "blobs"
    shutil.rmtree(given, ignore_errors=True)
    given.mkdir(parents=True)
    for name, content in (*one.beside, (one.name, data)):
        (given / name).write_bytes(content)
    began, found = time.monotonic(), list[Broke]()
    try:
        _read(given, blobs)
    except Exception:  # noqa: BLE001 - whatever a reader raises is what is looked for
        found.append(Broke(kind=one.kind, what="crash", told=traceback.format_exc(limit=-4)))
    seconds = time.monotonic() - began
    if seconds > SECONDS:
        found.append(Broke(kind=one.kind, what="hang", told=f"{seconds:.1f} s"))
    if left := [path.name for path in blobs.rglob("*.part")]:
        found.append(Broke(kind=one.kind, what="left", told=", ".join(left)))
    if found and keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{one.kind}-{hashlib.sha256(data).hexdigest()[:12]}-{one.name}").write_bytes(data)
    shutil.rmtree(blobs, ignore_errors=True)
    return seconds, found


def broken(one: Recorded, *, chance: random.Random) -> bytes:
    """The recording with one to five changes: of its bytes, of its structure, or of its structure and then its bytes."""
    structure = chance.random() < 0.75
    data = changed(one, _changes(chance), structure=structure)
    if structure and chance.random() < 0.2:
        which, at, by = _changes(chance)[0]
        data = BYTES[which % len(BYTES)](data, at, by)
    return data


def _changes(chance: random.Random) -> list[tuple[int, int, int]]:
    return [
        (chance.randrange(60), chance.randrange(1 << 20), chance.randrange(1 << 20))
        for _ in range(chance.randint(1, 5))
    ]


def _read(path: Path, blobs: Path) -> None:
    """Through recognition and the reader into a draft; a refusal is an answer and must name file and reason."""
    found = packages([path], connectors=connectors())
    _told(found.problems)
    for package in found.packages:
        draft = Draft(blobs)
        try:
            read(package, draft=draft, progress=lambda _step, _done, _total: None)
            draft.finish(names=[file.name for file in package.files], newest=package.accumulates)
        except Refused as why:
            _told(why.problems)
            draft.abandon()
        except BaseException:
            draft.abandon()
            raise


def _told(problems: Sequence[object]) -> None:
    for problem in problems:
        if not (getattr(problem, "file", "") and getattr(problem, "reason", "")):
            raise AssertionError(f"a refusal without file or reason: {problem}")
