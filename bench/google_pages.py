"""150,000 Chromebooks from 500 saved pages of the API into evidence, in a data folder that is set up.

What it should cost, in seconds of one core: the start 0.5; reading, hashing and parsing each byte once, 1.2 for 150 MB;
the reader's expressions over entire columns 0.7; Parquet 0.3. Together 2.7, nearly all of it on both cores except the
start: 50,000 rows a second. Measured in pairs on a machine that others loaded to seven times its cores: 4.3 to 5.5 CPU
seconds, against 5.1 to 5.9 when pages were read twice and garbage cycles collected at exit; the start is 1 and the
exit 0.1 of them.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.support.goals import Goal, require_exactly
from bench.support.medians import compute_medians
from bench.support.program import BIN, require_exit_code, run_homeroom, run_module

DEVICES = 150_000
GOALS = {
    "pages_rows_a_second": Goal(at_least=50_000),
    "pages_rows": require_exactly(DEVICES),
    "pages_peak_mib": Goal(at_most=700),
}


def measure(*, runs: int) -> dict[str, float]:
    """Return medians over `runs` loads into empty data folders.

    `times_plain_json` compares with Python's json and a loop over fields. Rows a second are over the program's total
    time, its start included.
    """
    assert (BIN / "homeroom").exists()
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        run_module("bench.support.chromebooks", str(folder / "pages"), str(DEVICES))
        return compute_medians([_run_once(folder, number) for number in range(runs)])


def _run_once(folder: Path, number: int) -> dict[str, float]:
    pages, data = folder / "pages", folder / f"data-{number}"
    require_exit_code(run_homeroom("connections", "--json", data=data))  # makes the state's tables
    loaded = require_exit_code(run_homeroom("load", str(pages), "--json", data=data))
    (package,) = json.loads(loaded.out)["loaded"]
    peer = run_module("bench.support.plain_json", str(pages))
    return {
        "pages_rows": float(package["load"]["rows"]["kept"]),
        "pages_rows_a_second": DEVICES / loaded.seconds,
        "pages_rows_a_cpu_second": DEVICES / loaded.cpu,
        "pages_seconds": loaded.seconds,
        "pages_cpu_seconds": loaded.cpu,
        "pages_peak_mib": loaded.peak,
        "plain_json_cpu_seconds": peer.cpu,
        "times_plain_json": loaded.cpu / peer.cpu,
    }
