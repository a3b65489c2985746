"""Run `./run test`: the checks, and everything that needs a database server, a browser or minutes.

Two lines of parts run beside each other, because the processes of one part often wait: for a browser, a server, or the
last file of tests. One line begins with the checks and ends with the tests of scale; the other begins with the browser,
goes on with PostgreSQL and ends with the heavy tests of the other rooms. The output of the first is printed as it
comes, that of the other after each part of the first.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from tools import browser, checks
from tools.postgres import PostgresUnavailable, start_postgres
from tools.steps import (
    PYTHON,
    CheckStep,
    StepOutcome,
    create_isolated_environment,
    measure_child_cpu,
    print_outcome,
    run_step,
)

# Two processes; the tests of a file run in one of them and share what its fixtures build.
PYTEST = [
    *[PYTHON, "-m", "pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"],  # see tests/scheduling.py
    *["-p", "tests.cpu_report", "--durations=10", "--durations-min=1"],
]
APPS = CheckStep(name="apps on SQLite", command=[*PYTEST, "tests/apps"], is_streamed=True)
JOURNEYS = CheckStep(name="journeys in a browser", command=[*PYTEST, "tests/web"])
SCALE_MARK, DATABASE_MARK = "mark.scale", "differs_by_database"
OTHER_FOLDERS = ["tests/unit", "tests/content", "tests/connectors", "tests/architecture"]
EXAMPLES = "tests/content/test_shipped_content.py::test_every_example_of_every_control_holds_and_every_goal_resolves"
SCALE = CheckStep(name="scale", command=[*PYTEST, "-m", "scale", "tests/scale"], is_streamed=True)
BRIEF = {"CI": "1", "PYTEST_ADDOPTS": "--randomly-seed=1"}  # the same examples each time, in the same order
THOROUGH = {"HOMEROOM_THOROUGH": "1"}
LEFT_OUT_OF_BRIEF = (
    "tests/apps on PostgreSQL without the mark differs_by_database, because they give the same on both databases and "
    "ran on SQLite",
    "the most of what is drawn or large (kill points, broken files, districts, addresses), because a small fixed part "
    "of each ran; --thorough runs all of it, and all of tests/apps on PostgreSQL",
)


def run_all_tests(arguments: Sequence[str]) -> int:
    """Run everything even if a step failed, and print what was left out and why.

    `--thorough` leaves nothing out. Return 0 if all passed, 1 if not, 2 for any other argument.
    """
    from tests.warm_program import share_servers  # the other verbs of ./run also run without the folder of tests

    if set(arguments) - {"--thorough"}:
        print("usage: ./run test [--thorough]", file=sys.stderr)
        return 2
    is_thorough = "--thorough" in arguments
    amounts = THOROUGH if is_thorough else BRIEF
    left_out = [] if is_thorough else list(LEFT_OUT_OF_BRIEF)
    started = time.perf_counter()
    browser_path = browser.ensure_browser()
    with (
        create_isolated_environment() as inherited,
        share_servers(inherited) as shared,
        ThreadPoolExecutor(max_workers=1) as executor,
    ):
        environment = {**inherited, **amounts, **shared, "HOMEROOM_CHROMIUM": browser_path}
        futures = [
            executor.submit(_test_in_browser, environment, left_out, browser_path),
            executor.submit(_test_on_postgres, environment, left_out),
            executor.submit(_run_heavy_tests, environment),
        ]
        results = [checks.run_checks([], amounts={**amounts, **shared}) == 0]
        for step in (APPS, SCALE):
            print(f"---- {step.name}", flush=True)
            results.append(_print_part(run_step(step, environment=environment)))
            while futures and (futures[0].done() or step is SCALE):
                results += [_print_part(outcome) for outcome in futures.pop(0).result()]
    for line in left_out:
        print(f"left out: {line}")
    failed = results.count(False)
    seconds = f"{time.perf_counter() - started:.0f} s, {measure_child_cpu():.0f} CPU-seconds"
    print(f"test: {len(results) - failed} held, {failed} failed, in {seconds}", flush=True)
    return 1 if failed else 0


def _print_part(outcome: StepOutcome) -> bool:
    if outcome.output:
        print(f"---- {outcome.name}\n{outcome.output.rstrip()}")
    print(f"{outcome.cpu_seconds:.0f} CPU-seconds", flush=True)
    return print_outcome(replace(outcome, output=""))


def _run_heavy_tests(environment: Mapping[str, str]) -> list[StepOutcome]:
    """Run the tests with the mark `scale`, from the files that have one: to collect all would take as long as ten."""
    paths = [str(path) for path in find_files_with(SCALE_MARK, OTHER_FOLDERS)]
    # A step of the check asks the examples.
    command = [*PYTEST, "-m", "scale", "--deselect", EXAMPLES, *paths]
    return [run_step(CheckStep(name="heavy tests of the other rooms", command=command), environment=environment)]


def find_files_with(text: str, folders: Sequence[str]) -> list[Path]:
    """Return the files of tests that contain a text."""
    paths = (path for folder in folders for path in sorted(Path(folder).rglob("test_*.py")))
    return [path for path in paths if text in path.read_text(encoding="utf-8")]


def _test_on_postgres(environment: Mapping[str, str], left_out: list[str]) -> list[StepOutcome]:
    """Run the tests of the apps that differ by database, from the files that have some; in a thorough run all."""
    is_thorough = THOROUGH.items() <= environment.items()
    paths = ["tests/apps"] if is_thorough else map(str, find_files_with(DATABASE_MARK, ["tests/apps"]))
    try:
        with start_postgres() as address:
            step = CheckStep(name="apps on PostgreSQL", command=[*PYTEST, *paths])
            return [run_step(step, environment={**environment, **address})]
    except PostgresUnavailable as error:
        left_out.append(f"tests/apps on PostgreSQL, because {error}")
        return []


def _test_in_browser(environment: Mapping[str, str], left_out: list[str], path: str) -> list[StepOutcome]:
    if not path:
        left_out.append(
            "the journeys in tests/web that need a browser, because no Chromium was found and it could not be "
            "installed (as root on Debian it is); install one, or name one in HOMEROOM_CHROMIUM"
        )
    return [run_step(JOURNEYS, environment=environment)]
