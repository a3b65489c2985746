"""Read a planned package with its connector into a draft load. Nothing of it is visible before it is published."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import msgspec
import polars as pl
from django.conf import settings

from homeroom.apps.know.sources.common_unit import CommonUnit
from homeroom.apps.know.sources.containment import contain_file
from homeroom.apps.know.sources.erased_people import build_people_filter
from homeroom.apps.know.sources.loading.incremental import (
    IncrementalNotPossible,
    create_writer,
    revise_plan,
    store_hashes,
)
from homeroom.apps.know.sources.loading.plan import READ_ALL, IncrementalFile, IncrementalPlan, LoadPlan
from homeroom.domain.progress import Progress
from homeroom.evidence.files.manifests import LoadedFile, Partition
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.loads.writer import DuplicateKeyConflict, LoadWriter
from homeroom.ingest.contract.column_usage import ColumnUsage
from homeroom.ingest.contract.connector import (
    Connector,
    CsvKind,
    JsonKind,
    LogKind,
    Reading,
    TextKind,
    XmlKind,
    YamlKind,
)
from homeroom.ingest.contract.errors import FileRefused, Problem, add_file_names, build_refusal
from homeroom.ingest.contract.reject_frames import build_empty_rejects
from homeroom.ingest.detection.batch_reader import FILE, read_together
from homeroom.ingest.detection.detect import Package, PackageFile
from homeroom.ingest.detection.package_recovery import recover_package
from homeroom.ingest.events.log_reading import iter_log_readings
from homeroom.ingest.rows.field_table import REPEATED_ID
from homeroom.ingest.values.datetimes import ISO
from homeroom.library.know.mappings import read_document

_PLAN_FAILURES = (IncrementalNotPossible, DuplicateKeyConflict)
"""Failures of a plan, after which more of the files is read."""


@dataclass
class ReadResult:
    """Result of reading a package, updated while it is read.

    `lost_rows` is the number of rows that the readers rejected; a repeated key is none of them. `seconds` are per file;
    files read in one batch share theirs evenly. `clean_files` are the numbers of files without notes and without
    dropped rows.
    """

    files: list[LoadedFile] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    rows: int = 0
    lost_rows: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    units: CommonUnit = field(default_factory=CommonUnit)
    scope: str = ""
    incomplete: str = ""
    clean_files: list[int] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DraftLoad:
    """A package as read and written, not yet compared with anything.

    `rejects` is the blob of rejects. `scope` is the one in the files, or empty; `common_unit` the path of the deepest
    organizational unit that contains every row. `incomplete` is why a complete export is not one, or empty.
    `lost_rows` is the number of rows whose content is unknown, repeated keys aside. `problems` are those of the members
    that a bundle lost.
    """

    plan: LoadPlan
    files: tuple[LoadedFile, ...]
    tables: Mapping[str, Partition]
    rejects: str
    rows_read: int
    rows_rejected: int
    lost_rows: int
    dropped: Mapping[str, int]
    scope: str
    common_unit: str
    incomplete: str
    seconds: tuple[float, ...]
    problems: tuple[Problem, ...] = ()


def read_load(plan: LoadPlan, *, store: EvidenceStore, progress: Progress) -> DraftLoad:
    """Read a package into blobs; read only changed lines of a file if possible. Raise FileRefused.

    Faults of XML are repaired, and a bundle is read without the members that are refused, if any other remains.
    """
    package, incremental, problems = plan.package, plan.incremental, list[Problem]()
    while True:
        has_hashes = bool(incremental.full or incremental.by_lines)
        people_filter = build_people_filter(store, instance=plan.instance)
        clean = people_filter.clean if people_filter is not None else None
        writer = create_writer(incremental, package=package, store=store, clean=clean)
        try:
            read_result = read_package(package, writer=writer, progress=progress, plan=incremental)
            progress("Writing evidence", read_result.rows, read_result.rows)
            tables, rejects, _ = writer.finish(names=[file.name for file in package.files], newest=package.accumulates)
            break
        except (IncrementalNotPossible, DuplicateKeyConflict) as error:
            writer.abandon()
            incremental = revise_plan(incremental, error)
        except FileRefused as error:
            writer.abandon()
            package, member_problems = recover_package(package, error)
            incremental = READ_ALL
            problems += member_problems
        except BaseException:
            writer.abandon()
            raise
    files = tuple(
        msgspec.structs.replace(file, rejected=writer.rejected_by_file[file.name]) for file in read_result.files
    )
    if people_filter is not None and (note := people_filter.describe()):
        files = add_note(files, note)
    _must_have_rows(files, tables=tables, rejects=rejects, rejected=writer.rejected, store=store)
    if has_hashes:
        files, tables = store_hashes(
            incremental,
            package=package,
            files=files,
            tables=tables,
            clean_files=read_result.clean_files,
            writer=writer,
            store=store,
        )
    return DraftLoad(
        plan=replace(plan, package=package, incremental=READ_ALL),  # so that the hashes do not stay in memory
        files=files,
        tables=tables,
        rejects=rejects,
        rows_read=read_result.rows,
        rows_rejected=writer.rejected,
        lost_rows=read_result.lost_rows,
        dropped=dict(read_result.dropped),
        scope=read_result.scope,
        common_unit=read_result.units.common,
        incomplete=read_result.incomplete,
        seconds=tuple(read_result.seconds),
        problems=tuple(problems),
    )


def _must_have_rows(
    files: Sequence[LoadedFile],
    *,
    tables: Mapping[str, Partition],
    rejects: str,
    rejected: int,
    store: EvidenceStore,
) -> None:
    """Raise FileRefused with the first reject if every row was rejected: such a load would be an empty list."""
    if not rejected or any(partition.rows for partition in tables.values()):
        return
    first = pl.read_parquet(store.get_blob_path(rejects)).filter("row_lost").row(0, named=True)
    count = sum(file.rows for file in files)
    rows = f"none of its {count:,} rows can" if count > 1 else "its only row cannot"
    raise build_refusal(
        first["file"] or files[0].name,
        f"{rows} be loaded; the first: {first['reason']}",
        line=first["line"],
        field=first["field"] or None,
        value=first["value"] or None,
        fits="a file with rows that can be loaded",
    )


def read_package(
    package: Package, *, writer: LoadWriter, progress: Progress, plan: IncrementalPlan = READ_ALL
) -> ReadResult:
    """Read every file of the package into the writer: completely, or the lines that the plan names.

    Raise FileRefused with file, line, field and reason, and IncrementalNotPossible if the changed lines alone are not
    enough.
    """
    read_result, start = ReadResult(), time.perf_counter()
    for batch in read_together(package.files, readers=package.connector.readers):
        numbers = batch.numbers
        if batch.reading is not None:
            _add_batch(batch.reading, package, numbers, read_result=read_result, writer=writer)
        for number in numbers:
            file, rows_before, headings = (
                package.files[number],
                read_result.rows,
                batch.mixed_formats if number == numbers.start else (),
            )
            if batch.reading is not None:
                read_result.rows += batch.rows[number - numbers.start]
            else:
                read = partial(_read_file, package, number, plan=plan, read_result=read_result, writer=writer)
                headings = contain_file(file, partial(read, progress=progress), expected=_PLAN_FAILURES)
            if file.is_damaged:
                lost_rows = file.lost_rows
                _add_rejects(lost_rows, read_result=read_result, writer=writer, file=file.name)
                read_result.rows += lost_rows.height
            read_result.dropped.update(file.dropped)
            read_result.files.append(_build_loaded_file(file, rows=read_result.rows - rows_before, headings=headings))
        read_result.seconds += [(time.perf_counter() - start) / len(numbers)] * len(numbers)
        start = time.perf_counter()
        progress(f"Reading {package.files[numbers.stop - 1].name}", read_result.rows, 0)
    if plan.by_lines and read_result.lost_rows:
        raise IncrementalNotPossible  # whether something counts as gone depends on the rejected rows of the whole file
    broken = sum(file.broken.count for file in package.files)
    read_result.incomplete = read_result.incomplete or package.incomplete or describe_lost_rows(broken)
    if read_result.incomplete:
        read_result.files[:] = add_note(read_result.files, read_result.incomplete)
    return read_result


def describe_lost_rows(count: int) -> str:
    """Return why a load with rows that cannot be read is not complete: their content is unknown. Empty for none."""
    return f"{count:,} row{'s' if count > 1 else ''} could not be read, so nothing counts as gone" if count else ""


def add_note(files: Sequence[LoadedFile], note: str) -> tuple[LoadedFile, ...]:
    """Return the files with a note about all of them, at the last."""
    *others, last = files
    return (*others, msgspec.structs.replace(last, notes=(*last.notes, note)))


def _read_file(
    package: Package,
    number: int,
    *,
    plan: IncrementalPlan,
    read_result: ReadResult,
    writer: LoadWriter,
    progress: Progress,
) -> tuple[str, ...]:
    """Read one file into the writer; return the notes about its columns."""
    file, dropped_before = package.files[number], read_result.dropped.total()
    incremental_file = plan.by_lines.get(number)
    usage, columns = ColumnUsage(), dict[str, None]()
    readings = (
        _read_changed_lines(package, file, incremental_file)
        if incremental_file
        else _iter_readings(package, file, columns=columns)
    )
    for reading, rows in () if file.is_companion else readings:
        _add_reading(
            reading, read_result=read_result, writer=writer, number=number, file=file, connector=package.connector
        )
        read_result.rows += rows
        usage.merge(reading.usage)
        progress(f"Reading {file.name}", read_result.rows, 0)
    if read_result.dropped.total() == dropped_before and not (file.dropped or file.has_notes or usage.mixed_formats):
        read_result.clean_files.append(number)
    if incremental_file:
        read_result.rows += len(incremental_file.lines) - incremental_file.changed_lines.size
        columns = dict.fromkeys(file.header.columns)
        # The lines that changed may be none; a list without rows asks for the same columns.
        usage.merge(file.get_row_reader(package.connector.readers)(file.header).usage)
    return usage.describe(columns)


def _read_changed_lines(
    package: Package, file: PackageFile, incremental_file: IncrementalFile
) -> Iterator[tuple[Reading, int]]:
    """Yield what the reader makes of the changed lines of a file. Raise IncrementalNotPossible."""
    usage = ColumnUsage()
    try:
        for chunk in file.iter_selected(incremental_file.lines, incremental_file.changed_lines):
            reading = file.get_row_reader(package.connector.readers)(chunk)
            usage.merge(reading.usage)
            yield reading, chunk.height
    except FileRefused as error:
        raise IncrementalNotPossible from error  # who reads it whole knows the line
    if file.has_notes or usage.find_other_formats(ISO):
        raise IncrementalNotPossible


def _add_batch(
    reading: Reading, package: Package, numbers: range, *, read_result: ReadResult, writer: LoadWriter
) -> None:
    """Add the reading of small files that were read in one batch."""
    first, tables_only = package.files[numbers.start], replace(reading, rejects=build_empty_rejects())
    _add_reading(
        tables_only,
        read_result=read_result,
        writer=writer,
        number=numbers.start,
        file=first,
        connector=package.connector,
    )
    for (number,), rejects in reading.rejects.partition_by(FILE, as_dict=True, maintain_order=True).items():
        _add_rejects(rejects, read_result=read_result, writer=writer, file=package.files[int(number)].name)


def _add_rejects(rejects: pl.DataFrame, *, read_result: ReadResult, writer: LoadWriter, file: str) -> None:
    writer.reject(rejects, file=file)
    read_result.lost_rows += rejects.filter(pl.col("row_lost") & (pl.col("reason") != REPEATED_ID)).height


def _build_loaded_file(file: PackageFile, *, rows: int, headings: tuple[str, ...]) -> LoadedFile:
    return LoadedFile(
        name=file.name,
        kind=file.kind.id,
        sha256=file.sha256,
        bytes=file.size,
        rows=rows,
        notes=(*map(str, file.notes), *headings),
    )


def _iter_readings(package: Package, file: PackageFile, *, columns: dict[str, None]) -> Iterator[tuple[Reading, int]]:
    """Yield what the reader makes of each part of a file, with the number of rows read.

    The columns of a list are added to `columns`. A row of CSV, a broken one too, and a flat object of JSON is one row.
    For nested objects, elements and texts, which contain lists, the rows produced and the rows rejected are counted.
    """
    readers, kind = package.connector.readers, file.kind
    if isinstance(kind, YamlKind):
        yield read_document(file.text, file=file.name, reader=kind.get_document_reader(readers)), 1
    elif isinstance(kind, TextKind):
        yield _read_and_count(partial(kind.get_text_reader(readers), file.texts), _map_file_names(package))
    elif isinstance(kind, LogKind):
        for reading in iter_log_readings(file.sniffed.origin, kind.get_object_reader(readers), limits=settings.LIMITS):
            yield _read_and_count(partial(_return_reading, reading), {"": file.name})
    elif isinstance(kind, XmlKind):
        for elements, attributes in file.iter_elements():
            reader = partial(kind.get_element_reader(readers), elements, attributes)
            yield _read_and_count(reader, {"": file.name})
    elif isinstance(kind, JsonKind) and kind.objects:
        for objects, first in file.iter_objects():
            reader = partial(kind.get_object_reader(readers), objects, first)
            yield _read_and_count(reader, {"": file.name})
    else:
        for chunk in file.iter_chunks():
            reading = add_file_names(partial(file.get_row_reader(readers), chunk), {"": file.name})
            columns |= dict.fromkeys(chunk.columns if isinstance(kind, CsvKind) else ())
            yield reading, chunk.height
        rejects = file.broken.take_rejects()
        yield Reading(tables={}, rejects=rejects), rejects.height


def _return_reading(reading: Reading) -> Reading:
    return reading


def _read_and_count(reader: Callable[[], Reading], names: Mapping[str, str]) -> tuple[Reading, int]:
    reading = add_file_names(reader, names)
    rejected_rows = int(reading.rejects["row_lost"].sum())
    return reading, rejected_rows + sum(frame.height for frame in reading.tables.values())


def _map_file_names(package: Package) -> dict[str, str]:
    """Return the files of a package of texts by base name, and the detected file under the empty text."""
    return {"": package.files[0].name} | {file.sniffed.origin.base_name: file.name for file in package.files}


def _add_reading(
    reading: Reading,
    *,
    read_result: ReadResult,
    writer: LoadWriter,
    number: int,
    file: PackageFile,
    connector: Connector,
) -> None:
    unit = connector.unit_column.get(file.kind.stream)
    read_result.scope = read_result.scope or reading.scope
    read_result.incomplete = read_result.incomplete or reading.incomplete
    for table, frame in reading.tables.items():
        writer.write(table, frame, file=number)
        if unit is not None and unit in frame.columns:
            read_result.units.add_units(frame[unit])
    _add_rejects(reading.rejects, read_result=read_result, writer=writer, file=file.name)
    read_result.dropped.update(reading.dropped)
