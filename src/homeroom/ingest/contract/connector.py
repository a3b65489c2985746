"""Connectors: the file kinds that they know, and the pure functions that read them into canonical rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, cast

from lxml import etree

from homeroom.domain.know.consoles.record_links import RecordLink
from homeroom.ingest.contract.column_usage import ColumnUsage

if TYPE_CHECKING:
    import polars as pl

ADDED = "_added"
"""The name under which whole objects hold the values that their kind `adds`."""


def _build_empty_rejects() -> pl.DataFrame:
    from homeroom.ingest.contract.reject_frames import build_empty_rejects  # with polars, which few commands need

    return build_empty_rejects()


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Result of a reader for one chunk.

    `tables` maps a canonical table's name to a frame whose columns are a subset of that table's, of the declared types,
    with the source line of each row in `_line` (Int64). `rejects` has REJECT_SCHEMA: `row_lost` is true if the entire
    row was left out, false if only that field became null; `value` is already masked. `dropped` counts values of secret
    columns that were not loaded, by column name. `scope` is the part of the district that the file itself covers, such
    as the networks of a scan; empty if the file does not state it. `incomplete` is the reason why the file itself holds
    fewer rows than exist, such as "holds 10 of 125 rows"; empty if it gives none. A row that is missing in such a file
    does not count as gone. `usage` has the columns that the reader requested by name: that of its `RawRows`.
    """

    tables: Mapping[str, pl.DataFrame]
    rejects: pl.DataFrame = field(default_factory=_build_empty_rejects)
    dropped: Mapping[str, int] = field(default_factory=dict)
    scope: str = ""
    incomplete: str = ""
    usage: ColumnUsage = field(default_factory=ColumnUsage)


RowReader = Callable[["pl.DataFrame"], Reading]
"""A pure function from raw rows to canonical rows.

The frame holds every column of the file as text, under the file's own header names, and the line number of each row
in `_line` (Int64). Empty text is null. JSON objects come flattened to the same form, with dots between levels and
lists of plain values joined by a blank (see `homeroom.ingest.json_files.reader`).
"""

ObjectReader = Callable[[Sequence[Mapping[str, Any]], int], Reading]
"""A pure function from whole JSON objects to canonical rows, for objects with nested lists.

Numbers are the text that they were. The second argument is the ordinal of the first object in its file, from 1: `_line`
of a row is the ordinal of its object.
"""

DocumentReader = Callable[[Mapping[str, Any]], Reading]
"""A pure function from a parsed YAML document to canonical rows.

Raises `problems.FileRefused`, with the field and what would fit and without a file name, if the document does not
fit.
"""

ElementReader = Callable[[Sequence[etree._Element], Mapping[str, str]], Reading]
"""A pure function from XML elements, those named by the kind's `record` in document order, and the root's attributes,
to canonical rows. `_line` of a row is its element's `sourceline`. Elements come from a parser without entities or
network."""

TextReader = Callable[[Mapping[str, str]], Reading]
"""A pure function from whole texts to canonical rows.

The texts are those of the recognized file and of the files `beside` it, by base name. Raises `problems.FileRefused`,
with line and what would fit, if a text does not fit.
"""

Reader = RowReader | ObjectReader | DocumentReader | ElementReader | TextReader
"""A reader of any form. The kind that names it decides the signature, and returns the reader with it."""


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """One kind of file that a connector reads: what all forms share. Each form has a class of its own.

    `form` is the word of a manifest for it. `stream` names what is complete or not: a newer complete load replaces the
    older one of the same instance, stream and scope. `reader` names the reader, whose signature the form decides.
    `accumulates` is true of a log, whose files continue where the last one ended: a load is added to the current rows,
    a row with the key of an older one replaces it, and nothing is gone because a file lacks it. A list of what exists
    now, or one scan, never accumulates. `together` is true of kinds in which each file is one record: all files of one
    stream that are given at once are one load.
    """

    form: ClassVar[str]
    id: str
    title: str
    stream: str
    reader: str
    tables: tuple[str, ...] = ()
    accumulates: bool = False
    together: bool = False


