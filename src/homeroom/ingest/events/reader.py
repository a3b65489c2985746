"""Log files as events, in the order of the files and of the records in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from homeroom.domain.protect.detections.events import EventReject, LogEvent
from homeroom.ingest.containers.archives import find_sources
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.contract.limits import STANDARD, Limits
from homeroom.ingest.events.log_files import iter_file_records
from homeroom.ingest.events.recognition import list_events
from homeroom.ingest.events.records import Broken, Record
from homeroom.ingest.events.rejections import RecordRejected
from homeroom.ingest.files.byte_source import ByteSource


def read_events(
    paths: Sequence[Path], *, limits: Limits = STANDARD, on_empty: Callable[[str], object] | None = None
) -> Iterator[LogEvent | EventReject]:
    """Yield each event of the files, folders and archives at the paths, and each record that cannot be read.

    Folders are read by name. `file` is the path below the given one, with the name within an archive behind it. Several
    events of one Google activity have its record number. `on_empty` is called with the name of a file without records.
    """
    for path in paths:
        sources = find_sources(path, limits=limits)
        items: list[tuple[str, ByteSource | str]] = [(problem.file, problem.reason) for problem in sources.problems]
        items += [(origin.name + origin.ending, origin) for origin in sources.origins]
        for name, item in sorted(items, key=lambda item: item[0]):
            if isinstance(item, str):
                yield EventReject(file=name, record=0, reason=item)
                continue
            is_empty = True
            for record in read_source(item, limits=limits):
                is_empty = False
                yield record
            if is_empty and on_empty is not None:
                on_empty(name)


def read_source(origin: ByteSource, *, limits: Limits) -> Iterator[LogEvent | EventReject]:
    """Yield the events of one file; whatever ends its reading is one more record that cannot be read."""
    try:
        yield from _build_events(iter_file_records(origin, limits=limits))
    except FileRefused as refusal:
        for problem in refusal.problems:
            yield EventReject(file=origin.name + origin.ending, record=0, reason=problem.reason)


def _build_events(records: Iterable[tuple[str, Record | Broken]]) -> Iterator[LogEvent | EventReject]:
    for name, record in records:
        if isinstance(record, Broken):
            yield EventReject(file=name, record=record.number, reason=record.reason)
            continue
        try:
            events = list_events(record.value)
        except RecordRejected as rejection:
            yield EventReject(file=name, record=record.number, reason=str(rejection))
            continue
        except Exception as error:  # noqa: BLE001  (a value of a kind that no vendor writes costs its record alone)
            reason = f"has a value of a kind that is not expected: {error}"
            yield EventReject(file=name, record=record.number, reason=reason)
            continue
        for parts, raw in events:
            yield LogEvent(
                file=name,
                record=record.number,
                time=parts.time,
                source=parts.source,
                host=parts.host,
                user=parts.user,
                fields=parts.fields,
                raw=raw,
            )
