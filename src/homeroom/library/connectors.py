"""The connectors: each folder's manifest, readers and quality checklist, checked strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from homeroom.evidence.tables import SOURCE_TABLES
from homeroom.ingest.contract.connector import Connector, FileKind
from homeroom.library.reader_imports import build_readers, explain_missing_reader
from homeroom.library.yaml_loader import (
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_yaml,
    validate_fields,
)

PACKAGE = "homeroom.connectors"
FORMS = ("csv", "json", "yaml", "xml", "text")
QUALITY = ("recordings", "paging", "rate_limits", "scopes", "incremental", "deletion_seen", "docs")
STATES = ("done", "todo", "exempt")
PEOPLE = ("staff", "student")
_MANIFEST = (
    ContentField(name="name", type=str, fits="the folder's name"),
    ContentField(name="title", type=str, fits="what it reads, for people"),
    ContentField(
        name="label", type=str, fits="its name on pages, if it is not the folder's name with a capital", required=False
    ),
    ContentField(name="kinds", type=list, fits="a list of the kinds of file that it reads"),
    ContentField(name="directory", type=bool, fits="true or false", required=False),
    ContentField(name="authority", type=list, fits="a list of staff and student", required=False),
    ContentField(name="unit_column", type=dict, fits="the stream's name: the column's name", required=False),
)
_KIND = (
    ContentField(name="id", type=str, fits="a name that no other kind has"),
    ContentField(name="title", type=str, fits="what it is, for people"),
    ContentField(name="form", type=str, fits=", ".join(FORMS)),
    ContentField(name="stream", type=str, fits="the connector's name, a dot and a word"),
    ContentField(name="reader", type=str, fits="a function in readers.py"),
    ContentField(name="tables", type=list, fits="a list of canonical tables; [] where nothing is kept", required=False),
    ContentField(name="needs", type=list, fits="a list of headings", required=False),
    ContentField(name="any_of", type=list, fits="a list of headings", required=False),
    ContentField(name="never", type=list, fits="a list of headings", required=False),
    ContentField(name="member", type=str, fits="the fixed file name inside a bundle", required=False),
    ContentField(
        name="gathers", type=str, fits="the heading of the id that several rows of one record share", required=False
    ),
    ContentField(name="objects", type=bool, fits="true where the reader takes whole objects", required=False),
    ContentField(name="envelope", type=str, fits="the top-level name of the list that holds the rows", required=False),
    ContentField(
        name="more", type=str, fits="the name, dots between levels, that tells of a next page", required=False
    ),
    ContentField(
        name="total", type=str, fits="the name, dots between levels, of the number of all rows", required=False
    ),
    ContentField(
        name="named", type=dict, fits="a top-level name: the expression that its text matches", required=False
    ),
    ContentField(
        name="versions", type=dict, fits="a top-level name or attribute: a list of known versions", required=False
    ),
    ContentField(
        name="escaped", type=bool, fits="true where text is escaped for web pages in JSON too", required=False
    ),
    ContentField(name="bare", type=list, fits="the only top-level names of an export without rows", required=False),
    ContentField(name="drops", type=list, fits="a list of top-level names whose values are never kept", required=False),
    ContentField(name="record", type=str, fits="the name of the element that is a row", required=False),
    ContentField(name="marks", type=list, fits="a list of regular expressions", required=False),
    ContentField(name="beside", type=list, fits="a list of file names in the same folder", required=False),
    ContentField(
        name="accumulates", type=bool, fits="true where each file goes on where the last ended", required=False
    ),
    ContentField(
        name="together", type=bool, fits="true where a record is a file, so that many are one load", required=False
    ),
    ContentField(name="alone", type=bool, fits="true where each row is read by itself", required=False),
)
_TABLES, _ROWS, _NAMED = ("csv",), ("csv", "json"), ("csv", "json", "yaml")
_FORMS_BY_WORD: dict[str, tuple[str, ...]] = {  # a word of the manifest, and the forms that it says something about
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
_REQUIRED_BY_FORM: dict[str, tuple[tuple[str, ...], str]] = {
    # For each form: the words of which at least one is required, and what would fit.
    "csv": (("needs", "any_of"), "nothing to know the file by; headings would fit"),
    "json": (("needs", "any_of"), "nothing to know the file by; names of its objects would fit"),
    "yaml": (("needs", "any_of"), "nothing to know the file by; top keys would fit"),
    "xml": (("needs",), "nothing to know the file by; the name of its root element would fit"),
    "text": (("marks",), "nothing to know the file by; regular expressions that its beginning holds would fit"),
}
_QUALITY = tuple(ContentField(name=name, type=str, fits="done, todo, or exempt: the reason") for name in QUALITY)


@dataclass(frozen=True, kw_only=True)
class CatalogEntry:
    """One connector as the catalog shows it; `quality` maps each item to done, todo or exempt, with its reason."""

    name: str
    title: str
    reads: tuple[str, ...]
    tables: tuple[str, ...]
    quality: Mapping[str, str]


@cache
def load_connectors() -> tuple[Connector, ...]:
    """Load every built-in connector, by name; raise ContentRefused with all problems."""
    return load_connectors_in(Path(str(resources.files(PACKAGE))))


@cache
def load_connector_labels() -> Mapping[str, str]:
    """Return the names on pages of the connectors whose manifest states one, by connector name."""
    return {connector.name: connector.label for connector in load_connectors() if connector.label}


@cache
def list_connector_names() -> frozenset[str]:
    """Return the names of the built-in connectors, without loading them."""
    return frozenset(path.parent.name for path in Path(str(resources.files(PACKAGE))).glob("*/manifest.yaml"))


def load_connectors_in(folder: Path, *, package: str = PACKAGE) -> tuple[Connector, ...]:
    """Load the connectors in a folder whose subfolders are modules of `package`; raise ContentRefused."""
    manifests = sorted(folder.glob("*/manifest.yaml"))
    problems: list[ContentProblem] = []
    loaded = [_load_connector(path, package=package, problems=problems) for path in manifests]
    problems += _find_duplicates([kind.id for connector in loaded for kind in connector.kinds])
    if problems:
        raise ContentRefused(problems)
    return tuple(loaded)


@cache
def build_catalog() -> tuple[CatalogEntry, ...]:
    """Return what `homeroom connectors` prints: every connector, its inputs and tables, and its quality."""
    folder = Path(str(resources.files(PACKAGE)))
    return tuple(
        CatalogEntry(
            name=connector.name,
            title=connector.title,
            reads=tuple(kind.title for kind in connector.kinds),
            tables=tuple(dict.fromkeys(table for kind in connector.kinds for table in kind.tables)),
            quality=load_quality(folder / connector.name / "quality.yaml"),
        )
        for connector in load_connectors()
    )


def load_quality(path: Path) -> Mapping[str, str]:
    """Load the items of a quality.yaml, each `done`, `todo` or `exempt: reason`; raise ContentRefused."""
    raw = load_yaml(path, root=path.parent.parent)
    file = get_relative_name(path, path.parent.parent)
    problems = validate_fields(raw, _QUALITY, file=file)
    for name, item in raw.items():
        state, _, reason = str(item).partition(":")
        if state not in STATES or (state == "exempt" and not reason.strip()):
            problems.append(
                ContentProblem(file=file, field=name, message=f"{item!r}; done, todo, or exempt: the reason would fit")
            )
    if problems:
        raise ContentRefused(problems)
    return {name: str(raw[name]) for name in QUALITY}


def _load_connector(path: Path, *, package: str, problems: list[ContentProblem]) -> Connector:
    root, file = path.parent.parent, get_relative_name(path, path.parent.parent)
    raw = load_yaml(path, root=root)
    errors = validate_fields(raw, _MANIFEST, file=file)
    if raw.get("name") != path.parent.name:
        errors.append(
            ContentProblem(file=file, field="name", message=f"{raw.get('name')!r}; {path.parent.name} would fit")
        )
    module = f"{package}.{path.parent.name}.readers"
    kinds = [item for item in raw.get("kinds") or () if isinstance(item, dict)]
    for position, item in enumerate(kinds):
        errors += _validate_kind(item, file=file, under=f"kinds[{position}].")
        if message := explain_missing_reader(
            str(item.get("reader")), module=module, source=path.with_name("readers.py")
        ):
            errors.append(ContentProblem(file=file, field=f"kinds[{position}].reader", message=message))
    errors += _validate_authority(raw, file=file)
    errors += _validate_streams(kinds, file=file)
    problems += errors
    return (
        _build_connector(raw, kinds=kinds, module=module)
        if not errors
        else Connector(name="", title="", kinds=(), readers={})
    )


def _validate_kind(item: Mapping[str, Any], *, file: str, under: str) -> list[ContentProblem]:
    errors = validate_fields(item, _KIND, file=file, under=under)
    table_names = [table.name for table in SOURCE_TABLES]
    for table in item.get("tables") or ():
        if table not in table_names:
            errors.append(
                ContentProblem(
                    file=file, field=f"{under}tables", message=f"{table!r}; {', '.join(table_names)} would fit"
                )
            )
    return errors + [
        ContentProblem(file=file, field=f"{under}{word}", message=message) for word, message in _validate_form(item)
    ]


def _validate_form(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the fields that are invalid for the form, with what would fit."""
    form = item.get("form")
    if form not in FORMS:
        return [("form", f"{form!r}; {', '.join(FORMS)} would fit")]
    errors = [
        (word, f"goes with form {' or '.join(forms)}, not {form}")
        for word, forms in _FORMS_BY_WORD.items()
        if item.get(word) and form not in forms
    ]
    words, message = _REQUIRED_BY_FORM[form]
    if not any(item.get(word) for word in words):
        errors.append((words[0], message))
    if not all(
        isinstance(version_list, list) and version_list for version_list in (item.get("versions") or {}).values()
    ):
        errors.append(("versions", "one word alone; a list of known versions would fit"))
    if form == "xml" and not item.get("record"):
        errors.append(("record", "is missing; the name of the element that is a row would fit"))
    if item.get("more") and not item.get("envelope"):
        errors.append(("envelope", "is missing; the name of the list whose next page `more` announces would fit"))
    if item.get("total") and not item.get("envelope"):
        errors.append(("envelope", "is missing; the name of the list whose rows `total` counts would fit"))
    errors += [
        ("marks", f"{expression!r}; a regular expression would fit")
        for expression in _convert_to_strings(item, "marks")
        if not _is_regular_expression(expression)
    ]
    return errors


