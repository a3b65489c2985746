"""Load many files through the program in one process: `python -m tests.scale.load_attacks CASES DATA`.

Each file goes into an empty store. CASES is a JSON file: {name: path}. Prints, for each name, the program's output and
what it stored.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import typer.testing
from typer.testing import CliRunner

typer.testing._get_command = cache(typer.testing._get_command)  # as in tests/conftest.py


def load_file(path: str, *, data: Path) -> dict[str, Any]:
    """Load a file and return what happened.

    That is exit code, CPU-seconds, output, any crash, names of stored files, and the rows of people, accounts and
    devices.
    """
    from homeroom.cli.main import build_app

    start = _measure_cpu()
    result = CliRunner().invoke(build_app(), ["load", path, "--json", "--data", str(data), "--today", "2026-01-06"])
    seconds = _measure_cpu() - start
    crash = result.exception if result.exception and not isinstance(result.exception, SystemExit) else None
    return {
        "code": result.exit_code,
        "seconds": seconds,
        "out": result.stdout,
        "err": result.stderr,
        "crash": "".join(traceback.format_exception(crash)[-3:]) if crash else "",
        **_read_and_clear(data / "evidence"),
    }


def _measure_cpu() -> float:
    """Return the CPU-seconds of this process and its children: a busy machine adds nothing to them."""
    return sum(os.times()[:4])


def _read_and_clear(evidence: Path) -> dict[str, Any]:
    """Return the contents of the store and empty it for the next file; the lock is no evidence."""
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
    """Load every case in turn, then print the results and the process's peak memory (MiB; 0 if the system lacks it)."""
    outcomes = {
        name: load_file(path, data=data) for name, path in json.loads(cases.read_text(encoding="utf-8")).items()
    }
    print(
        json.dumps(
            {
                "told": outcomes,
                "peak": _read_peak_mib(),
                "temporary": [path.name for path in Path(os.environ["TMPDIR"]).iterdir()],
            }
        )
    )


def _read_peak_mib() -> float:
    status = Path("/proc/self/status")
    if status.exists():
        # getrusage begins with the peak of the process that started this one, such as a large test run.
        lines = status.read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    try:
        import resource
    except ImportError:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
