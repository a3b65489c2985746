"""The portal's CSV export of the unified audit log: one row an event, with its record as JSON in a column."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator

from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.events.records import Broken, Record

_COLUMN = "auditdata"


def has_audit_rows(head: bytes) -> bool:
    """Check whether the first line names the column of the audit records."""
    names = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].decode("utf-8", "replace").split(",")
    return any(name.strip().strip('"').lower() == _COLUMN for name in names)


def iter_audit_rows(blocks: Iterable[bytes], *, limits: Limits) -> Iterator[Record | Broken]:
    """Yield each row as a record, numbered from 1 without the header."""
    csv.field_size_limit(max(csv.field_size_limit(), limits.row))
    rows = csv.reader(_iter_text_lines(blocks, limits=limits))
    names: list[str] = []
    number = 0
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            yield Broken(number=number, reason=f"is no row: {error}")
            continue
        if not row:
            continue
        if not names:
            names = [name.strip().removeprefix("\ufeff") for name in row]
            names = ["AuditData" if name.lower() == _COLUMN else name for name in names]
            continue
        number += 1
        size = sum(map(len, row))
        if len(row) != len(names):
            yield Broken(number=number, reason=f"has {len(row)} values for {len(names)} columns")
        elif any("\ufffd" in value for value in row):
            yield Broken(number=number, reason="has bytes that are not UTF-8")
        elif max(map(len, row)) > limits.field:
            yield Broken(number=number, reason=f"a field of more than {limits.field:,} characters")
        else:
            yield Record(number=number, value=dict(zip(names, row, strict=True)), size=size)


def _iter_text_lines(blocks: Iterable[bytes], *, limits: Limits) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    for block in blocks:
        lines = (rest + decoder.decode(block)).split("\n")
        rest = lines.pop()
        yield from (line + "\n" for line in lines)
        if len(rest) > limits.row:
            yield rest + "\n"
            rest = ""
    if rest:
        yield rest
