"""The connectors that are there: each folder's manifest, readers and quality marks, checked strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from homeroom.evidence.tables import SOURCE_TABLES
from homeroom.ingest.connector import Connector, Kind
from homeroom.library.readers import lacking, readers_of
from homeroom.library.reading import ContentRefused, Field, Problem, misfits, read, shown

PACKAGE = "homeroom.connectors"
FORMS = ("csv", "json", "yaml", "xml", "text")
QUALITY = ("recordings", "paging", "rate_limits", "scopes", "incremental", "deletion_seen", "docs")
STATES = ("done", "todo", "exempt")
PEOPLE = ("staff", "student")
_MANIFEST = (
    Field(name="name", type=str, fits="the folder's name"),
    Field(name="title", type=str, fits="what it reads, for people"),
    Field(name="kinds", type=list, fits="a list of the kinds of file that it reads"),
    Field(name="directory", type=bool, fits="true or false", required=False),
    Field(name="authority", type=list, fits="a list of staff and student", required=False),
    Field(name="unit_column", type=dict, fits="the stream's name: the column's name", required=False),
)
_KIND = (
    Field(name="id", type=str, fits="a name that no other kind has"),
    Field(name="title", type=str, fits="what it is, for people"),
    Field(name="form", type=str, fits=", ".join(FORMS)),
    Field(name="stream", type=str, fits="the connector's name, a dot and a word"),
    Field(name="reader", type=str, fits="a function in reading.py"),
    Field(name="tables", type=list, fits="a list of canonical tables; [] where nothing is kept", required=False),
    Field(name="needs", type=list, fits="a list of headings", required=False),
    Field(name="any_of", type=list, fits="a list of headings", required=False),
    Field(name="never", type=list, fits="a list of headings", required=False),
    Field(name="member", type=str, fits="the fixed file name inside a bundle", required=False),
    Field(name="gathers", type=str, fits="the heading of the id that several rows of one record share", required=False),
    Field(name="objects", type=bool, fits="true where the reader takes whole objects", required=False),
    Field(name="envelope", type=str, fits="the top-level name of the list that holds the rows", required=False),
    Field(name="more", type=str, fits="the name, dots between levels, that tells of a next page", required=False),
    Field(name="total", type=str, fits="the name, dots between levels, of the number of all rows", required=False),
    Field(name="named", type=dict, fits="a top-level name: the expression that its text matches", required=False),
    Field(name="versions", type=dict, fits="a top-level name or attribute: a list of known versions", required=False),
    Field(name="escaped", type=bool, fits="true where text is escaped for web pages in JSON too", required=False),
    Field(name="bare", type=list, fits="the only top-level names of an export without rows", required=False),
    Field(name="drops", type=list, fits="a list of top-level names whose values are never kept", required=False),
    Field(name="record", type=str, fits="the name of the element that is a row", required=False),
    Field(name="marks", type=list, fits="a list of regular expressions", required=False),
    Field(name="beside", type=list, fits="a list of file names in the same folder", required=False),
    Field(name="accumulates", type=bool, fits="true where each file goes on where the last ended", required=False),
    Field(name="together", type=bool, fits="true where a record is a file, so that many are one load", required=False),
    Field(name="alone", type=bool, fits="true where each row is read by itself", required=False),
)
_TABLES, _ROWS, _NAMED = ("csv",), ("csv", "json"), ("csv", "json", "yaml")
_FORMS_OF: dict[str, tuple[str, ...]] = {  # a word of the manifest, and the forms that it says something about
    "member": _TABLES,
    "gathers": _TABLES,
    "alone": _TABLES,
    "objects": ("json",),
    "envelope": ("json",),
    "more": ("json",),
    "total": ("json",),
    "named": ("json",),
    "versions": ("json", "xml"),
    "escaped": ("json",),
    "bare": ("json",),
    "drops": ("json",),
    "record": ("xml",),
    "marks": ("text",),
    "beside": ("text",),
    "needs": (*_NAMED, "xml"),
    "any_of": _NAMED,
    "never": _NAMED,
}
_KNOWN_BY: dict[str, tuple[tuple[str, ...], str]] = {
    # For each form: the words of which one must be there, and what would fit.
    "csv": (("needs", "any_of"), "nothing to know the file by; headings would fit"),
    "json": (("needs", "any_of"), "nothing to know the file by; names of its objects would fit"),
    "yaml": (("needs", "any_of"), "nothing to know the file by; top keys would fit"),
    "xml": (("needs",), "nothing to know the file by; the name of its root element would fit"),
    "text": (("marks",), "nothing to know the file by; regular expressions that its beginning holds would fit"),
}
_QUALITY = tuple(Field(name=name, type=str, fits="done, todo, or exempt: the reason") for name in QUALITY)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One connector as the catalogue shows it. `quality` maps each mark to done, todo or exempt, with its reason."""

    name: str
    title: str
    reads: tuple[str, ...]
    tables: tuple[str, ...]
    quality: Mapping[str, str]


