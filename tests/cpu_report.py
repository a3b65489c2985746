"""The CPU-seconds of the files of tests: a plugin of pytest that lists those that take most.

Unlike seconds they are comparable on a busy machine. They count the processes that a test started and awaited, without
the browser's, which ends with the run.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

from tests.warm_program import measure_warm_cpu

PROPERTY = "cpu_seconds"
SHOWN_FILES = 15


class CpuReport:
    """Measures each phase of each test in the process that runs it, and sums them by file where they are reported."""

    def __init__(self) -> None:
        self.last = measure_cpu()
        self.by_file: Counter[str] = Counter()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, Any]:
        """Add the CPU-seconds since the last report to the report, which pytest-xdist sends to its controller."""
        report = yield
        now = measure_cpu()
        report.user_properties = [*report.user_properties, (PROPERTY, now - self.last)]
        self.last = now
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a report to its file."""
        self.by_file[report.nodeid.split("::", 1)[0]] += sum(
            float(str(value)) for name, value in report.user_properties if name == PROPERTY
        )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the files that took most."""
        terminalreporter.section(f"CPU-seconds of {SHOWN_FILES} files, of {self.by_file.total():.0f} of all tests")
        for file, seconds in self.by_file.most_common(SHOWN_FILES):
            terminalreporter.write_line(f"{seconds:6.1f} {file}")


def measure_cpu() -> float:
    """Return the CPU-seconds of this process, of all that it started and awaited, and of its warm commands."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system + measure_warm_cpu()


def pytest_configure(config: pytest.Config) -> None:
    """Register the report; a plugin that is named on the command line is one in the controller and in each process."""
    config.pluginmanager.register(CpuReport(), "cpu-report")
