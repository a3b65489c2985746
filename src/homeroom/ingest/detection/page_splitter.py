"""Pages of one export that were saved in one file: as a list, as lines, or one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from io import BytesIO

from homeroom.ingest.contract.connector import Connector, JsonKind
from homeroom.ingest.contract.errors import Notes
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.detection.file_kinds import NoMatch, match_kind
from homeroom.ingest.detection.json_pages import match_empty_file
from homeroom.ingest.detection.sniffer import SniffedFile, sniff_json
from homeroom.ingest.files.byte_source import survey_source
from homeroom.ingest.json_files.reader import JsonDocument
from homeroom.ingest.json_files.schema_cache import SchemaCache
from homeroom.ingest.json_files.strict_values import split_documents


def split_pages(
    file: SniffedFile, *, connectors: Sequence[Connector], limits: Limits, schema_cache: SchemaCache
) -> tuple[SniffedFile, ...]:
    """Return the pages that a JSON file holds, or the file itself if it holds none that are known.

    A file that is a known kind as it is stays one file. Raise FileRefused.
    """
    document = file.document
    if document is None or not _may_hold_pages(file, document, connectors, schema_cache):
        return (file,)
    if sum(document.rows.values()) > limits.members or file.survey.size > limits.document:
        return (file,)
    contents = _split_document(document)
    if len(contents) < 2 and not document.read_text().lstrip().startswith(b"["):
        return (file,)
    store = _PageStore(document, contents)
    pages = [_sniff_page(file, document, store, number, limits, schema_cache) for number in range(len(contents))]
    store.release()
    return tuple(pages) if any(_is_known(page, connectors) for page in pages) else (file,)


def _may_hold_pages(
    file: SniffedFile, document: JsonDocument, connectors: Sequence[Connector], schema_cache: SchemaCache
) -> bool:
    """Check whether the objects of a file of not a recognized kind have a list that holds rows elsewhere."""
    if any(document.rows.keys()) or not schema_cache.envelopes & set(document.names.get("", ())):
        return False
    return not _is_known(file, connectors)


def _is_known(file: SniffedFile, connectors: Sequence[Connector]) -> bool:
    names = file.document.names if file.document else None
    match = match_kind(file.names, kind_class=JsonKind, connectors=connectors, within=names)
    if not isinstance(match, NoMatch):
        return True
    return match_empty_file(file, connectors) is not None


def _sniff_page(
    file: SniffedFile,
    document: JsonDocument,
    store: _PageStore,
    number: int,
    limits: Limits,
    schema_cache: SchemaCache,
) -> SniffedFile:
    name = f"{file.origin.name}, page {number + 1}"
    origin = replace(file.origin, name=name, size=store.get_size(number), open=partial(store.open_page, number))
    notes = file.notes if not number else Notes()
    survey = survey_source(origin, limits=limits)
    page = replace(sniff_json(origin, origin, survey, notes, limits, schema_cache), container=file.origin.name)
    if page.document is None or document.damage is None:
        return page
    rows = page.document.rows
    sound_count = sum(count for envelope, count in rows.items() if envelope) or rows.get("", 0)
    damage = document.damage.select_page(number, pages=len(store), sound_count=sound_count)
    if not (damage.lost_objects or damage.is_cut):
        return page
    return replace(page, document=replace(page.document, damage=damage, is_fast=False, cached_rows=[]))


def _split_document(document: JsonDocument) -> list[bytes]:
    return [page.encode() for page in split_documents(document.read_text().decode("utf-8"))]


class _PageStore:
    """The pages of one file, held in memory while they are read one after another."""

    def __init__(self, document: JsonDocument, contents: list[bytes]) -> None:
        self._document, self._contents = document, contents
        self._sizes = list(map(len, contents))

    def __len__(self) -> int:
        return len(self._sizes)

    def get_size(self, number: int) -> int:
        """Return the number of bytes of a page, from 0."""
        return self._sizes[number]

    def open_page(self, number: int) -> BytesIO:
        """Open one page; the last one releases the memory of all."""
        contents = self._contents or _split_document(self._document)
        self._contents = contents if number + 1 < len(contents) else []
        return BytesIO(contents[number])

    def release(self) -> None:
        """Release the memory; the file is read again when a page is opened."""
        self._contents = []
