"""Recordings of every kind of file, and mutations that break their bytes and their structure.

A kind has the recordings in tests/recordings; if it has none, one is generated from the detection rules of its
manifest, so that a new connector is broken as well.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree

from homeroom.ingest.contract.connector import (
    CsvKind,
    FileKind,
    JsonKind,
    LogKind,
    NamedKind,
    TextKind,
    XmlKind,
    YamlKind,
)
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.recordings import RECORDINGS

VALUES = ("7", "2026-03-01T10:00:00Z", "Amara Abara", "a@maple.example", "192.0.2.7", "true", "", "CVE-2026-10001")
TOKENS = (
    b"\0", b"\xff", b'"', b"'", b"\n", b"\r", b",", b";", b"\t", b"<", b">", b"&x;", b"{", b"}", b"[", b"]", b":",
    b"9" * 400, b"\xed\xa0\x80", b"\xef\xbb\xbf", b"<!DOCTYPE x [<!ENTITY y 'z'>]>", b"<![CDATA[", b"null", b"NaN",
    b"-1e999", b"\xe2\x80\xae", b"\\ud800", b"\x1a", b"]]>", b"<!--", b"%", b"\x85",
)  # fmt: skip
EDGE_VALUES: tuple[Any, ...] = (
    None,
    [],
    {},
    "",
    0,
    -1,
    10**30,
    1e308,
    True,
    "x" * 5000,
    [[[[]]]],
    {"a": {"b": [1, None]}},
    "9999-99-99",
    "0000-01-01",
    "\u202e",
    "\ud800",
    "\0",
    " ",
    "-",
    "1,5",
    "٣",
    "99999",
    "65536",
    "NaN",
    "2026-03-01T10:00:00+99:99",
    "<script>",
    "'; --",
    [None, 1, "a", {}],
    "é" * 300,
    "10.0",
    "CVE-1-1",
    "[::1",
    "1e400",
    "²",
)
Mutation = Callable[[bytes, int, int], bytes]


@dataclass(frozen=True, kw_only=True)
class RecordedFile:
    """One recording: its kind, its base name and bytes, and the files that must be in the same folder."""

    kind: str
    form: str
    name: str
    data: bytes
    companions: tuple[tuple[str, bytes], ...] = ()


@cache
def load_recordings() -> tuple[RecordedFile, ...]:
    """Return the recordings of every kind, by kind and name."""
    kinds = {kind.id: kind for connector in load_connectors() for kind in connector.kinds}
    recordings = list(_read_recordings())
    recorded_kinds = {recording.kind for recording in recordings}
    recordings += [
        _generate_recording(kind)
        for kind in kinds.values()
        if kind.id not in recorded_kinds and not isinstance(kind, TextKind)
    ]
    return tuple(sorted(recordings, key=lambda recording: (recording.kind, recording.name)))


def _read_recordings() -> Iterator[RecordedFile]:
    text_kinds = [kind for connector in load_connectors() for kind in connector.kinds if isinstance(kind, TextKind)]
    companion_names = {name for kind in text_kinds for name in kind.beside}
    for path in sorted(path for path in RECORDINGS.rglob("*") if path.is_file() and path.name not in companion_names):
        companions = tuple(
            (companion.name, companion.read_bytes())
            for companion in sorted(path.parent.iterdir())
            if companion.name in companion_names
        )
        package_path = path.parent if companions else path
        for package in detect_packages([package_path], connectors=load_connectors()).packages:
            kind = package.files[0].kind
            yield RecordedFile(
                kind=kind.id, form=kind.form, name=path.name, data=path.read_bytes(), companions=companions
            )


def _generate_recording(kind: FileKind) -> RecordedFile:
    """Generate a file that is detected as the kind, with values of several types."""
    match kind:
        case CsvKind():
            text = _generate_csv(kind)
        case JsonKind():
            text = _generate_json(kind)
        case YamlKind():
            text = _generate_yaml(kind)
        case XmlKind():
            text = _generate_xml(kind)
        case LogKind():
            text = "".join(json.dumps(LOG_RECORDS[kind.id] | {"id": _build_log_id(kind, n)}) + "\n" for n in range(3))
        case _:
            raise ValueError(f"{kind.id} is a text, which cannot be generated")
    name = kind.member if isinstance(kind, CsvKind) and kind.member else f"made.{kind.form}"
    return RecordedFile(kind=kind.id, form=kind.form, name=name, data=text.encode())


LOG_RECORDS: Mapping[str, dict[str, Any]] = {
    "google.activities": {
        "kind": "admin#reports#activity",
        "actor": {"email": "ana@maple.example", "profileId": "1001"},
        "ipAddress": "203.0.113.9",
        "events": [{"type": "login", "name": "login_success", "parameters": [{"name": "n", "intValue": "4"}]}],
    },
    "microsoft.signins": {
        "createdDateTime": "2026-09-14T13:05:00Z", "userPrincipalName": "ana@maple.example", "appDisplayName": "Mail",
        "ipAddress": "203.0.113.9", "status": {"errorCode": 0}, "location": {"countryOrRegion": "US"},
    },
    "microsoft.audits": {
        "activityDateTime": "2026-09-14T13:05:00Z", "activityDisplayName": "Add user", "result": "success",
        "loggedByService": "Core Directory",
        "initiatedBy": {"user": {"userPrincipalName": "ana@maple.example"}}, "targetResources": [],
    },
    "microsoft.unified": {
        "Id": "1", "CreationTime": "2026-09-14T13:05:00", "Operation": "New-InboxRule", "Workload": "Exchange",
        "RecordType": 1, "UserId": "ana@maple.example", "Parameters": [{"Name": "DeleteMessage", "Value": "True"}],
    },
    "microsoft.logs": {
        "time": "2026-09-14T13:05:00Z", "category": "Administrative", "resultType": "Success",
        "operationName": "MICROSOFT.KEYVAULT/VAULTS/WRITE", "resourceId": "/SUBSCRIPTIONS/1",
        "callerIpAddress": "203.0.113.9",
    },
}  # fmt: skip
"""A record of each kind of log, without its id."""


def _build_log_id(kind: LogKind, number: int) -> Any:
    if kind.id != "google.activities":
        return f"record-{number}"
    return {"time": f"2026-09-14T13:0{number}:00.000Z", "applicationName": "login", "uniqueQualifier": str(number)}


def _list_names(kind: NamedKind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind.select_names()))


def _generate_csv(kind: CsvKind) -> str:
    names = _list_names(kind)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*names, "extra"])
    writer.writerows([VALUES[(row + column) % len(VALUES)] for column in range(len(names) + 1)] for row in range(4))
    return text.getvalue()


def _generate_json(kind: JsonKind) -> str:
    rows = [_build_object(_list_names(kind), row) for row in range(3)]
    return json.dumps({kind.envelope: rows, **({kind.total: 3} if kind.total else {})} if kind.envelope else rows)


def _build_object(names: tuple[str, ...], row: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for column, name in enumerate(names):
        *levels, last = name.split(".")
        inner = result
        for level in levels:
            if not isinstance(inner.get(level), dict):
                inner[level] = {}
            inner = inner[level]
        inner.setdefault(last, VALUES[(row + column) % len(VALUES)])
    return result


def _generate_yaml(kind: YamlKind) -> str:
    return f"homeroom: {kind.id.partition('.')[0]}\n" + "".join(
        f"{name}: {VALUES[2]}\n" for name in _list_names(kind) if name != "homeroom"
    )


def _generate_xml(kind: XmlKind) -> str:
    inner = "".join(f'<{tag} id="7" name="a"><name>b</name><{tag}x>1</{tag}x></{tag}>' for tag in kind.record.split())
    return f"<{kind.needs[0]}>{inner}</{kind.needs[0]}>"


def _flip_byte(data: bytes, position: int, amount: int) -> bytes:
    position %= len(data) or 1
    return data[:position] + bytes([data[position] ^ (1 + amount % 255)]) + data[position + 1 :] if data else data


def _cut_bytes(data: bytes, position: int, amount: int) -> bytes:
    position %= len(data) + 1
    return data[:position] + data[position + 1 + amount % 64 :]


def _repeat_bytes(data: bytes, position: int, amount: int) -> bytes:
    position %= len(data) + 1
    return data[:position] + data[position : position + 1 + amount % 200] * 2 + data[position:]


def _insert_token(data: bytes, position: int, amount: int) -> bytes:
    position %= len(data) + 1
    return data[:position] + TOKENS[amount % len(TOKENS)] + data[position:]


def _truncate(data: bytes, position: int, _amount: int) -> bytes:
    return data[: position % (len(data) + 1)]


BYTE_MUTATIONS: tuple[Mutation, ...] = (_flip_byte, _cut_bytes, _repeat_bytes, _insert_token, _truncate)


def _modify_json(data: bytes, position: int, amount: int) -> bytes:
    """Replace, delete or duplicate one value of the document."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return _insert_token(data, position, amount)
    positions = list(_list_positions(document))
    if not positions:
        return data
    holder, name = positions[position % len(positions)]
    choice = amount % (len(EDGE_VALUES) + 2)
    if choice < len(EDGE_VALUES):
        holder[name] = EDGE_VALUES[choice]
    elif choice == len(EDGE_VALUES):
        del holder[name]
    elif isinstance(holder, list):
        holder.append(holder[name])
    else:
        holder[f"{name} "] = holder.pop(name)
    return json.dumps(document).encode("utf-8", "replace")


