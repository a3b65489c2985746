"""Run `./run check`: everything that needs no database server, no browser and less than a minute."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType

from tools.steps import PYTHON, CheckStep, build_tool_command, create_isolated_environment, print_outcome, run_step

QUICK = (
    CheckStep(name="format", command=build_tool_command("ruff", "format", "--check", ".")),
    CheckStep(name="lint", command=build_tool_command("ruff", "check", ".")),
    CheckStep(name="import contracts", command=build_tool_command("lint-imports", "--no-logo")),
    CheckStep(
        name="migrations are complete",
        command=build_tool_command(
            "django-admin", "makemigrations", "--check", "--dry-run", "--settings", "homeroom.config.settings"
        ),
    ),
    CheckStep(name="docs equal the code", command=[PYTHON, "-m", "tools", "docs", "--check"]),
    CheckStep(name="changelog fragments", command=[PYTHON, "-m", "tools", "changelog", "--check"]),
)
BACKGROUND = (
    CheckStep(name="types (mypy --strict)", command=build_tool_command("mypy")),
    CheckStep(name="content proves itself", command=build_tool_command("homeroom", "check-content")),
)
TESTS = CheckStep(
    name="tests without database, browser or clock",
    command=[
        # The tests of a file share what its fixtures build; see tests/scheduling.py.
        *[PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder", "-m", "not scale"],
        *["--durations=10", "--durations-min=1"],
        *["tests/unit", "tests/content", "tests/connectors", "tests/architecture"],
    ],
    is_streamed=True,
)


def run_checks(arguments: Sequence[str], *, amounts: Mapping[str, str] = MappingProxyType({})) -> int:
    """Run every step even if an earlier one failed; return 0 if all passed, else 1.

    `amounts` are variables of the environment that set how much the tests try.
    """
    del arguments
    started = time.perf_counter()
    with create_isolated_environment() as inherited, ThreadPoolExecutor(max_workers=1) as executor:
        environment = {**inherited, **amounts}
        background = [executor.submit(run_step, step, environment=environment) for step in BACKGROUND]
        results = [print_outcome(run_step(step, environment=environment)) for step in QUICK]
        results.append(print_outcome(run_step(TESTS, environment=environment)))
        results += [
            print_outcome(future.result()) for future in background
        ]  # beside the rest: without its cache mypy takes as long as they do
    failed = results.count(False)
    print(f"check: {len(results) - failed} held, {failed} failed, in {time.perf_counter() - started:.0f} s", flush=True)
    return 1 if failed else 0
