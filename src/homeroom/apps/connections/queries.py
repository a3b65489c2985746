"""What pages and verbs ask about connections: which there are, how their syncs went, and which consoles could be connected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from homeroom.apps.connections.models import OPEN, Connection, Sync
from homeroom.ingest.remote.client import Client
from homeroom.library.clients import client_named, clients

SYNCS_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class SyncRow:
    """One sync. `result` is what `running` wrote: `streams`, or `reason` and `sentence`."""

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
        """Whether nothing more will happen to it."""
        return self.state not in OPEN

    @property
    def streams(self) -> tuple[Mapping[str, Any], ...]:
        """What became of each stream."""
        return tuple(self.result.get("streams", ()))

    @property
    def sentence(self) -> str:
        """Why it paused or failed."""
        return str(self.result.get("sentence", ""))

    @property
    def rows(self) -> int:
        """How many rows the console gave."""
        return sum(int(one.get("rows") or 0) for one in self.streams)


@dataclass(frozen=True, kw_only=True)
class ConnectionRow:
    """One connection; `title` is its console's, empty where the client is no longer shipped. No secret is here."""

    name: str
    client: str
    title: str
    plain: Mapping[str, str]
    off: tuple[str, ...]
    every_hours: int
    quiet: str
    next_at: datetime | None
    whole_at: datetime | None
    made_at: datetime
    made_by: str
    last: SyncRow | None
    good_at: datetime | None

    @property
    def due_at(self) -> datetime | None:
        """When it is asked again by itself: where it pauses, when that sync goes on; None where only when told to."""
        return self.last.resume_at if self.last and self.last.state == "paused" else self.next_at


def consoles() -> tuple[Client, ...]:
    """The consoles that can be connected, by title."""
    return tuple(sorted((one.client for one in clients()), key=lambda client: client.title))


def console(name: str) -> Client | None:
    """The console of that name, or None."""
    try:
        return client_named(name).client
    except LookupError:
        return None


def connections(*, district: Any) -> tuple[ConnectionRow, ...]:
    """Every connection of the district, by name, each with its newest sync."""
    rows = list(Connection.objects.of(district).order_by("name"))
    return tuple(_row(district, one) for one in rows)


def one_connection(*, district: Any, name: str) -> ConnectionRow | None:
    """The connection of that name, or None."""
    one = Connection.objects.of(district).filter(name=name).first()
    return None if one is None else _row(district, one)


def syncs(*, district: Any, name: str) -> tuple[SyncRow, ...]:
    """The newest syncs of a connection."""
    rows = Sync.objects.of(district).filter(connection__name=name).select_related("connection")
    return tuple(_sync(one) for one in rows.order_by("-made_at", "-pk")[:SYNCS_SHOWN])


def one_sync(*, district: Any, number: int) -> SyncRow | None:
    """The sync of that number, or None."""
    one = Sync.objects.of(district).filter(pk=number).select_related("connection").first()
    return None if one is None else _sync(one)


def _row(district: Any, one: Connection) -> ConnectionRow:
    found = Sync.objects.of(district).filter(connection=one).select_related("connection")
    last = found.order_by("-made_at", "-pk").first()
    good = found.filter(state="done").order_by("-finished_at").first()
    described = console(one.client)
    return ConnectionRow(
        name=one.name,
        client=one.client,
        title=described.title if described else "",
        plain=one.plain,
        off=tuple(one.off),
        every_hours=one.every_hours,
        quiet=one.quiet,
        next_at=one.next_at,
        whole_at=one.whole_at,
        made_at=one.made_at,
        made_by=one.made_by,
        last=_sync(last) if last else None,
        good_at=good.finished_at if good else None,
    )


def _sync(one: Sync) -> SyncRow:
    return SyncRow(
        number=one.pk,
        connection=one.connection.name,
        state=one.state,
        step=one.step,
        done=one.done,
        total=one.total,
        whole=one.whole,
        made_at=one.made_at,
        made_by=one.made_by,
        resume_at=one.resume_at,
        finished_at=one.finished_at,
        result=one.result,
    )
