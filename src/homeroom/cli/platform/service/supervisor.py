"""The supervisor of `homeroom serve`: when a process is started again after it ended, and what is logged about it.

The delay doubles with each end in a row; after a minute of work it is the first one again (decision record 0062). The
supervisor decides and records; `web_server` starts the web processes, `BackgroundWorker` the worker.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from homeroom.apps.platform.monitoring.service_state import ProcessState, ServiceState


@dataclass(frozen=True, kw_only=True)
class RespawnPolicy:
    """Seconds before a process is started again: `first`, doubled with each end in a row, at most `longest`.

    A process that worked for `stable` seconds has no ends in a row.
    """

    first: float = 0.2
    longest: float = 60.0
    stable: float = 60.0

    def compute_delay(self, failures: int) -> float:
        """Return the seconds to wait after that many ends in a row, from 1."""
        return float(min(self.longest, self.first * 2.0 ** min(failures - 1, 20)))


STANDARD_POLICY = RespawnPolicy()


@dataclass(kw_only=True)
class SupervisedProcess:
    """One process: since when it runs, or when it is due to be started again (seconds of the supervisor's clock)."""

    name: str
    title: str
    pid: int = 0
    started: float = 0.0
    due: float | None = None
    failures: int = 0
    restarts: int = 0
    ended: str = ""
    ended_at: datetime | None = None


@dataclass(kw_only=True)
class Supervisor:
    """All processes of one server. `clock` gives seconds, `now` the time, `log` takes one line for the log.

    `publish` takes each new state.
    """

    pid: int
    clock: Callable[[], float]
    now: Callable[[], datetime]
    log: Callable[[str], object]
    publish: Callable[[ServiceState], None]
    policy: RespawnPolicy = STANDARD_POLICY
    processes: dict[str, SupervisedProcess] = field(default_factory=dict)
    started_at: datetime | None = None

    def record_start(self, name: str, *, title: str, pid: int) -> None:
        """Record that a process was started, for the first time or again."""
        process = self.processes.setdefault(name, SupervisedProcess(name=name, title=title))
        process.pid, process.started, process.due = pid, self.clock(), None
        if process.ended_at is not None:
            process.restarts += 1
        self._publish()

    def record_end(self, name: str, *, exit_code: int | None) -> None:
        """Record that a process ended, log why, and decide when it is due again."""
        process = self.processes[name]
        was_stable = self.clock() - process.started >= self.policy.stable
        process.failures = 1 if was_stable else process.failures + 1
        process.ended, process.ended_at, process.pid = describe_exit(exit_code), self.now(), 0
        delay = self.policy.compute_delay(process.failures)
        process.due = self.clock() + delay
        times = f", {process.failures} times in a row" if process.failures > 1 else ""
        self.log(f"{process.title} ended: {process.ended}{times}. It is started again in {delay:g} s.")
        self._publish()

    def select_due(self) -> list[str]:
        """Return the processes to start again now."""
        now = self.clock()
        return [process.name for process in self.processes.values() if process.due is not None and process.due <= now]

    def compute_wait(self, *, longest: float) -> float:
        """Return the seconds until a process is due, at most `longest`."""
        dues = [process.due - self.clock() for process in self.processes.values() if process.due is not None]
        return max(0.0, min([*dues, longest]))

    def forget_old_failures(self) -> None:
        """Reset the ends in a row of every process that has worked for a while."""
        settled = [
            process
            for process in self.processes.values()
            if process.failures and process.pid and self.clock() - process.started >= self.policy.stable
        ]
        for process in settled:
            process.failures = 0
        if settled:
            self._publish()

    def _publish(self) -> None:
        self.started_at = self.started_at or self.now()
        states = tuple(
            ProcessState(
                name=process.name,
                title=process.title,
                pid=process.pid,
                failures=process.failures,
                restarts=process.restarts,
                ended=process.ended,
                ended_at=process.ended_at,
            )
            for process in self.processes.values()
        )
        self.publish(ServiceState(pid=self.pid, started_at=self.started_at, processes=states))


def describe_exit(exit_code: int | None) -> str:
    """Return how a process ended, in words, from its exit code (negative for a signal, as Python reports it)."""
    if exit_code is None:
        return "for an unknown reason"
    if exit_code < 0:
        try:
            name = f" ({signal.Signals(-exit_code).name})"
        except ValueError:
            name = ""
        return f"killed by signal {-exit_code}{name}"
    return f"exit code {exit_code}"
