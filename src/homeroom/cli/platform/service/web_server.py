"""Granian's server with a loop of its own: it starts web processes and the background worker again when they end.

Granian can respawn web processes itself, but ends the site when one ends twice within 5.5 seconds, knows no delay that
grows, does not say why one ended, and leaves them behind when it is killed (decision record 0062).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from granian import server as granian_server

from homeroom.apps.platform.monitoring.service_state import (
    WORKER,
    refresh_service_state,
    remove_service_state,
    write_service_state,
)
from homeroom.cli.platform.service.background_worker import BackgroundWorker
from homeroom.cli.platform.service.orphans import end_with_parent
from homeroom.cli.platform.service.shutdown_signals import install_signal_handler
from homeroom.cli.platform.service.supervisor import STANDARD_POLICY, RespawnPolicy, Supervisor
from homeroom.evidence.files.log_file import append_log
from homeroom.evidence.files.work_folder import open_work_folder

TICK_SECONDS = 5.0
_WEB_PREFIX = "web-"


_Server: Any = granian_server.MPServer


class SupervisedServer(_Server):  # type: ignore[misc]
    """A server whose processes are started again when they end. `data` is the data folder."""

    def __init__(
        self, target: str, *, data: Path, with_worker: bool, policy: RespawnPolicy = STANDARD_POLICY, **options: Any
    ) -> None:
        super().__init__(target, **options)
        self._data = data
        self._supervisor = Supervisor(
            pid=os.getpid(),
            clock=time.monotonic,
            now=lambda: datetime.now(UTC),
            log=partial(append_log, data, echo=True),
            publish=partial(write_service_state, data),
            policy=policy,
        )
        self._worker = BackgroundWorker(on_end=self.main_loop_interrupt.set) if with_worker else None
        if with_worker:  # once the port is bound and signals are heeded
            self.on_startup(self._start_worker)

    def serve(self) -> None:
        """Serve until stopped; then end every process."""
        try:
            super().serve(target_loader=partial(_load_application, self.target, self._data), wrap_loader=False)
        finally:
            if self._worker is not None:
                self._worker.stop()
            remove_service_state(self._data)

    def _serve_loop(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        self._record_web_processes()
        while True:
            self.main_loop_interrupt.wait(self._supervisor.compute_wait(longest=TICK_SECONDS))
            if self.interrupt_signal:
                self.interrupt_children.clear()  # those that heard Ctrl-C themselves are no failure
                return
            self.main_loop_interrupt.clear()
            if self.reload_signal:
                self._reload(spawn_target, target_loader)
                self._record_web_processes()
            self._record_ends()
            for name in self._supervisor.select_due():
                self._start_again(name, spawn_target, target_loader)
            self._supervisor.forget_old_failures()
            refresh_service_state(self._data)

    def _record_ends(self) -> None:
        while self.interrupt_children:
            index = self.interrupt_children.pop(0)
            self._supervisor.record_end(_name_web_process(index), exit_code=self.wrks[index].inner.exitcode)
        if self._worker is not None and (code := self._worker.take_exit_code()) is not None:
            self._supervisor.record_end(WORKER, exit_code=code)

    def _start_again(self, name: str, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        if name == WORKER:
            self._start_worker()
            return
        index = int(name.removeprefix(_WEB_PREFIX)) - 1
        self._respawn_workers([index], spawn_target, target_loader)
        self._record_web_process(index)

    def _start_worker(self) -> None:
        if self._worker is not None:
            self._supervisor.record_start(WORKER, title="The background worker", pid=self._worker.start())

    def _record_web_processes(self) -> None:
        for index in range(len(self.wrks)):
            self._record_web_process(index)

    def _record_web_process(self, index: int) -> None:
        title = f"Web process {index + 1} of {self.workers}"
        self._supervisor.record_start(_name_web_process(index), title=title, pid=self.wrks[index].inner.pid)


def _name_web_process(index: int) -> str:
    return f"{_WEB_PREFIX}{index + 1}"


def _load_application(target: str, data: Path) -> Any:
    """Return the application, in a web process that ends with its parent and has a folder of its own."""
    from granian._internal import load_target

    end_with_parent()
    install_signal_handler()
    open_work_folder(data)
    return load_target(target)