@dataclass(frozen=True, kw_only=True)
class NamedKind(FileKind):
    """A kind that is recognized by names: the headings of CSV, the fields of JSON objects, the top keys of YAML.

    `needs` must all be present; of `any_of` at least one must be; of `never` none may be. If several kinds fit, the one
    with the most matched names wins; a tie is refused.
    """

    needs: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    def select_needs(self, present: Collection[str] = ()) -> tuple[str, ...]:
        """Return the names that a file must have which has the names `present`, in lower case."""
        return self.needs

    def select_required(self, present: Collection[str]) -> frozenset[str]:
        """Return the names, in lower case, that a file with these names cannot lack."""
        names = {name.strip().casefold() for name in present}
        alternatives = {name.casefold() for name in self.any_of} & names
        return frozenset(
            {name.casefold() for name in self.select_needs(names)} | (alternatives if len(alternatives) == 1 else set())
        )

    def select_names(self, present: Collection[str] = ()) -> tuple[str, ...]:
        """Return the names by which such a file is recognized, and which a reader may request."""
        return (*self.select_needs(present), *self.any_of)


@dataclass(frozen=True, kw_only=True)
class CsvKind(NamedKind):
    """A kind of CSV; its reader is a `RowReader`.

    `first_of` are headings of one meaning, best first: the first of them that a file has is needed as those of `needs`
    are, and the others do not matter. `member` is the file's fixed name inside a bundle (OneRoster), else empty;
    `by_name` is true if only a file of that name is of the kind, since other lists have its header too. `gathers`
    names the column by which several consecutive rows are one record (GAM), so that no chunk ends within one. `alone`
    is true if each row is read by itself: the result for a row depends on another row only if both come to one key of
    one table, so that lines which did not change need not be read again.
    """

    form: ClassVar[str] = "csv"
    first_of: tuple[str, ...] = ()
    member: str = ""
    by_name: bool = False
    gathers: str = ""
    alone: bool = False

    def select_needs(self, present: Collection[str] = ()) -> tuple[str, ...]:
        """Return the names that a file must have which has the names `present`, in lower case."""
        return (*self.needs, *([name for name in self.first_of if name.casefold() in present] or self.first_of)[:1])

    def get_row_reader(self, readers: Mapping[str, Reader]) -> RowReader:
        """Return the kind's reader among those of its connector."""
        return cast("RowReader", readers[self.reader])


@dataclass(frozen=True, kw_only=True)
class JsonKind(NamedKind):
    """A kind of JSON; its reader is a `RowReader`, or with `objects`, for whole objects, an `ObjectReader`.

    `envelope` is the top-level name of the list that holds the rows, and `more` the top-level name that announces
    another page, if the export has one; `total` the top-level name for the number of rows of all pages together;
    `drops` are top-level names whose values are never loaded, only counted. An export without rows is recognized by the
    values beside them: `named` are regular expressions by the top-level name whose text they must match completely,
    `bare` the only top-level names that may occur in it, the envelope among them. `values` are such expressions for any
    file of the kind, by name with dots between levels; they are compared with empty text where it has no such value.
    `adds` are top-level names, with dots between levels, whose plain values a reader of whole objects finds in each
    object under `ADDED`, with the file's base name without its extension as `file`: what an export has once for all
    its rows. `escaped` is true if the system
    escapes text for web pages in its answers too. `versions` are the known ones by the top-level name of a format's
    version: 2 covers 2, 2.1 and 2.1.3. Another version is refused if the file declares one.
    """

    form: ClassVar[str] = "json"
    objects: bool = False
    envelope: str = ""
    more: str = ""
    total: str = ""
    named: Mapping[str, str] = field(default_factory=dict)
    bare: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    escaped: bool = False
    drops: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()

    def get_row_reader(self, readers: Mapping[str, Reader]) -> RowReader:
        """Return the reader of a kind that is read flat."""
        return cast("RowReader", readers[self.reader])

    def get_object_reader(self, readers: Mapping[str, Reader]) -> ObjectReader:
        """Return the reader of a kind with `objects`."""
        return cast("ObjectReader", readers[self.reader])