def _is_regular_expression(expression: str) -> bool:
    try:
        re.compile(expression)
    except re.error:
        return False
    return True


def _validate_authority(raw: Mapping[str, Any], *, file: str) -> list[ContentProblem]:
    errors = [
        ContentProblem(file=file, field="authority", message=f"{kind!r}; staff and student would fit")
        for kind in raw.get("authority") or ()
        if kind not in PEOPLE
    ]
    columns = {name for table in SOURCE_TABLES for name in table.names}
    errors += [
        ContentProblem(
            file=file, field=f"unit_column.{stream}", message=f"{column!r}; a column of a canonical table would fit"
        )
        for stream, column in (raw.get("unit_column") or {}).items()
        if column not in columns
    ]
    return errors


def _validate_streams(kinds: Sequence[Mapping[str, Any]], *, file: str) -> list[ContentProblem]:
    """Check that all kinds of a stream agree whether it accumulates.

    The loads of a stream either replace each other or add to each other.
    """
    streams = {(item.get("stream"), bool(item.get("accumulates"))) for item in kinds}
    return [
        ContentProblem(
            file=file, field="accumulates", message=f"differs between kinds of {stream}; one word for all would fit"
        )
        for stream in sorted(str(stream) for stream, accumulates in streams if accumulates)
        if (stream, False) in streams
    ]


