"""Which lines of a package need not be read again, because the load that stands was made of the same ones.

A file is read by its lines where each of its rows is read by itself (`Kind.alone`), all files that fill its tables are, and
most of its lines stand in the load before. All others are read whole, and those that can be are remembered for the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from homeroom.evidence.manifests import Load, LoadedFile, Partition
from homeroom.evidence.remembered import Flags, Upon, read_lines, write_lines
from homeroom.evidence.store import Store
from homeroom.evidence.tables import TABLES
from homeroom.evidence.writing import Clash, Draft
from homeroom.ingest.linewise import NONE, Lines, NotByLines, Numbers, matched
from homeroom.ingest.recognise import Package, PackageFile
from homeroom.library.connectors import PACKAGE

MOST_CHANGED = 1 / 8
"""Of the lines of a file: where more of them changed it is read whole, so that what is laid beside a table stays small."""


class Unsettled(Exception):
    """What was read by lines cannot be told from them alone; the package has to be read whole."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """The lines of one file. Where the load before had them: that load's file, and for each line its number there, or -1."""

    lines: Lines
    first: int
    mark: str
    before: LoadedFile | None = None
    number: int = 0
    found: Numbers = field(default_factory=lambda: np.empty(0, np.int64))
    count: int = 0

    @property
    def stands(self) -> Flags:
        """Of the lines of the load before: which are lines of this file."""
        flags = np.zeros(self.count, dtype=np.bool_)
        flags[self.found[self.found >= 0]] = True
        return flags

    @property
    def changed(self) -> Numbers:
        """The lines that have to be read."""
        return np.flatnonzero(self.found < 0)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is known of the files by number, and the partitions of the load before that their rows come beside, by table.

    `again` is true of a plan that was changed once, so that what was read is read anew.
    """

    known: Mapping[int, Known] = field(default_factory=dict)
    base: Mapping[str, Partition] = field(default_factory=dict)
    again: bool = False

    def by_lines(self, number: int) -> Known | None:
        """What is known of a file of which only changed lines are read; None where it is read whole."""
        known = self.known.get(number)
        return known if known is not None and known.before is not None else None

    def draft(self, store: Store, package: Package) -> Draft:
        """The draft to read into."""
        read = [known for known in self.known.values() if known.before is not None]
        stands = {known.number: known.stands for known in read}
        first = {known.number: known.first for known in read}
        whole = {number: known for number, known in self.known.items() if known.before is None}
        return Draft(
            store.blobs,
            upon={name: Upon(partition=part, stands=stands, first=first) for name, part in self.base.items()},
            marked={table for number in whole for table in package.files[number].kind.tables},
            lines={number: (known.first, len(known.lines)) for number, known in whole.items()},
        )

    def after(self, why: Unsettled | Clash) -> Plan:
        """What to read after that: first the lines whose keys others have besides, then everything."""
        if isinstance(why, Unsettled) or self.again:
            return Plan(known={number: replace(one, before=None) for number, one in self.known.items()})
        known = dict(self.known)
        for number, one in self.known.items():
            if one.before is not None:
                lines = why.places.filter(pl.col("_file") == one.number)["_line"].to_numpy() - one.first
                known[number] = replace(one, found=np.where(np.isin(one.found, lines), -1, one.found))
        return replace(self, known=known, again=True)


def planned(package: Package, *, store: Store, instance: str, reader: str) -> Plan:
    """What has to be read of a package. `reader` says which readers there are. Raises Refused where a file changes."""
    if package.mode != "full" or package.accumulates or package.stream in package.connector.unit_column:
        return Plan()
    known = _known(package.files, reader=reader)
    chain = (instance, package.stream)
    standing = [one for one in store.standing() if (one.instance, one.stream) == chain]
    if len(standing) != 1 or not known:
        return Plan(known=known)
    (load,) = standing
    met = {number: _met(one, package.files[number], load, store=store) for number, one in known.items()}
    close = {number: one for number, one in met.items() if one is not None and _most_stands(one)}
    able = {table for table, part in load.tables.items() if part.marks}
    ready = agreeing(package.files, [n for n in close if able.issuperset(package.files[n].kind.tables)])
    read = {number: close[number] for number in ready}
    return Plan(
        known={**known, **read},
        base={table: load.tables[table] for number in read for table in package.files[number].kind.tables},
    )


def remembered(
    plan: Plan, *, package: Package, files: Sequence[LoadedFile], clear: Iterable[int], draft: Draft, store: Store
) -> tuple[LoadedFile, ...]:
    """The files with the blobs of their lines' hashes, where those are worth it.

    `clear` are the numbers of those of which nothing odd was read, and nothing secret: a hash of a line would tell what a
    password is to who tries them all.
    """
    told = {number: one.before.lines for number in plan.known if (one := plan.by_lines(number)) and one.before}
    fresh = {number: draft.clean(number) for number in clear if number in plan.known and number not in told}
    kept = [number for number, clean in fresh.items() if clean.mean() >= 1 - MOST_CHANGED]
    for number in agreeing(package.files, [*kept, *told]):
        if number in fresh:
            known = plan.known[number]
            hashes = np.where(fresh[number], known.lines.hashes, NONE)
            told[number] = write_lines(store.blobs, hashes, mark=known.mark, number=number)
    return tuple(msgspec.structs.replace(file, lines=told.get(number, "")) for number, file in enumerate(files))


def marked(tables: Mapping[str, Partition], *, package: Package, files: Sequence[LoadedFile]) -> dict[str, Partition]:
    """The tables, with marks where the lines that fill them are remembered."""
    filled = {table for number, file in enumerate(files) if file.lines for table in package.files[number].kind.tables}
    return {name: part if name in filled else msgspec.structs.replace(part, marks="") for name, part in tables.items()}


def agreeing(files: Sequence[PackageFile], numbers: Iterable[int]) -> tuple[int, ...]:
    """Those of the numbers whose tables are filled by such files alone."""
    good = set(numbers)
    while True:
        spoilt = {table for number, file in enumerate(files) if number not in good for table in file.kind.tables}
        rest = {number for number in good if spoilt.isdisjoint(files[number].kind.tables)}
        if rest == good:
            return tuple(sorted(good))
        good = rest


def _known(files: Sequence[PackageFile], *, reader: str) -> dict[int, Known]:
    known = {}
    for number in agreeing(files, [number for number, file in enumerate(files) if file.form]):
        try:
            known[number] = _lines_of(files[number], reader=reader)
        except NotByLines:
            continue
    return {number: known[number] for number in agreeing(files, known)}


def _lines_of(file: PackageFile, *, reader: str) -> Known:
    tables = [repr(TABLES[name]) for name in file.kind.tables]
    said = "\n".join((reader, _code(), pl.__version__, file.form, *tables))
    return Known(lines=file.lines(), first=file.first, mark=hashlib.sha256(said.encode()).hexdigest())


@cache
def _code() -> str:
    """One hash of all that reads files: what another version of it made of a line may be something else."""
    folders = [Path(str(resources.files(package))) for package in (PACKAGE, "homeroom.ingest")]
    files = sorted(path for folder in folders for path in folder.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _met(known: Known, file: PackageFile, load: Load, *, store: Store) -> Known | None:
    """The lines beside those of the same file in the load before; None where it had none that can be told."""
    same = [one for one in load.files if one.kind == file.kind.id and one.lines]
    kept = read_lines(store.blobs, same[0].lines, mark=known.mark) if len(same) == 1 else None
    if kept is None:
        return None
    old, number = kept
    found = matched(known.lines.hashes, old)
    return replace(known, before=same[0], number=number, found=found, count=len(old))


def _most_stands(known: Known) -> bool:
    gone = known.count - int((known.found >= 0).sum())
    return max(known.changed.size, gone) <= MOST_CHANGED * known.count