@dataclass(frozen=True, kw_only=True)
class YamlKind(NamedKind):
    """A kind of YAML; its reader is a `DocumentReader`.

    `word` is what follows `homeroom:` in its files; the connector's name if it is empty.
    """

    form: ClassVar[str] = "yaml"
    word: str = ""

    def get_document_reader(self, readers: Mapping[str, Reader]) -> DocumentReader:
        """Return the kind's reader among those of its connector."""
        return cast("DocumentReader", readers[self.reader])


@dataclass(frozen=True, kw_only=True)
class XmlKind(FileKind):
    """A kind of XML; its reader is an `ElementReader`.

    `needs` names the root element, by which it is recognized, and `record` the elements that are rows. `versions` are
    the known ones by the root's attribute, or xmlns for the end of its namespace, as for JSON.
    """

    form: ClassVar[str] = "xml"
    needs: tuple[str, ...] = ()
    record: str = ""
    versions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def get_element_reader(self, readers: Mapping[str, Reader]) -> ElementReader:
        """Return the kind's reader among those of its connector."""
        return cast("ElementReader", readers[self.reader])


@dataclass(frozen=True, kw_only=True)
class TextKind(FileKind):
    """A kind of plain text; its reader is a `TextReader`.

    `marks` are regular expressions that must each be found in the first 64 KiB; `beside` the base names of files of the
    same folder that are handed over together with it.
    """

    form: ClassVar[str] = "text"
    marks: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def get_text_reader(self, readers: Mapping[str, Reader]) -> TextReader:
        """Return the kind's reader among those of its connector."""
        return cast("TextReader", readers[self.reader])


@dataclass(frozen=True, kw_only=True)
class LogKind(FileKind):
    """A kind of log: EVTX, JSON or CSV, as `homeroom.ingest.events` reads it; its reader is an `ObjectReader`.

    `products` are patterns of Sigma's product and service, as `windows/*`: a file is of the kind if its first record
    is. Numbers are numbers, and `_line` of a row is the ordinal of its record in what the reader got. `envelope` is the
    name of the list in a page that a sync of the console writes; `named` are regular expressions by top-level name, by
    which a page without records is recognized.
    """

    form: ClassVar[str] = "log"
    products: tuple[str, ...] = ()
    envelope: str = ""
    named: Mapping[str, str] = field(default_factory=dict)

    def get_object_reader(self, readers: Mapping[str, Reader]) -> ObjectReader:
        """Return the kind's reader among those of its connector."""
        return cast("ObjectReader", readers[self.reader])


KIND_CLASSES: Mapping[str, type[FileKind]] = {
    kind.form: kind for kind in (CsvKind, JsonKind, YamlKind, XmlKind, TextKind, LogKind)
}
"""The class of a kind by the word of a manifest for its form."""


@dataclass(frozen=True, kw_only=True)
class Connector:
    """One system that Homeroom reads, as described by its manifest.yaml, with the readers of all its kinds by name.

    `label` is its name on pages, or empty if that is its name with a capital. `directory` is true if its accounts
    are sign-in accounts of a directory of their own; `authority` names the kinds of person (staff, student) that it
    decides by default, `authority_once_named` those that it decides after a person confirmed it; `unit_column` maps a
    stream to the canonical column whose common ancestor is the scope of an export ("org_unit"), so that an export of
    one unit is known to be one. `record_links` are where its console shows a record.
    """

    name: str
    title: str
    kinds: tuple[FileKind, ...]
    readers: Mapping[str, Reader]
    label: str = ""
    directory: bool = False
    authority: tuple[str, ...] = ()
    authority_once_named: tuple[str, ...] = ()
    unit_column: Mapping[str, str] = field(default_factory=dict)
    record_links: tuple[RecordLink, ...] = ()
