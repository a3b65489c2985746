"""`./run test`: the check, and everything that needs a database server, a browser or minutes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from house import browser, checks
from house.postgres import NoPostgres, running
from house.steps import PYTHON, Outcome, Step, own_folder, run, told

PYTEST = [PYTHON, "-m", "pytest"]
TWO = ["-n", "2", "--dist", "loadfile"]  # processes; what a file makes once stays in one of them
APPS = Step(name="apps on SQLite", command=[*PYTEST, *TWO, "tests/apps"], shown=True)
APPS_ON_POSTGRES = Step(name="apps on PostgreSQL", command=[*PYTEST, *TWO, "tests/apps"], shown=True)
JOURNEYS = Step(name="journeys in a browser", command=[*PYTEST, *TWO, "tests/web"], shown=True)
ROOMS = ["tests/scale", "tests/unit", "tests/content", "tests/connectors", "tests/architecture"]
EXAMPLES = "tests/content/test_shipped_content.py::test_every_example_of_every_control_holds_and_every_goal_resolves"
SCALE = Step(
    name="scale, and heavy tests of the other rooms",
    command=[*PYTEST, *TWO, "-m", "scale", "--deselect", EXAMPLES, *ROOMS],  # a step of the check asks the examples
    shown=True,
)


def main(arguments: Sequence[str]) -> int:
    """Runs everything even where a step failed, then says what was left out and why; 0 where all that ran held."""
    began = time.perf_counter()
    left_out: list[str] = []
    held = [checks.main(arguments) == 0]
    with own_folder() as environment:
        held.append(told(_run(APPS, environment)))
        held += _on_postgres(environment, left_out)
        held += _in_a_browser(environment, left_out)
        held.append(told(_run(SCALE, environment)))
    for line in left_out:
        print(f"left out: {line}")
    failed = held.count(False)
    print(f"test: {len(held) - failed} held, {failed} failed, in {time.perf_counter() - began:.0f} s", flush=True)
    return 1 if failed else 0


def _run(step: Step, environment: Mapping[str, str]) -> Outcome:
    print(f"---- {step.name}", flush=True)
    return run(step, environment=environment)


def _on_postgres(environment: Mapping[str, str], left_out: list[str]) -> list[bool]:
    try:
        with running() as address:
            return [told(_run(APPS_ON_POSTGRES, {**environment, **address}))]
    except NoPostgres as reason:
        left_out.append(f"tests/apps on PostgreSQL, because {reason}")
        return []


def _in_a_browser(environment: Mapping[str, str], left_out: list[str]) -> list[bool]:
    path = browser.ensured()
    if not path:
        left_out.append(
            "the journeys in tests/web that need a browser, because no Chromium was found and it could not be installed "
            "(as root on Debian it is); install one, or name one in HOMEROOM_CHROMIUM"
        )
        return [told(_run(JOURNEYS, environment))]
    return [told(_run(JOURNEYS, {**environment, "HOMEROOM_CHROMIUM": path}))]
