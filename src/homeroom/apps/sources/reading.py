"""Reads one package through its connector into a draft of evidence. Nothing of it is visible until it is published."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import msgspec
import polars as pl

from homeroom.apps.sources.remembering import Known, Plan, Unsettled, marked, planned, remembered
from homeroom.evidence.manifests import LoadedFile, Partition
from homeroom.evidence.store import Store
from homeroom.evidence.writing import Clash, Draft
from homeroom.ingest.connector import Connector, Reading, no_rejects
from homeroom.ingest.headings import Headings, listened
from homeroom.ingest.moments import ISO
from homeroom.ingest.problems import Problem, Refused, said_of
from homeroom.ingest.recognise import Package, PackageFile
from homeroom.ingest.together import FILE, read_together
from homeroom.library.mappings import reading_of

READER_VERSION = "6"
EVERYTHING = Plan()
"""Every file read whole, and none remembered."""

Step = Callable[[str, int, int], None]


@dataclass
class Read:
    """What was read of a package so far. `seconds` are those of each file; files that are read together share theirs.

    `clear` are the numbers of files of which nothing was noted and nothing left at the door.
    """

    files: list[LoadedFile] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    rows: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    units: Units = field(default_factory=lambda: Units())
    scope: str = ""
    incomplete: str = ""
    clear: list[int] = field(default_factory=list)


class Units:
    """The deepest organisational unit that holds every row seen, kept while rows stream by."""

    def __init__(self) -> None:
        self._least: str | None = None
        self._most: str | None = None
        self._unknown = False

    def see(self, units: pl.Series) -> None:
        """Takes in one chunk of unit paths; a row without a unit could be anywhere."""
        self._unknown |= units.null_count() > 0
        paths = _paths(units.drop_nulls())
        if paths.len():
            least, most = str(paths.min()), str(paths.max())
            self._least = least if self._least is None else min(self._least, least)
            self._most = most if self._most is None else max(self._most, most)

    @property
    def common(self) -> str:
        """The common ancestor as a path, `/` where it is the root or not known.

        Paths that share a beginning lie side by side in sorted order, so the first and the last tell for all.
        """
        if self._unknown or self._least is None or self._most is None:
            return "/"
        shared = []
        for left, right in zip(self._least.split("/")[1:-1], self._most.split("/")[1:-1], strict=False):
            if left != right:
                break
            shared.append(left)
        return "/" + "/".join(shared)


def _paths(units: pl.Series) -> pl.Series:
    """Units as paths that end in a slash. A name that is no path, such as a school's, is a unit right under the root."""
    named = ~units.str.starts_with("/") & (units != "")
    paths = units.zip_with(~named, "/" + units.str.replace_all("/", " ", literal=True))
    return paths.str.strip_chars_end("/") + "/"


