"""150,000 Chromebooks from 500 saved pages of the API into evidence, in a data folder that is set up.

What it should cost, in seconds of one core: the start 0.5; each byte read, hashed and taken apart once, 1.2 for 150 MB;
the reader's expressions over whole columns 0.7; Parquet 0.3. Together 2.7, nearly all of it on both cores but the start:
50,000 rows a second. Measured in pairs on a machine that others kept at seven times its cores: 4.3 to 5.5 CPU seconds where
pages were gone through twice and cycles looked for at the end took 5.1 to 5.9, of which the start is 1 and its end 0.1.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.support.goals import Goal, exactly
from bench.support.medians import medians
from bench.support.program import BIN, held, homeroom, python

DEVICES = 150_000
GOALS = {
    "pages_rows_a_second": Goal(at_least=50_000),
    "pages_rows": exactly(DEVICES),
    "pages_peak_mib": Goal(at_most=700),
}


def measure(*, runs: int) -> dict[str, float]:
    """Medians over `runs` loads into empty data folders. `times_plain_json` compares with Python's json and a loop over fields.

    A row a second is a row of the whole program's time, its start included.
    """
    assert (BIN / "homeroom").exists()
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        python("bench.support.chromebooks", str(folder / "pages"), str(DEVICES))
        return medians([_once(folder, number) for number in range(runs)])


def _once(folder: Path, number: int) -> dict[str, float]:
    pages, data = folder / "pages", folder / f"data-{number}"
    held(homeroom("connections", "--json", data=data))  # makes the state's tables
    loaded = held(homeroom("load", str(pages), "--json", data=data))
    (one,) = json.loads(loaded.out)["loaded"]
    peer = python("bench.support.plain_json", str(pages))
    return {
        "pages_rows": float(one["load"]["rows"]["kept"]),
        "pages_rows_a_second": DEVICES / loaded.seconds,
        "pages_rows_a_cpu_second": DEVICES / loaded.cpu,
        "pages_seconds": loaded.seconds,
        "pages_cpu_seconds": loaded.cpu,
        "pages_peak_mib": loaded.peak,
        "plain_json_cpu_seconds": peer.cpu,
        "times_plain_json": loaded.cpu / peer.cpu,
    }
