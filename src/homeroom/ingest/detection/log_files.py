"""Recognition of logs by their first record, and their packages: all files of one stream together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

import msgspec

from homeroom.ingest.contract.connector import Connector, LogKind
from homeroom.ingest.contract.errors import FileRefused, Notes, build_refusal
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.detection.file_kinds import KindMatch
from homeroom.ingest.detection.package import Package
from homeroom.ingest.detection.package_builder import build_package
from homeroom.ingest.detection.sniffer import SniffedFile
from homeroom.ingest.events.csv_rows import has_audit_rows
from homeroom.ingest.events.evtx_files import is_evtx
from homeroom.ingest.events.log_files import iter_file_records
from homeroom.ingest.events.recognition import list_events
from homeroom.ingest.events.records import Record
from homeroom.ingest.events.rejections import RecordRejected
from homeroom.ingest.files.byte_source import ByteSource, Survey, iter_blocks, read_head

LOG = "log"
_MARKS = re.compile(
    rb'"(?:id\.)?applicationName"|"protoPayload"|"record_type"|"EventI[dD]"|"event_id"|"eventID"|"Event"|"EventData"'
    rb'|"createdDateTime"|"activityDisplayName"|"operationName"|"OperationName"|"Operation"|"AuditData"|"riskEventType"'
)
"""Names that the first record of a log has: without one of them, a file is not looked at further."""
_ALERT_MARKS = (b'"rule"', b'"agent"', b'"win"')
_TRIED_RECORDS = 20
_EMPTY_PAGE_BYTES = 4096


def sniff_log(origin: ByteSource, *, connectors: Sequence[Connector], limits: Limits) -> SniffedFile | None:
    """Return a file as a log if its first record that can be read is one of a known kind, else None.

    Raise FileRefused if it cannot be read, or is too large.
    """
    kinds = [
        KindMatch(connector=connector, kind=kind)
        for connector in connectors
        for kind in connector.kinds
        if isinstance(kind, LogKind)
    ]
    match = _match_log(origin, kinds, limits=limits) if kinds else None
    if match is None:
        return None
    survey = _survey(origin, limits=limits)
    return SniffedFile(origin=origin, survey=survey, form=LOG, names=(), notes=Notes(), log=match)


def has_other_rows(origin: ByteSource) -> bool:
    """Return whether a log is also another tool's findings: alerts of Wazuh, with Windows events in some of them."""
    head = read_head(origin)
    return all(name in head for name in _ALERT_MARKS)


def build_log_packages(files: Iterable[SniffedFile]) -> list[Package]:
    """Build one package of all files of a stream; which day or log is in which file does not matter."""
    streams: dict[tuple[str, str], list[tuple[SniffedFile, KindMatch[Any]]]] = {}
    for file in files:
        if file.log is not None:
            streams.setdefault((file.log.connector.name, file.log.kind.stream), []).append((file, file.log))
    return [build_package(members) for members in streams.values()]


def _match_log(origin: ByteSource, kinds: Sequence[KindMatch[LogKind]], *, limits: Limits) -> KindMatch[LogKind] | None:
    head = read_head(origin)
    if is_evtx(head):
        return _find_kind("windows/", kinds)
    is_json = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[", b"Record "))
    is_csv = not is_json and has_audit_rows(head)
    if not (is_json or is_csv):
        return None
    if is_csv or _MARKS.search(head):
        for record in _iter_first_records(origin, limits=limits):
            if match := _match_record(record.value, kinds):
                return match
    return _match_empty_page(head, kinds) if len(head) < _EMPTY_PAGE_BYTES else None


def _iter_first_records(origin: ByteSource, *, limits: Limits) -> Iterator[Record]:
    try:
        for _, record in islice(iter_file_records(origin, limits=limits), _TRIED_RECORDS):
            if isinstance(record, Record):
                yield record
    except FileRefused:
        return


def _match_record(record: Any, kinds: Sequence[KindMatch[LogKind]]) -> KindMatch[LogKind] | None:
    try:
        parts, _ = next(iter(list_events(record)))
    except (RecordRejected, StopIteration, TypeError, ValueError, AttributeError):
        return None
    return _find_kind(f"{parts.source.product}/{parts.source.service}", kinds) if parts.source.product else None


def _find_kind(source: str, kinds: Sequence[KindMatch[LogKind]]) -> KindMatch[LogKind] | None:
    """Return the first kind whose products fit a source."""
    return next((match for match in kinds if any(fnmatchcase(source, item) for item in match.kind.products)), None)


def _match_empty_page(head: bytes, kinds: Sequence[KindMatch[LogKind]]) -> KindMatch[LogKind] | None:
    """Return the kind of a page that has no records, by its other values."""
    try:
        page = msgspec.json.decode(head)
    except (ValueError, RecursionError):  # no JSON, a byte that is not UTF-8, or too deep
        return None
    if not isinstance(page, dict):
        return None
    for match in kinds:
        named, has_rows = match.kind.named, bool(page.get(match.kind.envelope))
        is_named = all(re.fullmatch(text, str(page.get(name, ""))) for name, text in named.items())
        if named and is_named and not has_rows:
            return match
    return None


def _survey(origin: ByteSource, *, limits: Limits) -> Survey:
    digest, size = hashlib.sha256(), 0
    for block in iter_blocks(origin):
        size += len(block)
        if size > limits.file:
            raise build_refusal(origin.name, f"is larger than {limits.file:,} bytes", fits="a smaller export")
        digest.update(block)
    return Survey(sha256=digest.hexdigest(), size=size, head=b"", utf8=True)
