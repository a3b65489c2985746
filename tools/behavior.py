"""`python -m tools.behavior`: run two checkouts on the same exports and list every answer that differs.

    python -m tools.behavior capture OUT --source CHECKOUT/src [--exports DIR] [--students N]
    python -m tools.behavior compare BEFORE AFTER

`capture` loads the exports with the program of one checkout and stores what `assess`, `plan`, `resolve`,
`vulnerabilities` and every report answer. Without `--exports` it generates a sample district. `compare` ignores opaque
ids, times and folder names, and exits with 1 if anything else differs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

TODAY = "2026-03-02"
PLAIN = {"loads": 2, "controls": 0, "frameworks": 2, "vulnerabilities": 4, "connectors": 0, "reports": 4}
OPAQUE = re.compile(
    r"\b[a-z]{1,12}[-_][a-z2-7]{12,26}\b"  # public ids
    r"|\b[0-9a-f]{16,64}\b"  # digests
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\dZ+:]*"  # instants
    r"|/[^\s\"']*/(?=[^/\s\"']+)"  # folders
)
VOLATILE_KEYS = frozenset(
    {"id", "at", "load", "seconds", "took", "started", "ended", "public", "path", "folder", "derived"}
)


def capture(*, out: Path, source: Path, exports: Path | None, students: int) -> None:
    """Write one file for each answer of the program in `source` into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="homeroom-behavior-") as folder:
        data = Path(folder) / "data"
        if exports is None:
            exports = Path(folder) / "exports"
            _run(source, "sample", str(exports), "--students", str(students), "--today", TODAY)
        shared = ["--data", str(data), "--today", TODAY]
        answers = {
            "load": ["load", str(exports), "--json"],
            "resolve": ["resolve", "--out", str(out / "links.jsonl"), "--json"],
            "doubtful": ["resolve", "--doubtful", "--json"],
            "assess": ["assess", "--subjects", "--json"],
            "plan": ["plan", "--json"],
            "loads": ["loads", "--json"],
            "controls": ["controls", "--json"],
            "frameworks": ["frameworks", "--json"],
            "vulnerabilities": ["vulnerabilities", "--json"],
            "connectors": ["connectors", "--json"],
            "reports": ["report", "--json"],
        }
        for name, command in answers.items():
            options = shared[: PLAIN.get(name, len(shared))]
            (out / f"{name}.json").write_text(_run(source, *command, *options), encoding="utf-8")
        for report in _report_names(json.loads((out / "reports.json").read_text(encoding="utf-8"))):
            _run(source, "report", report, "--out", str(out / report), *shared)
    for path in out.rglob("*.pdf"):
        path.unlink()  # typeset with the time of writing; its HTML and CSV say the same


def compare(before: Path, after: Path) -> list[str]:
    """Return a line for each answer that is missing on one side or differs. Exit if a side has no answers."""
    for side in (before, after):
        if not any(path.is_file() for path in side.rglob("*")):
            raise SystemExit(f"{side} has no answers; write them with `capture` first")
    names = sorted(
        {str(path.relative_to(side)) for side in (before, after) for path in side.rglob("*") if path.is_file()}
    )
    return [line for name in names for line in _iter_differences(name, before / name, after / name)]


def _run(source: Path, *command: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "homeroom", *command], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1) or not done.stdout:
        raise SystemExit(f"{' '.join(command)} exited with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def _report_names(document: Any) -> list[str]:
    rows = document if isinstance(document, list) else next(iter(document.values()))
    return [str(row["name"]) for row in rows]


def _iter_differences(name: str, before: Path, after: Path) -> Iterator[str]:
    if not before.exists() or not after.exists():
        yield f"{name}: only {'after' if after.exists() else 'before'}"
        return
    if name.endswith(".json"):
        older, newer = (_flatten(json.loads(path.read_text(encoding="utf-8"))) for path in (before, after))
    else:
        older, newer = (sorted(_normalize(path.read_text(encoding="utf-8")).splitlines()) for path in (before, after))
    missing, added = _subtract(older, newer), _subtract(newer, older)
    yield from (f"{name}: - {line}" for line in missing[:20])
    yield from (f"{name}: + {line}" for line in added[:20])


def _subtract(left: Sequence[str], right: Sequence[str]) -> list[str]:
    counts: dict[str, int] = {}
    for line in right:
        counts[line] = counts.get(line, 0) + 1
    rest = []
    for line in left:
        if counts.get(line, 0):
            counts[line] -= 1
        else:
            rest.append(line)
    return rest


def _flatten(value: Any, path: str = "") -> list[str]:
    """Return `path = value` lines in order, without ids and times; list positions stay, since order is an answer."""
    if isinstance(value, dict):
        return [
            line for key, item in value.items() if not _is_volatile(key) for line in _flatten(item, f"{path}.{key}")
        ]
    if isinstance(value, list):
        return [line for position, item in enumerate(value) for line in _flatten(item, f"{path}[{position}]")]
    return [f"{path} = {_normalize(str(value))}"]


def _is_volatile(key: str) -> bool:
    return key in VOLATILE_KEYS or key.endswith("seconds")


def _normalize(text: str) -> str:
    return OPAQUE.sub("…", text)


def main(arguments: Sequence[str]) -> int:
    """Run one of the two verbs."""
    parser = argparse.ArgumentParser(prog="python -m tools.behavior")
    verbs = parser.add_subparsers(dest="verb", required=True)
    capturing = verbs.add_parser("capture")
    capturing.add_argument("out", type=Path)
    capturing.add_argument("--source", type=Path, required=True)
    capturing.add_argument("--exports", type=Path)
    capturing.add_argument("--students", type=int, default=2000)
    comparing = verbs.add_parser("compare")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    options = parser.parse_args(arguments)
    if options.verb == "capture":
        capture(out=options.out, source=options.source.resolve(), exports=options.exports, students=options.students)
        return 0
    lines = compare(options.before, options.after)
    print("\n".join(lines) or "no answer differs")
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
