"""The status of each kind of log in a district, and the derived table of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa

from homeroom.domain.ids import hash_log_id
from homeroom.domain.protect.detections.coverage import WINDOWS, Coverage, LogSourceKind, LogStatus
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables.logs import LOGS

RECENT = timedelta(days=7)
"""A log is read if an event of it is not older."""
HISTORY = timedelta(days=28)
"""Time up to its newest event in which a log shows how often it has entries."""
MIN_DAYS = 7
"""Days with entries in that time before a log can be said to have stopped."""
MIN_MISSED_DAYS = 3
"""School days without an entry after which it stopped: a break is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogFacts:
    """What the stored events say of the kinds of logs.

    `products` have something loaded; `days` are the days with entries of each kind that is one log, and
    `loaded` the kinds whose stream was loaded lately, with or without entries. `senders` are the computers, by short
    name, that sent a kind lately, and `planted` the kinds of canaries that somebody planted on the page.
    """

    coverage: Coverage
    products: frozenset[str] = frozenset()
    days: Mapping[str, frozenset[date]] = field(default_factory=dict)
    loaded: frozenset[str] = frozenset()
    senders: Mapping[str, frozenset[str]] = field(default_factory=dict)
    planted: frozenset[str] = frozenset()


def describe_logs(
    facts: LogFacts,
    *,
    kinds: Sequence[LogSourceKind],
    controllers: Collection[str],
    canaries: Mapping[str, bool | None],
    today: date,
    is_school_day: Callable[[date], bool],
) -> tuple[LogStatus, ...]:
    """Return the status of each kind; `controllers` are the known domain controllers by short name.

    `canaries` has for each kind of them whether one is planted; None if that is not known.
    """
    by_id = {kind.id: kind for kind in kinds}
    gains = {gain.kind.id: gain for gain in facts.coverage.gains}
    products = facts.products | ({WINDOWS} if controllers else set())
    read = {kind.id for kind in kinds if kind.id in facts.coverage.seen or kind.id in facts.loaded}
    statuses = []
    for kind in kinds:
        before = tuple(_iter_before(kind, by_id))
        days = facts.days.get(kind.id, frozenset())
        gain = gains.get(kind.id)
        statuses.append(
            LogStatus(
                kind=kind,
                here=True if kind.connector in products else None,
                read=canaries.get(kind.id) if kind.canaries else kind.id in read or bool(kind.instead & read),
                stopped=has_stopped(days, today=today, is_school_day=is_school_day),
                ready=all(entry.id in read for entry in before),
                last_day=facts.coverage.newest.get(kind.id) or max(days, default=None),
                rules=gain.rules if gain else 0,
                first=tuple(entry for entry in before if entry.id not in read),
                silent_servers=_list_silent_servers(kind, facts, controllers),
            )
        )
    return tuple(statuses)


def _iter_before(kind: LogSourceKind, by_id: Mapping[str, LogSourceKind]) -> Iterable[LogSourceKind]:
    if kind.after:
        yield from _iter_before(by_id[kind.after], by_id)
        yield by_id[kind.after]


def _list_silent_servers(kind: LogSourceKind, facts: LogFacts, controllers: Collection[str]) -> tuple[str, ...] | None:
    if kind.id not in facts.senders or not controllers:
        return None
    return tuple(sorted(set(controllers) - facts.senders[kind.id]))


def has_stopped(days: Collection[date], *, today: date, is_school_day: Callable[[date], bool]) -> bool:
    """Return whether a log with entries on those days came regularly, and has had none for a week with school."""
    newest = max(days, default=None)
    if newest is None or newest > today - RECENT:
        return False
    missed = (newest + timedelta(days=number) for number in range(1, (today - newest).days))
    is_regular = sum(newest - HISTORY < day for day in days) >= MIN_DAYS
    return is_regular and sum(map(is_school_day, missed)) >= MIN_MISSED_DAYS


def build_logs_table(statuses: Iterable[LogStatus]) -> pa.Table:
    """Return the derived table of the kinds of logs, by id."""
    rows = map(_build_row, sorted(statuses, key=lambda status: hash_log_id(status.kind.id)))
    return pa.Table.from_pylist(list(rows), schema=build_arrow_schema(LOGS))


def _build_row(status: LogStatus) -> dict[str, object]:
    kind, servers = status.kind, status.silent_servers
    return {
        "id": hash_log_id(kind.id),
        "kind": kind.id,
        "title": kind.title,
        "product": kind.connector,
        "here": status.here,
        "read": status.read,
        "stopped": status.stopped,
        "ready": status.ready,
        "last_day": status.last_day,
        "rules": status.rules,
        "minutes": kind.minutes + sum(entry.minutes for entry in status.first),
        "first": sorted(entry.title for entry in status.first),
        "servers_silent": None if servers is None else len(servers),
        "silent_servers": None if servers is None else list(servers),
    }
