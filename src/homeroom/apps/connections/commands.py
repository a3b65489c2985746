"""Connecting a console, changing and removing the connection, and asking for a sync. Every one leaves an audit entry."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction

from homeroom.apps.audit.commands import record
from homeroom.apps.connections.entering import Wrong, elsewhere, entered, name_misfit, schedule_misfits
from homeroom.apps.connections.models import OPEN, Connection, Sync
from homeroom.apps.connections.sealing import NotOpened, Seal
from homeroom.apps.connections.timing import next_time
from homeroom.apps.planning.calendar import school_days
from homeroom.library.clients import client_named

NIGHTLY, AT_NIGHT = 24, "night"


class NoSuchConnection(LookupError):
    """The district has no connection of that name."""


class SyncOpen(Exception):
    """A sync of this connection is under way. `number` is its number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"sync {number} is under way")
        self.number = number


def connect(
    *,
    district: Any,
    client: str,
    name: str,
    given: Mapping[str, str],
    actor: str,
    at: datetime,
    every_hours: int = NIGHTLY,
    quiet: str = AT_NIGHT,
    off: Sequence[str] = (),
) -> str:
    """A new connection, and its name. Raises LookupError for an unknown client and Wrong where something does not fit.

    `given` are the client's settings by name, secrets among them; they are sealed before they are kept.
    """
    described = client_named(client).client
    chosen = name or described.name
    taken = Connection.objects.of(district).filter(name=chosen).exists()
    wrong = schedule_misfits(every_hours, quiet)
    if told := name_misfit(chosen, taken=taken):
        wrong["name"] = told
    try:
        said = entered(described, given, kept={})
    except Wrong as why:
        raise Wrong(why.wrong | wrong) from None
    if wrong:
        raise Wrong(wrong)
    with transaction.atomic():
        made = Connection.objects.create(
            district=district,
            name=chosen,
            client=client,
            plain=dict(said.plain),
            sealed=seal().sealed(said.secret, bound_to=bound_to(district, chosen)),
            off=_known_feeds(client, off),
            every_hours=every_hours,
            quiet=quiet,
            next_at=_next(district, last=None, at=at, every_hours=every_hours, quiet=quiet),
            made_at=at,
            made_by=actor,
        )
        _said(made, "connect console", actor=actor, at=at, client=client)
    return chosen


def change(
    *,
    district: Any,
    name: str,
    given: Mapping[str, str],
    actor: str,
    at: datetime,
    every_hours: int,
    quiet: str,
    off: Sequence[str] = (),
) -> None:
    """Other settings, schedule or feeds. Raises NoSuchConnection and Wrong.

    A secret that is left empty stays as it is, unless an address leads to another host: then it must be entered again.
    """
    connection = found(district=district, name=name)
    described = client_named(connection.client).client
    wrong = schedule_misfits(every_hours, quiet)
    moved = elsewhere(described, given, before=connection.plain)
    try:
        said = entered(described, given, kept={} if moved else _kept(connection))
    except Wrong as why:
        raise Wrong(why.wrong | wrong) from None
    if wrong:
        raise Wrong(wrong)
    last = _last_began(connection)
    with transaction.atomic():
        fields = {
            "plain": dict(said.plain),
            "sealed": seal().sealed(said.secret, bound_to=bound_to(district, name)),
            "off": _known_feeds(connection.client, off),
            "every_hours": every_hours,
            "quiet": quiet,
            "next_at": _next(district, last=last, at=at, every_hours=every_hours, quiet=quiet),
        }
        Connection.objects.of(district).filter(pk=connection.pk).update(**fields)
        _said(connection, "change connection", actor=actor, at=at, every_hours=every_hours, quiet=quiet)


def disconnect(*, district: Any, name: str, actor: str, at: datetime) -> None:
    """Removes a connection with its secrets and what it had fetched. What it loaded stands on. Raises as `found`, and SyncOpen
    where a sync is running."""
    connection = found(district=district, name=name)
    under_way = Sync.objects.of(district).filter(connection=connection, state="running").first()
    if under_way is not None:
        raise SyncOpen(under_way.pk)
    with transaction.atomic():
        _said(connection, "disconnect console", actor=actor, at=at, client=connection.client)
        Connection.objects.of(district).filter(pk=connection.pk).delete()
    shutil.rmtree(spool_of(connection), ignore_errors=True)


def ask_for_sync(*, district: Any, name: str, actor: str, at: datetime, whole: bool = False) -> int:
    """A sync that waits to be run, and its number: a new one, or the one that pauses, which goes on at once.

    Raises NoSuchConnection, and SyncOpen where one is under way.
    """
    connection = found(district=district, name=name)
    with transaction.atomic():
        paused = Sync.objects.of(district).filter(connection=connection, state="paused").first()
        if paused is None:
            number = new_sync(connection, at=at, by=actor, whole=whole)
        else:
            number = paused.pk
            Sync.objects.of(district).filter(pk=number).update(state="waiting", beat_at=at, made_by=actor)
        _said(connection, "ask for sync", actor=actor, at=at, sync=number, whole=whole)
    return number