@cache
def connectors() -> tuple[Connector, ...]:
    """Every connector that is shipped, by name. Raises ContentRefused with all that does not fit."""
    return connectors_in(Path(str(resources.files(PACKAGE))))


def connectors_in(folder: Path, *, package: str = PACKAGE) -> tuple[Connector, ...]:
    """The connectors in a folder whose subfolders are modules of `package`. Raises ContentRefused."""
    manifests = sorted(folder.glob("*/manifest.yaml"))
    problems: list[Problem] = []
    found = [_connector(path, package=package, problems=problems) for path in manifests]
    problems += _repeated([kind.id for connector in found for kind in connector.kinds])
    if problems:
        raise ContentRefused(problems)
    return tuple(found)


@cache
def catalogue() -> tuple[Entry, ...]:
    """What `homeroom connectors` prints: every connector, what it reads and fills, and how far it is done."""
    folder = Path(str(resources.files(PACKAGE)))
    return tuple(
        Entry(
            name=connector.name,
            title=connector.title,
            reads=tuple(kind.title for kind in connector.kinds),
            tables=tuple(dict.fromkeys(table for kind in connector.kinds for table in kind.tables)),
            quality=quality_of(folder / connector.name / "quality.yaml"),
        )
        for connector in connectors()
    )


def quality_of(path: Path) -> Mapping[str, str]:
    """The marks in a quality.yaml, each `done`, `todo` or `exempt`, a colon and a reason. Raises ContentRefused."""
    given = read(path, root=path.parent.parent)
    file = shown(path, path.parent.parent)
    problems = misfits(given, _QUALITY, file=file)
    for name, mark in given.items():
        state, _, reason = str(mark).partition(":")
        if state not in STATES or (state == "exempt" and not reason.strip()):
            problems.append(
                Problem(file=file, field=name, told=f"{mark!r}; done, todo, or exempt: the reason would fit")
            )
    if problems:
        raise ContentRefused(problems)
    return {name: str(given[name]) for name in QUALITY}


def _connector(path: Path, *, package: str, problems: list[Problem]) -> Connector:
    root, file = path.parent.parent, shown(path, path.parent.parent)
    given = read(path, root=root)
    wrong = misfits(given, _MANIFEST, file=file)
    if given.get("name") != path.parent.name:
        wrong.append(Problem(file=file, field="name", told=f"{given.get('name')!r}; {path.parent.name} would fit"))
    module = f"{package}.{path.parent.name}.reading"
    kinds = [item for item in given.get("kinds") or () if isinstance(item, dict)]
    for place, item in enumerate(kinds):
        wrong += _kind_misfits(item, file=file, under=f"kinds[{place}].")
        if told := lacking(str(item.get("reader")), module=module, source=path.with_name("reading.py")):
            wrong.append(Problem(file=file, field=f"kinds[{place}].reader", told=told))
    wrong += _authority_misfits(given, file=file)
    wrong += _stream_misfits(kinds, file=file)
    problems += wrong
    return (
        _built(given, kinds=kinds, module=module) if not wrong else Connector(name="", title="", kinds=(), readers={})
    )


def _kind_misfits(item: Mapping[str, Any], *, file: str, under: str) -> list[Problem]:
    wrong = misfits(item, _KIND, file=file, under=under)
    known = [table.name for table in SOURCE_TABLES]
    for table in item.get("tables") or ():
        if table not in known:
            wrong.append(Problem(file=file, field=f"{under}tables", told=f"{table!r}; {', '.join(known)} would fit"))
    return wrong + [Problem(file=file, field=f"{under}{word}", told=told) for word, told in _form_misfits(item)]


