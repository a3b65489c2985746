"""Text of web pages and of XML and JSON: tables as rows, fields as lines with their names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree, html

from homeroom.domain.protect.loose.documents import DocumentNotRead, DocumentPart, NotReadReason, TablePart
from homeroom.ingest.documents.limits import DocumentLimits
from homeroom.ingest.documents.text_files import decode_text, iter_line_parts
from homeroom.ingest.documents.xml_parts import get_local_name, parse_xml

_HIDDEN = frozenset({"script", "style", "noscript", "template"})
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "em",
        "font",
        "i",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "var",
    ]
)
_PARAGRAPHS = frozenset({"p", "section", "article", "body"})
_DEPTH = 60
_MAX_COLUMNS = 200


def iter_html_parts(content: bytes, *, limits: DocumentLimits) -> Iterator[DocumentPart]:
    """Yield the tables of a web page as rows and the rest of its text as lines. Raise DocumentNotRead."""
    text = decode_text(content)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        raise DocumentNotRead(NotReadReason.NO_TEXT) from None
    etree.strip_elements(root, *_HIDDEN, with_tail=False)
    tables = [table for table in root.iter("table") if not any(True for _ in table.iter("table")) or _is_leaf(table)]
    for number, table in enumerate(tables, 1):
        rows = [[_join_text(cell) for cell in row.iter("td", "th")] for row in table.iter("tr")]
        if any(any(row) for row in rows):
            yield TablePart(rows=rows, place=f"table {number}")
        tail = table.tail
        table.clear()
        table.tail = tail
    lines = list(_iter_html_lines(root))
    if any(line.strip() for line in lines):
        yield from iter_line_parts(lines, limits=limits)
    elif not tables:
        raise DocumentNotRead(NotReadReason.NO_TEXT)


def _is_leaf(table: etree._Element) -> bool:
    return sum(1 for _ in table.iter("table")) == 1


def _join_text(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _iter_html_lines(root: etree._Element) -> Iterator[str]:
    pieces: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end", "comment")):
        name = element.tag if isinstance(element.tag, str) else ""
        if event == "comment":
            yield " ".join((element.text or "").split())
            pieces.append(element.tail or "")
            continue
        is_block = bool(name) and name not in _INLINE
        if is_block and pieces and "".join(pieces).strip():
            yield " ".join("".join(pieces).split())
            pieces = []
        if event == "start":
            if name in _PARAGRAPHS:
                yield ""
            pieces.append(element.text or "")
            for key in ("value", "placeholder", "title", "alt") if name in ("input", "textarea", "img") else ():
                pieces.append(f" {element.get(key, '')} ")
        else:
            pieces.append(element.tail or "")
        if event == "end" and name in ("p", "div", "section", "article", "li", "h1", "h2", "h3"):
            if "".join(pieces).strip():
                yield " ".join("".join(pieces).split())
                pieces = []
            if name in _PARAGRAPHS:
                yield ""
    if "".join(pieces).strip():
        yield " ".join("".join(pieces).split())


def iter_xml_parts(content: bytes, *, limits: DocumentLimits) -> Iterator[DocumentPart]:
    """Yield each element and attribute of XML as a line with its name. Raise DocumentNotRead."""
    root = parse_xml(content)
    lines: list[str] = []
    for element in root.iter():
        name = get_local_name(element)
        if not name:
            continue
        if len(element) and lines and lines[-1]:
            lines.append("")
        lines += [f"{key.rpartition('}')[2]}: {value}" for key, value in element.attrib.items() if value]
        if element.text and element.text.strip():
            lines.append(f"{name}: {' '.join(element.text.split())}")
        if element.tail and element.tail.strip():
            lines.append(" ".join(element.tail.split()))
    if not any(lines):
        raise DocumentNotRead(NotReadReason.NO_TEXT)
    yield from iter_line_parts(lines, limits=limits)


def iter_json_parts(content: bytes, *, limits: DocumentLimits) -> Iterator[DocumentPart]:
    """Yield lists of objects in JSON as rows under the names of their fields, and the rest as lines.

    What is no JSON throughout is read as lines; objects a line are a list.
    """
    text = decode_text(content)
    try:
        documents: Any = json.loads(text)
    except (ValueError, RecursionError):
        documents = _parse_lines(text)
        if documents is None:
            yield from iter_line_parts(text.splitlines(), limits=limits)
            return
    lines: list[str] = []
    tables: list[tuple[str, list[Mapping[str, Any]]]] = []
    _collect_json(documents, "", lines, tables, 0)
    for name, objects in tables:
        yield from _build_table(name, objects, limits=limits)
    if lines:
        yield from iter_line_parts(lines, limits=limits)


def _parse_lines(text: str) -> list[Any] | None:
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None


def _collect_json(
    value: Any, name: str, lines: list[str], tables: list[tuple[str, list[Mapping[str, Any]]]], depth: int
) -> None:
    if depth > _DEPTH:
        return
    if isinstance(value, dict):
        for key, item in value.items():
            _collect_json(item, str(key), lines, tables, depth + 1)
        lines.append("")
    elif isinstance(value, list):
        objects = [item for item in value if isinstance(item, dict)]
        if objects:
            tables.append((name, [_flatten(item, lines, tables, depth) for item in objects]))
        for item in value:
            if not isinstance(item, dict):
                _collect_json(item, name, lines, tables, depth + 1)
    elif value is not None:
        lines += [f"{name}: {line}" if name else line for line in str(value).splitlines()]


def _flatten(
    item: Mapping[str, Any],
    lines: list[str],
    tables: list[tuple[str, list[Mapping[str, Any]]]],
    depth: int,
    under: str = "",
) -> dict[str, str]:
    """Return the fields of an object and of those within it; lists of objects in it are tables of their own."""
    fields: dict[str, str] = {}
    for key, value in item.items():
        name = f"{under}{key}"
        if isinstance(value, dict) and depth < _DEPTH:
            fields |= _flatten(value, lines, tables, depth + 1, f"{name} ")
        elif isinstance(value, list) and any(isinstance(entry, dict | list) for entry in value):
            _collect_json(value, name, lines, tables, depth + 1)
        elif isinstance(value, list):
            fields[name] = "; ".join(map(str, value))
        elif value is not None:
            fields[name] = str(value)
    return fields


def _build_table(name: str, objects: Sequence[Mapping[str, Any]], *, limits: DocumentLimits) -> Iterator[TablePart]:
    names = list(dict.fromkeys(key for item in objects for key in item))[:_MAX_COLUMNS]
    place = f"list {name}" if name else ""
    rows = [names, *([item.get(key, "") for key in names] for item in objects)]
    for first in range(0, len(rows), limits.rows):
        block = rows[first : first + limits.rows]
        yield TablePart(rows=block, place=place, first_row=first, continues=first > 0)
