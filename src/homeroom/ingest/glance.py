"""A small JSON file taken apart in one go, where that is as strict as reading it piece by piece; else nothing is said.

The strict reader (`jsontext`) looks at each name, and says of a bad file where it is bad. Here a whole file is decoded at
once, and what decoding would pass over is told by two counts: a name that stands twice in one object is kept once, and
then the colons of what was kept are fewer than those of the file; minus nought is kept as nought.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from homeroom.ingest.objects import LEVELS, LONGEST, SAMPLE, TOP, names_alone, names_in, unlike

SMALL = 4 << 20
"""Bytes of a file that is decoded in one go."""
_DOUBTFUL = re.compile(rb"\\u(?:00[0-3]|[dD])")
"""Letters by their number that may be half a letter, a NUL, or one of those that are counted."""
_COLON, _MINUS_NOUGHT = ord(":"), b"-0"
_DECODER = msgspec.json.Decoder(float_hook=str)  # 1.10 stays 1.10
_ENTRIES = msgspec.json.Decoder(list[msgspec.Raw])
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def decoded(data: bytes) -> Any:
    """The value that UTF-8 text holds, whole numbers as numbers and fractions as the text that they were; None in doubt.

    A value that is returned is what the strict reader returns, but for whole numbers, which it gives as text.
    """
    if doubtful(data):
        return None
    try:
        found = _DECODER.decode(data)
        kept = msgspec.json.encode(found)
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError):
        return None
    return found if nothing_lost(data, kept) else None


def parted(data: bytes) -> dict[str, msgspec.Raw]:
    """The values by top-level name, not taken apart; nothing where the text holds no object."""
    try:
        return _PARTS.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}


def doubtful(data: bytes) -> bool:
    """Whether a text has letters by their number that decoding it at once may get wrong."""
    # One sign is looked for six times as fast as two, and hardly any page has it.
    return b"\\" in data and b"\\u" in data and _DOUBTFUL.search(data) is not None


def nothing_lost(data: bytes, *kept: bytes) -> bool:
    """Whether what was kept of a text, written anew, has all names and signs of it."""
    return _counted(data) == tuple(map(sum, zip(*map(_counted, kept), strict=True)))


def _counted(text: bytes) -> tuple[int, int]:
    """The colons and the minus signs before noughts."""
    colons = np.count_nonzero(np.frombuffer(text, np.uint8) == _COLON)  # six times as fast as bytes.count, of so many
    return int(colons), text.count(_MINUS_NOUGHT)


def _plain(name: str, value: Any) -> Iterator[tuple[str, str | bool]]:
    """The plain values of one top-level name and of the names within it, with a dot between; numbers as text."""
    inner = value.items() if isinstance(value, dict) else ()
    for full, item in ((name, value), *((f"{name}.{key}", item) for key, item in inner)):
        if isinstance(item, str | bool):
            yield full, item
        elif isinstance(item, int):
            yield full, str(item)


@dataclass(frozen=True, kw_only=True)
class Glance:
    """What a `documents.Document` tells of a file: its rows and names by envelope, and the plain values beside them."""

    rows: Mapping[str, int]
    names: Mapping[str, tuple[str, ...]]
    top: Mapping[str, str | bool]


def glance(found: Any, *, envelopes: AbstractSet[str], drops: AbstractSet[str], most: int) -> Glance | None:
    """What stands in a file that was decoded; None where there is something that the strict reader has to deal with.

    `most` is how many names are told of one envelope.
    """
    if isinstance(found, list) and _all_objects(found):
        return Glance(rows={"": len(found)}, names={"": _names(found, most)}, top={})
    if not isinstance(found, dict) or drops & found.keys():
        return None
    lists = {name: value for name, value in found.items() if name in envelopes and isinstance(value, list)}
    if not all(map(_all_objects, lists.values())):
        return None
    told = {name: (len(value), _names(value, most)) for name, value in lists.items()}
    return around({**found, **dict.fromkeys(lists)}, told, most=most)


def around(found: Mapping[str, Any], rows: Mapping[str, tuple[int, tuple[str, ...]]], *, most: int) -> Glance:
    """What an object tells whose envelopes, null here, have so many rows with those names."""
    top: dict[str, str | bool] = {}
    for name, value in found.items():
        for full, item in _plain(name, value) if name not in rows else ():
            if len(top) < TOP:
                top[full] = item[:LONGEST] if isinstance(item, str) else item
    made = {name: names_alone(value, LEVELS - 1) for name, value in found.items()}
    return Glance(
        rows={"": 1} | {name: count for name, (count, _) in rows.items()},
        names={"": tuple(names_in(made, most=most))} | {name: names for name, (_, names) in rows.items()},
        top=top,
    )


def first_names(rows: msgspec.Raw, *, most: int) -> tuple[str, ...]:
    """The names of the first objects of a list that holds nothing but such, and is well-formed."""
    return _names([_DECODER.decode(one) for one in _ENTRIES.decode(rows)[:SAMPLE]], most)


def _all_objects(found: list[Any]) -> bool:
    return set(map(type, found)) <= {dict}


def _names(rows: list[dict[str, Any]], most: int) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for one in unlike(rows[:SAMPLE]):
        names.update(names_in(one, most=most))
    return tuple(names)
