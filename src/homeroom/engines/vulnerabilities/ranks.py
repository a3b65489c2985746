"""Places of versions in the order of their scheme, so that millions of comparisons are comparisons of whole numbers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import pyarrow as pa

from homeroom.engines.vulnerabilities.schemes import SCHEMES

RANKS = pa.schema([("scheme", pa.string()), ("version", pa.string()), ("rank", pa.int64())])


def ranked(pairs: Iterable[tuple[str, str]]) -> pa.Table:
    """RANKS of distinct (scheme, version) pairs, without those that cannot be compared.

    Within a scheme equal versions have one rank, and a newer one has a higher one; ranks of two schemes say nothing.
    """
    schemes: list[str] = []
    versions: list[str] = []
    places: list[int] = []
    for scheme, group in groupby(sorted(set(pairs)), key=lambda pair: pair[0]):
        found = _placed([version for _, version in group], scheme)
        schemes += [scheme] * len(found)
        versions += found.keys()
        places += found.values()
    return pa.table([schemes, versions, places], schema=RANKS)


def _placed(versions: list[str], scheme: str) -> dict[str, int]:
    key = SCHEMES[scheme]
    keyed = [(found, version) for version in versions if (found := key(version)) is not None]
    keyed.sort(key=lambda pair: pair[0])
    made: dict[str, int] = {}
    place, last = 0, None
    for found, version in keyed:
        place += last is not None and _after(found, last)
        made[version], last = place, found
    return made


def _after(found: Any, last: Any) -> bool:
    return bool(last < found)
