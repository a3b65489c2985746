"""Recordings of every kind of file, and the ways in which they are broken: in their bytes and in their structure.

A kind has the recordings that lie in tests/recordings; where it has none, one is made from what its manifest says that
the file is known by, so that a connector that is new tomorrow is broken as well.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree

from homeroom.ingest.connector import Kind
from homeroom.ingest.recognise import packages
from homeroom.library.connectors import connectors
from tests.connectors.recorded import RECORDINGS

VALUES = ("7", "2026-03-01T10:00:00Z", "Amara Abara", "a@maple.example", "192.0.2.7", "true", "", "CVE-2026-10001")
TOKENS = (
    b"\0", b"\xff", b'"', b"'", b"\n", b"\r", b",", b";", b"\t", b"<", b">", b"&x;", b"{", b"}", b"[", b"]", b":",
    b"9" * 400, b"\xed\xa0\x80", b"\xef\xbb\xbf", b"<!DOCTYPE x [<!ENTITY y 'z'>]>", b"<![CDATA[", b"null", b"NaN",
    b"-1e999", b"\xe2\x80\xae", b"\\ud800", b"\x1a", b"]]>", b"<!--", b"%", b"\x85",
)  # fmt: skip
NASTY: tuple[Any, ...] = (
    None, [], {}, "", 0, -1, 10**30, 1e308, True, "x" * 5000, [[[[]]]], {"a": {"b": [1, None]}}, "9999-99-99", "0000-01-01",
    "\u202e", "\ud800", "\0", " ", "-", "1,5", "٣", "99999", "65536", "NaN", "2026-03-01T10:00:00+99:99", "<script>",
    "'; --", [None, 1, "a", {}], "é" * 300, "10.0", "CVE-1-1", "[::1", "1e400", "²",
)  # fmt: skip
Change = Callable[[bytes, int, int], bytes]


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One recording: the kind whose it is, its base name and bytes, and what must lie beside it."""

    kind: str
    form: str
    name: str
    data: bytes
    beside: tuple[tuple[str, bytes], ...] = ()


@cache
def recorded() -> tuple[Recorded, ...]:
    """The recordings of every kind, by kind and name."""
    known = {kind.id: kind for connector in connectors() for kind in connector.kinds}
    found = list(_on_disk())
    there = {one.kind for one in found}
    found += [_made(kind) for kind in known.values() if kind.id not in there and kind.form != "text"]
    return tuple(sorted(found, key=lambda one: (one.kind, one.name)))


def _on_disk() -> Iterator[Recorded]:
    companions = {name for connector in connectors() for kind in connector.kinds for name in kind.beside}
    for path in sorted(path for path in RECORDINGS.rglob("*") if path.is_file() and path.name not in companions):
        beside = tuple((one.name, one.read_bytes()) for one in sorted(path.parent.iterdir()) if one.name in companions)
        there = path.parent if beside else path
        for package in packages([there], connectors=connectors()).packages:
            kind = package.files[0].kind
            yield Recorded(kind=kind.id, form=kind.form, name=path.name, data=path.read_bytes(), beside=beside)


def _made(kind: Kind) -> Recorded:
    """A file that has what the kind is known by, and values of several sorts in it."""
    names = tuple(dict.fromkeys((*kind.needs, *kind.any_of)))
    make = {"csv": _csv, "json": _json, "yaml": _yaml, "xml": _xml}[kind.form]
    return Recorded(
        kind=kind.id, form=kind.form, name=kind.member or f"made.{kind.form}", data=make(kind, names).encode()
    )


def _csv(_: Kind, names: tuple[str, ...]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*names, "extra"])
    writer.writerows([VALUES[(row + place) % len(VALUES)] for place in range(len(names) + 1)] for row in range(4))
    return text.getvalue()


def _json(kind: Kind, names: tuple[str, ...]) -> str:
    rows = [_object(names, row) for row in range(3)]
    return json.dumps({kind.envelope: rows, **({kind.total: 3} if kind.total else {})} if kind.envelope else rows)


