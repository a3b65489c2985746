"""A pytest plugin that notes what tests with the mark `fault` tried, for `docs/platform/reliability.md`.

A test states how often it tried with `record_property("tried", …)`, how often something was lost with
`record_property("lost", …)`, and the seed of random points with `record_property("seed", …)`; without them it tried
once, and a failed test lost. `python -m tools reliability` loads the plugin and names the file to append to.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

VARIABLE = "HOMEROOM_FAULT_LOG"
PROPERTY = "fault"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give the report of a test its mark, with the operation of a test over several."""
    mark = item.get_closest_marker("fault")
    if mark is not None:
        parameters = getattr(item, "callspec", None)
        values = parameters.params if parameters else {}
        item.user_properties.append((PROPERTY, {name: text.format(**values) for name, text in mark.kwargs.items()}))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Append to the file that the environment names what a test tried, or that it was skipped.

    A test with the mark that has begun is noted first: if nothing follows, its process died, or its setup failed.
    """
    path, properties = os.environ.get(VARIABLE), dict(report.user_properties)
    if not path or PROPERTY not in properties or report.when == "teardown":
        return
    lines = [describe_test(report, properties, "begun")] if report.when == "setup" else []
    if report.outcome == "skipped":
        lines.append(describe_test(report, properties, "skipped"))
    elif report.when == "call":
        lines.append({"outcome": "tried", **build_result(report, properties)})
    with Path(path).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def describe_test(report: pytest.TestReport, properties: dict[str, object], outcome: str) -> dict[str, object]:
    """Return a line about a test that has no result, or none yet."""
    mark = {"area": "", "fault": "", **properties[PROPERTY]}  # type: ignore[dict-item]
    return {"outcome": outcome, **mark, "test": report.nodeid.partition("[")[0]}


def build_result(report: pytest.TestReport, properties: dict[str, object]) -> dict[str, object]:
    """Return the result of one test; one that failed lost at least once."""
    has_failed = report.outcome == "failed"
    return {
        **properties,
        **{"area": "", "fault": "", **properties[PROPERTY]},  # type: ignore[dict-item]
        "test": report.nodeid.partition("[")[0],
        "tried": properties.get("tried", 1),
        "lost": max(int(str(properties.get("lost", 0))), int(has_failed)),
        "on": datetime.now(UTC).date().isoformat(),
    }
