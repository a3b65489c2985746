"""Write docs/platform/reliability.md from the results of the tests with the mark `fault`.

`python -m tools reliability` runs them all in full, also those that need PostgreSQL, and writes the page from their
results alone. With pytest's arguments it runs those that these select, and replaces their results among earlier ones;
`--render` only writes the page.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tools.postgres import PostgresUnavailable, start_postgres
from tools.reference.markdown import render_table
from tools.steps import PYTHON, ROOT, CheckStep, create_isolated_environment, print_outcome, run_step

PAGE = ROOT / "docs" / "platform" / "reliability.md"
RESULTS = ROOT / "tests" / "fault_results.json"
PYTEST = (PYTHON, "-m", "pytest", "-n", "0", "-p", "tests.fault_log")
OUTCOMES = ("begun", "skipped", "tried")
NOTHING_SELECTED = 5
"""Exit code of pytest if no test fits its arguments."""
type FaultKey = tuple[str, str, str]
"""Area, fault and test."""
NOT_RUN = "not run yet"
HEADER = ("while", "fault", "tried", "survived", "lost", "tried on", "test")
INTRODUCTION = """\
<!-- Written by `python -m tools reliability` from the results of the tests; do not edit. -->

# Reliability

Faults that tests cause on purpose, and what was lost. *Survived* means: nothing half-written is ever visible, the next
command goes on or ends what was begun, the rows are those of a run that nothing disturbed, and `homeroom verify` finds
the audit trail and the evidence sound. *Lost* is everything else.

*Tried* is how often the fault was caused when `python -m tools reliability` ran the test last; a row says if it never
did. Each row is about one operation; a test compares the rows with the operations that the tests have.

A process that is killed gets SIGKILL at a random write: at one that opens, renames or removes a file, writes rows of a
file, or changes the database, or up to 30 milliseconds after it; a backup, a restore and a move at a random moment of
their work. Each run draws other points, and the seed of the last one is beside its test. `./run test` tries a few
fixed points, which are not in the table. [How a load works](../know/how-a-load-works.md), [backups](backups.md),
[erasing people](../comply/erasing-people.md) and [the audit trail](audit-trail.md) say why nothing is lost.

"""


@dataclass(frozen=True, kw_only=True, order=True)
class FaultResult:
    """What one test tried, and how often something was lost; `on` is the day, `seed` that of random points."""

    area: str
    fault: str
    test: str
    tried: int
    lost: int
    on: str
    machine: str = ""
    seed: int = 0

    @property
    def key(self) -> FaultKey:
        """What a newer result replaces."""
        return self.area, self.fault, self.test


def run_reliability(arguments: Sequence[str]) -> int:
    """Run the tests and write the page; return 0 if all of them ended and nothing was lost, else 1."""
    has_failed = False
    if "--render" not in arguments:
        lines, has_failed = _run_tests(arguments)
        marks = {mark.key for mark in list_fault_marks()}
        outcome = sort_lines(lines, expected=frozenset() if arguments else frozenset(marks))
        for area, fault, test in sorted(outcome.missing):
            print(f"no result: {area}, {fault}: {test}")
        has_failed = has_failed or bool(outcome.missing)
        write_results(result for result in replace_results(read_results(), outcome) if result.key in marks)
    PAGE.write_text(render_page(read_results(), marks=list_fault_marks()), encoding="utf-8")
    return 1 if has_failed or any(result.lost for result in read_results()) else 0


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """The results of a run, and which tests (area, fault, test) should have one and have none."""

    results: tuple[FaultResult, ...]
    missing: frozenset[FaultKey]


def sort_lines(lines: Sequence[dict[str, Any]], *, expected: frozenset[FaultKey] = frozenset()) -> RunOutcome:
    """Return the outcome of a run from the lines that the plugin wrote.

    A test that began without a result has none: its process died, or its setup failed. One that was skipped, such as
    where PostgreSQL is missing, is not missed.
    """
    results = sum_results([build_result(line) for line in lines if line["outcome"] == "tried"])
    seen = {outcome: {_read_key(line) for line in lines if line["outcome"] == outcome} for outcome in OUTCOMES}
    missing = (expected | seen["begun"]) - {result.key for result in results} - seen["skipped"]
    return RunOutcome(results=tuple(results), missing=frozenset(missing))


def replace_results(earlier: Sequence[FaultResult], outcome: RunOutcome) -> list[FaultResult]:
    """Return the newer results, and those earlier ones that no test of the run has or misses."""
    newer = {result.key: result for result in outcome.results}
    return [*newer.values(), *(item for item in earlier if item.key not in newer and item.key not in outcome.missing)]


def _read_key(line: dict[str, Any]) -> FaultKey:
    return line["area"], line["fault"], line["test"]


def _run_tests(arguments: Sequence[str]) -> tuple[list[dict[str, Any]], bool]:
    """Run the tests on SQLite and on PostgreSQL; return the lines of the plugin, and whether a run failed."""
    with tempfile.TemporaryDirectory(prefix="homeroom-faults-") as name, create_isolated_environment() as inherited:
        log = Path(name) / "faults.jsonl"
        environment = {**inherited, "HOMEROOM_THOROUGH": "1", "HOMEROOM_FAULT_LOG": str(log)}
        tests = sorted({mark.test.partition("::")[0] for mark in list_fault_marks()})
        command = [*PYTEST, "-m", "fault", *tests, *arguments]
        codes = [_run_step(CheckStep(name="faults", command=command, is_streamed=True), environment)]
        try:
            with start_postgres() as address:
                both = [*PYTEST, "-m", "fault and differs_by_database", *tests, *arguments]
                step = CheckStep(name="faults on PostgreSQL", command=both, is_streamed=True)
                codes.append(_run_step(step, {**environment, **address}))
        except PostgresUnavailable as error:
            print(f"left out: faults on PostgreSQL, because {error}")
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return [json.loads(line) for line in lines], not set(codes) <= {0, NOTHING_SELECTED}


def _run_step(step: CheckStep, environment: dict[str, str]) -> int:
    outcome = run_step(step, environment=environment)
    print_outcome(outcome)
    return outcome.code


def sum_results(results: Sequence[FaultResult]) -> list[FaultResult]:
    """Return one result for the cases of a test that tried the same fault while the program did the same."""
    sums: dict[tuple[str, str, str], FaultResult] = {}
    for result in results:
        earlier = sums.get(result.key)
        counts = {"tried": earlier.tried + result.tried, "lost": earlier.lost + result.lost} if earlier else {}
        sums[result.key] = replace(result, **counts)
    return list(sums.values())


def build_result(document: dict[str, Any]) -> FaultResult:
    """Return the result of a line that the plugin wrote."""
    names = {name for name in FaultResult.__dataclass_fields__ if name in document}
    return FaultResult(**{"machine": describe_machine(), **{name: document[name] for name in names}})


def describe_machine() -> str:
    """Describe the machine: cores and memory, if the system reports it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30 if hasattr(os, "sysconf") else 0
    return f"{os.cpu_count()} cores" + (f", {memory:.0f} GiB" if memory else "")


