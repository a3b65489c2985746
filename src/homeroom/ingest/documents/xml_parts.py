"""Parts of office packages: XML that is parsed without entities, and the text of any part of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from zipfile import BadZipFile, ZipFile

from lxml import etree

from homeroom.domain.protect.loose.documents import DocumentNotRead, NotReadReason, TextPart
from homeroom.ingest.documents.limits import DocumentLimits

_TEXTS = frozenset({"t", "text"})
_BLOCKS = frozenset({"p", "comment", "threadedComment", "si"})


def read_member(archive: ZipFile, name: str, *, limits: DocumentLimits) -> bytes:
    """Return a member of a package. Raise DocumentNotRead if it is damaged or a bomb."""
    info = archive.getinfo(name)
    is_grown = info.file_size > limits.grown and info.file_size > limits.ratio * max(info.compress_size, 1)
    if info.file_size > limits.document or is_grown:
        raise DocumentNotRead(NotReadReason.TOO_LARGE)
    if info.flag_bits & 0x1:
        raise DocumentNotRead(NotReadReason.LOCKED)
    try:
        return archive.read(name)
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise DocumentNotRead(NotReadReason.DAMAGED) from None


def parse_xml(content: bytes) -> etree._Element:
    """Parse XML without entities, network and other files. Raise DocumentNotRead if it is none."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise DocumentNotRead(NotReadReason.DAMAGED) from None
    if root is None:
        raise DocumentNotRead(NotReadReason.DAMAGED)
    return root


def get_local_name(element: etree._Element) -> str:
    """Return the name of an element without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def iter_member_texts(
    archive: ZipFile, prefixes: Sequence[str], *, place: str, limits: DocumentLimits
) -> Iterator[TextPart]:
    """Yield the text of the members whose name begins so, a line for each paragraph."""
    for name in archive.namelist():
        if not name.startswith(tuple(prefixes)) or not name.endswith(".xml"):
            continue
        lines = list_paragraphs(parse_xml(read_member(archive, name, limits=limits)))
        if any(lines):
            yield TextPart(lines=lines, place=place, blocks=True)


def list_paragraphs(root: etree._Element) -> list[str]:
    """Return the text of an XML part, a line for each paragraph or comment."""
    lines: list[str] = []
    current: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = get_local_name(element)
        if event == "start" and name in _TEXTS and element.text:
            current.append(element.text)
        elif event == "end" and name in _BLOCKS and current:
            lines.append("".join(current))
            current = []
    return [*lines, "".join(current)] if current else lines
