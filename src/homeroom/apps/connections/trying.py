"""Trying a connection: signs in and asks each list for one page, and says of each whether it is given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from homeroom.apps.audit.commands import record
from homeroom.apps.connections.commands import found, settings_of
from homeroom.apps.connections.sealing import NotOpened
from homeroom.ingest.remote import faults
from homeroom.ingest.remote.client import Feed, Settings, Start
from homeroom.ingest.remote.clock import Clock
from homeroom.ingest.remote.faults import Fault
from homeroom.ingest.remote.line import Line, Patience
from homeroom.ingest.remote.sending import Send
from homeroom.library.clients import client_named

SHORT = Patience(tries=2, first=0.5, most=1, longest=2)
ALTOGETHER = timedelta(seconds=25)
"""How long a person is kept waiting."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One list that was asked for: `well`, or the sentence that says what is wrong. `optional` lists may be missing."""

    title: str
    well: bool
    sentence: str = ""
    optional: bool = False


def try_connection(
    *, district: Any, name: str, send: Send, clock: Clock, actor: str, at: datetime
) -> tuple[Tried, ...]:
    """What the console says to each list that is read, signing in first. Raises NoSuchConnection."""
    connection = found(district=district, name=name)
    client = client_named(connection.client).client
    try:
        values = settings_of(connection)
    except NotOpened:
        sentence = "the secrets cannot be opened with the key that is there; enter them again"
        return (Tried(title="signing in", well=False, sentence=sentence),)
    line = Line(client=client, settings=values, send=send, clock=clock, patience=SHORT)
    feeds = [feed for feed in client.feeds if feed.first is not None and feed.id not in connection.off]
    told = _tried(line, feeds, values, until=clock.now() + ALTOGETHER, clock=clock)
    secrets = client.secrets(values)
    told = tuple(replace(one, sentence=faults.without(one.sentence, secrets=secrets)) for one in told)
    record(
        district=district,
        at=at,
        actor=actor,
        action="try connection",
        subject_kind="connection",
        subject=name,
        detail={"well": sum(one.well for one in told), "of": len(told)},
    )
    return told


def _tried(line: Line, feeds: list[Feed], values: Settings, *, until: datetime, clock: Clock) -> tuple[Tried, ...]:
    try:
        line.sign()
    except Fault as fault:
        return (Tried(title="signing in", well=False, sentence=fault.sentence),)
    told = [Tried(title="signing in", well=True)]
    for feed in feeds:
        if clock.now() >= until:
            told.append(Tried(title=feed.title, well=False, sentence="there was no time left to ask for it"))
        else:
            told.append(_asked(line, feed, values))
    return tuple(told)


def _asked(line: Line, feed: Feed, values: Settings) -> Tried:
    try:
        if feed.first is not None:
            request = feed.first(values, Start(at=line.console_time))
            line.ask(request, asked=feed.title, scopes=feed.scopes)
    except Fault as fault:
        return Tried(title=feed.title, well=False, sentence=fault.sentence, optional=feed.optional)
    return Tried(title=feed.title, well=True, optional=feed.optional)