def _form_misfits(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What does not go with the form, as the word and what would fit."""
    form = item.get("form")
    if form not in FORMS:
        return [("form", f"{form!r}; {', '.join(FORMS)} would fit")]
    wrong = [
        (word, f"goes with form {' or '.join(forms)}, not {form}")
        for word, forms in _FORMS_OF.items()
        if item.get(word) and form not in forms
    ]
    words, told = _KNOWN_BY[form]
    if not any(item.get(word) for word in words):
        wrong.append((words[0], told))
    if not all(isinstance(known, list) and known for known in (item.get("versions") or {}).values()):
        wrong.append(("versions", "one word alone; a list of known versions would fit"))
    if form == "xml" and not item.get("record"):
        wrong.append(("record", "is missing; the name of the element that is a row would fit"))
    if item.get("more") and not item.get("envelope"):
        wrong.append(("envelope", "is missing; the name of the list whose next page `more` announces would fit"))
    if item.get("total") and not item.get("envelope"):
        wrong.append(("envelope", "is missing; the name of the list whose rows `total` counts would fit"))
    wrong += [
        ("marks", f"{mark!r}; a regular expression would fit") for mark in _listed(item, "marks") if not _compiles(mark)
    ]
    return wrong


def _compiles(mark: str) -> bool:
    try:
        re.compile(mark)
    except re.error:
        return False
    return True


def _authority_misfits(given: Mapping[str, Any], *, file: str) -> list[Problem]:
    wrong = [
        Problem(file=file, field="authority", told=f"{kind!r}; staff and student would fit")
        for kind in given.get("authority") or ()
        if kind not in PEOPLE
    ]
    columns = {name for table in SOURCE_TABLES for name in table.names}
    wrong += [
        Problem(file=file, field=f"unit_column.{stream}", told=f"{column!r}; a column of a canonical table would fit")
        for stream, column in (given.get("unit_column") or {}).items()
        if column not in columns
    ]
    return wrong


def _stream_misfits(kinds: Sequence[Mapping[str, Any]], *, file: str) -> list[Problem]:
    """A stream accumulates or it does not: its loads replace each other or are laid over each other."""
    said = {(item.get("stream"), bool(item.get("accumulates"))) for item in kinds}
    return [
        Problem(file=file, field="accumulates", told=f"differs between kinds of {stream}; one word for all would fit")
        for stream in sorted(str(stream) for stream, accumulates in said if accumulates)
        if (stream, False) in said
    ]


def _built(given: Mapping[str, Any], *, kinds: Sequence[Mapping[str, Any]], module: str) -> Connector:
    return Connector(
        name=given["name"],
        title=given["title"],
        kinds=tuple(_kind(item) for item in kinds),
        readers=readers_of(kinds, module=module, takes=lambda item: item["form"] in _ROWS and not item.get("objects")),
        document_readers=readers_of(kinds, module=module, takes=lambda item: item["form"] == "yaml"),
        object_readers=readers_of(kinds, module=module, takes=lambda item: bool(item.get("objects"))),
        element_readers=readers_of(kinds, module=module, takes=lambda item: item["form"] == "xml"),
        text_readers=readers_of(kinds, module=module, takes=lambda item: item["form"] == "text"),
        directory=given.get("directory", False),
        authority=tuple(given.get("authority", ())),
        unit_column=dict(given.get("unit_column", {})),
    )


def _kind(item: Mapping[str, Any]) -> Kind:
    return Kind(
        id=item["id"],
        title=item["title"],
        form=item["form"],
        stream=item["stream"],
        reader=item["reader"],
        member=item.get("member", ""),
        gathers=item.get("gathers", ""),
        objects=item.get("objects", False),
        envelope=item.get("envelope", ""),
        more=item.get("more", ""),
        total=item.get("total", ""),
        named={str(name): str(said) for name, said in (item.get("named") or {}).items()},
        versions={str(name): tuple(map(str, known)) for name, known in (item.get("versions") or {}).items()},
        escaped=bool(item.get("escaped")),
        bare=_listed(item, "bare"),
        record=item.get("record", ""),
        tables=_listed(item, "tables"),
        needs=_listed(item, "needs"),
        any_of=_listed(item, "any_of"),
        never=_listed(item, "never"),
        drops=_listed(item, "drops"),
        marks=_listed(item, "marks"),
        beside=_listed(item, "beside"),
        accumulates=item.get("accumulates", False),
        together=item.get("together", False),
        alone=item.get("alone", False),
    )


def _listed(item: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(str(entry) for entry in item.get(name) or ())


def _repeated(ids: Sequence[str]) -> list[Problem]:
    again = sorted({name for name in ids if ids.count(name) > 1})
    return [Problem(file="*/manifest.yaml", field="id", told=f"{name!r} stands twice; ids differ") for name in again]
