"""Saved mappings for the district's own lists: the meaning of columns, found again by the headings."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from homeroom.apps.know.sources.models import SavedMapping
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District
from homeroom.ingest.containers.archives import find_sources
from homeroom.ingest.containers.workbooks import is_unnamed
from homeroom.ingest.contract.connector import Connector
from homeroom.ingest.contract.errors import FileRefused, Notes, Problem, build_refusal
from homeroom.ingest.csv_files.broken_rows import BrokenRows
from homeroom.ingest.detection.sniffer import CSV, sniff_file
from homeroom.ingest.files.byte_source import ByteSource, iter_blocks
from homeroom.library.know.builtin_mappings import get_builtin_mapping
from homeroom.library.know.mappings import parse_mapping

SAMPLE_VALUES = 5


@dataclass(frozen=True, kw_only=True)
class ColumnPreview:
    """A list's headings, the first values under each, and the sheets of the same file, this one included."""

    file: str
    headings: tuple[str, ...]
    samples: Mapping[str, tuple[str, ...]]
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MappingView:
    """One saved mapping of a list, identified by its headings."""

    id: int
    name: str
    table: str
    headings: tuple[str, ...]
    made_by: str
    made_at: datetime
    text: str


def read_columns(path: Path, *, sheet: str = "") -> ColumnPreview:
    """Read the headings of a CSV or of a workbook's sheet, the first sheet if none is named. Raise FileRefused."""
    source, sheets = _find_sheet(path, sheet)
    sniffed = sniff_file(source, limits=settings.LIMITS)
    if sniffed.form != CSV or sniffed.csv is None:
        raise build_refusal(
            path.name, f"is {sniffed.form.upper()}, which has no columns", fits="a CSV file or a workbook"
        )
    frame = next(iter(sniffed.csv.iter_chunks(notes=Notes(), broken=BrokenRows())))
    headings = tuple(name for name in frame.columns if not name.startswith("_"))
    rows = frame.head(200)
    samples = {
        name: tuple(islice(dict.fromkeys(rows[name].drop_nulls().to_list()), SAMPLE_VALUES)) for name in headings
    }
    return ColumnPreview(file=sniffed.origin.base_name, headings=headings, samples=samples, sheets=sheets)


def extract_sheet(path: Path, *, sheet: str) -> Path:
    """Replace a workbook by the sheet of that name as a file. Raise FileRefused."""
    content = b"".join(iter_blocks(_find_sheet(path, sheet)[0]))
    path.unlink()
    sheet_file = path.with_name(sheet)
    sheet_file.write_bytes(content)
    sheet_file.chmod(0o600)
    return sheet_file


def _find_sheet(path: Path, sheet: str) -> tuple[ByteSource, tuple[str, ...]]:
    """Return the sheet of that name, or the first, and the names of all sheets. Raise FileRefused."""
    contents = find_sources(path, limits=settings.LIMITS)
    if contents.problems:
        raise FileRefused(list(contents.problems))
    sheets = tuple(origin.base_name for origin in contents.origins)
    source = next(
        (origin for origin in contents.origins if origin.base_name == sheet), None if sheet else contents.origins[0]
    )
    if source is None:
        raise build_refusal(path.name, f"has no sheet {sheet}", fits=", ".join(sheets))
    return source, sheets


def save_mapping(
    *,
    district: District,
    name: str,
    table: str,
    columns: Mapping[str, str],
    headings: Sequence[str],
    constants: Mapping[str, Any] | None = None,
    like: str = "",
    replaces: bool = False,
    actor: str,
    at: datetime,
) -> MappingView:
    """Save the meaning of a list's columns by its headings.

    Lists with the same headings are read with it from then on. `columns` maps a canonical column to a heading. `like`
    names the built-in mapping of the list's product: its vocabulary, roles and authority are saved with it. Another
    mapping with the same headings is deleted if this one `replaces` it. Raise FileRefused with every field that does
    not fit, also if another mapping has the headings and `replaces` is false; and LookupError.
    """
    base = get_builtin_mapping(like).document if like else {}
    conflicting = find_other_mapping(district=district, name=name, table=table, headings=headings)
    if conflicting is not None and not replaces:
        reason = f"another list has the same headings: {conflicting.name}"
        raise build_refusal(f"{name}.yaml", reason, field="name", fits=f"{conflicting.name}, or this list in its place")
    text = _render_mapping(
        name=name, table=table, columns=columns, headings=headings, constants=constants or {}, base=base
    )
    parse_mapping(text, file=f"{name}.yaml")
    headings_hash = hash_headings(headings)
    defaults = {"name": name, "table": table, "headings": list(headings), "text": text, "made_by": actor, "made_at": at}
    with transaction.atomic():
        row, _ = SavedMapping.objects.of(district).update_or_create(
            district_id=district.pk, fingerprint=headings_hash, defaults=defaults
        )
        detail = {"table": table, "columns": len(columns)}
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="remember columns",
            subject_kind="mapping",
            subject=name,
            detail=detail,
        )
    return _build_mapping_view(row)


