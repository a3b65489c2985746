"""Put what a scan found into evidence, by a load of its own, so that the next scan of the path closes what is gone."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.protect.loose_data.scan_paths import ScannedFile, ScanOutcome
from homeroom.domain.platform.district import District
from homeroom.domain.spreadsheets import escape_formula, iterate_csv_lines
from homeroom.evidence.loads.store import EvidenceStore

HEADINGS = (
    *("Scanned document", "Document kind", "Not read because", "Owner", "Students"),
    *("Kinds of student data", "Counts", "Places", "Shapes"),
)
FILE_NAME = "scan.csv"
_MAX_PATH = 400
"""Letters of a path that are stored; of a longer one the rest is a hash."""
_MAX_PLACES = 5


def store_scan(
    outcome: ScanOutcome, *, paths: Sequence[Path], district: District, store: EvidenceStore, at: datetime, actor: str
) -> bool:
    """Load the results as the newest scan of these paths; return False if the load was refused."""
    if not outcome.files and not outcome.not_read:
        return True
    with tempfile.TemporaryDirectory(prefix="homeroom-scan-") as name:
        file = Path(name) / FILE_NAME
        with file.open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(iterate_csv_lines(_iter_rows(outcome)))
        report = load_files(
            [file], district=district, store=store, at=at, source=name_scan(paths), approved=True, actor=actor
        )
    return report.clean


def name_scan(paths: Sequence[Path]) -> str:
    """Return the name of the source that scans of these paths are: the last folder's name, and a hash of the paths."""
    full = sorted(str(path.resolve()) for path in paths)
    label = re.sub(r"[^a-z0-9]+", "-", paths[0].resolve().name.lower()).strip("-")[:30] or "scan"
    return f"scan-{label}-{hashlib.sha256(chr(0).join(full).encode()).hexdigest()[:8]}"


def _iter_rows(outcome: ScanOutcome) -> Iterator[Sequence[object]]:
    yield HEADINGS
    paths: set[str] = set()
    for file in outcome.files:
        yield _build_row(_make_unique(file.path, paths), file)
    for item in outcome.not_read:
        yield (_make_unique(item.path, paths), "", item.why, "", "", "", "", "", "")


def _build_row(path: str, file: ScannedFile) -> Sequence[object]:
    kinds = file.findings.found
    return (
        path,
        file.kind,
        "",
        escape_formula(file.owner),
        file.findings.students,
        "; ".join(item.what for item in kinds),
        "; ".join(f"{item.what}: {item.count}" for item in kinds),
        "; ".join(f"{item.what}: {', '.join(item.where[:_MAX_PLACES]).replace(';', ',')}" for item in kinds),
        "; ".join(f"{item.what}: {item.shape}" for item in kinds if item.shape),
    )


def _make_unique(path: str, paths: set[str]) -> str:
    """Return a path of a bounded length that no document before has."""
    short = path
    if len(path) > _MAX_PATH:
        short = f"{path[:_MAX_PATH]}… {hashlib.sha256(path.encode('utf-8', 'replace')).hexdigest()[:12]}"
    number, unique = 1, short
    while unique in paths:
        number += 1
        unique = f"{short} ({number})"
    paths.add(unique)
    return escape_formula(unique)