def _build_connector(raw: Mapping[str, Any], *, kinds: Sequence[Mapping[str, Any]], module: str) -> Connector:
    return Connector(
        name=raw["name"],
        title=raw["title"],
        label=raw.get("label", ""),
        kinds=tuple(_build_kind(item) for item in kinds),
        readers=build_readers(
            kinds, module=module, takes=lambda item: item["form"] in _ROWS and not item.get("objects")
        ),
        document_readers=build_readers(kinds, module=module, takes=lambda item: item["form"] == "yaml"),
        object_readers=build_readers(kinds, module=module, takes=lambda item: bool(item.get("objects"))),
        element_readers=build_readers(kinds, module=module, takes=lambda item: item["form"] == "xml"),
        text_readers=build_readers(kinds, module=module, takes=lambda item: item["form"] == "text"),
        directory=raw.get("directory", False),
        authority=tuple(raw.get("authority", ())),
        unit_column=dict(raw.get("unit_column", {})),
    )


def _build_kind(item: Mapping[str, Any]) -> FileKind:
    return FileKind(
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
        named={str(name): str(pattern) for name, pattern in (item.get("named") or {}).items()},
        versions={str(name): tuple(map(str, values)) for name, values in (item.get("versions") or {}).items()},
        escaped=bool(item.get("escaped")),
        bare=_convert_to_strings(item, "bare"),
        record=item.get("record", ""),
        tables=_convert_to_strings(item, "tables"),
        needs=_convert_to_strings(item, "needs"),
        any_of=_convert_to_strings(item, "any_of"),
        never=_convert_to_strings(item, "never"),
        drops=_convert_to_strings(item, "drops"),
        marks=_convert_to_strings(item, "marks"),
        beside=_convert_to_strings(item, "beside"),
        accumulates=item.get("accumulates", False),
        together=item.get("together", False),
        alone=item.get("alone", False),
    )


def _convert_to_strings(item: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(str(entry) for entry in item.get(name) or ())


def _find_duplicates(ids: Sequence[str]) -> list[ContentProblem]:
    duplicates = sorted({name for name in ids if ids.count(name) > 1})
    return [
        ContentProblem(file="*/manifest.yaml", field="id", message=f"{name!r} stands twice; ids differ")
        for name in duplicates
    ]
