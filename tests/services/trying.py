"""Tries a client against its console: one tour through the engine and the ordinary load, and what rows then stand."""

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
from homeroom.apps.sources.commands import load_package
from homeroom.apps.sources.reports import Loaded
from homeroom.evidence.store import Store
from homeroom.ingest.packages import Package
from homeroom.ingest.remote.line import Line, Patience
from homeroom.ingest.remote.sending import Send, opened
from homeroom.ingest.remote.touring import Tour, Toured, forget, toured
from homeroom.ingest.remote.walking import Mark
from homeroom.library.clients import client_named
from tests.services.console import Console
from tests.services.server import served
from tests.services.troubles import Troubles
from tests.services.world import World

type Rows = Mapping[str, list[dict[str, Any]]]
type Make = Callable[[World], Console]


@cache
def consoles() -> Mapping[str, Make]:
    """Every console of this folder, by its module's name."""
    modules = {one.name: import_module(f"tests.services.{one.name}") for one in iter_modules(tests.services.__path__)}
    return {name: module.console for name, module in modules.items() if hasattr(module, "console")}


@dataclass
class Trial:
    """One district's evidence and spool, tour after tour."""

    console: Console
    folder: Path
    marks: dict[str, Mark] = field(default_factory=dict)
    told: list[Toured[Loaded]] = field(default_factory=list)
    port: int = 0

    @property
    def store(self) -> Store:
        return Store(self.folder / "evidence", district="maple")

    @property
    def tour(self) -> Tour:
        found = client_named(self.console.client)
        return Tour(
            client=found.client, connector=found.connector, folder=self.folder / "spool", marks=dict(self.marks)
        )

    def run(
        self,
        *,
        troubles: Troubles | None = None,
        whole: bool = False,
        wire: Callable[[Send], Send] = lambda send: send,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> list[Toured[Loaded]]:
        """One tour to its end. Raises what the tour raises; then what was fetched lies in the spool, and the next run goes on."""
        found = client_named(self.console.client)
        tour = Tour(**{**vars(self.tour), "whole": whole})
        with served(self.console, troubles=troubles, port=self.port) as url, opened() as send:
            self.port = int(url.rpartition(":")[2])
            line = Line(
                client=found.client,
                settings=found.client.complete(self.console.settings(url)),
                send=wire(send),
                clock=self.console.world.clock,
                cancelled=cancelled,
                patience=Patience(tries=8),
            )
            at = self.console.world.now()
            self.told = list(toured(tour, line=line, at=at, progress=_silent, load=self._load))
        for one in self.told:
            if one.walked is not None and one.fault is None and not one.problems:
                self.marks |= one.walked.marks
        forget(tour)
        return self.told

    def _load(self, package: Package) -> Loaded:
        return load_package(package, store=self.store, at=self.console.world.now(), source=None, approved=True)

    def rows(self) -> Rows:
        """The rows that stand, by table, in the order of all their columns, without where they were read."""
        made: dict[str, list[pl.DataFrame]] = {}
        for load in self.store.standing():
            for name, part in load.tables.items():
                made.setdefault(name, []).append(pl.read_parquet(self.store.blob(part.blob)).drop("_file", "_line"))
        return {name: sorted(pl.concat(frames).to_dicts(), key=repr) for name, frames in sorted(made.items())}

    def texts(self) -> bytes:
        """Every byte that was written to disk, but for tables of evidence."""
        return b"\n".join(
            path.read_bytes() for path in self.folder.rglob("*") if path.is_file() and path.suffix != ".parquet"
        )


def _silent(_step: str, _done: int, _total: int) -> None:
    """No progress to show."""
