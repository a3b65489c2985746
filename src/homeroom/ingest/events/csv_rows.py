"""Logs as CSV: the portal's export of the unified audit log, and GAM's prints of Google's activities.

The former has the record as JSON in a column, the latter a column for each name.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator

from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.events.records import Broken, Record

_COLUMN = "auditdata"
_GAM_COLUMN = "id.applicationname"


def has_audit_rows(head: bytes) -> bool:
    """Check whether the first line has the column of the audit records, or that of an activity's application."""
    names = head.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].decode("utf-8", "replace").split(",")
    return any(name.strip().strip('"').lower() in (_COLUMN, _GAM_COLUMN) for name in names)


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
            yield Record(number=number, value=_build_record(names, row), size=size)


def _build_record(names: list[str], row: list[str]) -> dict[str, str]:
    """Return a row by its names; GAM has a column for each parameter of any event, most of them empty."""
    values = dict(zip(names, row, strict=True))
    if _GAM_COLUMN not in map(str.lower, names):
        return values
    return {name: value for name, value in values.items() if value}


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
