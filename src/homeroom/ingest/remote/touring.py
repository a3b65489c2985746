"""Every stream of one console, one after the other: walked, bound, and handed to the ordinary load."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from homeroom.ingest.connector import Connector
from homeroom.ingest.packages import Package
from homeroom.ingest.problems import Problem, Refused
from homeroom.ingest.remote import faults
from homeroom.ingest.remote.binding import envelopes_of, kinds_of, package_of_walk, streams_of
from homeroom.ingest.remote.client import Client, Feed
from homeroom.ingest.remote.faults import Fault
from homeroom.ingest.remote.line import Line
from homeroom.ingest.remote.spool import Spool
from homeroom.ingest.remote.walking import Mark, Plan, Step, Walked, walk

ENDING = frozenset({faults.DENIED, faults.UNREACHABLE, faults.BUSY, faults.CANCELLED, faults.UNTRUSTED})
"""Faults that would meet every other stream as well."""


@dataclass(frozen=True, kw_only=True)
class Tour:
    """What to read of a console: the client, the connector that reads its pages, marks of earlier walks by feed, whether to ask
    for everything, feeds that are turned off, and the folder for what is fetched."""

    client: Client
    connector: Connector
    folder: Path
    marks: Mapping[str, Mark] = field(default_factory=dict)
    whole: bool = False
    off: frozenset[str] = frozenset()

    @property
    def streams(self) -> dict[str, tuple[Feed, ...]]:
        """The feeds to walk, by stream. A feed that asks for each row of one that is off is off as well."""
        off = set(self.off)
        off |= {feed.id for feed in self.client.feeds if feed.each is not None and feed.each.of in off}
        chosen = {
            stream: tuple(feed for feed in feeds if feed.id not in off)
            for stream, feeds in streams_of(self.client, connector=self.connector).items()
        }
        return {stream: feeds for stream, feeds in chosen.items() if feeds}


@dataclass(frozen=True, kw_only=True)
class Toured[Loaded]:
    """What became of one stream: a walk and what the load made of it, or a fault, or why its pages were refused. `loaded` is
    None too where a walk for changes found none."""

    stream: str
    walked: Walked | None = None
    loaded: Loaded | None = None
    fault: Fault | None = None
    problems: tuple[Problem, ...] = ()


def toured[Loaded](
    tour: Tour, *, line: Line, at: datetime, progress: Step, load: Callable[[Package], Loaded]
) -> Iterator[Toured[Loaded]]:
    """Walks and loads each stream. Raises Fault where no other stream could fare better; a later call goes on where it stopped.

    The spools stay until `forget`: a stream may ask for each row of another one.
    """
    walked_before: dict[str, tuple[Spool, bool]] = {}
    left_out = set[str]()
    for stream, feeds in tour.streams.items():
        lacking = [
            feed.each.of for feed in feeds if feed.each is not None and not _there(feed.each.of, feeds, walked_before)
        ]
        if lacking and left_out.issuperset(lacking):
            left_out |= {feed.id for feed in feeds}
            yield Toured(stream=stream)
            continue
        if lacking:
            sentence = f"{', '.join(lacking)} could not be read, for each of which this asks"
            yield Toured(stream=stream, fault=Fault(faults.MISSING, sentence))
            continue
        spool = Spool(tour.folder / stream)
        try:
            walked = walk(_plan(tour, feeds, walked_before), line=line, into=spool, at=at, progress=progress)
        except Fault as fault:
            if fault.reason in ENDING:
                raise
            yield Toured(stream=stream, fault=fault)
            continue
        left_out |= set(walked.left_out)
        walked_before |= {feed.id: (spool, walked.whole) for feed in feeds if feed.id not in walked.left_out}
        yield _loaded(tour, stream, feeds, walked, spool=spool, load=load)


def forget(tour: Tour) -> None:
    """Removes what was fetched."""
    for stream in streams_of(tour.client, connector=tour.connector):
        Spool(tour.folder / stream).clear()


def _loaded[Loaded](
    tour: Tour,
    stream: str,
    feeds: tuple[Feed, ...],
    walked: Walked,
    *,
    spool: Spool,
    load: Callable[[Package], Loaded],
) -> Toured[Loaded]:
    read = [feed for feed in feeds if feed.id not in walked.left_out]
    if not read or (not walked.whole and not walked.rows):
        return Toured(stream=stream, walked=walked)
    try:
        package = package_of_walk(walked, feeds=read, connector=tour.connector, spool=spool)
        return Toured(stream=stream, walked=walked, loaded=load(package))
    except Refused as why:
        return Toured(stream=stream, walked=walked, problems=why.problems)


def _there(feed: str, beside: tuple[Feed, ...], before: Mapping[str, tuple[Spool, bool]]) -> bool:
    return feed in before or any(one.id == feed for one in beside)


def _plan(tour: Tour, feeds: tuple[Feed, ...], before: Mapping[str, tuple[Spool, bool]]) -> Plan:
    return Plan(
        feeds=feeds,
        envelopes=envelopes_of(kinds_of(feeds, connector=tour.connector)),
        whole=tour.whole,
        marks={feed.id: tour.marks[feed.id] for feed in feeds if feed.id in tour.marks},
        elsewhere=before,
    )
