"""`./run check`: everything that needs no database server, no browser and less than a minute."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from house.steps import PYTHON, Step, own_folder, run, told, tool

QUICK = (
    Step(name="format", command=tool("ruff", "format", "--check", ".")),
    Step(name="lint", command=tool("ruff", "check", ".")),
    Step(name="import contracts", command=tool("lint-imports", "--no-logo")),
    Step(
        name="migrations are complete",
        command=tool(
            "django-admin", "makemigrations", "--check", "--dry-run", "--settings", "homeroom.config.settings"
        ),
    ),
    Step(name="docs equal the code", command=[PYTHON, "-m", "house", "docs", "--check"]),
    Step(name="changelog fragments", command=[PYTHON, "-m", "house", "changelog", "--check"]),
)
BESIDE = (
    Step(name="types (mypy --strict)", command=tool("mypy")),
    Step(name="content proves itself", command=tool("homeroom", "check-content")),
)
TESTS = Step(
    name="tests without database, browser or clock",
    command=[
        *[PYTHON, "-m", "pytest", "-n", "2", "-m", "not scale"],
        *["tests/unit", "tests/content", "tests/connectors", "tests/architecture"],
    ],
    shown=True,
)


def main(arguments: Sequence[str]) -> int:
    """Runs every step even where an earlier one failed; 0 where all held, else 1."""
    del arguments
    began = time.perf_counter()
    with own_folder() as environment, ThreadPoolExecutor(max_workers=1) as beside:
        others = [beside.submit(run, step, environment=environment) for step in BESIDE]
        held = [told(run(step, environment=environment)) for step in QUICK]
        held.append(told(run(TESTS, environment=environment)))
        held += [
            told(other.result()) for other in others
        ]  # beside the rest: without its cache mypy takes as long as they do
    failed = held.count(False)
    print(f"check: {len(held) - failed} held, {failed} failed, in {time.perf_counter() - began:.0f} s", flush=True)
    return 1 if failed else 0
