"""Whole walks as packages for the ordinary load: the pages of each feed, bound into a few files of their kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import cast

import msgspec

from homeroom.ingest.archives import Opener
from homeroom.ingest.connector import Connector, Kind
from homeroom.ingest.documents import Document
from homeroom.ingest.encodings import encoding_of
from homeroom.ingest.kinds import Match
from homeroom.ingest.limits import STANDARD, Limits
from homeroom.ingest.looking import JSON, Look
from homeroom.ingest.objects import names_in
from homeroom.ingest.origins import Origin, surveyed
from homeroom.ingest.packages import Package, PackageFile
from homeroom.ingest.packaging import file_of
from homeroom.ingest.problems import Notes
from homeroom.ingest.remote.client import Client, Feed
from homeroom.ingest.remote.pages import list_in
from homeroom.ingest.remote.spool import Spool
from homeroom.ingest.remote.walking import Walked

SAMPLE = 50
"""Rows whose names say how the console spells them."""
VOLUME = 32 << 20
"""Bytes from which on a file is full. Small files cost a reader more than their rows do."""
BOUND = "bound"


def kinds_of(feeds: Sequence[Feed], *, connector: Connector) -> dict[str, Kind]:
    """The kind of file that each feed's pages are, by the feed's id."""
    known = {kind.id: kind for kind in connector.kinds}
    return {feed.id: known[feed.kind] for feed in feeds}


def streams_of(client: Client, *, connector: Connector) -> dict[str, tuple[Feed, ...]]:
    """The feeds that are walked and loaded together, by their stream, in the client's order."""
    kinds = kinds_of(client.feeds, connector=connector)
    streams: dict[str, list[Feed]] = {}
    for feed in client.feeds:
        streams.setdefault(kinds[feed.id].stream, []).append(feed)
    return {stream: tuple(feeds) for stream, feeds in streams.items()}


def package_of_walk(
    walked: Walked, *, feeds: Sequence[Feed], connector: Connector, spool: Spool, limits: Limits = STANDARD
) -> Package:
    """The package of a walk that ended. What kind its files are is known from what was asked, not told by their content.

    A whole walk is full, or not complete where it may lack rows; another one is a delta. Raises Refused.
    """
    kinds = kinds_of(feeds, connector=connector)
    files = [
        file
        for feed in feeds
        if feed.id not in walked.left_out
        for file in _files(feed, kinds[feed.id], connector=connector, spool=spool, limits=limits)
    ]
    return Package(
        connector=connector,
        stream=kinds[feeds[0].id].stream,
        mode="full" if walked.whole else "delta",
        complete=walked.whole and not walked.incomplete,
        files=tuple(files),
        incomplete=walked.incomplete,
        walk=walked.id,
    )


def _files(feed: Feed, kind: Kind, *, connector: Connector, spool: Spool, limits: Limits) -> Iterator[PackageFile]:
    folder = spool.folder / BOUND
    folder.mkdir(exist_ok=True, mode=0o700)
    names = _names(spool.pages(feed.id), envelope=kind.envelope, limits=limits)
    for path in _bound(spool.pages(feed.id), folder=folder, name=feed.id, envelope=kind.envelope):
        look = _look(_origin(path), names=names, envelope=kind.envelope, limits=limits)
        yield file_of(look, Match(connector=connector, kind=kind))


def _look(origin: Origin, *, names: tuple[str, ...], envelope: str, limits: Limits) -> Look:
    """The file as the recognising of files would see it, without reading it once more for that: what it is, is known."""
    survey, notes = surveyed(origin, limits=limits), Notes()
    encoding = encoding_of(origin, survey=survey, notes=notes)
    document = Document(
        origin=origin, encoding=encoding, limits=limits, rows={envelope: 0}, names={envelope: names}, top={}
    )
    return Look(origin=origin, survey=survey.headless, form=JSON, names=names, notes=notes, document=document)


def _names(pages: Sequence[Path], *, envelope: str, limits: Limits) -> tuple[str, ...]:
    """The names in the first rows, with dots between levels."""
    found: dict[str, None] = {}
    for page in pages:
        document = msgspec.json.decode(page.read_bytes())
        rows = document[envelope] if envelope else document
        for row in rows[:SAMPLE]:
            if isinstance(row, dict):
                found.update(names_in(row, most=limits.columns))
        if found:
            break
    return tuple(found)


def _origin(path: Path) -> Origin:
    opened = cast("Opener", partial(path.open, "rb", buffering=0))
    return Origin(name=path.name, folder=str(path.parent), size=path.stat().st_size, open=opened)


def _bound(pages: Sequence[Path], *, folder: Path, name: str, envelope: str) -> Iterator[Path]:
    """The rows of all pages in files of about VOLUME bytes, at least one, written anew at each call."""
    number, lists, size = 1, list[bytes](), 0
    for page in pages:
        found = list_in(page.read_bytes(), envelope=envelope)
        if found:
            lists.append(found)
            size += len(found)
        if size >= VOLUME:
            yield _volume(folder / f"{name}-{number:04d}.json", lists, envelope=envelope)
            number, lists, size = number + 1, [], 0
    if lists or number == 1:
        yield _volume(folder / f"{name}-{number:04d}.json", lists, envelope=envelope)


def _volume(path: Path, lists: Sequence[bytes], *, envelope: str) -> Path:
    begin, end = (f'{{"{envelope}":['.encode(), b"]}\n") if envelope else (b"[", b"]\n")
    with path.open("wb") as stream:
        stream.write(begin)
        for number, rows in enumerate(lists):
            stream.write(b",\n" * bool(number) + rows)
        stream.write(end)
    return path


def envelopes_of(kinds: Mapping[str, Kind]) -> dict[str, str]:
    """The envelope of each feed's kind, by the feed's id."""
    return {feed: kind.envelope for feed, kind in kinds.items()}
