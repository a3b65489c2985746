"""`python -m homeroom.sample.fortnights --seed N --folder DIR`: write an invented fortnight of logs with its truth."""

from __future__ import annotations

import argparse
from pathlib import Path

from homeroom.sample.fortnights.generate import STAFF, STUDENTS, generate_fortnight


def main() -> None:
    """Write the fortnight and print how many records it has."""
    parser = argparse.ArgumentParser(prog="python -m homeroom.sample.fortnights", description=__doc__)
    parser.add_argument("--seed", type=int, required=True, help="the same seed gives the same fortnight")
    parser.add_argument("--folder", type=Path, required=True, help="an empty or new folder")
    parser.add_argument("--staff", type=int, default=STAFF, help=f"number of employees ({STAFF})")
    parser.add_argument("--students", type=int, default=STUDENTS, help=f"number of students ({STUDENTS})")
    parser.add_argument("--without-intrusions", action="store_true", help="only ordinary days and look-alikes")
    parser.add_argument("--by-day", action="store_true", help="logs of each day in a folder of its own")
    options = parser.parse_args()
    fortnight = generate_fortnight(
        options.folder,
        seed=options.seed,
        staff=options.staff,
        students=options.students,
        with_intrusions=not options.without_intrusions,
        by_day=options.by_day,
    )
    print(f"{sum(fortnight.counts.values()):,} records in {fortnight.logs}, the truth in {fortnight.truth}")


if __name__ == "__main__":
    main()
