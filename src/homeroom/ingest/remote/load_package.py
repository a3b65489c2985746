"""Turn finished syncs into packages for the ordinary load: each feed's pages, merged into a few files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import cast

import msgspec

from homeroom.ingest.containers.archives import Opener
from homeroom.ingest.contract.connector import Connector, JsonKind, LogKind
from homeroom.ingest.contract.errors import Notes
from homeroom.ingest.contract.limits import STANDARD, Limits
from homeroom.ingest.detection.file_kinds import KindMatch
from homeroom.ingest.detection.package import Package, PackageFile
from homeroom.ingest.detection.package_builder import build_package_file
from homeroom.ingest.detection.sniffer import JSON, SniffedFile
from homeroom.ingest.files.byte_source import ByteSource, survey_source
from homeroom.ingest.files.encodings import detect_encoding
from homeroom.ingest.json_files.object_stream import collect_names
from homeroom.ingest.json_files.reader import JsonDocument
from homeroom.ingest.remote.api_spec import ApiSpec, Feed
from homeroom.ingest.remote.feed_sync import SyncResult
from homeroom.ingest.remote.page_files import extract_list
from homeroom.ingest.remote.spool import PageSpool

NAME_SAMPLE_ROWS = 50
"""Rows that are read to learn how the console spells the names of columns."""
FILE_BYTES = 32 << 20
"""Bytes at which a file is full. Small files cost a reader more than their rows do."""
PACKAGE_FOLDER = "bound"


def resolve_kinds(feeds: Sequence[Feed], *, connector: Connector) -> dict[str, JsonKind | LogKind]:
    """Return the kind of file of each feed's pages, by the feed's id."""
    kinds_by_id = {kind.id: kind for kind in connector.kinds if isinstance(kind, JsonKind | LogKind)}
    return {feed.id: kinds_by_id[feed.kind] for feed in feeds}


def group_feeds_by_stream(spec: ApiSpec, *, connector: Connector) -> dict[str, tuple[Feed, ...]]:
    """Return the feeds that are synced and loaded together, by their stream, in the order of the API spec."""
    kinds = resolve_kinds(spec.feeds, connector=connector)
    streams: dict[str, list[Feed]] = {}
    for feed in spec.feeds:
        streams.setdefault(kinds[feed.id].stream, []).append(feed)
    return {stream: tuple(feeds) for stream, feeds in streams.items()}


def build_package(
    result: SyncResult, *, feeds: Sequence[Feed], connector: Connector, spool: PageSpool, limits: Limits = STANDARD
) -> Package:
    """Build the package of a finished sync; the kind of its files is known from the request, not detected.

    A full sync makes a full package, incomplete if it may lack rows; any other sync makes a delta. Raises FileRefused.
    """
    kinds = resolve_kinds(feeds, connector=connector)
    files = [
        file
        for feed in feeds
        if feed.id not in result.left_out
        for file in _iter_package_files(feed, kinds[feed.id], connector=connector, spool=spool, limits=limits)
    ]
    return Package(
        connector=connector,
        stream=kinds[feeds[0].id].stream,
        mode="full" if result.full else "delta",
        complete=result.full and not result.incomplete,
        files=tuple(files),
        incomplete=result.incomplete,
        sync_id=result.id,
    )


def _iter_package_files(
    feed: Feed, kind: JsonKind | LogKind, *, connector: Connector, spool: PageSpool, limits: Limits
) -> Iterator[PackageFile]:
    folder = spool.folder / PACKAGE_FOLDER
    folder.mkdir(exist_ok=True, mode=0o700)
    names = _collect_names(spool.list_pages(feed.id), envelope=kind.envelope, limits=limits)
    for path in _write_files(spool.list_pages(feed.id), folder=folder, name=feed.id, envelope=kind.envelope):
        sniffed = _describe_file(_build_source(path), names=names, envelope=kind.envelope, limits=limits)
        yield build_package_file(sniffed, KindMatch(connector=connector, kind=kind))


def _describe_file(source: ByteSource, *, names: tuple[str, ...], envelope: str, limits: Limits) -> SniffedFile:
    """Return the file as detection would see it, without another read: its kind is already known."""
    survey, notes = survey_source(source, limits=limits), Notes()
    encoding = detect_encoding(source, survey=survey, notes=notes)
    document = JsonDocument(
        origin=source, encoding=encoding, limits=limits, rows={envelope: 0}, names={envelope: names}, top={}
    )
    return SniffedFile(
        origin=source, survey=survey.without_head, form=JSON, names=names, notes=notes, document=document
    )


def _collect_names(pages: Sequence[Path], *, envelope: str, limits: Limits) -> tuple[str, ...]:
    """Return the column names in the first rows, with dots between levels."""
    names: dict[str, None] = {}
    for page in pages:
        document = msgspec.json.decode(page.read_bytes())
        rows = document[envelope] if envelope else document
        for row in rows[:NAME_SAMPLE_ROWS]:
            if isinstance(row, dict):
                names.update(collect_names(row, max_names=limits.columns))
        if names:
            break
    return tuple(names)


def _build_source(path: Path) -> ByteSource:
    opener = cast("Opener", partial(path.open, "rb", buffering=0))
    return ByteSource(name=path.name, folder=str(path.parent), size=path.stat().st_size, open=opener)


def _write_files(pages: Sequence[Path], *, folder: Path, name: str, envelope: str) -> Iterator[Path]:
    """Write the rows of all pages to files of about FILE_BYTES bytes, at least one; overwrites at each call."""
    number, lists, size = 1, list[bytes](), 0
    for page in pages:
        content = extract_list(page.read_bytes(), envelope=envelope)
        if content:
            lists.append(content)
            size += len(content)
        if size >= FILE_BYTES:
            yield _write_file(folder / f"{name}-{number:04d}.json", lists, envelope=envelope)
            number, lists, size = number + 1, [], 0
    if lists or number == 1:
        yield _write_file(folder / f"{name}-{number:04d}.json", lists, envelope=envelope)


def _write_file(path: Path, lists: Sequence[bytes], *, envelope: str) -> Path:
    begin, end = (f'{{"{envelope}":['.encode(), b"]}\n") if envelope else (b"[", b"]\n")
    with path.open("wb") as stream:
        stream.write(begin)
        for number, rows in enumerate(lists):
            stream.write(b",\n" * bool(number) + rows)
        stream.write(end)
    return path


def get_envelopes(kinds: Mapping[str, JsonKind | LogKind]) -> dict[str, str]:
    """Return the envelope of each feed's kind, by the feed's id."""
    return {feed: kind.envelope for feed, kind in kinds.items()}
