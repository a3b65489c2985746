"""Coverage-guided fuzzing of the readers that are Python alone, each in a process of its own, where atheris is installed.

What takes a file apart (lxml, polars, numpy) is compiled and blind to it; the readers of whole objects are not.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_DONE = re.compile(r"Done (\d+) in")
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
    """Each reader of whole objects for so many seconds; nothing where atheris is missing or no seconds are given."""
    if not seconds or importlib.util.find_spec("atheris") is None:
        return Guided()
    from tests.scale.mutations import recorded

    readers = inputs = crashes = 0
    for one in recorded():
        if one.form != "json":
            continue
        with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
            seeds = Path(name) / "seeds"
            seeds.mkdir()
            _seeded(one.data, seeds)
            artifacts = keep or Path(name)
            artifacts.mkdir(parents=True, exist_ok=True)
            done = subprocess.run(
                [sys.executable, "-c", _FRAMEWORK, one.kind, str(seeds), f"-max_total_time={seconds}", f"-artifact_prefix={artifacts}/{one.kind}-"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if "StopIteration" in done.stderr or "KeyError" in done.stderr.partition("INFO")[0]:
                continue  # a reader of flat rows, which are polars' own
            readers += 1
            inputs += int(found[1]) if (found := _DONE.search(done.stderr)) else 0
            if done.returncode:
                crashes += 1
                print(f"  {one.kind} (guided): {done.stderr[-1500:]}", flush=True)
    return Guided(readers=readers, inputs=inputs, crashes=crashes)


def _seeded(data: bytes, folder: Path) -> None:
    (folder / "whole.json").write_bytes(data)
