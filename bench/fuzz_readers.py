"""Every reader of every connector, fed broken recordings: no crash, no hang, nothing half written.

With `--runs N` there are N rounds. A round breaks each recording of each kind HOMEROOM_FUZZ_EXAMPLES times (default 20)
in its bytes and in its structure, and reads it as ingest does, into a new load of evidence. Rounds differ, and
HOMEROOM_FUZZ_SEED sets another start; an input that breaks a reader is written to HOMEROOM_FUZZ_KEEP with its seed, so
that a test can pin it. With HOMEROOM_FUZZ_GUIDED=SECONDS and `atheris` in the environment (it is not in the lock: it
has no wheels for every system), each pure Python reader is also fuzzed with coverage guidance for that many seconds.
"""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

from bench.support.goals import Goal, require_exactly
from bench.support.guided_fuzzing import fuzz_with_coverage
from bench.support.reader_fuzzing import ReaderFailure, fuzz_once, list_recordings

GOALS = {
    "kinds": Goal(at_least=1),
    "files": Goal(at_least=1),
    "crashes": require_exactly(0),
    "hangs": require_exactly(0),
    "left_half_written": require_exactly(0),
}
EXAMPLES = 20


def measure(*, runs: int) -> dict[str, float]:
    """Return counts over all rounds: they are summed, since a median must not hide a rare crash."""
    seed, examples_each = _read_setting("HOMEROOM_FUZZ_SEED", 1), _read_setting("HOMEROOM_FUZZ_EXAMPLES", EXAMPLES)
    kinds, failures = set[str](), list[ReaderFailure]()
    files, slowest = 0, 0.0
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        for round_ in range(runs):
            for recording in list_recordings():
                kinds.add(recording.kind)
                for example_number in range(examples_each):
                    chance = random.Random(f"{seed} {round_} {recording.kind} {recording.name} {example_number}")
                    seconds, new_failures = fuzz_once(
                        recording, chance=chance, folder=Path(name), keep=_get_keep_folder()
                    )
                    files, slowest = files + 1, max(slowest, seconds)
                    failures += new_failures
    for failure in failures:
        print(f"  {failure.kind} ({failure.failure}): {failure.detail}", flush=True)
    guided_result = fuzz_with_coverage(seconds=_read_setting("HOMEROOM_FUZZ_GUIDED", 0), keep=_get_keep_folder())
    return {
        "kinds": len(kinds),
        "files": files,
        "crashes": sum(failure.failure == "crash" for failure in failures) + guided_result.crashes,
        "hangs": sum(failure.failure == "hang" for failure in failures),
        "left_half_written": sum(failure.failure == "left" for failure in failures),
        "slowest_seconds": slowest,
        "guided_readers": guided_result.readers,
        "guided_inputs": guided_result.inputs,
    }


def _read_setting(name: str, default: int) -> int:
    return int(os.environ.get(name, default))


def _get_keep_folder() -> Path | None:
    folder = os.environ.get("HOMEROOM_FUZZ_KEEP")
    return Path(folder) if folder else None
