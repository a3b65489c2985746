"""One manifest an event load: what a load of a log read, what of it was new, and which stored rows it had too."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import msgspec
import polars as pl

from homeroom.evidence.event_files.segments import FIRST_LOAD, ORDINAL
from homeroom.evidence.files.manifests import Load, read_manifest, write_manifest

EVENT_LOAD_FOLDER = "event_loads"
_PREFIX = "e"
_DIGITS = 8
Range = tuple[int, int, int]
"""Rows that one load brought first, by their ordinals: the load's number, the first ordinal and the last."""


class EventLoad(Load, frozen=True, kw_only=True):
    """A load of a log. Its tables name no files: those are in the catalog.

    `added` of a table counts the rows that were new, `rows_before` those that were stored already, and `changed` those
    of them that were stored with other content. `repeats` are the latter two by table and day: they stay if the load
    that brought them is undone. `expired` counts rows that are older than events are kept.
    """

    number: int
    repeats: Mapping[str, Mapping[str, tuple[Range, ...]]] = {}
    expired: int = 0


def build_load_id(number: int, fingerprint: str) -> str:
    """Return the id of an event load."""
    return f"{_PREFIX}{number:0{_DIGITS}d}-{fingerprint[:12]}"


def parse_load_number(load_id: str) -> int:
    """Return the number in the id of an event load, 0 if it is the id of another load."""
    number, _, rest = load_id.removeprefix(_PREFIX).partition("-")
    is_event_load = load_id.startswith(_PREFIX) and len(number) == _DIGITS and number.isdigit() and bool(rest)
    return int(number) if is_event_load else 0


def write_event_load(folder: Path, load: EventLoad) -> None:
    """Write the manifest of an event load. It counts once a catalog of its number is published."""
    write_manifest(folder / EVENT_LOAD_FOLDER / f"{load.id}.json", load)


def iter_event_loads(folder: Path, *, after: int = 0, until: int) -> Iterator[EventLoad]:
    """Yield the event loads with a number above `after` and at most `until`, oldest first. Raise EvidenceDamaged."""
    for path in sorted((folder / EVENT_LOAD_FOLDER).glob(f"{_PREFIX}*.json")):
        if after < parse_load_number(path.stem) <= until:
            yield read_manifest(path, kind=EventLoad)


def list_event_load_ids(folder: Path, numbers: Collection[int]) -> frozenset[str]:
    """Return the ids of the event loads of those numbers."""
    names = (path.stem for path in (folder / EVENT_LOAD_FOLDER).glob(f"{_PREFIX}*.json"))
    return frozenset(name for name in names if parse_load_number(name) in numbers)


def get_event_load(folder: Path, load_id: str) -> EventLoad | None:
    """Return the event load of that id, None if there is none."""
    path = folder / EVENT_LOAD_FOLDER / f"{load_id}.json"
    return read_manifest(path, kind=EventLoad) if parse_load_number(load_id) and path.exists() else None


def remove_unpublished_loads(folder: Path, *, position: int) -> int:
    """Remove the manifests that a killed writer left before it published a catalog. Return how many."""
    left = [
        path
        for path in (folder / EVENT_LOAD_FOLDER).glob(f"{_PREFIX}*.json")
        if parse_load_number(path.stem) > position
    ]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def build_ranges(rows: pl.DataFrame) -> tuple[Range, ...]:
    """Return the identities of rows as ranges."""
    if not rows.height:
        return ()
    ordered = rows.select(FIRST_LOAD, ORDINAL).unique().sort(FIRST_LOAD, ORDINAL)
    gap = (pl.col(ORDINAL) - pl.col(ORDINAL).shift(1) != 1) | (pl.col(FIRST_LOAD) != pl.col(FIRST_LOAD).shift(1))
    runs = ordered.with_columns(gap.fill_null(value=True).cum_sum().alias("_run"))
    ranges = runs.group_by("_run").agg(
        pl.col(FIRST_LOAD).first(), pl.col(ORDINAL).min(), pl.col(ORDINAL).max().alias("_last")
    )
    return tuple(ranges.sort("_run").select(FIRST_LOAD, ORDINAL, "_last").iter_rows())


def is_in_ranges(ranges: tuple[Range, ...]) -> pl.Expr:
    """Return whether a row's identity is in one of the ranges."""
    conditions = [
        (pl.col(FIRST_LOAD) == load) & pl.col(ORDINAL).is_between(first, last) for load, first, last in ranges
    ]
    return pl.any_horizontal(conditions) if conditions else pl.lit(value=False)


def assign_id(load: EventLoad) -> EventLoad:
    """Return the load with the id that its number and fingerprint make."""
    return msgspec.structs.replace(load, id=build_load_id(load.number, load.fingerprint))
