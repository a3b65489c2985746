"""Run `./run test`: the checks, and everything that needs a database server, a browser or minutes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from tools import browser, checks
from tools.postgres import PostgresUnavailable, start_postgres
from tools.steps import PYTHON, CheckStep, StepOutcome, create_isolated_environment, print_outcome, run_step

PYTEST = [PYTHON, "-m", "pytest"]
PARALLEL = ["-n", "2", "--dist", "loadfile"]  # processes; what a file makes once stays in one of them
APPS = CheckStep(name="apps on SQLite", command=[*PYTEST, *PARALLEL, "tests/apps"], is_streamed=True)
APPS_ON_POSTGRES = CheckStep(name="apps on PostgreSQL", command=[*PYTEST, *PARALLEL, "tests/apps"], is_streamed=True)
JOURNEYS = CheckStep(name="journeys in a browser", command=[*PYTEST, *PARALLEL, "tests/web"], is_streamed=True)
TEST_FOLDERS = ["tests/scale", "tests/unit", "tests/content", "tests/connectors", "tests/architecture"]
EXAMPLES = "tests/content/test_shipped_content.py::test_every_example_of_every_control_holds_and_every_goal_resolves"
SCALE = CheckStep(
    name="scale, and heavy tests of the other rooms",
    command=[
        *PYTEST,
        *PARALLEL,
        "-m",
        "scale",
        "--deselect",
        EXAMPLES,
        *TEST_FOLDERS,
    ],  # a step of the check asks the examples
    is_streamed=True,
)


def run_all_tests(arguments: Sequence[str]) -> int:
    """Run everything even if a step failed, and print what was skipped and why; return 0 if all passed."""
    started = time.perf_counter()
    skipped: list[str] = []
    results = [checks.run_checks(arguments) == 0]
    with create_isolated_environment() as environment:
        results.append(print_outcome(_run(APPS, environment)))
        results += _test_on_postgres(environment, skipped)
        results += _test_in_browser(environment, skipped)
        results.append(print_outcome(_run(SCALE, environment)))
    for line in skipped:
        print(f"left out: {line}")
    failed = results.count(False)
    print(f"test: {len(results) - failed} held, {failed} failed, in {time.perf_counter() - started:.0f} s", flush=True)
    return 1 if failed else 0


def _run(step: CheckStep, environment: Mapping[str, str]) -> StepOutcome:
    print(f"---- {step.name}", flush=True)
    return run_step(step, environment=environment)


def _test_on_postgres(environment: Mapping[str, str], skipped: list[str]) -> list[bool]:
    try:
        with start_postgres() as address:
            return [print_outcome(_run(APPS_ON_POSTGRES, {**environment, **address}))]
    except PostgresUnavailable as error:
        skipped.append(f"tests/apps on PostgreSQL, because {error}")
        return []


def _test_in_browser(environment: Mapping[str, str], skipped: list[str]) -> list[bool]:
    path = browser.ensure_browser()
    if not path:
        skipped.append(
            "the journeys in tests/web that need a browser, because no Chromium was found and it could not be "
            "installed "
            "(as root on Debian it is); install one, or name one in HOMEROOM_CHROMIUM"
        )
        return [print_outcome(_run(JOURNEYS, environment))]
    return [print_outcome(_run(JOURNEYS, {**environment, "HOMEROOM_CHROMIUM": path}))]
