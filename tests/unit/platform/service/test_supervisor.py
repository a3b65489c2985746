"""When a process is started again: the delay grows with each end in a row and starts again after a stable time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeroom.apps.platform.monitoring.service_state import (
    ProcessState,
    ServiceState,
    describe_worker,
    get_heartbeat_path,
    read_service_state,
    write_service_state,
)
from homeroom.cli.platform.service.supervisor import RespawnPolicy, Supervisor, describe_exit

AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@dataclass
class FakeTime:
    seconds: float = 100.0
    lines: list[str] = field(default_factory=list)
    states: list[ServiceState] = field(default_factory=list)

    def create_supervisor(self) -> Supervisor:
        return Supervisor(
            pid=1, clock=lambda: self.seconds, now=lambda: AT, log=self.lines.append, publish=self.states.append
        )


def count_crash(supervisor: Supervisor, time: FakeTime, *, after: float, exit_code: int = -9) -> float:
    """Start the worker, end it after so many seconds, and return the delay until it is due."""
    supervisor.record_start("worker", title="The background worker", pid=7)
    time.seconds += after
    supervisor.record_end("worker", exit_code=exit_code)
    due = supervisor.processes["worker"].due
    assert due is not None
    return round(due - time.seconds, 6)


def test_the_delay_doubles_and_is_reset_by_a_stable_time() -> None:
    time = FakeTime()
    supervisor = time.create_supervisor()
    delays = [count_crash(supervisor, time, after=1) for _ in range(11)]
    assert delays == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60, 60]
    assert count_crash(supervisor, time, after=61) == 0.2
    assert count_crash(supervisor, time, after=0) == 0.4
    assert RespawnPolicy().compute_delay(10_000) == 60


def test_a_process_is_due_only_after_its_delay() -> None:
    time = FakeTime()
    supervisor = time.create_supervisor()
    count_crash(supervisor, time, after=1)
    assert supervisor.select_due() == []
    assert supervisor.compute_wait(longest=5) == pytest.approx(0.2)
    time.seconds += 0.21
    assert (supervisor.select_due(), supervisor.compute_wait(longest=5)) == (["worker"], 0)
    supervisor.record_start("worker", title="The background worker", pid=8)
    assert (supervisor.select_due(), supervisor.compute_wait(longest=5)) == ([], 5)
    assert time.states[-1].processes[0].restarts == 1


def test_the_log_says_in_one_line_why_it_ended() -> None:
    time = FakeTime()
    supervisor = time.create_supervisor()
    count_crash(supervisor, time, after=1)
    count_crash(supervisor, time, after=1, exit_code=3)
    assert time.lines == [
        "The background worker ended: killed by signal 9 (SIGKILL). It is started again in 0.2 s.",
        "The background worker ended: exit code 3, 2 times in a row. It is started again in 0.4 s.",
    ]


def test_old_failures_are_forgotten_while_it_works() -> None:
    time = FakeTime()
    supervisor = time.create_supervisor()
    for _ in range(4):
        count_crash(supervisor, time, after=1)
    supervisor.record_start("worker", title="The background worker", pid=9)
    supervisor.forget_old_failures()
    assert time.states[-1].processes[0].failures == 4
    time.seconds += 61
    supervisor.forget_old_failures()
    assert time.states[-1].processes[0].failures == 0


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (-11, "killed by signal 11 (SIGSEGV)"),
        (-99, "killed by signal 99"),
        (0, "exit code 0"),
        (None, "for an unknown reason"),
    ],
)
def test_exits_in_words(code: int | None, text: str) -> None:
    assert describe_exit(code) == text


def write_state(data: Path, *, pid: int, failures: int = 0, ended: str = "") -> None:
    process = ProcessState(name="worker", title="The background worker", pid=pid, failures=failures, ended=ended)
    write_service_state(data, ServiceState(pid=1, started_at=AT, processes=(process,)))


def test_the_state_of_the_worker_from_its_files(tmp_path: Path) -> None:
    assert describe_worker(tmp_path, now=0).state == "not needed"
    assert describe_worker(tmp_path, now=0, jobs_wait=True).state == "stopped"
    write_state(tmp_path, pid=7)
    at = (tmp_path / "run" / "service.json").stat().st_mtime
    assert describe_worker(tmp_path, now=at).state == "stopped", "it never gave a sign"
    get_heartbeat_path(tmp_path).touch()
    assert describe_worker(tmp_path, now=at).state == "running"
    write_state(tmp_path, pid=0, failures=1, ended="exit code 3")
    assert describe_worker(tmp_path, now=at).state == "stopped", "its heartbeat is fresh, and it ended"
    write_state(tmp_path, pid=0, failures=3, ended="exit code 3")
    crashing = describe_worker(tmp_path, now=at)
    assert (crashing.state, "3 times in a row; the last: exit code 3" in crashing.sentence) == ("crashing", True)
    assert read_service_state(tmp_path, now=at + 31) is None, "the supervisor is gone"
    assert describe_worker(tmp_path, now=at + 31).state == "stopped"
