"""Every reader of every connector, fed broken recordings: no crash, no hang, nothing half written. `--runs N`: N rounds.

A round breaks each recording of each kind HOMEROOM_FUZZ_EXAMPLES times (default 20) in its bytes and in its structure, and
reads it as the door does, into a draft of evidence. Rounds differ, and HOMEROOM_FUZZ_SEED begins elsewhere; what breaks a
reader is written to HOMEROOM_FUZZ_KEEP with its seed, so that it can be pinned by a test. With HOMEROOM_FUZZ_GUIDED=SECONDS
and `atheris` in the environment (it is no part of the lock: it has no wheels for every system), each reader that is Python
alone is also led by its own coverage for so many seconds.
"""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

from bench.support.breaking import Broke, broken_once, examples
from bench.support.goals import Goal, exactly
from bench.support.guided import guided

GOALS = {
    "kinds": Goal(at_least=1),
    "files": Goal(at_least=1),
    "crashes": exactly(0),
    "hangs": exactly(0),
    "left_half_written": exactly(0),
}
EXAMPLES = 20


def measure(*, runs: int) -> dict[str, float]:
    """Counts over all rounds: they are added up, since a rare crash must not be hidden by a median."""
    seed, examples_each = _setting("HOMEROOM_FUZZ_SEED", 1), _setting("HOMEROOM_FUZZ_EXAMPLES", EXAMPLES)
    kinds, found = set[str](), list[Broke]()
    files, slowest = 0, 0.0
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        for round_ in range(runs):
            for recorded in examples():
                kinds.add(recorded.kind)
                for at in range(examples_each):
                    chance = random.Random(f"{seed} {round_} {recorded.kind} {recorded.name} {at}")
                    seconds, broke = broken_once(recorded, chance=chance, folder=Path(name), keep=_kept())
                    files, slowest = files + 1, max(slowest, seconds)
                    found += broke
    for one in found:
        print(f"  {one.kind} ({one.what}): {one.told}", flush=True)
    led = guided(seconds=_setting("HOMEROOM_FUZZ_GUIDED", 0), keep=_kept())
    return {
        "kinds": len(kinds),
        "files": files,
        "crashes": sum(one.what == "crash" for one in found) + led.crashes,
        "hangs": sum(one.what == "hang" for one in found),
        "left_half_written": sum(one.what == "left" for one in found),
        "slowest_seconds": slowest,
        "guided_readers": led.readers,
        "guided_inputs": led.inputs,
    }


def _setting(name: str, otherwise: int) -> int:
    return int(os.environ.get(name, otherwise))


def _kept() -> Path | None:
    folder = os.environ.get("HOMEROOM_FUZZ_KEEP")
    return Path(folder) if folder else None
