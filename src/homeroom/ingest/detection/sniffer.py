"""Sniffing: the form of a file by its bytes, and the names in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from homeroom.ingest.contract.connector import Connector, CsvKind, JsonKind, LogKind, TextKind, XmlKind
from homeroom.ingest.contract.errors import FileRefused, Notes, build_refusal
from homeroom.ingest.contract.limits import KIB, Limits
from homeroom.ingest.contract.magic_bytes import detect_binary_format, is_zip
from homeroom.ingest.csv_files.reader import CsvDocument, decode_head, open_csv
from homeroom.ingest.detection.file_kinds import KindMatch, NoMatch, match_kind, match_text_kind
from homeroom.ingest.files.byte_source import (
    ByteSource,
    Survey,
    buffer_source,
    build_nul_refusal,
    read_head,
    survey_source,
)
from homeroom.ingest.files.encodings import Encoding, detect_encoding
from homeroom.ingest.files.text_files import decode_beginning, read_whole_text
from homeroom.ingest.json_files.fast_path import SMALL
from homeroom.ingest.json_files.object_stream import collect_names
from homeroom.ingest.json_files.reader import JsonDocument, open_json
from homeroom.ingest.json_files.schema_cache import SchemaCache
from homeroom.ingest.xml_files.cut_reports import UnrepairableXml
from homeroom.ingest.xml_files.element_stream import (
    XmlDocument,
    get_declared_encoding,
    is_utf8_with_other_bytes,
    is_xml,
    open_xml,
)
from homeroom.ingest.xml_files.repair import MAX_FAULTS, repair_bytes

CSV, JSON, YAML, XML, TEXT = "csv", "json", "yaml", "xml", "text"
YAML_HEAD = 8 * KIB
"""Number of bytes, of UTF-8, in which the key `homeroom` of YAML must begin."""
_MAX_NULS = 1_000
"""So many NULs may be damage within rows of CSV; a file with more is no text, or has a hole."""
_YAML_KEY = re.compile(r"(?:\s*(?:#[^\n]*|---[^\n]*|%YAML[^\n]*)?\n)*homeroom:[ \t]*[\"']?([\w-]*)")
_TOP_KEY = re.compile(r"^[\"']?([A-Za-z_][\w-]*)[\"']?:", re.MULTILINE)
_LINK = re.compile(rb"(\.\.?/[\w./-]{1,255})")  # as git leaves a link on a system without links
_TRUTH = re.compile(rb'\s*\{\s*"homeroom"\s*:\s*"truth"')


@dataclass(frozen=True, kw_only=True)
class SniffedFile:
    """One file whose form is known.

    `names` are header names, fields of the first objects, the top keys of YAML, or the root element of XML. `homeroom`
    is the word after the top key of that name, if there is one. `match` is the kind of a text that was recognized by
    its marks, `log` that of a log by its records. `container` is the name of the file that it is a page
    from, or empty for a file of its own.
    """

    origin: ByteSource
    survey: Survey
    form: str
    names: tuple[str, ...]
    notes: Notes
    csv: CsvDocument | None = None
    document: JsonDocument | None = None
    xml: XmlDocument | None = None
    match: KindMatch[TextKind] | NoMatch | None = None
    log: KindMatch[LogKind] | None = None
    text: str = field(default="", repr=False)
    homeroom: str = ""
    container: str = ""

    @property
    def incomplete(self) -> str:
        """Reason why the file holds fewer rows than exist, as far as it is damaged; else empty."""
        return self.document.incomplete if self.document else ""

    @property
    def top(self) -> Mapping[str, str | bool]:
        """Plain values at the top of a JSON file that is one object, or of an XML file."""
        return self.document.top if self.document else self.xml.top if self.xml else {}


def build_schema_cache(connectors: Sequence[Connector], *, limits: Limits) -> SchemaCache:
    """Build the schema cache for JSON pages before the first of them is sniffed."""
    kinds = [kind for connector in connectors for kind in connector.kinds if isinstance(kind, JsonKind)]

    def is_flat(envelope: str, names: Mapping[str, tuple[str, ...]]) -> bool:
        match = match_kind(names[envelope], kind_class=JsonKind, connectors=connectors, within=names)
        return (
            isinstance(match, KindMatch)
            and match.kind.envelope == envelope
            and not (match.kind.objects or match.kind.drops)
        )

    def is_row(item: Mapping[str, Any]) -> bool:
        names = tuple(collect_names(dict(item), max_names=limits.columns))
        match = match_kind(names, kind_class=JsonKind, connectors=connectors, within={"": names})
        return isinstance(match, KindMatch)

    return SchemaCache(
        envelopes=frozenset(kind.envelope for kind in kinds if kind.envelope),
        drops=frozenset(name for kind in kinds for name in kind.drops),
        max_names=limits.columns,
        is_flat=is_flat,
        is_row=is_row,
    )


def sniff_file(
    origin: ByteSource, *, limits: Limits, connectors: Sequence[Connector] = (), schema_cache: SchemaCache | None = None
) -> SniffedFile:
    """Read as much of a file as its form requires: all bytes once for the hash, JSON once for its form.

    The connectors provide the marks of texts, roots of XML, and envelopes of JSON; the kind of the file is matched
    later. `schema_cache` is passed from one file to the next of those sniffed together. Raise FileRefused if the file
    is empty, no text, or not what it seems. A few NULs, and bytes of another encoding, matter only to the rows or
    values that they are in.
    """
    buffered = buffer_source(origin, max_bytes=SMALL)
    must_be_text(origin, read_head(buffered))
    survey = survey_source(buffered, limits=limits, max_nuls=_MAX_NULS)
    if survey.nul_line is None:
        return _sniff_text(origin, buffered, survey, limits, connectors, schema_cache)
    try:
        sniffed = _sniff_text(origin, buffered, survey, limits, connectors, schema_cache)
    except FileRefused:
        raise build_nul_refusal(origin, line=survey.nul_line) from None
    if sniffed.form not in (CSV, JSON, XML):
        raise build_nul_refusal(origin, line=survey.nul_line)
    return sniffed


def _sniff_text(
    origin: ByteSource,
    buffered: ByteSource,
    survey: Survey,
    limits: Limits,
    connectors: Sequence[Connector],
    schema_cache: SchemaCache | None,
) -> SniffedFile:
    notes = Notes()
    if _TRUTH.match(survey.head.removeprefix(b"\xef\xbb\xbf")):
        return SniffedFile(origin=origin, survey=survey, form=JSON, names=(), notes=notes, homeroom="truth")
    encoding = get_declared_encoding(survey) or detect_encoding(origin, survey=survey, notes=Notes(), allow_doubt=True)
    beginning = decode_head(survey, encoding=encoding)
    if match := match_text_kind(decode_beginning(beginning), connectors=connectors):
        text = read_whole_text(origin, survey=survey, limits=limits, notes=notes, max_bytes=limits.texts)
        return SniffedFile(origin=origin, survey=survey, form=TEXT, names=(), notes=notes, text=text, match=match)
    if beginning.lstrip()[:1] in (b"{", b"["):
        return sniff_json(
            origin, buffered, survey, notes, limits, schema_cache or build_schema_cache(connectors, limits=limits)
        )
    if is_xml(beginning, roots=_collect_roots(connectors)):
        return _sniff_xml(origin, survey, encoding, beginning, notes, limits)
    if yaml_key := _YAML_KEY.match(beginning[:YAML_HEAD].decode("utf-8", "replace").replace("\r\n", "\n")):
        text = read_whole_text(origin, survey=survey, limits=limits, notes=Notes(), max_bytes=limits.text)
        names = tuple(dict.fromkeys(_TOP_KEY.findall(text)))
        return SniffedFile(
            origin=origin, survey=survey, form=YAML, names=names, notes=notes, text=text, homeroom=yaml_key.group(1)
        )

    def is_known(names: Sequence[str]) -> bool:
        return isinstance(match_kind(names, kind_class=CsvKind, connectors=connectors), KindMatch)

    csv = open_csv(origin, survey=survey, limits=limits, notes=notes, allow_doubt=True, is_known=is_known)
    return SniffedFile(origin=origin, survey=survey, form=CSV, names=csv.dialect.names, notes=notes, csv=csv)


def _sniff_xml(
    origin: ByteSource, survey: Survey, encoding: Encoding, start: bytes, notes: Notes, limits: Limits
) -> SniffedFile:
    """Sniff an XML file that begins so in UTF-8; a few bytes of another encoding are repaired."""
    content = origin
    if is_utf8_with_other_bytes(survey, encoding):
        if survey.size > limits.row:
            raise encoding.doubt or build_refusal(origin.name, "has bytes that are not UTF-8", fits="UTF-8")
        try:
            content = repair_bytes(origin, max_faults=MAX_FAULTS if encoding.doubt else None, notes=notes)
        except UnrepairableXml:
            reason = "has many bytes that are not UTF-8"
            raise encoding.doubt or build_refusal(origin.name, reason, fits="UTF-8") from None
        encoding = Encoding(codec="utf-8", mark_length=encoding.mark_length)
        start = read_head(content)[encoding.mark_length :]
    xml = open_xml(content, survey=survey, encoding=encoding, start=start, limits=limits)
    return SniffedFile(origin=origin, survey=survey, form=XML, names=(xml.root,), notes=notes, xml=xml)


def read_companion(origin: ByteSource, *, limits: Limits) -> SniffedFile:
    """Read a file that is handed over as text because it accompanies another one, whatever it contains.

    Raise FileRefused.
    """
    must_be_text(origin, read_head(origin))
    survey, notes = survey_source(origin, limits=limits), Notes()
    text = read_whole_text(origin, survey=survey, limits=limits, notes=notes, max_bytes=limits.texts)
    return SniffedFile(origin=origin, survey=survey, form=TEXT, names=(), notes=notes, text=text)


def must_be_text(origin: ByteSource, head: bytes) -> None:
    """Raise FileRefused, with what it is, if a file is empty or no text."""
    if not head:
        raise build_refusal(origin.name, "is empty", fits="a header and rows")
    if is_zip(head):
        raise build_refusal(origin.name, "is a zip inside a zip, which is not opened", fits="the files, in one zip")
    binary_form = detect_binary_format(head)
    if binary_form:
        raise build_refusal(origin.name, f"is {binary_form[0]}", fits=binary_form[1])
    if link := _LINK.fullmatch(head):
        target = link[1].decode("ascii").rpartition("/")[2]
        raise build_refusal(
            origin.name, f"is a link to a file {target}, saved as text", line=1, fits="the file it leads to"
        )


def _collect_roots(connectors: Sequence[Connector]) -> frozenset[str]:
    kinds = [kind for connector in connectors for kind in connector.kinds if isinstance(kind, XmlKind)]
    return frozenset(name.casefold() for kind in kinds for name in kind.needs)


def sniff_json(
    origin: ByteSource, buffered: ByteSource, survey: Survey, notes: Notes, limits: Limits, schema_cache: SchemaCache
) -> SniffedFile:
    """Sniff a JSON file, which is read from `buffered` and later on from `origin`. Raise FileRefused."""
    buffered_document = open_json(buffered, survey=survey, limits=limits, notes=notes, schema_cache=schema_cache)
    document = replace(buffered_document, origin=origin)
    word = document.top.get("homeroom", "")
    return SniffedFile(
        origin=origin,
        survey=survey.without_head,
        form=JSON,
        names=document.display_names,
        notes=notes,
        document=document,
        homeroom=word if isinstance(word, str) else "",
    )