def fingerprint(package: Package, *, instance: str, scope: str | None) -> str:
    """One hash (64 hex digits) of all that decides what a load holds: reader, source, scope and every file's bytes."""
    files = sorted(f"{file.kind.id} {file.sha256}" for file in package.files)
    said = "\n".join(
        [READER_VERSION, instance, package.stream, package.mode, str(package.complete), scope or "", *files]
        + ([f"walk {package.walk}"] if package.walk else [])
    )
    return hashlib.sha256(said.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Drafted:
    """A package as it was written: what was read, its files, its tables, the blob of its rejects, and how many rows were lost."""

    seen: Read
    files: tuple[LoadedFile, ...]
    tables: Mapping[str, Partition]
    rejects: str
    lost: int


def drafted_of(package: Package, *, store: Store, instance: str, progress: Step) -> Drafted:
    """Reads a package into blobs: of its files those lines that changed, where that can be told. Raises Refused."""
    plan = planned(package, store=store, instance=instance, reader=READER_VERSION)
    while True:
        draft = plan.draft(store, package)
        try:
            seen = read(package, draft=draft, progress=progress, plan=plan)
            progress("Writing evidence", seen.rows, seen.rows)
            tables, rejects, _ = draft.finish(names=[file.name for file in package.files], newest=package.accumulates)
            break
        except (Unsettled, Clash) as why:
            draft.abandon()
            plan = plan.after(why)
        except BaseException:
            draft.abandon()
            raise
    counted = [msgspec.structs.replace(file, rejected=draft.lost_of[file.name]) for file in seen.files]
    files = remembered(plan, package=package, files=counted, clear=seen.clear, draft=draft, store=store)
    tables = marked(tables, package=package, files=files)
    return Drafted(seen=seen, files=files, tables=tables, rejects=rejects, lost=draft.lost)


def read(package: Package, *, draft: Draft, progress: Step, plan: Plan = EVERYTHING) -> Read:
    """Reads every file of the package into the draft: whole, or those lines that the plan says.

    Raises Refused, with file, line, field and reason, and Unsettled where lines alone do not tell.
    """
    made, began = Read(), time.perf_counter()
    for found in read_together(package.files, readers=package.connector.readers):
        run = found.numbers
        if found.reading is not None:
            _take_together(found.reading, package, run, made=made, draft=draft)
        for number in run:
            file, before, headings = package.files[number], made.rows, found.mixed if number == run.start else ()
            if found.reading is not None:
                made.rows += found.rows[number - run.start]
            else:
                headings = _read_alone(package, number, plan=plan, made=made, draft=draft, progress=progress)
            made.dropped.update(file.dropped)
            made.files.append(_loaded(file, rows=made.rows - before, headings=headings))
        made.seconds += [(time.perf_counter() - began) / len(run)] * len(run)
        began = time.perf_counter()
        progress(f"Reading {package.files[run.stop - 1].name}", made.rows, 0)
    made.incomplete = made.incomplete or package.incomplete
    if made.incomplete:
        last = made.files[-1]
        made.files[-1] = msgspec.structs.replace(last, notes=(*last.notes, made.incomplete))
    return made


def _read_alone(
    package: Package, number: int, *, plan: Plan, made: Read, draft: Draft, progress: Step
) -> tuple[str, ...]:
    """Reads one file into the draft; what is to be told of its columns."""
    file, dropped = package.files[number], made.dropped.total()
    known = plan.by_lines(number)
    asked, columns = Headings(), dict[str, None]()
    readings = _changed(package, file, known) if known else _readings(package, file, asked=asked, columns=columns)
    for reading, rows in () if file.carried else readings:
        _take(reading, made=made, draft=draft, number=number, file=file, connector=package.connector)
        made.rows += rows
        progress(f"Reading {file.name}", made.rows, 0)
    if made.dropped.total() == dropped and not (file.dropped or file.odd or asked.mixed):
        made.clear.append(number)
    if known:
        made.rows += len(known.lines) - known.changed.size
        columns = dict.fromkeys(file.header.columns)
        with listened(asked):  # the lines that changed may be none; a list without rows asks for the same columns
            package.connector.readers[file.kind.reader](file.header)
    return asked.told(columns)


def _changed(package: Package, file: PackageFile, known: Known) -> Iterator[tuple[Reading, int]]:
    """What the reader makes of those lines of a file that the load before does not tell. Raises Unsettled."""
    days = Headings()
    try:
        for chunk in file.picked(known.lines, known.changed):
            with listened(days):
                reading = package.connector.readers[file.kind.reader](chunk)
            yield reading, chunk.height
    except Refused as why:
        raise Unsettled from why  # who reads it whole knows the line
    if file.odd or days.forms_but(ISO):
        raise Unsettled


def _take_together(reading: Reading, package: Package, run: range, *, made: Read, draft: Draft) -> None:
    """Takes in what was made of small files in one go."""
    first, kept = package.files[run.start], replace(reading, rejects=no_rejects())
    _take(kept, made=made, draft=draft, number=run.start, file=first, connector=package.connector)
    for (number,), rejects in reading.rejects.partition_by(FILE, as_dict=True, maintain_order=True).items():
        draft.reject(rejects, file=package.files[int(number)].name)


def _loaded(file: PackageFile, *, rows: int, headings: tuple[str, ...]) -> LoadedFile:
    return LoadedFile(
        name=file.name,
        kind=file.kind.id,
        sha256=file.sha256,
        bytes=file.size,
        rows=rows,
        notes=(*map(str, file.notes), *headings),
    )


def _readings(
    package: Package, file: PackageFile, *, asked: Headings, columns: dict[str, None]
) -> Iterator[tuple[Reading, int]]:
    """What the reader makes of each part of a file, and how many rows it was made of.

    What it asks for in a list and the forms of its days go into `asked`, and the columns of a list into `columns`.
    A row of CSV and a flat object of JSON is one row. Of whole objects, elements and texts, which hold lists, it is what
    they hold that counts: the rows that were made and those that were lost.
    """
    connector, kind = package.connector, file.kind
    if kind.form == "yaml":
        yield reading_of(file.text, file=file.name, reader=connector.document_readers[kind.reader]), 1
    elif kind.form == "text":
        yield _counted(lambda: connector.text_readers[kind.reader](file.texts), _names(package), asked=asked)
    elif kind.form == "xml":
        for elements, attributes in file.elements():
            reader = partial(connector.element_readers[kind.reader], elements, attributes)
            yield _counted(reader, {"": file.name}, asked=asked)
    elif kind.objects:
        for objects, first in file.objects():
            reader = partial(connector.object_readers[kind.reader], objects, first)
            yield _counted(reader, {"": file.name}, asked=asked)
    else:
        for chunk in file.chunks():
            with listened(asked):
                reading = said_of(partial(connector.readers[kind.reader], chunk), {"": file.name})
            columns |= dict.fromkeys(chunk.columns if kind.form == "csv" else ())
            yield reading, chunk.height


def _counted(reader: Callable[[], Reading], names: Mapping[str, str], *, asked: Headings) -> tuple[Reading, int]:
    with listened(asked):
        reading = said_of(reader, names)
    lost = int(reading.rejects["row_lost"].sum())
    return reading, lost + sum(frame.height for frame in reading.tables.values())


def _names(package: Package) -> dict[str, str]:
    """The files of a package of texts by base name, and the one that was known by its marks under empty text."""
    return {"": package.files[0].name} | {file.look.origin.base: file.name for file in package.files}


def _take(reading: Reading, *, made: Read, draft: Draft, number: int, file: PackageFile, connector: Connector) -> None:
    unit = connector.unit_column.get(file.kind.stream)
    made.scope = made.scope or reading.scope
    made.incomplete = made.incomplete or reading.incomplete
    for table, frame in reading.tables.items():
        draft.write(table, frame, file=number)
        if unit is not None and unit in frame.columns:
            made.units.see(frame[unit])
    draft.reject(reading.rejects, file=file.name)
    made.dropped.update(reading.dropped)


def needs_base(package: Package, *, instance: str) -> Refused:
    """A delta that came before its bulk."""
    name = package.files[0].name
    return Refused(
        (
            Problem(
                file=name,
                line=None,
                field=None,
                value=None,
                reason=f"a delta of {instance}, and no bulk export of it was loaded",
                fits="the bulk export first, then its deltas in order",
            ),
        )
    )