def find_other_mapping(*, district: District, name: str, table: str, headings: Sequence[str]) -> MappingView | None:
    """Return the mapping of the same headings with another name or table; None if there is none."""
    row = SavedMapping.objects.of(district).filter(fingerprint=hash_headings(headings)).first()
    return None if row is None or (row.name, row.table) == (name, table) else _build_mapping_view(row)


def find_mapping_name(*, district: District, table: str, headings: Sequence[str]) -> str:
    """Return the name of the mapping of these headings for that table; empty if there is none."""
    row = SavedMapping.objects.of(district).filter(fingerprint=hash_headings(headings), table=table).first()
    return "" if row is None else str(row.name)


def delete_mapping(*, district: District, number: int, actor: str, at: datetime) -> bool:
    """Delete a mapping; return whether there was one. Its loads stay."""
    with transaction.atomic():
        row = SavedMapping.objects.of(district).filter(pk=number).first()
        if row is None:
            return False
        row.delete()
        record_audit_entry(
            district=district, at=at, actor=actor, action="forget columns", subject_kind="mapping", subject=row.name
        )
    return True


def list_mappings(*, district: District) -> tuple[MappingView, ...]:
    """Return all saved mappings by name."""
    return tuple(_build_mapping_view(row) for row in SavedMapping.objects.of(district).order_by("name", "pk"))


def load_saved_connectors(*, district: District) -> tuple[tuple[Connector, ...], tuple[Problem, ...]]:
    """Return (a connector for each valid mapping, the problems of the others)."""
    loaded_connectors: list[Connector] = []
    problems: list[Problem] = []
    for saved in list_mappings(district=district):
        try:
            loaded_connectors.append(parse_mapping(saved.text, file=f"{saved.name}.yaml"))
        except FileRefused as error:
            problems += error.problems
    return tuple(loaded_connectors), tuple(problems)


def hash_headings(headings: Sequence[str]) -> str:
    """Return the hash of the headings, whatever their order and case. Cells without a heading are ignored."""
    normalized = sorted(heading.strip().casefold() for heading in headings if not is_unnamed(heading))
    return hashlib.sha256("\x1f".join(normalized).encode()).hexdigest()


def _render_mapping(
    *,
    name: str,
    table: str,
    columns: Mapping[str, str],
    headings: Sequence[str],
    constants: Mapping[str, Any],
    base: Mapping[str, Any],
) -> str:
    base_columns: Mapping[str, Any] = base.get("columns", {})
    column_rules: dict[str, Any] = {column: dict(rule) for column, rule in base_columns.items() if "constant" in rule}
    column_rules |= {column: {**base_columns.get(column, {}), "from": heading} for column, heading in columns.items()}
    column_rules |= {column: {"constant": value} for column, value in constants.items()}
    base_fields = {key: base[key] for key in ("connector", "authority", "roles") if key in base}
    needs = [heading for heading in headings if heading in columns.values() or not is_unnamed(heading)]
    document = {
        "homeroom": "mapping",
        "name": name,
        "table": table,
        **base_fields,
        "needs": needs,
        "columns": column_rules,
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)


def _build_mapping_view(row: SavedMapping) -> MappingView:
    return MappingView(
        id=row.pk,
        name=row.name,
        table=row.table,
        headings=tuple(row.headings),
        made_by=row.made_by,
        made_at=row.made_at,
        text=row.text,
    )
