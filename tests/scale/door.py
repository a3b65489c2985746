"""Loads many files through the program in one process, each into an empty store: `python -m tests.scale.door CASES DATA`.

CASES is a JSON file: {name: path}. Prints, for each name, what the program said and what it kept.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from typer.testing import CliRunner


def loaded(path: str, *, data: Path) -> dict[str, Any]:
    """Exit code, seconds, output, any crash, names of files kept, and the rows of people, accounts and devices."""
    from homeroom.cli.main import collected

    began = time.perf_counter()
    said = CliRunner().invoke(collected(), ["load", path, "--json", "--data", str(data), "--today", "2026-01-06"])
    seconds = time.perf_counter() - began
    crash = said.exception if said.exception and not isinstance(said.exception, SystemExit) else None
    return {
        "code": said.exit_code,
        "seconds": seconds,
        "out": said.stdout,
        "err": said.stderr,
        "crash": "".join(traceback.format_exception(crash)[-3:]) if crash else "",
        **_left(data / "evidence"),
    }


def _left(evidence: Path) -> dict[str, Any]:
    """What stands in the store, which is then emptied for the next file. The lock is no evidence."""
    files = [path for path in evidence.rglob("*") if path.is_file() and path.name != "lock"]
    rows: dict[str, list[list[Any]]] = {}
    for path in files:
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            if {"key", "given_name", "family_name"} <= set(table.column_names):
                for row in table.to_pylist():
                    rows[row["key"]] = [row["given_name"], row["family_name"]]
    names = [path.relative_to(evidence).as_posix() for path in files]
    for folder in evidence.glob("*"):
        shutil.rmtree(folder)
    return {"files": names, "rows": rows}


def main(cases: Path, data: Path) -> None:
    """Every case in turn, then how much memory the process ever held (MiB; 0 where the system does not say)."""
    told = {name: loaded(path, data=data) for name, path in json.loads(cases.read_text(encoding="utf-8")).items()}
    print(
        json.dumps(
            {"told": told, "peak": _peak(), "temporary": [path.name for path in Path(os.environ["TMPDIR"]).iterdir()]}
        )
    )


def _peak() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        # What getrusage says here begins with what the process that started this one held: a large test run's own peak.
        lines = status.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    try:
        import resource
    except ImportError:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
