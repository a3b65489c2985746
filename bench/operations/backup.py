"""Back up while files are loaded, and restore on both databases: costs, and tables and files that are not equal."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.support.goals import Goal, require_exactly
from bench.support.medians import compute_medians
from bench.support.program import ProcessCost, require_exit_code, run_homeroom
from homeroom.evidence.erasing.ledger import list_ledgers

STUDENTS = 100_000
DAYS = ("2026-03-03", "2026-03-04")
HEAD_START_SECONDS = 3.0
"""Seconds after the start of the load when the backup begins."""
GOALS = {
    "load_with_backup_to_load": Goal(at_most=1.3),
    "restored_tables_not_equal": require_exactly(0),
    "bad_checks_after_restore": require_exactly(0),
}


def measure(*, runs: int, students: int = STUDENTS) -> dict[str, float]:
    """Return medians over `runs` of the cost of a backup while a second day is loaded, and of restores of it."""
    return compute_medians([_run_once(students) for _ in range(runs)])


def _run_once(students: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        data = folder / "data"
        (folder / "backups").mkdir()
        for day in DAYS:
            arguments = ("sample", str(folder / day), "--students", str(students), "--seed", "5", "--today", day)
            require_exit_code(run_homeroom(*arguments, data=data))
        new_key = run_homeroom("backup", "--new-key", str(folder / "key"), "--json", data=data)
        key = json.loads(require_exit_code(new_key).out)
        require_exit_code(_assess(folder, DAYS[0]), codes=(0, 1))
        with ThreadPoolExecutor() as pool:
            load = pool.submit(_assess, folder, DAYS[1])
            time.sleep(HEAD_START_SECONDS)
            backup = require_exit_code(
                run_homeroom("backup", str(folder / "backups"), "--recipient", key["recipient"], "--json", data=data)
            )
            was_loading = not load.done()
            loaded = require_exit_code(load.result(), codes=(0, 1))
        described = json.loads(backup.out)
        return {
            "load_cpu_seconds": loaded.cpu,
            "backup_cpu_seconds": backup.cpu,
            "backup_seconds": backup.seconds,
            "backup_ended_before_the_load": float(was_loading),
            "load_with_backup_to_load": (loaded.cpu + backup.cpu) / loaded.cpu,
            "backup_mib": described["bytes"] / 2**20,
            "backup_peak_mib": backup.peak,
            "rows": float(described["rows"]),
            **_restore(folder, Path(described["path"])),
        }


def _assess(folder: Path, day: str) -> ProcessCost:
    return run_homeroom("assess", str(folder / day), "--today", day, "--approve", "--json", data=folder / "data")


def _name_ledger(backup: Path) -> tuple[str, str]:
    """Return the option with the ledger beside the backup: nobody was erased since."""
    return ("--erasures", str(list_ledgers(backup.parent)[0]))


def _restore(folder: Path, backup: Path) -> dict[str, float]:
    """Restore on SQLite and, where it can run, on PostgreSQL; the program itself compares all rows and files."""
    restored = run_homeroom(
        "restore", str(backup), "--identity", str(folder / "key"), *_name_ledger(backup), "--json", data=folder / "lite"
    )
    checks = json.loads(run_homeroom("doctor", "--deep", "--json", data=folder / "lite").out)
    bad = [check for check in checks if not check["well"] and check["name"] not in ("room", "worker")]
    print(f"bad checks: {bad}", file=sys.stderr)
    figures = {
        "restore_sqlite_cpu_seconds": restored.cpu,
        "restore_sqlite_peak_mib": restored.peak,
        "restored_tables_not_equal": float(restored.code != 0),
        "bad_checks_after_restore": float(len(bad)),
    }
    server = subprocess.run(
        [
            sys.executable,
            "-m",
            "bench.operations.restore_on_postgres",
            str(backup),
            str(folder / "key"),
            str(folder / "pg"),
        ],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    print(server.stderr[-2000:], file=sys.stderr)
    return figures | (json.loads(server.stdout) if server.returncode == 0 else {"restored_tables_not_equal": 1.0})