def _object(names: tuple[str, ...], row: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for place, name in enumerate(names):
        *levels, last = name.split(".")
        inner = made
        for level in levels:
            if not isinstance(inner.get(level), dict):
                inner[level] = {}
            inner = inner[level]
        inner.setdefault(last, VALUES[(row + place) % len(VALUES)])
    return made


def _yaml(kind: Kind, names: tuple[str, ...]) -> str:
    return f"homeroom: {kind.id.partition('.')[0]}\n" + "".join(
        f"{name}: {VALUES[2]}\n" for name in names if name != "homeroom"
    )


def _xml(kind: Kind, names: tuple[str, ...]) -> str:
    inner = "".join(f'<{one} id="7" name="a"><name>b</name><{one}x>1</{one}x></{one}>' for one in kind.record.split())
    return f"<{names[0]}>{inner}</{names[0]}>"


def _flip(data: bytes, at: int, by: int) -> bytes:
    at %= len(data) or 1
    return data[:at] + bytes([data[at] ^ (1 + by % 255)]) + data[at + 1 :] if data else data


def _cut(data: bytes, at: int, by: int) -> bytes:
    at %= len(data) + 1
    return data[:at] + data[at + 1 + by % 64 :]


def _again(data: bytes, at: int, by: int) -> bytes:
    at %= len(data) + 1
    return data[:at] + data[at : at + 1 + by % 200] * 2 + data[at:]


def _insert(data: bytes, at: int, by: int) -> bytes:
    at %= len(data) + 1
    return data[:at] + TOKENS[by % len(TOKENS)] + data[at:]


def _end(data: bytes, at: int, _by: int) -> bytes:
    return data[: at % (len(data) + 1)]


BYTES: tuple[Change, ...] = (_flip, _cut, _again, _insert, _end)


def _in_json(data: bytes, at: int, by: int) -> bytes:
    """One value in the document is another one, is gone, or stands twice."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return _insert(data, at, by)
    places = list(_places(document))
    if not places:
        return data
    holder, name = places[at % len(places)]
    what = by % (len(NASTY) + 2)
    if what < len(NASTY):
        holder[name] = NASTY[what]
    elif what == len(NASTY):
        del holder[name]
    elif isinstance(holder, list):
        holder.append(holder[name])
    else:
        holder[f"{name} "] = holder.pop(name)
    return json.dumps(document).encode("utf-8", "replace")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield value, name
        yield from _places(item)


def _in_xml(data: bytes, at: int, by: int) -> bytes:
    """One element is gone, stands twice, has another name, or holds something else in its text or in an attribute."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return _insert(data, at, by)
    every = [one for one in root.iter() if isinstance(one.tag, str)]
    element = every[at % len(every)]
    parent, what = element.getparent(), by % 5
    said = "".join(letter for letter in str(NASTY[by % len(NASTY)]) if letter.isprintable() and letter < "\ud800")
    if what == 0 and parent is not None:
        parent.remove(element)
    elif what == 1 and parent is not None:
        parent.append(etree.fromstring(etree.tostring(element, with_tail=False)))
    elif what == 2:
        element.tag = "other"
    elif what == 3 and element.attrib:
        element.set(sorted(element.attrib)[by % len(element.attrib)], said)
    else:
        element.text = said
    return bytes(etree.tostring(root))


def _in_csv(data: bytes, at: int, by: int) -> bytes:
    """One cell is another one, one column has another name, or one row is short or stands twice."""
    text = data.decode("utf-8-sig", "replace")
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        return _insert(data, at, by)
    if not rows:
        return data
    row = rows[at % len(rows)]
    if row:
        row[by % len(row)] = str(NASTY[(at // len(rows)) % len(NASTY)])
    if by % 7 == 0:
        rows.append(list(row))
    if by % 11 == 0:
        row.pop() if row else None
    made = io.StringIO(newline="")
    csv.writer(made, delimiter=delimiter).writerows(rows)
    return made.getvalue().encode("utf-8", "replace")


STRUCTURE: dict[str, Change] = {"json": _in_json, "xml": _in_xml, "csv": _in_csv}


def changed(one: Recorded, changes: list[tuple[int, int, int]], *, structure: bool) -> bytes:
    """The recording after these changes, each (which, where, how)."""
    data = one.data
    for which, at, by in changes:
        change = STRUCTURE.get(one.form) if structure else None
        data = (change or BYTES[which % len(BYTES)])(data, at, by)
    return data
