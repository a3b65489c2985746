"""Coverage-guided fuzzing, each reader in its own process, if atheris is installed.

The parsers (lxml, polars, numpy) are compiled and give no coverage; the readers of JSON objects do, and so does the
code that detects how a CSV or an XML file is to be read: those two are fuzzed from ingest on to the reader.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_DONE = re.compile(r"Done (\d+) runs? in")
_INGEST_KINDS = ("oneroster.users-1.1", "nmap.scan")
"""The kinds of CSV and XML that are fuzzed from ingest on."""
_INGEST_PROGRAM = r"""
import sys, io, atheris
with atheris.instrument_imports(include=["homeroom.connectors", "homeroom.ingest"]):
    from homeroom.library.know.connectors import load_connectors
    from homeroom.ingest.contract.connector import CsvKind
    from homeroom.ingest.detection.file_kinds import KindMatch, match_kind, match_root
    from homeroom.ingest.contract.limits import STANDARD
    from homeroom.ingest.detection.sniffer import sniff_file
    from homeroom.ingest.files.byte_source import ByteSource
    from homeroom.ingest.detection.package_builder import build_package_file
    from homeroom.ingest.contract.errors import FileRefused
candidates = tuple(c for c in load_connectors() if c.name == sys.argv[1].partition(".")[0])
def run_once(data):
    source = ByteSource(name="input", folder="/input", size=len(data), open=lambda: io.BytesIO(data))
    try:
        sniffed = sniff_file(source, limits=STANDARD, connectors=candidates)
        match = None
        if sniffed.xml:
            match = match_root(sniffed.names[0], connectors=candidates)
        elif sniffed.csv:
            match = match_kind(sniffed.names, kind_class=CsvKind, connectors=candidates)
        if isinstance(match, KindMatch):
            file, kind = build_package_file(sniffed, match), match.kind
            for chunk in file.iter_chunks() if sniffed.csv else ():
                match.connector.readers[kind.reader](chunk)
            for elements, root in file.iter_elements() if sniffed.xml else ():
                match.connector.readers[kind.reader](elements, root)
    except FileRefused:
        pass
atheris.Setup([sys.argv[0], *sys.argv[2:]], run_once)
atheris.Fuzz()
"""
_READER_PROGRAM = r"""
import sys, json, atheris
with atheris.instrument_imports(include=["homeroom.connectors", "homeroom.ingest"]):
    from homeroom.library.know.connectors import load_connectors
    from homeroom.ingest.contract.errors import FileRefused
reader = next(c.readers[k.reader] for c in load_connectors() for k in c.kinds if k.id == sys.argv[1] and k.objects)
def run_once(data):
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return
    rows = document if isinstance(document, list) else [document]
    if all(isinstance(row, dict) for row in rows):
        try:
            reader(rows, 1)
        except FileRefused:
            pass
atheris.Setup([sys.argv[0], *sys.argv[2:]], run_once)
atheris.Fuzz()
"""


@dataclass(frozen=True, kw_only=True)
class GuidedResult:
    """How many readers were fuzzed, with how many inputs, and how many of them crashed."""

    readers: int = 0
    inputs: int = 0
    crashes: int = 0


def fuzz_with_coverage(*, seconds: int, keep: Path | None) -> GuidedResult:
    """Fuzz each reader of JSON objects, and ingest itself, for so many seconds each.

    Do nothing if atheris is missing or no seconds are given.
    """
    if not seconds or importlib.util.find_spec("atheris") is None:
        return GuidedResult()
    from tests.scale.mutations import load_recordings

    readers = inputs = crashes = 0
    for recording in load_recordings():
        if recording.form != "json" and recording.kind not in _INGEST_KINDS:
            continue
        process = _run_fuzzer(
            _READER_PROGRAM if recording.form == "json" else _INGEST_PROGRAM,
            recording.kind,
            recording.data,
            seconds=seconds,
            keep=keep,
        )
        if "StopIteration" in process.stderr or "KeyError" in process.stderr.partition("INFO")[0]:
            continue  # a reader of flat rows, which are polars' own
        readers += 1
        inputs += int(match[1]) if (match := _DONE.search(process.stderr)) else 0
        if process.returncode:
            crashes += 1
            print(f"  {recording.kind} (guided): {process.stderr[-1500:]}", flush=True)
    return GuidedResult(readers=readers, inputs=inputs, crashes=crashes)


def _run_fuzzer(
    program: str, kind: str, data: bytes, *, seconds: int, keep: Path | None
) -> subprocess.CompletedProcess[str]:
    """Run one fuzzing program, seeded with a recording's bytes."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        seeds, artifacts = Path(name) / "seeds", keep or Path(name)
        seeds.mkdir()
        artifacts.mkdir(parents=True, exist_ok=True)
        (seeds / "whole").write_bytes(data)
        limits = [f"-max_total_time={seconds}", "-timeout=20", f"-artifact_prefix={artifacts}/{kind}-"]
        command = [sys.executable, "-c", program, kind, str(seeds), *limits]
        return subprocess.run(command, capture_output=True, text=True, check=False)
