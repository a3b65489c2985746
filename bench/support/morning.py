"""The exports of a large district for a morning's run: the sample's, with enrolments added up to a round number."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from bench.support.program import Broken, held, homeroom

ENROLMENTS_A_STUDENT = 8
TODAY = "2026-03-03"
SEED = 5
_APART = 50  # rows: how far away in its school a student's further class is looked for


def exports(folder: Path, *, students: int) -> Path:
    """The exports of a district of that many students with eight enrolments each, made unless the folder has them."""
    made = folder / f"district-{students}"
    done = made / "topped-up.json"
    if not done.exists():
        held(
            homeroom(
                "sample", str(made), "--students", str(students), "--seed", str(SEED), "--today", TODAY, data=folder
            )
        )
        rows = _topped_up(made / "oneroster" / "enrollments.csv", wanted=students * ENROLMENTS_A_STUDENT)
        done.write_text(json.dumps({"enrolments": rows}), encoding="utf-8")
    return made


def _topped_up(path: Path, *, wanted: int) -> int:
    """Adds enrolments of the file's students in further classes of their schools until there are as many as wanted."""
    with path.open(encoding="utf-8", newline="") as file:
        head = file.readline()
        rows = sum(1 for _ in file)
    ids = ("classSourcedId", "schoolSourcedId", "userSourcedId", "role")
    names = head.rstrip("\r\n").split(",")
    if any(name not in names for name in ids):
        raise Broken(f"{path.name} of the sample has other columns: {head.strip()}")
    with path.open("a", encoding="utf-8", newline="") as file:
        added = list(islice(_further(path, names), max(0, wanted - rows)))
        file.writelines(added)
    return rows + len(added)


def _further(path: Path, names: list[str]) -> Iterator[str]:
    """Lines of enrolments that the file has not, one for each of its lines whose school has had other classes by then."""
    class_at, school_at, role_at = (names.index(name) for name in ("classSourcedId", "schoolSourcedId", "role"))
    recent: dict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_APART))
    with path.open(encoding="utf-8", newline="") as file:
        end = "\r\n" if file.readline().endswith("\r\n") else "\n"
        for number, line in enumerate(file):
            values = line.rstrip("\r\n").split(",")
            if len(values) != len(names) or values[role_at] != "student":
                continue
            classes = recent[values[school_at]]
            own, values[names.index("sourcedId")] = values[class_at], f"further-{number}"
            if len(classes) == _APART and classes[0] != own:
                values[class_at] = classes[0]
                yield ",".join(values) + end
            if not own.endswith("-0"):  # a second homeroom would be a fault
                classes.append(own)
