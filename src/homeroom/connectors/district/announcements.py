"""Announced work and canaries, parsed from YAML. A bad entry is rejected with its reason; all others load.

homeroom: expected
entries:
  - {who: [backup-svc], hosts: [FILE01], daily: "01:30-02:30", reason: The backup renews its shadow copy.}
  - {who: [ana@maple.example], countries: [MX], from: 2026-12-19, until: 2027-01-04, reason: Winter break with family.}

homeroom: canaries
accounts: [svc-print-old]
documents: [1AbC_dEf]
files: ['office\\payroll\\accounts.xlsx']
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import partial
from ipaddress import ip_network
from typing import Any

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import FileRefused, build_refusal
from homeroom.ingest.contract.masking import mask_value
from homeroom.ingest.contract.reject_frames import build_empty_rejects

ENTRY_LISTS = ("who", "targets", "hosts", "addresses", "countries")
ENTRY_FIELDS = (*ENTRY_LISTS, "from", "until", "daily", "reason")
CANARY_KINDS = {"accounts": "account", "documents": "document", "files": "file"}
MAX_ENTRIES = 2_000
MAX_LENGTH = 255
_DAILY = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-3]):([0-5]\d)\Z")
_COUNTRY = re.compile(r"[A-Za-z]{2}\Z")
_HOST = re.compile(r"[A-Za-z0-9_-]{1,63}\Z")
_EXPECTED_SCHEMA: dict[str, pl.DataType] = {
    "key": pl.String(),
    **{name: pl.List(pl.String()) for name in ENTRY_LISTS},
    "starts": pl.String(),
    "ends": pl.String(),
    "daily_from": pl.String(),
    "daily_until": pl.String(),
    "reason": pl.String(),
    "_line": pl.Int64(),
}
_CANARY_SCHEMA: dict[str, pl.DataType] = {"kind": pl.String(), "value": pl.String(), "_line": pl.Int64()}


class EntryRejected(ValueError):
    """An entry does not fit; the field and the reason say why."""

    def __init__(self, field: str, value: object, reason: str) -> None:
        self.field, self.value, self.reason = field, value, reason
        super().__init__(f"{field}: {reason}")


def read_expected(document: Mapping[str, Any]) -> Reading:
    """Read announced work; an entry is its place in the list, from 1. Raise FileRefused if there is no list."""
    _require_kind(document, "expected", allowed=("homeroom", "entries"))
    entries = document["entries"]
    if not isinstance(entries, list):
        raise _build_error("entries", "is no list", "a list, one entry a line, each beginning with a dash")
    _require_few(entries, "entries")
    rows, rejects = _collect(enumerate(entries, start=1), _parse_entry)
    return Reading(
        tables={"expected_activities": _build_frame(rows, _EXPECTED_SCHEMA, key=("key",))},
        rejects=_build_rejects(rejects),
    )


def read_canaries(document: Mapping[str, Any]) -> Reading:
    """Read canaries; a bad one is rejected by its place in its list, from 1. Raise FileRefused if nothing is a list."""
    _require_kind(document, "canaries", allowed=("homeroom", *CANARY_KINDS))
    rows: list[dict[str, Any]] = []
    rejects: list[tuple[int, EntryRejected]] = []
    for name, kind in CANARY_KINDS.items():
        values = document.get(name) or []
        if not isinstance(values, list):
            raise _build_error(name, "is no list", f"a list of {name}")
        _require_few(values, name)
        read, refused = _collect(enumerate(values, start=1), partial(_parse_canary, name=name, kind=kind))
        rows += read
        rejects += refused
    return Reading(
        tables={"canaries": _build_frame(rows, _CANARY_SCHEMA, key=("kind", "value"))}, rejects=_build_rejects(rejects)
    )


def parse_network(value: object, *, field: str) -> str:
    """Return an address or network in CIDR notation; raise EntryRejected for anything else."""
    try:
        return str(ip_network(_parse_text(value, field=field), strict=False))
    except ValueError as error:
        if isinstance(error, EntryRejected):
            raise
        raise EntryRejected(field, value, "is no address or network; 203.0.113.0/24 would fit") from None


def _collect(
    entries: Iterable[tuple[int, Any]], parse: Callable[[Any], dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[tuple[int, EntryRejected]]]:
    rows, rejects = [], []
    for number, entry in entries:
        try:
            rows.append({**parse(entry), "_line": number})
        except EntryRejected as error:
            rejects.append((number, error))
    return rows, rejects


def _parse_entry(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, Mapping):
        raise EntryRejected("entries", entry, "is no entry; {who: […], reason: …} would fit")
    values, faults = parse_entry(entry)
    if faults:
        raise faults[0]
    return values


def parse_entry(entry: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[EntryRejected, ...]]:
    """Return the row of an entry, and all that does not fit; the row is whole only if nothing is wrong."""
    faults: list[EntryRejected] = [
        EntryRejected(str(name), None, f"is no known field; there are {', '.join(ENTRY_FIELDS)}")
        for name in entry
        if name not in ENTRY_FIELDS
    ]

    def try_part[T](parse: Callable[[], T], default: T) -> T:
        try:
            return parse()
        except EntryRejected as error:
            faults.append(error)
            return default

    lists = {name: try_part(partial(_parse_list, entry, name), None) for name in ENTRY_LISTS}
    if not any(entry.get(name) for name in ENTRY_LISTS):
        reason = f"would expect everything; one of {', '.join(ENTRY_LISTS)} is needed"
        faults.append(EntryRejected("entries", None, reason))
    starts = try_part(partial(_parse_moment, entry, "from"), None)
    ends = try_part(partial(_parse_moment, entry, "until"), None)
    if starts and ends and _is_before(ends, starts):
        faults.append(EntryRejected("until", entry["until"], "is before from"))
    absent: tuple[str | None, str | None] = (None, None)
    daily_from, daily_until = try_part(partial(_parse_daily, entry.get("daily")), absent)
    values = {
        **lists,
        "starts": starts,
        "ends": ends,
        "daily_from": daily_from,
        "daily_until": daily_until,
        "reason": try_part(partial(_parse_text, entry.get("reason"), field="reason"), ""),
    }
    digest = hashlib.blake2b(json.dumps(values, default=str, sort_keys=True).encode(), digest_size=8)
    return {"key": digest.hexdigest(), **values}, tuple(faults)


def _parse_list(entry: Mapping[str, Any], name: str) -> list[str] | None:
    value = entry.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not value:
        raise EntryRejected(name, value, "is no list of values")
    return sorted({_parse_item(item, name=name) for item in value})


def _parse_item(item: Any, *, name: str) -> str:
    if name == "addresses":
        return parse_network(item, field=name)
    if name == "countries" and item is False:  # YAML reads NO, Norway's code, as no
        return "NO"
    text = _parse_text(item, field=name)
    if name == "countries" and not _COUNTRY.match(text):
        raise EntryRejected(name, text, "is no country's code of two letters; MX would fit")
    if name == "hosts" and not _HOST.match(text):
        raise EntryRejected(name, text, "is no short name of a computer; FILE01 would fit")
    return text.upper() if name == "countries" else text


def _parse_moment(entry: Mapping[str, Any], name: str) -> str | None:
    """Return a day or a time in ISO form; without a zone it is the district's, which the reader does not know."""
    value = entry.get(name)
    if value is None:
        return None
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value) if "T" in value or " " in value.strip() else date.fromisoformat(value)
        if isinstance(value, date) and 2000 <= value.year <= 2100:
            return value.isoformat()
    except ValueError:
        pass
    raise EntryRejected(name, value, "is no day or time; 2026-12-19 or 2026-12-19T18:00:00Z would fit")


