"""Write docs/reliability.md from the results of the tests with the mark `fault`.

`python -m tools reliability [PYTEST ARGUMENT…]` runs them all in full, or those that the arguments select, replaces
their results among those of earlier runs, and writes the page; `--render` only writes the page.
"""

from __future__ import annotations

import ast
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

PAGE = ROOT / "docs" / "reliability.md"
RESULTS = ROOT / "tests" / "fault_results.json"
PYTEST = (PYTHON, "-m", "pytest", "-n", "0", "-p", "tests.fault_log")
HEADER = ("while", "fault", "tried", "survived", "lost", "tried on", "test")
INTRODUCTION = """\
<!-- Written by `python -m tools reliability` from the results of the tests; do not edit. -->

# Reliability

Faults that tests cause on purpose, and what was lost. *Survived* means: nothing half-written is ever visible, the next
command goes on or ends what was begun, the rows are those of a run that nothing disturbed, and `homeroom verify` finds
the audit trail and the evidence sound. *Lost* is everything else.

A process that is killed gets SIGKILL at a random write: at one that opens, renames or removes a file, writes rows of a
file, or changes the database, or up to 30 milliseconds after it. Each run of these tests draws other points, and the
seed of the last run is beside its test. `./run test` tries a few fixed points, `./run test --thorough` many new ones;
the table has those of the last run for this page. [How a load works](how-a-load-works.md), [backups](backups.md),
[erasing people](erasing-people.md) and [the audit trail](audit-trail.md) say why nothing is lost.

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
    def key(self) -> tuple[str, str, str]:
        """What a newer result replaces."""
        return self.area, self.fault, self.test


def run_reliability(arguments: Sequence[str]) -> int:
    """Run the tests and write the page; return 0 if nothing was lost, else 1."""
    if "--render" not in arguments:
        results = {result.key: result for result in read_results()}
        results |= {result.key: result for result in sum_results(_run_tests(arguments))}
        marks = {(mark.test, mark.fault) for mark in list_fault_marks()}
        write_results(result for result in results.values() if (result.test, result.fault) in marks)
    PAGE.write_text(render_page(read_results()), encoding="utf-8")
    return 1 if any(result.lost for result in read_results()) else 0


def _run_tests(arguments: Sequence[str]) -> list[FaultResult]:
    with tempfile.TemporaryDirectory(prefix="homeroom-faults-") as name, create_isolated_environment() as inherited:
        log = Path(name) / "faults.jsonl"
        environment = {**inherited, "HOMEROOM_THOROUGH": "1", "HOMEROOM_FAULT_LOG": str(log)}
        tests = sorted({mark.test.partition("::")[0] for mark in list_fault_marks()})
        command = [*PYTEST, "-m", "fault", *tests, *arguments]
        print_outcome(run_step(CheckStep(name="faults", command=command, is_streamed=True), environment=environment))
        try:
            with start_postgres() as address:
                both = [*PYTEST, "-m", "fault and differs_by_database", *tests, *arguments]
                step = CheckStep(name="faults on PostgreSQL", command=both, is_streamed=True)
                print_outcome(run_step(step, environment={**environment, **address}))
        except PostgresUnavailable as error:
            print(f"left out: faults on PostgreSQL, because {error}")
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return [build_result(json.loads(line)) for line in lines]


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


def render_page(results: Sequence[FaultResult]) -> str:
    """Render the page."""
    rows = [_build_row(result) for result in results]
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
    """The mark `fault` of a test."""

    test: str
    area: str
    fault: str


def list_fault_marks() -> list[FaultMark]:
    """Return the marks of all tests, from their source."""
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    return [mark for path in paths if "mark.fault" in path.read_text(encoding="utf-8") for mark in _read_marks(path)]


def _read_marks(path: Path) -> Iterator[FaultMark]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.fault":
                texts = {item.arg: ast.literal_eval(item.value) for item in decorator.keywords}
                yield FaultMark(test=f"{path.relative_to(ROOT).as_posix()}::{node.name}", **texts)  # type: ignore[union-attr]


if __name__ == "__main__":
    sys.exit(run_reliability(sys.argv[1:]))
