"""Connect a console, change or remove the connection, and request a sync. Each command writes an audit entry."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction

from homeroom.apps.know.connections.models import LOGS_MINUTES, OPEN_STATES, Connection, Sync
from homeroom.apps.know.connections.validation import (
    ValidationErrors,
    has_host_changed,
    validate_connection_name,
    validate_schedule,
    validate_settings,
)
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.school_calendars import load_school_calendar
from homeroom.apps.platform.secret_box import SecretBox, SecretDecryptionError, open_secret_box
from homeroom.domain.platform.district import District
from homeroom.domain.scheduling.past_times import is_within
from homeroom.domain.scheduling.sync_hours import compute_next_time
from homeroom.library.know.api_specs import get_api_spec

NIGHTLY, NIGHT_ONLY = 24, "night"
USUAL_LOGS_MINUTES = LOGS_MINUTES


class UnknownConnection(LookupError):
    """The district has no connection with that name."""


class SyncInProgress(Exception):
    """A sync of this connection is in progress. `number` is its number, `logs` whether it reads only logs."""

    def __init__(self, number: int, *, logs: bool = False) -> None:
        super().__init__(f"sync {number} is under way")
        self.number, self.logs = number, logs


def connect(
    *,
    district: District,
    client: str,
    name: str,
    values: Mapping[str, str],
    actor: str,
    at: datetime,
    every_hours: int = NIGHTLY,
    quiet: str = NIGHT_ONLY,
    off: Sequence[str] = (),
    logs_minutes: int | None = None,
) -> str:
    """Create a connection and return its name.

    `values` are the client's settings by name, secrets included; secrets are encrypted before they are stored. Raise
    LookupError for an unknown client and ValidationErrors if a value does not fit. `logs_minutes` is how often its logs
    are read, None for as often as usual.
    """
    spec = get_api_spec(client).client
    connection_name = name or spec.name
    is_taken = Connection.objects.of(district).filter(name=connection_name).exists()
    errors = validate_schedule(every_hours, quiet, logs_minutes=logs_minutes)
    if message := validate_connection_name(connection_name, is_taken=is_taken):
        errors["name"] = message
    try:
        validated = validate_settings(spec, values, stored_secrets={})
    except ValidationErrors as error:
        raise ValidationErrors(error.errors | errors) from None
    if errors:
        raise ValidationErrors(errors)
    with transaction.atomic():
        connection = Connection.objects.create(
            district_id=district.pk,
            name=connection_name,
            client=client,
            plain=dict(validated.plain),
            sealed=open_secret_box().encrypt(
                validated.secret, context=format_secret_context(district, connection_name)
            ),
            off=_select_known_feeds(client, off),
            every_hours=every_hours,
            quiet=quiet,
            next_at=_compute_next_start(district, last=None, at=at, every_hours=every_hours, quiet=quiet),
            logs_at=at if has_logs(client, off) else None,
            logs_minutes=USUAL_LOGS_MINUTES if logs_minutes is None else logs_minutes,
            made_at=at,
            made_by=actor,
        )
        _record_audit(connection, "connect console", actor=actor, at=at, client=client)
    return connection_name


def change_connection(
    *,
    district: District,
    name: str,
    values: Mapping[str, str],
    actor: str,
    at: datetime,
    every_hours: int,
    quiet: str,
    off: Sequence[str] = (),
    logs_minutes: int | None = None,
) -> None:
    """Change settings, schedule or feeds. Raise UnknownConnection and ValidationErrors.

    An empty secret keeps its stored value, unless an address now leads to another host: then it must be entered again.
    `logs_minutes` of None leaves how often its logs are read as it is.
    """
    connection = get_connection(district=district, name=name)
    spec = get_api_spec(connection.client).client
    errors = validate_schedule(every_hours, quiet, logs_minutes=logs_minutes)
    minutes = connection.logs_minutes if logs_minutes is None else logs_minutes
    host_moved = has_host_changed(spec, values, before=connection.plain)
    try:
        validated = validate_settings(
            spec, values, stored_secrets={} if host_moved else _load_stored_secrets(connection)
        )
    except ValidationErrors as error:
        raise ValidationErrors(error.errors | errors) from None
    if errors:
        raise ValidationErrors(errors)
    last = _get_last_start(connection)
    with transaction.atomic():
        fields = {
            "plain": dict(validated.plain),
            "sealed": open_secret_box().encrypt(validated.secret, context=format_secret_context(district, name)),
            "off": _select_known_feeds(connection.client, off),
            "every_hours": every_hours,
            "quiet": quiet,
            "next_at": _compute_next_start(district, last=last, at=at, every_hours=every_hours, quiet=quiet),
            "logs_minutes": minutes,
            "logs_at": at if minutes and has_logs(connection.client, off) else None,
        }
        Connection.objects.of(district).filter(pk=connection.pk).update(**fields)
        schedule = {"every_hours": every_hours, "quiet": quiet, "logs_minutes": minutes}
        _record_audit(connection, "change connection", actor=actor, at=at, **schedule)


def disconnect(*, district: District, name: str, actor: str, at: datetime) -> None:
    """Remove a connection with its secrets and its fetched pages. Its loads stay.

    Raise UnknownConnection, and SyncInProgress while a sync is running.
    """
    connection = get_connection(district=district, name=name)
    running_sync = Sync.objects.of(district).filter(connection=connection, state="running").first()
    if running_sync is not None:
        raise SyncInProgress(running_sync.pk)
    with transaction.atomic():
        _record_audit(connection, "disconnect console", actor=actor, at=at, client=connection.client)
        Connection.objects.of(district).filter(pk=connection.pk).delete()
    shutil.rmtree(get_spool_folder(connection), ignore_errors=True)


def request_sync(*, district: District, name: str, actor: str, at: datetime, full: bool = False) -> int:
    """Return the number of a sync that waits to be run: a new one, or the paused one, which resumes at once.

    Raise UnknownConnection, and SyncInProgress if one is waiting or running.
    """
    connection = get_connection(district=district, name=name)
    with transaction.atomic():
        paused = Sync.objects.of(district).filter(connection=connection, state="paused").first()
        if paused is None:
            number = create_sync(connection, at=at, actor=actor, full=full)
        else:
            number = paused.pk
            Sync.objects.of(district).filter(pk=number).update(state="waiting", beat_at=at, made_by=actor)
        _record_audit(connection, "ask for sync", actor=actor, at=at, sync=number, whole=full)
    return number


def stop_sync(*, district: District, number: int, actor: str, at: datetime) -> None:
    """Stop a sync: discard its fetched pages, keep its loads. Raise UnknownConnection if no such sync is open."""
    sync = Sync.objects.of(district).filter(pk=number, state__in=OPEN_STATES).select_related("connection").first()
    if sync is None:
        raise UnknownConnection(f"no sync {number} is under way")
    with transaction.atomic():
        waits = Sync.objects.of(district).filter(pk=number, state__in=("waiting", "paused"))
        if waits.update(stop=True, state="stopped", finished_at=at, step=""):
            shutil.rmtree(get_spool_folder(sync.connection), ignore_errors=True)
        else:
            Sync.objects.of(district).filter(pk=number).update(stop=True)
        _record_audit(sync.connection, "stop sync", actor=actor, at=at, sync=number)


def create_sync(connection: Connection, *, at: datetime, actor: str, full: bool, logs: bool = False) -> int:
    """Create a sync and return its number. Raise SyncInProgress.

    It is a full sync if the last full one is too long ago. One of `logs` reads nothing else, and is never full.
    """
    spec = get_api_spec(connection.client).client
    full_is_due = not is_within(spec.full_sync_interval - timedelta(hours=1), connection.whole_at, at=at)
    district = connection.district_id
    try:
        with transaction.atomic():
            sync = Sync.objects.create(
                district_id=district,
                connection=connection,
                made_at=at,
                made_by=actor,
                whole=(full or full_is_due) and not logs,
                logs=logs,
                marks=connection.marks,
                beat_at=at,
            )
    except IntegrityError:
        open_sync = Sync.objects.of(district).filter(connection=connection, state__in=OPEN_STATES).first()
        raise SyncInProgress(open_sync.pk if open_sync else 0, logs=bool(open_sync and open_sync.logs)) from None
    return int(sync.pk)


def schedule_next_sync(connection: Connection, *, last: datetime | None, at: datetime) -> None:
    """Store the time of the next sync; the earliest allowed time if `last` is None."""
    next_start = _compute_next_start(
        connection.district, last=last, at=at, every_hours=connection.every_hours, quiet=connection.quiet
    )
    Connection.objects.of(connection.district_id).filter(pk=connection.pk).update(next_at=next_start)


def schedule_next_logs(connection: Connection, *, at: datetime) -> None:
    """Store when the logs are read next: some minutes from now, at any time of day."""
    next_start = at + timedelta(minutes=connection.logs_minutes) if connection.logs_minutes else None
    Connection.objects.of(connection.district_id).filter(pk=connection.pk).update(logs_at=next_start)


def has_logs(client: str, off: Sequence[str]) -> bool:
    """Return whether a console has logs that are read."""
    return any(feed.log and feed.id not in off for feed in get_api_spec(client).client.feeds)


def get_next_allowed_start(connection: Connection, *, at: datetime) -> datetime:
    """Return the first time from `at` on at which the schedule allows a sync; `at` itself means now.

    A calendar may have changed since the sync was planned, or the worker was off or busy with other jobs.
    """
    start = _compute_next_start(connection.district, last=None, at=at, every_hours=1, quiet=connection.quiet)
    return start or at


def rotate_keys(*, actor: str, at: datetime, reseal_others: Callable[[SecretBox], int] = lambda _secret_box: 0) -> int:
    """Encrypt the secrets of all districts with a new key, drop the old keys, and return the number of secrets.

    `reseal_others` encrypts those of other apps again, and returns how many. Raise SecretDecryptionError with the
    connection's name if one cannot be decrypted; the old keys then stay.
    """
    secret_box = open_secret_box()
    secret_box.add_key()
    sealed_connections = list(Connection.everywhere.exclude(sealed="").select_related("district"))
    for connection in sealed_connections:
        context = format_secret_context(connection.district, connection.name)
        try:
            values = secret_box.decrypt(connection.sealed, context=context)
        except SecretDecryptionError as error:
            raise SecretDecryptionError(f"{connection.name} of {connection.district.slug}: {error}") from None
        with transaction.atomic():
            Connection.objects.of(connection.district_id).filter(pk=connection.pk).update(
                sealed=secret_box.encrypt(values, context=context)
            )
            _record_audit(connection, "rotate key", actor=actor, at=at)
    others = reseal_others(secret_box)
    secret_box.drop_old_keys()
    return len(sealed_connections) + others


def get_connection(*, district: District, name: str) -> Connection:
    """Return the connection of that name. Raise UnknownConnection, which lists the existing names."""
    by_name = {
        connection.name: connection
        for connection in Connection.objects.of(district).order_by("name").select_related("district")
    }
    if name not in by_name:
        raise UnknownConnection(f"no connection {name}; there is {', '.join(by_name) or 'none yet'}")
    return by_name[name]


def decrypt_settings(connection: Connection) -> dict[str, str]:
    """Return all settings of a connection with its secrets decrypted. Never show or log them.

    Raise SecretDecryptionError.
    """
    spec = get_api_spec(connection.client).client
    context = format_secret_context(connection.district, connection.name)
    return spec.apply_defaults({**connection.plain, **open_secret_box().decrypt(connection.sealed, context=context)})


def list_unreadable_connections(*, district: District) -> tuple[str, ...]:
    """Return the connections whose secrets cannot be decrypted: their key file is missing or damaged."""
    names = []
    for connection in Connection.objects.of(district).order_by("name"):
        try:
            decrypt_settings(connection)
        except (SecretDecryptionError, OSError, ValueError):
            names.append(str(connection.name))
        except LookupError:
            continue  # a console that this version does not know any more
    return tuple(names)


def get_spool_folder(connection: Connection) -> Path:
    """Return the folder of pages that were fetched and are not loaded yet."""
    return Path(settings.DATA) / "spool" / connection.district.slug / str(connection.pk)


def format_secret_context(district: District, name: str) -> str:
    """Return the text to which a connection's secrets are bound (associated data)."""
    return f"{district.slug}/{name}"


