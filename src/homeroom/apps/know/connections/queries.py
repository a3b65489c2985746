"""Queries for connections, their syncs, and the consoles that can be connected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from homeroom.apps.know.connections.models import OPEN_STATES, Connection, Sync
from homeroom.domain.platform.district import District
from homeroom.ingest.remote.api_spec import ApiSpec
from homeroom.library.know.api_specs import get_api_spec, load_api_specs

MAX_SYNCS = 10


@dataclass(frozen=True, kw_only=True)
class SyncRow:
    """One sync. `result` is as the sync run wrote it: `streams`, or `reason` and `sentence`."""

    number: int
    connection: str
    state: str
    step: str
    done: int
    total: int
    whole: bool
    made_at: datetime
    made_by: str
    resume_at: datetime | None
    finished_at: datetime | None
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Return whether the sync has ended."""
        return self.state not in OPEN_STATES

    @property
    def streams(self) -> tuple[Mapping[str, Any], ...]:
        """Results by stream."""
        return tuple(self.result.get("streams", ()))

    @property
    def sentence(self) -> str:
        """Reason of a pause or failure, as a sentence."""
        return str(self.result.get("sentence", ""))

    @property
    def rows(self) -> int:
        """Number of rows received from the console."""
        return sum(int(stream.get("rows") or 0) for stream in self.streams)


@dataclass(frozen=True, kw_only=True)
class ConnectionRow:
    """One connection without its secrets. `title` is empty if this version has no such client."""

    name: str
    client: str
    title: str
    plain: Mapping[str, str]
    off: tuple[str, ...]
    every_hours: int
    quiet: str
    logs_minutes: int
    has_logs: bool
    next_at: datetime | None
    whole_at: datetime | None
    made_at: datetime
    made_by: str
    last: SyncRow | None
    good_at: datetime | None

    @property
    def due_at(self) -> datetime | None:
        """Time of the next automatic sync or resumption; None if only a user starts it."""
        return self.last.resume_at if self.last and self.last.state == "paused" else self.next_at


def list_consoles() -> tuple[ApiSpec, ...]:
    """Return the consoles that can be connected, by title."""
    return tuple(sorted((entry.client for entry in load_api_specs()), key=lambda client: client.title))


def get_console(name: str) -> ApiSpec | None:
    """Return the client of that name, or None."""
    try:
        return get_api_spec(name).client
    except LookupError:
        return None


def list_connections(*, district: District) -> tuple[ConnectionRow, ...]:
    """Return the district's connections by name, each with its newest sync."""
    rows = list(Connection.objects.of(district).order_by("name"))
    return tuple(_build_connection_row(district, connection) for connection in rows)


def list_server_addresses(*, district: District) -> Mapping[str, str]:
    """Return the addresses of the consoles that the district connected, by source instance."""
    rows = Connection.objects.of(district).values_list("name", "plain")
    return {name: str(plain.get("address", "")) for name, plain in rows if plain.get("address")}


def list_expected_ages(*, district: District) -> dict[str, int]:
    """Return the days after which data of a connection is old, by its name: those between two scheduled syncs.

    A connection that only users start is left out.
    """
    rows = Connection.objects.of(district).filter(every_hours__gt=0).values_list("name", "every_hours")
    return {name: max(1, ceil(hours / 24)) for name, hours in rows}


def find_connection(*, district: District, name: str) -> ConnectionRow | None:
    """Return the connection of that name, or None."""
    connection = Connection.objects.of(district).filter(name=name).first()
    return None if connection is None else _build_connection_row(district, connection)


def list_syncs(*, district: District, name: str) -> tuple[SyncRow, ...]:
    """Return the newest syncs of a connection's lists; its logs are read many times an hour."""
    rows = Sync.objects.of(district).filter(connection__name=name, logs=False).select_related("connection")
    return tuple(_build_sync_row(sync) for sync in rows.order_by("-made_at", "-pk")[:MAX_SYNCS])


def find_sync(*, district: District, number: int) -> SyncRow | None:
    """Return the sync of that number, or None."""
    sync = Sync.objects.of(district).filter(pk=number).select_related("connection").first()
    return None if sync is None else _build_sync_row(sync)


def _build_connection_row(district: District, connection: Connection) -> ConnectionRow:
    connection_syncs = Sync.objects.of(district).filter(connection=connection, logs=False).select_related("connection")
    last = connection_syncs.order_by("-made_at", "-pk").first()
    last_good = connection_syncs.filter(state="done").order_by("-finished_at").first()
    spec = get_console(connection.client)
    return ConnectionRow(
        name=connection.name,
        client=connection.client,
        title=spec.title if spec else "",
        plain=connection.plain,
        off=tuple(connection.off),
        every_hours=connection.every_hours,
        quiet=connection.quiet,
        logs_minutes=connection.logs_minutes,
        has_logs=spec is not None and any(feed.log and feed.id not in connection.off for feed in spec.feeds),
        next_at=connection.next_at,
        whole_at=connection.whole_at,
        made_at=connection.made_at,
        made_by=connection.made_by,
        last=_build_sync_row(last) if last else None,
        good_at=last_good.finished_at if last_good else None,
    )


def _build_sync_row(sync: Sync) -> SyncRow:
    return SyncRow(
        number=sync.pk,
        connection=sync.connection.name,
        state=sync.state,
        step=sync.step,
        done=sync.done,
        total=sync.total,
        whole=sync.whole,
        made_at=sync.made_at,
        made_by=sync.made_by,
        resume_at=sync.resume_at,
        finished_at=sync.finished_at,
        result=sync.result,
    )
