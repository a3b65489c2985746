"""One log file as its records, whatever form it has; an archive within an archive is opened once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast

from homeroom.ingest.containers.archives import find_sources
from homeroom.ingest.containers.compressed import detect_compression
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.contract.magic_bytes import is_zip
from homeroom.ingest.events.block_streams import BlockStream, iter_utf8_text
from homeroom.ingest.events.csv_rows import has_audit_rows, iter_audit_rows
from homeroom.ingest.events.evtx_files import is_evtx, iter_evtx_records
from homeroom.ingest.events.json_documents import JsonDocuments
from homeroom.ingest.events.json_layout import has_json_lines, is_json
from homeroom.ingest.events.json_lines import iter_json_lines
from homeroom.ingest.events.records import Broken, Record
from homeroom.ingest.files.byte_source import HEAD_SIZE, ByteSource, iter_blocks

_BLANKS = b" \t\r\n\0"


def iter_file_records(
    origin: ByteSource, *, limits: Limits, is_nested: bool = False
) -> Iterator[tuple[str, Record | Broken]]:
    """Yield the records of a file with the name of the file or member; raise FileRefused where it cannot be read."""
    blocks = iter_blocks(origin, size=HEAD_SIZE)
    head = _read_head(blocks)
    if not (is_zip(head) or detect_compression(head)):
        for record in _iter_records(head, blocks, limits=limits):
            yield origin.name + origin.ending, record
    elif is_nested:
        yield origin.name, Broken(number=0, reason="an archive within an archive within an archive")
    else:
        yield from _iter_nested(origin, chain((head,), blocks), limits=limits)


def _read_head(blocks: Iterator[bytes]) -> bytes:
    head = next(blocks, b"")
    while 0 < len(head) < HEAD_SIZE and (block := next(blocks, b"")):  # a compressed file has short blocks
        head += block
    return head


def _iter_nested(
    origin: ByteSource, blocks: Iterator[bytes], *, limits: Limits
) -> Iterator[tuple[str, Record | Broken]]:
    """Yield the records of an archive that an archive holds; to read its directory it must be a file for a while."""
    with TemporaryDirectory(prefix="homeroom-") as folder:
        path = Path(folder) / "archive"
        with path.open("wb") as stream:
            for block in blocks:
                stream.write(block)
        sources = find_sources(path, limits=limits)
        for problem in sources.problems:
            yield _name_nested(origin, problem.file, path), Broken(number=0, reason=problem.reason)
        for inner in sources.origins:
            name = _name_nested(origin, inner.name, path)
            for _, record in iter_file_records(inner, limits=limits, is_nested=True):
                yield name, record


def _name_nested(origin: ByteSource, name: str, path: Path) -> str:
    return origin.name + name.removeprefix(path.name)


def _iter_records(head: bytes, blocks: Iterator[bytes], *, limits: Limits) -> Iterator[Record | Broken]:
    if is_evtx(head):
        yield from iter_evtx_records(cast("BinaryIO", BlockStream(chain((head,), blocks))))
        return
    text = iter_utf8_text(head, blocks)
    head = next(text, b"")
    if has_audit_rows(head):
        yield from iter_audit_rows(chain((head,), text), limits=limits)
    elif has_json_lines(head):
        yield from iter_json_lines(chain((head,), text), limits=limits)
    elif is_json(head):
        yield from JsonDocuments(chain((head,), text), limits=limits)
    elif head.strip(_BLANKS):
        yield Broken(number=0, reason="is no log that is read: neither EVTX, nor JSON, nor CSV with AuditData")