def _load_stored_secrets(connection: Connection) -> dict[str, str]:
    try:
        return open_secret_box().decrypt(
            connection.sealed, context=format_secret_context(connection.district, connection.name)
        )
    except SecretDecryptionError:
        return {}  # the secrets are asked for again


def _select_known_feeds(client: str, off: Sequence[str]) -> list[str]:
    ids = [feed.id for feed in get_api_spec(client).client.feeds]
    return [feed_id for feed_id in ids if feed_id in set(off)]


def _get_last_start(connection: Connection) -> datetime | None:
    last = (
        Sync.objects.of(connection.district_id).filter(connection=connection, logs=False).order_by("-made_at").first()
    )
    return None if last is None else last.made_at


def _compute_next_start(
    district: District, *, last: datetime | None, at: datetime, every_hours: int, quiet: str
) -> datetime | None:
    zone = ZoneInfo(district.timezone)
    today = at.astimezone(zone).date()
    calendar = load_school_calendar(district=district, week=today - timedelta(days=today.weekday()))
    return compute_next_time(
        last=last, now=at, every_hours=every_hours, quiet=quiet, zone=zone, calendar=calendar.get_school_day
    )


def _record_audit(connection: Connection, action: str, *, actor: str, at: datetime, **detail: Any) -> None:
    record_audit_entry(
        district=connection.district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="connection",
        subject=connection.name,
        detail=detail,
    )
