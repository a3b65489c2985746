"""The connectors: each folder's manifest, readers and quality checklist, checked strictly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from homeroom.domain.know.consoles.record_links import RecordLink, explain_link_problem
from homeroom.evidence.tables import SOURCE_TABLES
from homeroom.ingest.contract.connector import Connector
from homeroom.library.know.manifests.connector_names import PACKAGE
from homeroom.library.know.manifests.kinds import build_kind, validate_kind
from homeroom.library.know.manifests.reader_imports import build_readers, explain_missing_reader
from homeroom.library.yaml_loader import (
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_yaml,
    validate_fields,
)

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
    ContentField(name="authority_once_named", type=list, fits="a list of staff and student", required=False),
    ContentField(name="unit_column", type=dict, fits="the stream's name: the column's name", required=False),
    ContentField(name="record_links", type=list, fits="a list of links to records in its console", required=False),
)
_RECORD_LINK = (
    ContentField(name="table", type=str, fits="account_records or device_records"),
    ContentField(name="title", type=str, fits="the console's name"),
    ContentField(name="url", type=str, fits="an address with {key}"),
    ContentField(name="key", type=str, fits="the form of its ids, as a regular expression"),
    ContentField(name="source", type=str, fits="what documents the form of the address"),
    ContentField(name="platforms", type=list, fits="a list of platforms of devices", required=False),
)
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
        errors += validate_kind(item, file=file, under=f"kinds[{position}].")
        if message := explain_missing_reader(
            str(item.get("reader")), module=module, source=path.with_name("readers.py")
        ):
            errors.append(ContentProblem(file=file, field=f"kinds[{position}].reader", message=message))
    errors += _validate_authority(raw, file=file)
    errors += _validate_streams(kinds, file=file)
    errors += _validate_links(raw, file=file)
    problems += errors
    return (
        _build_connector(raw, kinds=kinds, module=module)
        if not errors
        else Connector(name="", title="", kinds=(), readers={})
    )


def _validate_authority(raw: Mapping[str, Any], *, file: str) -> list[ContentProblem]:
    errors = [
        ContentProblem(file=file, field=field, message=f"{kind!r}; staff and student would fit")
        for field in ("authority", "authority_once_named")
        for kind in raw.get(field) or ()
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


def _validate_links(raw: Mapping[str, Any], *, file: str) -> list[ContentProblem]:
    errors = []
    for position, link in enumerate(raw.get("record_links") or ()):
        under = f"record_links[{position}]."
        fields = link if isinstance(link, dict) else {}
        problems = validate_fields(fields, _RECORD_LINK, file=file, under=under)
        message = "" if problems else explain_link_problem(fields)
        errors += [*problems, *([ContentProblem(file=file, field=f"{under}url", message=message)] if message else [])]
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
        kinds=tuple(build_kind(item) for item in kinds),
        readers=build_readers([item["reader"] for item in kinds], module=module),
        directory=raw.get("directory", False),
        authority=tuple(raw.get("authority", ())),
        authority_once_named=tuple(raw.get("authority_once_named", ())),
        unit_column=dict(raw.get("unit_column", {})),
        record_links=tuple(
            RecordLink(**{**link, "platforms": tuple(link.get("platforms", ()))})
            for link in raw.get("record_links", ())
        ),
    )


def _find_duplicates(ids: Sequence[str]) -> list[ContentProblem]:
    duplicates = sorted({name for name in ids if ids.count(name) > 1})
    return [
        ContentProblem(file="*/manifest.yaml", field="id", message=f"{name!r} stands twice; ids differ")
        for name in duplicates
    ]