def _is_before(end: str, start: str) -> bool:
    """Return whether one moment is before another, by their days where one has a zone and the other has none."""
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    if len(end) > 10 and len(start) > 10 and (first.tzinfo is None) == (last.tzinfo is None):
        return last < first
    return last.date() < first.date()


def _parse_daily(value: Any) -> tuple[str | None, str | None]:
    if value is None:
        return None, None
    match = _DAILY.match(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise EntryRejected("daily", value, 'is no time of day; "01:30-02:30" would fit')
    return f"{match[1]}:{match[2]}", f"{match[3]}:{match[4]}"


def _parse_canary(value: Any, *, name: str, kind: str) -> dict[str, Any]:
    text = _parse_text(value, field=name)
    if kind == "file":
        text = text.replace("/", "\\").strip("\\")
        if "\\" not in text:
            raise EntryRejected(name, text, "names no share; share\\path would fit")
    return {"kind": kind, "value": text}


def _parse_text(value: Any, *, field: str) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise EntryRejected(field, value, "is missing" if value is None else "is no text")
    if len(value) > MAX_LENGTH or not value.isprintable():
        raise EntryRejected(field, value, f"is no text of at most {MAX_LENGTH} letters, digits and signs")
    return value.strip()


def _require_kind(document: Mapping[str, Any], kind: str, *, allowed: tuple[str, ...]) -> None:
    if document.get("homeroom") != kind:
        raise _build_error("homeroom", "names another kind of file", f"homeroom: {kind}")
    for name in document:
        if name not in allowed:
            raise _build_error(str(name), "is no known field", ", ".join(allowed))


def _require_few(values: list[Any], name: str) -> None:
    if len(values) > MAX_ENTRIES:
        raise _build_error(name, f"has {len(values):,} entries", f"at most {MAX_ENTRIES:,}")


def _build_frame(rows: list[dict[str, Any]], schema: dict[str, pl.DataType], *, key: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row").unique(key, keep="first", maintain_order=True)


def _build_rejects(rejects: list[tuple[int, EntryRejected]]) -> pl.DataFrame:
    rows = [
        {
            "line": number,
            "field": error.field,
            "value": mask_value(str(error.value)[:MAX_LENGTH]),
            "reason": error.reason,
            "row_lost": True,
        }
        for number, error in rejects
    ]
    return pl.DataFrame(rows, schema=build_empty_rejects().schema) if rows else build_empty_rejects()


def _build_error(field: str, reason: str, fits: str) -> FileRefused:
    return build_refusal("the announcements", reason, field=field, fits=fits)
