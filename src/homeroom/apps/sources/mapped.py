"""Lists of the district's own: what their columns mean, said once and remembered by their headings."""

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

from homeroom.apps.audit.commands import record
from homeroom.apps.sources.models import SavedMapping
from homeroom.ingest.archives import found_at
from homeroom.ingest.connector import Connector
from homeroom.ingest.looking import CSV, looked_at
from homeroom.ingest.origins import Origin, blocks
from homeroom.ingest.problems import Notes, Problem, Refused, refused
from homeroom.ingest.sheets import is_nameless
from homeroom.library.mappings import mapping_of
from homeroom.library.shipped import shipped_mapping

SAMPLE = 5


@dataclass(frozen=True, kw_only=True)
class Columns:
    """A list's headings, the first values under each, and the lists of the same file, itself among them."""

    file: str
    headings: tuple[str, ...]
    samples: Mapping[str, tuple[str, ...]]
    sheets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """One list that is known by its headings."""

    id: int
    name: str
    table: str
    headings: tuple[str, ...]
    made_by: str
    made_at: datetime
    text: str


def columns_at(path: Path, *, sheet: str = "") -> Columns:
    """The headings of a list at a path: a CSV, or a sheet of a workbook, the first where none is named. Raises Refused."""
    chosen, sheets = _sheet(path, sheet)
    look = looked_at(chosen, limits=settings.LIMITS)
    if look.form != CSV or look.csv is None:
        raise refused(path.name, f"is {look.form.upper()}, which has no columns", fits="a CSV file or a workbook")
    frame = next(iter(look.csv.chunks(notes=Notes())))
    headings = tuple(name for name in frame.columns if not name.startswith("_"))
    rows = frame.head(200)
    samples = {name: tuple(islice(dict.fromkeys(rows[name].drop_nulls().to_list()), SAMPLE)) for name in headings}
    return Columns(file=look.origin.base, headings=headings, samples=samples, sheets=sheets)


def only_sheet(path: Path, *, sheet: str) -> Path:
    """The one list of that name out of a file of several, as a file in its place. Raises Refused."""
    content = b"".join(blocks(_sheet(path, sheet)[0]))
    path.unlink()
    alone = path.with_name(sheet)
    alone.write_bytes(content)
    alone.chmod(0o600)
    return alone


def _sheet(path: Path, sheet: str) -> tuple[Origin, tuple[str, ...]]:
    """The list of that name in a file, the first where none is named, and the names of all of them. Raises Refused."""
    found = found_at(path, limits=settings.LIMITS)
    if found.problems:
        raise Refused(list(found.problems))
    sheets = tuple(origin.base for origin in found.origins)
    chosen = next((origin for origin in found.origins if origin.base == sheet), None if sheet else found.origins[0])
    if chosen is None:
        raise refused(path.name, f"has no sheet {sheet}", fits=", ".join(sheets))
    return chosen, sheets


def remember(
    *,
    district: Any,
    name: str,
    table: str,
    columns: Mapping[str, str],
    headings: Sequence[str],
    constants: Mapping[str, Any] | None = None,
    like: str = "",
    replaces: bool = False,
    actor: str,
    at: datetime,
) -> Remembered:
    """Keeps what a list's columns mean, by its headings; a list with the same headings is read so from then on.

    `columns` leads a canonical column to a heading. `like` names the shipped mapping of the product that the list is of: its
    words, roles and authority are kept with it. Another list that is known by the same headings is forgotten where it
    `replaces` that one. Raises Refused, with every field that does not fit, also where another list is known by them and it
    does not replace it; and LookupError.
    """
    base = shipped_mapping(like).document if like else {}
    other = other_list(district=district, name=name, table=table, headings=headings)
    if other is not None and not replaces:
        reason = f"another list has the same headings: {other.name}"
        raise refused(f"{name}.yaml", reason, field="name", fits=f"{other.name}, or this list in its place")
    text = _text(name=name, table=table, columns=columns, headings=headings, constants=constants or {}, base=base)
    mapping_of(text, file=f"{name}.yaml")
    mark = fingerprint(headings)
    given = {"name": name, "table": table, "headings": list(headings), "text": text, "made_by": actor, "made_at": at}
    with transaction.atomic():
        row, _ = SavedMapping.objects.of(district).update_or_create(district=district, fingerprint=mark, defaults=given)
        about = {"table": table, "columns": len(columns)}
        record(
            district=district,
            at=at,
            actor=actor,
            action="remember columns",
            subject_kind="mapping",
            subject=name,
            detail=about,
        )
    return _remembered(row)


def other_list(*, district: Any, name: str, table: str, headings: Sequence[str]) -> Remembered | None:
    """The list that is known by the same headings under another name or as something else; None where there is none."""
    row = SavedMapping.objects.of(district).filter(fingerprint=fingerprint(headings)).first()
    return None if row is None or (row.name, row.table) == (name, table) else _remembered(row)


def name_of(*, district: Any, table: str, headings: Sequence[str]) -> str:
    """The name of the list that is known by these headings and fills that table; empty where none is."""
    row = SavedMapping.objects.of(district).filter(fingerprint=fingerprint(headings), table=table).first()
    return "" if row is None else str(row.name)


def forget_columns(*, district: Any, number: int, actor: str, at: datetime) -> bool:
    """Forgets a list; whether there was one. What was loaded stands."""
    with transaction.atomic():
        row = SavedMapping.objects.of(district).filter(pk=number).first()
        if row is None:
            return False
        row.delete()
        record(district=district, at=at, actor=actor, action="forget columns", subject_kind="mapping", subject=row.name)
    return True


def remembered(*, district: Any) -> tuple[Remembered, ...]:
    """Every list that is known, by name."""
    return tuple(_remembered(row) for row in SavedMapping.objects.of(district).order_by("name", "pk"))


def remembered_connectors(*, district: Any) -> tuple[tuple[Connector, ...], tuple[Problem, ...]]:
    """(a connector for each list that is known, why others do not fit any more)."""
    made: list[Connector] = []
    problems: list[Problem] = []
    for one in remembered(district=district):
        try:
            made.append(mapping_of(one.text, file=f"{one.name}.yaml"))
        except Refused as why:
            problems += why.problems
    return tuple(made), tuple(problems)


def fingerprint(headings: Sequence[str]) -> str:
    """The hash of the headings, whatever their order and case. What stands beside a sheet under no heading is none."""
    folded = sorted(heading.strip().casefold() for heading in headings if not is_nameless(heading))
    return hashlib.sha256("\x1f".join(folded).encode()).hexdigest()


def _text(
    *,
    name: str,
    table: str,
    columns: Mapping[str, str],
    headings: Sequence[str],
    constants: Mapping[str, Any],
    base: Mapping[str, Any],
) -> str:
    before: Mapping[str, Any] = base.get("columns", {})
    said: dict[str, Any] = {column: dict(about) for column, about in before.items() if "constant" in about}
    said |= {column: {**before.get(column, {}), "from": heading} for column, heading in columns.items()}
    said |= {column: {"constant": value} for column, value in constants.items()}
    kept = {word: base[word] for word in ("connector", "authority", "roles") if word in base}
    needs = [heading for heading in headings if heading in columns.values() or not is_nameless(heading)]
    document = {"homeroom": "mapping", "name": name, "table": table, **kept, "needs": needs, "columns": said}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000)


def _remembered(row: SavedMapping) -> Remembered:
    return Remembered(
        id=row.pk,
        name=row.name,
        table=row.table,
        headings=tuple(row.headings),
        made_by=row.made_by,
        made_at=row.made_at,
        text=row.text,
    )
