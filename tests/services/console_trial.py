"""Test a client against its console: one sync through the engine and the ordinary load, and the resulting rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import polars as pl

import tests.services
from homeroom.apps.know.sources.commands import load_package
from homeroom.apps.know.sources.load_report import LoadResult
from homeroom.domain.progress import ignore_progress
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.detection.package import Package
from homeroom.ingest.remote.api_session import ApiSession, RetryPolicy
from homeroom.ingest.remote.feed_sync import SyncBookmark
from homeroom.ingest.remote.http_transport import Send, open_transport
from homeroom.ingest.remote.sync_runner import StreamResult, SyncJob, remove_fetched_pages, run_sync_job
from homeroom.library.know.api_specs import get_api_spec
from tests.services.console import Console
from tests.services.faults import FaultScript
from tests.services.server import LOCAL_POLICY, serve_console
from tests.services.world import World

type TableRows = Mapping[str, list[dict[str, Any]]]
type ConsoleFactory = Callable[[World], Console]


@cache
def find_consoles() -> Mapping[str, ConsoleFactory]:
    """Return every console of this folder, by its module's name."""
    modules = {
        module_info.name: import_module(f"tests.services.{module_info.name}")
        for module_info in iter_modules(tests.services.__path__)
    }
    return {name: module.build_console for name, module in modules.items() if hasattr(module, "build_console")}


@dataclass
class ConsoleTrial:
    """One district's evidence and spool, sync after sync."""

    console: Console
    folder: Path
    bookmarks: dict[str, SyncBookmark] = field(default_factory=dict)
    results: list[StreamResult[LoadResult]] = field(default_factory=list)
    port: int = 0

    @property
    def store(self) -> EvidenceStore:
        return EvidenceStore(self.folder / "evidence", district="maple")

    @property
    def job(self) -> SyncJob:
        registered = get_api_spec(self.console.client)
        return SyncJob(
            spec=registered.client,
            connector=registered.connector,
            folder=self.folder / "spool",
            bookmarks=dict(self.bookmarks),
        )

    def run(
        self,
        *,
        faults: FaultScript | None = None,
        full: bool = False,
        wrap_send: Callable[[Send], Send] = lambda send: send,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> list[StreamResult[LoadResult]]:
        """Run one sync to its end and return its results.

        Raise the sync's exceptions; fetched pages are then in the spool, and the next run resumes from them.
        """
        registered = get_api_spec(self.console.client)
        job = SyncJob(**{**vars(self.job), "full": full})
        with (
            serve_console(self.console, faults=faults, port=self.port) as url,
            open_transport(policy=LOCAL_POLICY) as send,
        ):
            self.port = int(url.rpartition(":")[2])
            session = ApiSession(
                spec=registered.client,
                settings=registered.client.apply_defaults(self.console.build_settings(url)),
                send=wrap_send(send),
                clock=self.console.world.clock,
                cancelled=cancelled,
                retry_policy=RetryPolicy(tries=8),
            )
            now = self.console.world.read_clock()
            self.results = list(run_sync_job(job, session=session, at=now, progress=ignore_progress, load=self._load))
        for result in self.results:
            if result.sync_result is not None and result.error is None and not result.problems:
                self.bookmarks |= result.sync_result.bookmarks
        remove_fetched_pages(job)
        return self.results

    def _load(self, package: Package) -> LoadResult:
        return load_package(package, store=self.store, at=self.console.world.read_clock(), source=None, approved=True)

    def read_rows(self) -> TableRows:
        """Return the current rows, by table, ordered by all their columns, without the places they were read from."""
        frames_by_table: dict[str, list[pl.DataFrame]] = {}
        events = EventStore(self.store)
        for log in {log.table for log in events.list_logs()}:
            batches = [pl.DataFrame(batch) for batch in events.iter_new_rows(log, after=0)]
            frames_by_table[log] = [pl.concat(batches).drop("load_number")]
        for load in self.store.list_current_loads():
            for name, part in load.tables.items():
                frames_by_table.setdefault(name, []).append(
                    pl.read_parquet(self.store.get_blob_path(part.blob)).drop("_file", "_line")
                )
        return {
            name: sorted(pl.concat(frames).to_dicts(), key=repr) for name, frames in sorted(frames_by_table.items())
        }

    def read_written_bytes(self) -> bytes:
        """Return every byte that was written to disk, except tables of evidence."""
        return b"\n".join(
            path.read_bytes() for path in self.folder.rglob("*") if path.is_file() and path.suffix != ".parquet"
        )
