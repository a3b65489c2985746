"""Load one file with one fault, and compare what it became with what the sound file is."""

from __future__ import annotations

import random
import shutil
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bench.support.single_faults import CSV_FAULTS, JSON_FAULTS, LINES_FAULTS, XML_FAULTS, ZIP_FAULTS
from homeroom.apps.know.sources.loading.plan import LoadPlan
from homeroom.apps.know.sources.loading.read import DraftLoad, read_load
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors

REFUSED, SILENT, CRASHED, LOADED = "refused", "silent", "crashed", "loaded"
_TEXT_FAULTS = {"csv": CSV_FAULTS, "json": JSON_FAULTS, "lines": LINES_FAULTS, "xml": XML_FAULTS}
_SUFFIXES = {".csv": "csv", ".json": "json", ".jsonl": "lines", ".ndjson": "lines", ".xml": "xml", ".nessus": "xml"}


@dataclass(frozen=True, kw_only=True)
class LoadedRows:
    """What one file became: its rows by table with how often each occurs, and what was reported about it."""

    rows: Mapping[str, Counter[int]]
    reports: frozenset[str]
    refused: str = ""

    @property
    def count(self) -> int:
        """Number of rows in all tables."""
        return sum(rows.total() for rows in self.rows.values())

    def count_missing(self, other: LoadedRows) -> int:
        """Return how many rows of the other are not among these."""
        return sum((rows - self.rows.get(table, Counter())).total() for table, rows in other.rows.items())


@dataclass(frozen=True, kw_only=True)
class FaultOutcome:
    """The outcome of one fault: refused, silent, crashed or loaded, the rows that went without a report, and why."""

    file: str
    form: str
    fault: str
    outcome: str
    lost_unreported: int = 0
    detail: str = ""


def load_file(folder: Path, name: str, data: bytes, *, companions: Mapping[str, bytes]) -> LoadedRows:
    """Load one file from an empty folder and return what it became."""
    shutil.rmtree(folder, ignore_errors=True)
    input_folder = folder / "input_folder"
    input_folder.mkdir(parents=True)
    for other, content in (*companions.items(), (name, data)):
        (input_folder / other).write_bytes(content)
    store = EvidenceStore(folder / "evidence", district="bench")
    paths = [input_folder / name] if not companions else [input_folder]
    detected = detect_packages(paths, connectors=load_connectors())
    reports = {f"problem {problem.reason}" for problem in detected.problems}
    rows: dict[str, Counter[int]] = {}
    refused = next((str(problem) for problem in detected.problems), "")
    for package in detected.packages:
        plan = LoadPlan(package=package, instance="bench", stated_scope=None, approved=False, fingerprint="bench")
        try:
            draft = read_load(plan, store=store, progress=lambda *_: None)
        except FileRefused as error:
            reports.add(f"problem {error}")
            refused = refused or str(error)
            continue
        reports |= _list_reports(draft)
        for table, partition in draft.tables.items():
            rows[table] = rows.get(table, Counter()) + _count_rows(store.get_blob_path(partition.blob))
    return LoadedRows(rows=rows, reports=frozenset(reports), refused="" if rows else refused or "nothing")


def _list_reports(draft: DraftLoad) -> set[str]:
    notes = {f"note {note}" for file in draft.files for note in file.notes}
    rejects = {f"rejects {draft.rows_rejected} {bool(draft.rejects)}"} if draft.rejects else set()
    return notes | rejects | ({f"incomplete {draft.incomplete}"} if draft.incomplete else set())


def _count_rows(path: Path) -> Counter[int]:
    frame = pl.read_parquet(path)
    columns = [name for name in frame.columns if name not in ("_file", "_line")]
    as_text = frame.select(pl.struct(columns).map_elements(repr, return_dtype=pl.String).alias("row"))
    return Counter(map(hash, as_text["row"].to_list()))


def try_fault(
    folder: Path, *, name: str, data: bytes, sound: LoadedRows, companions: Mapping[str, bytes], form: str, fault: str
) -> FaultOutcome:
    """Load a file with that fault, and compare it with the sound one."""
    try:
        faulty = load_file(folder, name, data, companions=companions)
    except Exception:  # noqa: BLE001 - whatever is raised is what is looked for
        return FaultOutcome(
            file=name, form=form, fault=fault, outcome=CRASHED, detail=traceback.format_exc(limit=-3)[-600:]
        )
    if faulty.refused:
        return FaultOutcome(
            file=name, form=form, fault=fault, outcome=SILENT if faulty.refused == "nothing" else REFUSED,
            detail=faulty.refused,
        )  # fmt: skip
    missing = faulty.count_missing(sound)
    reported = bool(faulty.reports - sound.reports)
    outcome = SILENT if missing and not reported else LOADED
    lost_rows = max(0, sound.count - faulty.count) if not reported else 0
    return FaultOutcome(
        file=name, form=form, fault=fault, outcome=outcome, lost_unreported=lost_rows, detail=f"{missing} rows differ"
    )


def iter_faulty_files(name: str, data: bytes, *, seed: int) -> Iterator[tuple[str, str, str, bytes]]:
    """Yield every fault of a file: its form, the fault, the file's name and its bytes with that fault."""
    form = determine_form(name, data)
    for fault, inject in _TEXT_FAULTS[form].items():
        changed = inject(data, random.Random(f"{seed} {name} {fault}"))
        if changed is not None and changed != data:
            yield form, fault, name, changed
    for fault, pack in ZIP_FAULTS.items():
        packed = pack(name, data, random.Random(f"{seed} {name} {fault}"))
        if packed is not None:
            yield "zip", fault, f"{name}.zip", packed


def determine_form(name: str, data: bytes) -> str:
    """Return the form of a file: csv, json, lines or xml; empty if faults of none fit."""
    form = "" if b"\0" in data[:1000] else _SUFFIXES.get(Path(name).suffix.lower(), "")
    if form == "json" and data.lstrip()[:1] == b"{" and data.count(b"\n{") > 1 and b"}\n{" in data:
        return "lines"
    return form
