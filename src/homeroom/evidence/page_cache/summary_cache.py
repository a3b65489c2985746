"""Summaries of a snapshot for pages: queried once, written as JSON next to the other files of the snapshot."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from homeroom.evidence.files.blobs import write_file
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.folders import get_snapshot_folder


def open_summary[V](
    path: Path, *, cache: SingleFlightCache[V], summary_type: type[V], query_summary: Callable[[], V]
) -> V:
    """Return the summary in a file, from `cache` if it was opened before.

    If the file is missing or not readable, write what `query_summary` returns, once among all threads. Raise
    QueryTimeout, and what `query_summary` raises.
    """
    return cache.get(str(path), lambda: _read_or_write(path, summary_type, query_summary))


def write_summary_file(path: Path, summary: object) -> None:
    """Write a summary for `open_summary`."""
    write_file(path, msgspec.json.encode(summary))


def get_summary_path(store: EvidenceStore, *, derived: str, name: str) -> Path:
    """Return the path of a summary; its name should change with the queries, so that old results are not used."""
    return get_snapshot_folder(store, derived=derived) / f"{name}.json"


def _read_or_write[V](path: Path, summary_type: type[V], query_summary: Callable[[], V]) -> V:
    with suppress(FileNotFoundError, msgspec.DecodeError):
        return msgspec.json.decode(path.read_bytes(), type=summary_type)
    summary = query_summary()
    write_summary_file(path, summary)
    return summary