def read_results() -> list[FaultResult]:
    """Return the results of the last run of each test."""
    if not RESULTS.exists():
        return []
    return sorted(FaultResult(**item) for item in json.loads(RESULTS.read_text(encoding="utf-8")))


def write_results(results: Iterator[FaultResult]) -> None:
    """Write the results, one a line."""
    lines = ",\n".join(json.dumps(asdict(result)) for result in sorted(results))
    RESULTS.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def render_page(results: Sequence[FaultResult], *, marks: Sequence[FaultMark] = ()) -> str:
    """Render the page, with a row for each mark that has no result yet."""
    run = {result.key for result in results}
    waiting = sorted(
        (mark.area, mark.fault, NOT_RUN, "", "", "", f"`{mark.test}`") for mark in marks if mark.key not in run
    )
    rows = sorted([*map(_build_row, results), *waiting])
    tried_count, lost_count = sum(result.tried for result in results), sum(result.lost for result in results)
    counts = f"{tried_count:,} faults were tried, {tried_count - lost_count:,} survived, {lost_count:,} lost"
    machines = sorted({f"{result.machine} ({result.on})" for result in results})
    total = f"{counts}, on: {', '.join(machines)}.\n"
    return INTRODUCTION + render_table(HEADER, rows) + "\n" + total


def _build_row(result: FaultResult) -> tuple[str, ...]:
    counts = (result.tried, result.tried - result.lost, result.lost)
    test = f"`{result.test}`" + (f", seed {result.seed}" if result.seed else "")
    return result.area, result.fault, *(f"{count:,}" for count in counts), result.on, test


@dataclass(frozen=True, kw_only=True, order=True)
class FaultMark:
    """The mark `fault` of a test, for one operation if it is a test over several."""

    test: str
    area: str
    fault: str

    @property
    def key(self) -> FaultKey:
        """What the result of the test has, too."""
        return self.area, self.fault, self.test


def list_fault_marks() -> list[FaultMark]:
    """Return the marks of all tests from their source, with each operation of a test over several."""
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return [mark for path in paths if "mark.fault" in path.read_text(encoding="utf-8") for mark in _read_marks(path)]


def _read_marks(path: Path) -> Iterator[FaultMark]:
    place = path.relative_to(ROOT)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.fault":
                texts = {str(item.arg): ast.literal_eval(item.value) for item in decorator.keywords}
                test = f"{place.as_posix()}::{node.name}"  # type: ignore[union-attr]
                is_shared = any("{" in text for text in texts.values())
                cases = _list_cases(place, node.name) if is_shared else [{}]  # type: ignore[union-attr]
                for case in cases:
                    yield FaultMark(test=test, **{name: text.format(**case) for name, text in texts.items()})


def _list_cases(place: Path, name: str) -> list[dict[str, Any]]:
    """Return the parameters of each case of a test, as its module has them."""
    function = getattr(importlib.import_module(".".join(place.with_suffix("").parts)), name)
    marks = [mark for mark in function.pytestmark if mark.name == "parametrize"]
    choices = [
        [(parameter, getattr(value, "values", (value,))[0]) for value in values]
        for parameter, values in (mark.args for mark in marks)
    ]
    return [dict(case) for case in itertools.product(*choices)]


if __name__ == "__main__":
    sys.exit(run_reliability(sys.argv[1:]))
