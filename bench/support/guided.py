"""Coverage-guided fuzzing, each reader in a process of its own, where atheris is installed.

What takes a file apart (lxml, polars, numpy) is compiled and blind to it; the readers of whole objects are not, and neither is
what decides beforehand how a CSV or an XML file is to be read: those two are led from the door to the reader.
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
_AT_THE_DOOR = ("oneroster.users-1.1", "nmap.scan")
"""The kinds of CSV and XML that are led from the door on."""
_DOOR = r"""
import sys, io, atheris
with atheris.instrument_imports(include=["homeroom.connectors", "homeroom.ingest"]):
    from homeroom.library.connectors import connectors
    from homeroom.ingest.kinds import Match, match_of
    from homeroom.ingest.limits import STANDARD
    from homeroom.ingest.looking import looked_at
    from homeroom.ingest.origins import Origin
    from homeroom.ingest.packaging import file_of
    from homeroom.ingest.problems import Refused
known = tuple(c for c in connectors() if c.name == sys.argv[1].partition(".")[0])
def one(data):
    origin = Origin(name="given", folder="/given", size=len(data), open=lambda: io.BytesIO(data))
    try:
        look = looked_at(origin, limits=STANDARD, connectors=known)
        match = match_of(look.names, form=look.form, connectors=known)
        if isinstance(match, Match):
            file, kind = file_of(look, match), match.kind
            for chunk in file.chunks() if kind.form == "csv" else ():
                match.connector.readers[kind.reader](chunk)
            for elements, root in file.elements() if kind.form == "xml" else ():
                match.connector.element_readers[kind.reader](elements, root)
    except Refused:
        pass
atheris.Setup([sys.argv[0], *sys.argv[2:]], one)
atheris.Fuzz()
"""
_FRAMEWORK = r"""
import sys, json, atheris
with atheris.instrument_imports(include=["homeroom.connectors", "homeroom.ingest"]):
    from homeroom.library.connectors import connectors
    from homeroom.ingest.problems import Refused
reader = next(c.object_readers[k.reader] for c in connectors() for k in c.kinds if k.id == sys.argv[1])
def one(data):
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return
    rows = found if isinstance(found, list) else [found]
    if all(isinstance(row, dict) for row in rows):
        try:
            reader(rows, 1)
        except Refused:
            pass
atheris.Setup([sys.argv[0], *sys.argv[2:]], one)
atheris.Fuzz()
"""


@dataclass(frozen=True, kw_only=True)
class Guided:
    """How many readers were led, with how many inputs, and how many of them crashed."""

    readers: int = 0
    inputs: int = 0
    crashes: int = 0


def guided(*, seconds: int, keep: Path | None) -> Guided:
    """Each reader of whole objects, and the door itself, for so many seconds; nothing where atheris is missing or no seconds are given."""
    if not seconds or importlib.util.find_spec("atheris") is None:
        return Guided()
    from tests.scale.mutations import recorded

    readers = inputs = crashes = 0
    for one in recorded():
        if one.form != "json" and one.kind not in _AT_THE_DOOR:
            continue
        done = _led(_FRAMEWORK if one.form == "json" else _DOOR, one.kind, one.data, seconds=seconds, keep=keep)
        if "StopIteration" in done.stderr or "KeyError" in done.stderr.partition("INFO")[0]:
            continue  # a reader of flat rows, which are polars' own
        readers += 1
        inputs += int(found[1]) if (found := _DONE.search(done.stderr)) else 0
        if done.returncode:
            crashes += 1
            print(f"  {one.kind} (guided): {done.stderr[-1500:]}", flush=True)
    return Guided(readers=readers, inputs=inputs, crashes=crashes)


def _led(program: str, kind: str, data: bytes, *, seconds: int, keep: Path | None) -> subprocess.CompletedProcess[str]:
    """One program over a recording's bytes and what its coverage makes of them."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        seeds, artifacts = Path(name) / "seeds", keep or Path(name)
        seeds.mkdir()
        artifacts.mkdir(parents=True, exist_ok=True)
        (seeds / "whole").write_bytes(data)
        limits = [f"-max_total_time={seconds}", "-timeout=20", f"-artifact_prefix={artifacts}/{kind}-"]
        command = [sys.executable, "-c", program, kind, str(seeds), *limits]
        return subprocess.run(command, capture_output=True, text=True, check=False)
