"""The exports of a large district for a morning's run: the sample's, with enrollments added."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from bench.support.program import BenchmarkError, require_exit_code, run_homeroom

ENROLLMENTS_PER_STUDENT = 8
TODAY = "2026-03-03"
SEED = 5
_ROWS_APART = 50  # rows: how far away in its school a student's further class is looked for


def ensure_exports(folder: Path, *, students: int) -> Path:
    """Return the exports of a district of that many students with eight enrollments each, generated if missing."""
    export_folder = folder / f"district-{students}"
    marker = export_folder / "topped-up.json"
    if not marker.exists():
        require_exit_code(
            run_homeroom(
                "sample",
                str(export_folder),
                "--students",
                str(students),
                "--seed",
                str(SEED),
                "--today",
                TODAY,
                data=folder,
            )
        )
        rows = _add_enrollments(
            export_folder / "oneroster" / "enrollments.csv", target_rows=students * ENROLLMENTS_PER_STUDENT
        )
        marker.write_text(json.dumps({"enrollments": rows}), encoding="utf-8")
    return export_folder


def _add_enrollments(path: Path, *, target_rows: int) -> int:
    """Add enrollments of the file's students in further classes of their schools up to the target number."""
    with path.open(encoding="utf-8", newline="") as file:
        head = file.readline()
        rows = sum(1 for _ in file)
    ids = ("classSourcedId", "schoolSourcedId", "userSourcedId", "role")
    names = head.rstrip("\r\n").split(",")
    if any(name not in names for name in ids):
        raise BenchmarkError(f"{path.name} of the sample has other columns: {head.strip()}")
    with path.open("a", encoding="utf-8", newline="") as file:
        added = list(islice(_generate_enrollments(path, names), max(0, target_rows - rows)))
        file.writelines(added)
    return rows + len(added)


def _generate_enrollments(path: Path, names: list[str]) -> Iterator[str]:
    """Yield lines of new enrollments, one for each of its lines whose school has had other classes by then."""
    class_at, school_at, role_at = (names.index(name) for name in ("classSourcedId", "schoolSourcedId", "role"))
    recent: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_ROWS_APART))
    with path.open(encoding="utf-8", newline="") as file:
        end = "\r\n" if file.readline().endswith("\r\n") else "\n"
        for number, line in enumerate(file):
            values = line.rstrip("\r\n").split(",")
            if len(values) != len(names) or values[role_at] != "student":
                continue
            classes = recent[values[school_at]]
            current_class, values[names.index("sourcedId")] = values[class_at], f"further-{number}"
            if len(classes) == _ROWS_APART and classes[0] != current_class:
                values[class_at] = classes[0]
                yield ",".join(values) + end
            if not current_class.endswith("-0"):  # a second homeroom would be a fault
                classes.append(current_class)