def stop_sync(*, district: Any, number: int, actor: str, at: datetime) -> None:
    """Asks a sync to end; what it fetched is thrown away, what it loaded stands. Raises NoSuchConnection where none is open."""
    sync = Sync.objects.of(district).filter(pk=number, state__in=OPEN).select_related("connection").first()
    if sync is None:
        raise NoSuchConnection(f"no sync {number} is under way")
    with transaction.atomic():
        waits = Sync.objects.of(district).filter(pk=number, state__in=("waiting", "paused"))
        if waits.update(stop=True, state="stopped", finished_at=at, step=""):
            shutil.rmtree(spool_of(sync.connection), ignore_errors=True)
        else:
            Sync.objects.of(district).filter(pk=number).update(stop=True)
        _said(sync.connection, "stop sync", actor=actor, at=at, sync=number)


def new_sync(connection: Connection, *, at: datetime, by: str, whole: bool) -> int:
    """The row of a new sync. Raises SyncOpen. Everything is asked for where the last time is too long ago."""
    described = client_named(connection.client).client
    old = connection.whole_at is None or at - connection.whole_at >= described.whole_every - timedelta(hours=1)
    district = connection.district_id
    try:
        with transaction.atomic():
            sync = Sync.objects.create(
                district_id=district,
                connection=connection,
                made_at=at,
                made_by=by,
                whole=whole or old,
                marks=connection.marks,
                beat_at=at,
            )
    except IntegrityError:
        standing = Sync.objects.of(district).filter(connection=connection, state__in=OPEN).first()
        raise SyncOpen(standing.pk if standing else 0) from None
    return int(sync.pk)


def plan_next(connection: Connection, *, last: datetime | None, at: datetime) -> None:
    """Says when the connection is asked next; as soon as may be where `last` is None."""
    moment = _next(connection.district, last=last, at=at, every_hours=connection.every_hours, quiet=connection.quiet)
    Connection.objects.of(connection.district_id).filter(pk=connection.pk).update(next_at=moment)


def may_begin_at(connection: Connection, *, at: datetime) -> datetime:
    """When its schedule lets a sync begin, from `at` on, which is now where that is `at` itself.

    A calendar may have changed since it was planned, a worker slept through the night, or other jobs took their time.
    """
    moment = _next(connection.district, last=None, at=at, every_hours=1, quiet=connection.quiet)
    return moment or at


def seal_anew(*, actor: str, at: datetime) -> int:
    """A new key for all secrets of the folder, every district's; the old keys are forgotten. How many connections were sealed.

    Raises NotOpened where one cannot be opened any more, naming it; then the old keys stay.
    """
    keys = seal()
    keys.add_key()
    every = list(Connection.everywhere.exclude(sealed="").select_related("district"))
    for one in every:
        bound = bound_to(one.district, one.name)
        try:
            values = keys.opened(one.sealed, bound_to=bound)
        except NotOpened as why:
            raise NotOpened(f"{one.name} of {one.district.slug}: {why}") from None
        with transaction.atomic():
            Connection.objects.of(one.district_id).filter(pk=one.pk).update(sealed=keys.sealed(values, bound_to=bound))
            _said(one, "seal anew", actor=actor, at=at)
    keys.drop_old_keys()
    return len(every)


def found(*, district: Any, name: str) -> Connection:
    """The connection of that name. Raises NoSuchConnection, naming those that are there."""
    every = {one.name: one for one in Connection.objects.of(district).order_by("name").select_related("district")}
    if name not in every:
        raise NoSuchConnection(f"no connection {name}; there is {', '.join(every) or 'none yet'}")
    return every[name]


def settings_of(connection: Connection) -> dict[str, str]:
    """Every setting of a connection, secrets opened. Never shown and never logged. Raises NotOpened."""
    described = client_named(connection.client).client
    bound = bound_to(connection.district, connection.name)
    return described.complete({**connection.plain, **seal().opened(connection.sealed, bound_to=bound)})


def spool_of(connection: Connection) -> Path:
    """The folder of what was fetched and not yet loaded."""
    return Path(settings.DATA) / "spool" / connection.district.slug / str(connection.pk)


def seal() -> Seal:
    """The keys of this data folder."""
    return Seal(Path(settings.DATA))


def bound_to(district: Any, name: str) -> str:
    """What a secret is bound to."""
    return f"{district.slug}/{name}"


def _kept(connection: Connection) -> dict[str, str]:
    try:
        return seal().opened(connection.sealed, bound_to=bound_to(connection.district, connection.name))
    except NotOpened:
        return {}  # the secrets are asked for again


def _known_feeds(client: str, off: Sequence[str]) -> list[str]:
    ids = [feed.id for feed in client_named(client).client.feeds]
    return [one for one in ids if one in set(off)]


def _last_began(connection: Connection) -> datetime | None:
    last = Sync.objects.of(connection.district_id).filter(connection=connection).order_by("-made_at").first()
    return None if last is None else last.made_at


def _next(district: Any, *, last: datetime | None, at: datetime, every_hours: int, quiet: str) -> datetime | None:
    zone = ZoneInfo(district.timezone)
    today = at.astimezone(zone).date()
    known = school_days(district=district, week=today - timedelta(days=today.weekday()))
    return next_time(last=last, now=at, every_hours=every_hours, quiet=quiet, zone=zone, told=known.may_have_class)


def _said(connection: Connection, action: str, *, actor: str, at: datetime, **detail: Any) -> None:
    record(
        district=connection.district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="connection",
        subject=connection.name,
        detail=detail,
    )
