"""One fault a file: how many files of real form are refused whole for it, and what is lost without a report.

The files are a recording of each kind, the sample district's exports, and the real files of ../shared/data if they are
there. Each is loaded as it is, and once for each fault of its form, at a place that the seed decides.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.support.goals import Goal, require_exactly

GOALS = {
    "files": Goal(at_least=60),
    "refused_percent": Goal(at_most=10),
    "silent_percent": require_exactly(0),
    "rows_lost_unreported": require_exactly(0),
    "crashes": require_exactly(0),
}
_MAX_BYTES = 400_000
_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
_SHARED_FOLDERS = ("scanners", "messy-formats", "posture", "rosters")
_SAMPLE_STUDENTS = 500


@dataclass(frozen=True, kw_only=True)
class SoundFile:
    """One file to put faults into, and the files that must be beside it."""

    name: str
    data: bytes
    companions: Mapping[str, bytes] = field(default_factory=dict)


def measure(*, runs: int) -> dict[str, float]:
    """Return the share of refused and of silent files, and rows lost unreported; each run has a seed of its own."""
    return measure_seeds(seeds=range(1, runs + 1), wanted="", show=False)


def measure_seeds(*, seeds: range, wanted: str, show: bool) -> dict[str, float]:
    """Measure with these seeds, for the files with `wanted` in their name; with `show`, print what was not loaded."""
    from bench.support.faulty_loads import iter_faulty_files, load_file, try_fault

    outcomes: Counter[str] = Counter()
    by_fault: Counter[tuple[str, str, str]] = Counter()
    files = lost_rows = 0
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        for file in _iter_sound_files(folder / "sample"):
            if wanted and wanted not in file.name:
                continue
            sound = load_file(folder / "load", file.name, file.data, companions=file.companions)
            if sound.refused or not sound.count:
                continue
            files += 1
            for seed in seeds:
                for form, fault, faulty_name, data in iter_faulty_files(file.name, file.data, seed=seed):
                    result = try_fault(
                        folder / "load", name=faulty_name, data=data, sound=sound, companions=file.companions,
                        form=form, fault=fault,
                    )  # fmt: skip
                    outcomes[result.outcome] += 1
                    by_fault[form, fault, result.outcome] += 1
                    lost_rows += result.lost_unreported
                    if show and (result.outcome != "loaded" or result.lost_unreported):
                        print(f"{result.outcome}: {form}, {fault}: {faulty_name}: {result.detail[:300]}", flush=True)
    for (form, fault, outcome), count in sorted(by_fault.items()):
        print(f"  {form}, {fault}: {outcome} {count}", file=sys.stderr)
    total = max(outcomes.total(), 1)
    return {
        "files": files,
        "faults": outcomes.total(),
        "refused_percent": round(100 * outcomes["refused"] / total, 2),
        "silent_percent": round(100 * outcomes["silent"] / total, 2),
        "rows_lost_unreported": lost_rows,
        "crashes": outcomes["crashed"],
    }


def _iter_sound_files(sample_folder: Path) -> Iterator[SoundFile]:
    """Yield every file that faults are put into, each once."""
    from bench.support.faulty_loads import determine_form
    from homeroom.sample import generate_sample
    from tests.scale.mutations import load_recordings

    for recording in load_recordings():
        if determine_form(recording.name, recording.data):
            name = f"{recording.kind}-{recording.name}" if not recording.companions else recording.name
            yield SoundFile(name=name, data=recording.data, companions=dict(recording.companions))
    generate_sample(sample_folder, students=_SAMPLE_STUDENTS, seed=1)
    roots = [sample_folder, *(_SHARED / folder for folder in _SHARED_FOLDERS)]
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.name != "truth.json" and path.stat().st_size <= _MAX_BYTES:
                data = path.read_bytes()
                if determine_form(path.name, data):
                    yield SoundFile(name=path.name, data=data)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="files with this text in their name")
    arguments = parser.parse_args()
    print(measure_seeds(seeds=range(arguments.seed, arguments.seed + 1), wanted=arguments.only, show=True))
