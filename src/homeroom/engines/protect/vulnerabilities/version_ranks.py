"""Ranks of versions within their scheme, so that millions of comparisons are integer comparisons."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import pyarrow as pa

from homeroom.engines.protect.vulnerabilities.version_schemes import SCHEMES

RANKS_SCHEMA = pa.schema([("scheme", pa.string()), ("version", pa.string()), ("rank", pa.int64())])


def rank_versions(pairs: Iterable[tuple[str, str]]) -> pa.Table:
    """Return RANKS_SCHEMA rows of distinct (scheme, version) pairs, without those that cannot be compared.

    Within a scheme equal versions have one rank, and a newer one has a higher one; ranks of two schemes are not
    comparable.
    """
    schemes: list[str] = []
    versions: list[str] = []
    rank_values: list[int] = []
    for scheme, group in groupby(sorted(set(pairs)), key=lambda pair: pair[0]):
        ranks = _rank_scheme([version for _, version in group], scheme)
        schemes += [scheme] * len(ranks)
        versions += ranks.keys()
        rank_values += ranks.values()
    return pa.table([schemes, versions, rank_values], schema=RANKS_SCHEMA)


def _rank_scheme(versions: list[str], scheme: str) -> dict[str, int]:
    build_key = SCHEMES[scheme]
    version_keys = [(version_key, version) for version in versions if (version_key := build_key(version)) is not None]
    version_keys.sort(key=lambda pair: pair[0])
    ranks: dict[str, int] = {}
    rank, previous = 0, None
    for version_key, version in version_keys:
        rank += previous is not None and _is_newer(version_key, previous)
        ranks[version], previous = rank, version_key
    return ranks


def _is_newer(version_key: Any, previous: Any) -> bool:
    return bool(previous < version_key)
