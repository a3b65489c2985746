"""Events for the reach of an incident, read from the evidence: only the days, and of those the rows, that it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from homeroom.apps.protect.incidents.reach_people import clean_name
from homeroom.domain.protect.incidents.reach import ReachQuestion
from homeroom.engines.protect.enrich.parties import clean_address, clip_host_name, find_parties
from homeroom.engines.protect.incidents.reach import AddressUse, ReachEvent
from homeroom.evidence.events.event_store import EventStore
from homeroom.ingest.events.stored_events import build_log_events

AUDIT, HOST = "audit_events", "host_events"
LOOK_BACK = timedelta(days=7)
"""Time before an incident in which an account's addresses are its usual ones."""
_SIGN_INS = (4624, 4648, 4778)
_HOST_EVENTS = (
    *_SIGN_INS,
    *(1102, 1149, 4660, 4663, 4697, 4698, 4720, 4722, 4723, 4724, 4725, 4726, 4728, 4732, 4738, 4740, 4741, 4756),
    *(4767, 4781, 5145, 7045),
)
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    AUDIT: ("key", "at", "log", "event", "outcome", "actor_email", "actor_key", "address", "country", "device_key",
            "details", "source"),
    HOST: ("key", "at", "channel", "event_id", "computer", "user", "address", "details", "source"),
}  # fmt: skip
_BATCH = 5_000
_SAME = ("log", "event", "outcome", "actor_email", "actor_key", "address", "country", "device_key", "target", "source")
_ONLY_READ = ("view", "preview", "download", "fileaccessed", "filepreviewed", "filedownloaded")
"""Events of which many are alike but for their time: one of them is read, with how many there are."""


def iter_reach_events(events: EventStore, question: ReachQuestion) -> Iterator[ReachEvent]:
    """Yield what the accounts did, and what happened on the hosts, in the time of the question."""
    names = sorted(question.accounts)
    actor = _fold("actor_email").is_in(names) | _fold("actor_key").is_in(names)
    host = pl.col("computer").str.split(".").list.first().str.to_lowercase().is_in(sorted(question.hosts))
    wanted = pl.col("event_id").is_in(_HOST_EVENTS) & (_clean_user().is_in(names) | host)
    for table, condition in ((AUDIT, actor), (HOST, wanted)):
        columns = (*_COLUMNS[table], *(("target",) if table == AUDIT else ()))
        for rows in events.iter_selected_rows(
            table, condition, columns=columns, since=question.since, until=question.until
        ):
            yield from _build_events(table, _unite_alike(rows) if table == AUDIT else _count_once(rows), question)


def _unite_alike(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with those about one document that are alike as one, the newest of them."""
    alike = pl.col("event").str.to_lowercase().is_in(_ONLY_READ)
    united = (
        rows.filter(alike)
        .sort("at")
        .group_by(_SAME, maintain_order=True)
        .agg(
            pl.col("key", "details").last(),
            pl.col("at").max().alias("at"),
            pl.col("at").min().alias("first"),
            pl.len().cast(pl.UInt32).alias("count"),
        )
    )
    single = _count_once(rows.filter(~alike.fill_null(value=False)))
    return pl.concat([single, united.select(single.columns)])


def _count_once(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col("at").alias("first"), pl.lit(1).cast(pl.UInt32).alias("count"))


def _build_events(table: str, rows: pl.DataFrame, question: ReachQuestion) -> Iterator[ReachEvent]:
    for batch in rows.to_arrow().to_batches(max_chunksize=_BATCH):
        for row, log in zip(batch.to_pylist(), build_log_events(table, batch), strict=True):
            parties = find_parties(log)
            named = clean_name(row["actor_email"] or parties.actor) if table == AUDIT else clean_name(parties.actor)
            key = clean_name(row["actor_key"] or "") if table == AUDIT else clean_name(row["user"] or "")
            actor = question.accounts.get(named) or question.accounts.get(key)
            if (
                table == HOST
                and actor is None
                and clip_host_name(row["computer"] or "").casefold() not in question.hosts
            ):
                continue
            yield ReachEvent(
                at=row["at"],
                first=row["first"],
                count=row["count"],
                event=str(row["event_id"] if table == HOST else row["event"] or ""),
                actor=actor or parties.actor,
                is_actor=actor is not None,
                outcome=row.get("outcome") or "",
                address=clean_address(row["address"] or "") or parties.address,
                country=row.get("country") or parties.country,
                device=row.get("device_key") or "",
                log=log,
            )


def iter_own_addresses(events: EventStore, question: ReachQuestion) -> Iterator[AddressUse]:
    """Yield from where the accounts acted, since a week before."""
    names = sorted(question.accounts)
    condition = _fold("actor_email").is_in(names) & pl.col("outcome").ne_missing("failure")
    yield from _iter_uses(events, AUDIT, condition, since=question.began_at - LOOK_BACK, until=question.until)


def iter_uses_of_addresses(
    events: EventStore, question: ReachQuestion, addresses: frozenset[str]
) -> Iterator[AddressUse]:
    """Yield which accounts acted from addresses with success in the time of the question."""
    wanted = pl.col("address").is_in(sorted(addresses))
    success = pl.col("outcome").ne_missing("failure") & pl.col("actor_email").is_not_null()
    yield from _iter_uses(events, AUDIT, wanted & success, since=question.since, until=question.until)
    signed_in = pl.col("event_id").is_in(_SIGN_INS) & pl.col("user").is_not_null()
    yield from _iter_uses(events, HOST, wanted & signed_in, since=question.since, until=question.until)


def _iter_uses(
    events: EventStore, table: str, condition: pl.Expr, *, since: datetime, until: datetime
) -> Iterator[AddressUse]:
    account = "actor_email" if table == AUDIT else "user"
    for rows in events.iter_selected_rows(
        table, condition & pl.col("address").is_not_null(), columns=(account, "address", "at"), since=since, until=until
    ):
        uses = rows.group_by(account, "address", maintain_order=True).agg(
            pl.len().alias("events"), pl.col("at").min().alias("first"), pl.col("at").max().alias("last")
        )
        yield from map(_build_use, uses.iter_rows())


def _build_use(values: tuple[Any, ...]) -> AddressUse:
    account, address, count, first, last = values
    return AddressUse(address=clean_address(address), account=clean_name(account), events=count, first=first, last=last)


def _fold(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase()


def _clean_user() -> pl.Expr:
    return pl.col("user").str.split("\\").list.last().str.to_lowercase()