def _list_positions(value: Any) -> Iterator[tuple[Any, Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in inner:
        yield value, name
        yield from _list_positions(item)


def _modify_xml(data: bytes, position: int, amount: int) -> bytes:
    """Remove, duplicate or rename one element, or replace its text or an attribute."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return _insert_token(data, position, amount)
    elements = [node for node in root.iter() if isinstance(node.tag, str)]
    element = elements[position % len(elements)]
    parent, choice = element.getparent(), amount % 5
    replacement = "".join(
        letter for letter in str(EDGE_VALUES[amount % len(EDGE_VALUES)]) if letter.isprintable() and letter < "\ud800"
    )
    if choice == 0 and parent is not None:
        parent.remove(element)
    elif choice == 1 and parent is not None:
        parent.append(etree.fromstring(etree.tostring(element, with_tail=False)))
    elif choice == 2:
        element.tag = "other"
    elif choice == 3 and element.attrib:
        element.set(sorted(element.attrib)[amount % len(element.attrib)], replacement)
    else:
        element.text = replacement
    return bytes(etree.tostring(root))


def _modify_csv(data: bytes, position: int, amount: int) -> bytes:
    """Replace a cell; sometimes duplicate or shorten its row."""
    text = data.decode("utf-8-sig", "replace")
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        return _insert_token(data, position, amount)
    if not rows:
        return data
    row = rows[position % len(rows)]
    if row:
        row[amount % len(row)] = str(EDGE_VALUES[(position // len(rows)) % len(EDGE_VALUES)])
    if amount % 7 == 0:
        rows.append(list(row))
    if amount % 11 == 0:
        row.pop() if row else None
    output = io.StringIO(newline="")
    csv.writer(output, delimiter=delimiter).writerows(rows)
    return output.getvalue().encode("utf-8", "replace")


STRUCTURE_MUTATIONS: dict[str, Mutation] = {"json": _modify_json, "xml": _modify_xml, "csv": _modify_csv}


def modify_recording(recording: RecordedFile, mutations: list[tuple[int, int, int]], *, structure: bool) -> bytes:
    """Return the recording after these mutations, each (index, position, amount)."""
    data = recording.data
    for index, position, amount in mutations:
        mutation = STRUCTURE_MUTATIONS.get(recording.form) if structure else None
        data = (mutation or BYTE_MUTATIONS[index % len(BYTE_MUTATIONS)])(data, position, amount)
    return data
