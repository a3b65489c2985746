"""A small JSON file decoded in one go, if that is as strict as reading it piece by piece; otherwise no result.

The strict reader (`jsontext`) looks at each name, and reports where a bad file is bad. Here a whole file is decoded at
once, and two counts detect what decoding would lose: of a name that occurs twice in one object only one is left, so the
result has fewer colons than the file; minus zero becomes zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from homeroom.ingest.json_files.object_stream import (
    MAX_LEVELS,
    MAX_TEXT,
    MAX_TOP_VALUES,
    SAMPLE_SIZE,
    collect_names,
    reduce_to_names,
    select_distinct_shapes,
)

SMALL = 4 << 20
"""Bytes of a file that is decoded in one go."""
_DOUBTFUL = re.compile(rb"\\u(?:00[0-3]|[dD])")
"""Escaped letters that may be a lone surrogate, a NUL, or one of the characters that are counted."""
_COLON, _MINUS_ZERO = ord(":"), b"-0"
_DECODER = msgspec.json.Decoder(float_hook=str)  # 1.10 stays 1.10
_ENTRIES = msgspec.json.Decoder(list[msgspec.Raw])
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def decode_fast(data: bytes) -> Any:
    """Decode UTF-8 text, whole numbers as numbers and fractions as the text that they were; None if in doubt.

    A value that is returned is the same as the strict reader's, except for whole numbers, which that reader returns as
    text.
    """
    if has_doubtful_escapes(data):
        return None
    try:
        value = _DECODER.decode(data)
        encoded = msgspec.json.encode(value)
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError):
        return None
    return value if is_lossless(data, encoded) else None


def split_top_level(data: bytes) -> dict[str, msgspec.Raw]:
    """Return the values by top-level name, undecoded; empty if the text holds no object."""
    try:
        return _PARTS.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}


def has_doubtful_escapes(data: bytes) -> bool:
    """Check whether a text has escaped letters that decoding it at once may get wrong."""
    # A search for one character is six times as fast as for two, and hardly any page has it.
    return b"\\" in data and b"\\u" in data and _DOUBTFUL.search(data) is not None


def is_lossless(data: bytes, *parts: bytes) -> bool:
    """Check whether the parts of a text, encoded again, have all names and signs of it."""
    return _count_colons_and_zeros(data) == tuple(map(sum, zip(*map(_count_colons_and_zeros, parts), strict=True)))


def _count_colons_and_zeros(text: bytes) -> tuple[int, int]:
    """Return the number of colons and of minus signs before zeros."""
    colons = np.count_nonzero(np.frombuffer(text, np.uint8) == _COLON)  # six times as fast as bytes.count, of so many
    return int(colons), text.count(_MINUS_ZERO)


def _iter_plain_values(name: str, value: Any) -> Iterator[tuple[str, str | bool]]:
    """Yield the plain values of one top-level name and of the names within it, with a dot between; numbers as text."""
    inner = value.items() if isinstance(value, dict) else ()
    for full, item in ((name, value), *((f"{name}.{key}", item) for key, item in inner)):
        if isinstance(item, str | bool):
            yield full, item
        elif isinstance(item, int):
            yield full, str(item)


@dataclass(frozen=True, kw_only=True)
class DocumentSummary:
    """Rows and names of a file by envelope, and the plain values beside them, for a `documents.JsonDocument`."""

    rows: Mapping[str, int]
    names: Mapping[str, tuple[str, ...]]
    top: Mapping[str, str | bool]


def summarize_document(
    document: Any, *, envelopes: AbstractSet[str], drops: AbstractSet[str], max_names: int
) -> DocumentSummary | None:
    """Summarize a decoded file; None if it contains something that the strict reader has to deal with.

    `max_names` is how many names are listed of one envelope.
    """
    if isinstance(document, list) and _are_all_objects(document):
        return DocumentSummary(rows={"": len(document)}, names={"": _collect_names(document, max_names)}, top={})
    if not isinstance(document, dict) or drops & document.keys():
        return None
    lists = {name: value for name, value in document.items() if name in envelopes and isinstance(value, list)}
    if not all(map(_are_all_objects, lists.values())):
        return None
    rows_and_names = {name: (len(value), _collect_names(value, max_names)) for name, value in lists.items()}
    return summarize_envelope({**document, **dict.fromkeys(lists)}, rows_and_names, max_names=max_names)


def summarize_envelope(
    document: Mapping[str, Any], rows: Mapping[str, tuple[int, tuple[str, ...]]], *, max_names: int
) -> DocumentSummary:
    """Summarize an object whose envelopes, null here, have the given number of rows with those names."""
    top: dict[str, str | bool] = {}
    for name, value in document.items():
        for full, item in _iter_plain_values(name, value) if name not in rows else ():
            if len(top) < MAX_TOP_VALUES:
                top[full] = item[:MAX_TEXT] if isinstance(item, str) else item
    nested_names = {name: reduce_to_names(value, MAX_LEVELS - 1) for name, value in document.items()}
    return DocumentSummary(
        rows={"": 1} | {name: count for name, (count, _) in rows.items()},
        names={"": tuple(collect_names(nested_names, max_names=max_names))}
        | {name: names for name, (_, names) in rows.items()},
        top=top,
    )


def read_first_names(rows: msgspec.Raw, *, max_names: int) -> tuple[str, ...]:
    """Return the names of the first objects of a well-formed list that holds only objects."""
    return _collect_names([_DECODER.decode(entry) for entry in _ENTRIES.decode(rows)[:SAMPLE_SIZE]], max_names)


def _are_all_objects(values: list[Any]) -> bool:
    return set(map(type, values)) <= {dict}


def _collect_names(rows: list[dict[str, Any]], max_names: int) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for row in select_distinct_shapes(rows[:SAMPLE_SIZE]):
        names.update(collect_names(row, max_names=max_names))
    return tuple(names)
