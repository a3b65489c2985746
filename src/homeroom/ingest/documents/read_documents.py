"""Read a document and all that it holds: parts of its text, then its members and attachments, each a document."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Protocol
from zipfile import BadZipFile, ZipFile

from homeroom.domain.protect.loose.documents import DocumentNotRead, DocumentPart, NotReadReason, TablePart
from homeroom.ingest.documents.archive_members import (
    UnpackingBudget,
    UnreadMember,
    clean_name,
    iter_tar_members,
    iter_zip_members,
    read_gzip,
)
from homeroom.ingest.documents.kinds import DocumentKind, detect_kind, detect_package
from homeroom.ingest.documents.limits import STANDARD, DocumentLimits
from homeroom.ingest.documents.mail_files import Attachment, iter_mailbox, iter_message_parts, parse_message
from homeroom.ingest.documents.markup_files import iter_html_parts, iter_json_parts, iter_xml_parts
from homeroom.ingest.documents.other_packages import iter_open_text_parts, iter_slide_parts
from homeroom.ingest.documents.pdf_files import iter_pdf_parts, list_pdf_attachments
from homeroom.ingest.documents.rtf_files import iter_rtf_parts
from homeroom.ingest.documents.sheets import iter_sheet_parts
from homeroom.ingest.documents.source import DocumentSource, build_memory_source
from homeroom.ingest.documents.text_files import iter_text_parts
from homeroom.ingest.documents.word_files import iter_word_parts

_LOCKED_STREAM = "EncryptedPackage".encode("utf-16-le")
_BOOK_STREAMS = ("Workbook".encode("utf-16-le"), "Book\0".encode("utf-16-le"))
_MAIL_STREAM = "__nameid_version1.0".encode("utf-16-le")
_WHOLE_JSON = 16 << 20


class DocumentVisitor(Protocol):
    """Who reads documents: called at the beginning and the end of each, and with its parts."""

    def begin(self, name: str) -> bool:
        """Begin a document; return False to leave it out."""

    def add(self, part: DocumentPart) -> None:
        """Take a part of the document that began last."""

    def end(self, name: str, kind: str) -> None:
        """End the document that began last."""

    def fail(self, name: str, reason: NotReadReason) -> None:
        """Note a document, begun or not, that is not read."""


@dataclass(kw_only=True)
class DocumentReader:
    """Reads one file and everything in it, and hands it to a visitor."""

    visitor: DocumentVisitor
    budget: UnpackingBudget
    limits: DocumentLimits = field(default=STANDARD)

    def read(self, source: DocumentSource, *, depth: int = 0) -> None:
        """Read a document. Whatever is wrong with it costs it alone; a fault of a library is damage."""
        if not self.visitor.begin(source.name):
            return
        try:
            self._read(source, depth)
        except DocumentNotRead as error:
            self.visitor.fail(source.name, error.reason)
        except (MemoryError, RecursionError):
            self.visitor.fail(source.name, NotReadReason.TOO_LARGE)
        except PermissionError:
            self.visitor.fail(source.name, NotReadReason.LOCKED)
        except Exception:  # noqa: BLE001  (whatever it is, it costs this document alone)
            self.visitor.fail(source.name, NotReadReason.DAMAGED)

    def _read(self, source: DocumentSource, depth: int) -> None:
        if source.size == 0:
            raise DocumentNotRead(NotReadReason.NO_TEXT)
        if depth > self.limits.depth:
            raise DocumentNotRead(NotReadReason.TOO_LARGE)
        head = source.read_head()
        kind = detect_kind(head)
        if kind is DocumentKind.ZIP:
            self._read_zip(source, depth)
        elif kind is DocumentKind.GZIP:
            self._end_container(source, kind)
            self.read(read_gzip(source, budget=self.budget, limits=self.limits), depth=depth + 1)
        elif kind is DocumentKind.TAR:
            self._end_container(source, kind)
            self._read_members(iter_tar_members(source, budget=self.budget, limits=self.limits), depth)
        elif kind in (DocumentKind.EML, DocumentKind.MBOX):
            self._read_mail(source, kind, depth)
        elif kind is DocumentKind.PDF:
            self._read_pdf(source, depth)
        else:
            self._read_parts(source, kind, self._iter_parts(source, kind, head))

    def _end_container(self, source: DocumentSource, kind: DocumentKind) -> None:
        """End a document that is nothing but a container, before its members begin."""
        self.visitor.end(source.name, kind)

    def _read_parts(self, source: DocumentSource, kind: DocumentKind, parts: Iterator[DocumentPart]) -> None:
        for part in parts:
            self.visitor.add(part)
            if kind is DocumentKind.TEXT and isinstance(part, TablePart):
                kind = DocumentKind.CSV
        self.visitor.end(source.name, kind)

    def _iter_parts(self, source: DocumentSource, kind: DocumentKind, head: bytes) -> Iterator[DocumentPart]:
        limits = self.limits
        if kind is DocumentKind.JSON and source.size > _WHOLE_JSON:
            kind = DocumentKind.TEXT
        if kind is DocumentKind.TEXT:
            with source.open() as stream:
                yield from iter_text_parts(stream, head=head, limits=limits)
        elif kind is DocumentKind.OLE:
            yield from self._iter_old_office(source)
        elif kind is DocumentKind.PICTURE:
            raise DocumentNotRead(NotReadReason.NO_TEXT)
        elif kind is DocumentKind.UNKNOWN:
            raise DocumentNotRead(NotReadReason.UNKNOWN_KIND)
        else:
            readers = {
                DocumentKind.HTML: iter_html_parts,
                DocumentKind.XML: iter_xml_parts,
                DocumentKind.JSON: iter_json_parts,
                DocumentKind.RTF: iter_rtf_parts,
            }
            yield from readers[kind](source.read(limit=limits.document), limits=limits)

    def _iter_old_office(self, source: DocumentSource) -> Iterator[DocumentPart]:
        content = source.read(limit=self.limits.document)
        if _LOCKED_STREAM in content:
            raise DocumentNotRead(NotReadReason.LOCKED)
        if _MAIL_STREAM in content or not any(stream in content for stream in _BOOK_STREAMS):
            raise DocumentNotRead(NotReadReason.UNKNOWN_KIND)
        stream = build_memory_source(content, name=source.name).open()
        yield from iter_sheet_parts(stream, limits=self.limits, is_zip=False)

    def _read_zip(self, source: DocumentSource, depth: int) -> None:
        stream = source.open_seekable(limit=self.limits.document)
        try:
            archive = ZipFile(stream)
            names = {member.filename: member for member in archive.infolist()}
        except (BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, OSError, OverflowError):
            stream.close()
            raise DocumentNotRead(NotReadReason.DAMAGED) from None
        with stream, archive:
            mimetype = archive.read("mimetype")[:100] if _is_small(names.get("mimetype")) else b""
            kind = detect_package(names.keys(), mimetype)
            if kind is DocumentKind.ZIP:
                members = iter_zip_members(archive, parent=source.name, budget=self.budget, limits=self.limits)
                self._read_members(members, depth, source=source)
                return
            readers = {
                DocumentKind.DOCX: iter_word_parts,
                DocumentKind.PPTX: iter_slide_parts,
                DocumentKind.ODT: iter_open_text_parts,
            }
            reader = readers.get(kind, iter_sheet_parts)
            if kind is DocumentKind.ODS and _is_encrypted(archive, names):
                raise DocumentNotRead(NotReadReason.LOCKED)
            stream.seek(0)
            self._read_parts(source, kind, reader(stream, limits=self.limits))

    def _read_members(
        self,
        members: Iterator[DocumentSource | UnreadMember],
        depth: int,
        *,
        source: DocumentSource | None = None,
    ) -> None:
        has_ended = source is None
        for member in members:
            if source is not None and not has_ended:
                self._end_container(source, DocumentKind.ZIP)
                has_ended = True
            if isinstance(member, UnreadMember):
                self.visitor.fail(member.name, member.reason)
            else:
                self.read(member, depth=depth + 1)
        if source is not None and not has_ended:
            raise DocumentNotRead(NotReadReason.NO_TEXT)

    def _read_pdf(self, source: DocumentSource, depth: int) -> None:
        content = source.read(limit=self.limits.document)
        self._read_parts(source, DocumentKind.PDF, iter_pdf_parts(content, limits=self.limits))
        if b"/EmbeddedFile" in content:
            attachments = [
                Attachment(name=name, content=data) for name, data in list_pdf_attachments(content, limits=self.limits)
            ]
            self._read_attachments(source, attachments, depth)

    def _read_mail(self, source: DocumentSource, kind: DocumentKind, depth: int) -> None:
        attachments: list[Attachment] = []
        if kind is DocumentKind.EML:
            self._add_message(source.read(limit=self.limits.document), "", attachments)
        else:
            with source.open() as stream:
                for number, content in enumerate(iter_mailbox(stream, limits=self.limits), 1):
                    self._add_message(content, f"message {number}", attachments)
        self.visitor.end(source.name, kind)
        self._read_attachments(source, attachments, depth)

    def _add_message(self, content: bytes, place: str, attachments: list[Attachment]) -> None:
        for item in iter_message_parts(parse_message(content), place=place, limits=self.limits):
            if isinstance(item, Attachment):
                attachments.append(item)
            else:
                self.visitor.add(item)

    def _read_attachments(self, source: DocumentSource, attachments: Collection[Attachment], depth: int) -> None:
        names: dict[str, int] = {}
        for attachment in attachments:
            name = clean_name(attachment.name)
            names[name] = names.get(name, 0) + 1
            unique = name if names[name] == 1 else f"{name} ({names[name]})"
            self.budget.members += 1
            self.read(build_memory_source(attachment.content, name=f"{source.name}!{unique}"), depth=depth + 1)


def _is_small(member: object) -> bool:
    return member is not None and getattr(member, "file_size", 0) < 1000


def _is_encrypted(archive: ZipFile, names: Collection[str]) -> bool:
    return "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml")


def read_file(source: DocumentSource, visitor: DocumentVisitor, *, limits: DocumentLimits = STANDARD) -> None:
    """Read a file and everything in it."""
    budget = UnpackingBudget(limits=limits, size=source.size)
    DocumentReader(visitor=visitor, budget=budget, limits=limits).read(source)
