"""`python -m bench.drills.large_log PATH COUNT SEED`: write a drill log of so many events.

Drills of all worlds are written as drill logs and repeated under other names until there are enough; prints the drills.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from homeroom.sample.drills import build_world, list_worlds
from homeroom.sample.drills.formats.drill_log import build_line


def write_large_log(path: Path, *, count: int, seed: int) -> int:
    """Write the log and return the number of its drills."""
    drills = [
        [json.dumps(build_line("", event), separators=(",", ":"))[len('{"drill":""') :] for event in drill.events]
        for world in list_worlds()
        for drill, _ in build_world(world, seed=seed).drills
    ]
    written = number = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        while written < count:
            lines = drills[number % len(drills)][: count - written]
            number += 1
            file.writelines(f'{{"drill":"Drill {number}"{line}\n' for line in lines)
            written += len(lines)
    return number


if __name__ == "__main__":
    print(write_large_log(Path(sys.argv[1]), count=int(sys.argv[2]), seed=int(sys.argv[3])))
