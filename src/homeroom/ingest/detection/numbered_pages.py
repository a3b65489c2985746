"""Numbered JSON files that are pages of one list, although no page announces the next one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from itertools import combinations
from typing import Any

from homeroom.ingest.contract.connector import JsonKind
from homeroom.ingest.contract.errors import Notes
from homeroom.ingest.detection.file_kinds import KindMatch
from homeroom.ingest.detection.sniffer import SniffedFile

JsonPage = tuple[SniffedFile, KindMatch[JsonKind]]
"""A file that may be a page of an export, and its kind."""
_NUMBERED = re.compile(r"(?P<before>.*?)(?P<number>[0-9]{1,4})(?P<after>(?:\.[A-Za-z]+)+)")
"""A name whose last digits before its extension are its number."""
_MAX_BYTES = 64 << 20
"""Bytes of files whose rows are compared."""


def are_numbered_pages(pages: Sequence[JsonPage]) -> bool:
    """Check whether files that announce nothing are pages of one list.

    Their names differ only by a number that counts from 0 or 1, and no row is in two of them: two exports of one list,
    for instance of two days, have nearly all rows in common. Reports of a scanner are no pages.
    """
    kind = pages[0][1].kind
    is_list = not kind.objects or kind.more or kind.total
    if len(pages) < 2 or not is_list or any(page[0].container for page in pages):
        return False
    parts = [_NUMBERED.fullmatch(page[0].origin.base_name) for page in pages]
    numbers = [int(match["number"]) for match in parts if match]
    names = {(match["before"], match["after"]) for match in parts if match}
    if len(numbers) < len(pages) or len(names) > 1 or numbers[0] > 1:
        return False
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and _share_no_row(pages)


def _share_no_row(pages: Sequence[JsonPage]) -> bool:
    """Check that some field differs in all rows of each page, and that no such field has a value on two pages."""
    if sum(file.origin.size for file, _ in pages) > _MAX_BYTES:
        return False
    values_by_page = [_collect_distinct(_iter_rows(page)) for page in pages]
    names = reduce(set.intersection, map(set, values_by_page))
    return bool(names) and all(
        left[name].isdisjoint(right[name]) for left, right in combinations(values_by_page, 2) for name in names
    )


def _iter_rows(page: JsonPage) -> Iterable[Mapping[str, Any]]:
    file, match = page
    if file.document is None:
        return
    envelope = file.document.find_envelope(match.kind)
    for batch, _ in file.document.iter_objects(
        notes=Notes(), envelope=envelope, drops=frozenset(match.kind.drops), dropped=Counter()
    ):
        yield from batch


def _collect_distinct(rows: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Return the values of each field that every row has, with another text in each."""
    columns: dict[str, set[str]] = {}
    count = 0
    for count, row in enumerate(rows, start=1):
        texts = {name: value for name, value in row.items() if isinstance(value, str) and value}
        if count == 1:
            columns = {name: {value} for name, value in texts.items()}
            continue
        for name in [name for name in columns if texts.get(name) is None or texts[name] in columns[name]]:
            del columns[name]
        for name, values in columns.items():
            values.add(texts[name])
    return columns
