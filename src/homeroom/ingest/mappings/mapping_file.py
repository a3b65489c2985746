"""A mapping file: how a CSV of the district's own fills one canonical table.

    homeroom: mapping
    name: bus-drivers
    connector: csv
    table: person_records
    columns:
      key: {from: Driver No}
      family_name: {from: Last, as: text}
      end_date: {from: Through, as: date, format: "%d.%m.%Y"}
      status: {from: State, values: {current: active, gone: tobedeleted}}
      employment: {constant: contract}
    roles: {role: staff, job: Bus Driver}

A list of what a content filter or an antivirus covers fills `coverage_records`, with its purpose as a constant: filter,
antivirus, classroom, or a capability by its id.
`connector` is `csv` and `stream` is the connector and the name if they are not given. `roles` is for person_records
only and gives each person one role. The file is recognized by the headings that its columns take, and by `needs`. If
`from` lists several headings, the column is the first of them that has a value, and a list may have none of them; it
must have one from which its key can come.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from homeroom.domain.suggestions import suggest_names
from homeroom.evidence.tables import TABLES, Column, Table, Type
from homeroom.ingest.contract.connector import Connector, CsvKind, Reading, RowReader
from homeroom.ingest.contract.errors import FileRefused, build_refusal
from homeroom.ingest.mappings.capability_words import list_capability_ids
from homeroom.ingest.mappings.mapping_targets import (
    COMPOSED_KEYS,
    FORMATS,
    MAPPABLE_TABLES,
    OPTIONAL_KEYS,
    PURPOSES,
    add_key_columns,
    derive_device_kinds,
    derive_roles,
    get_identifying_column,
    get_usual_format,
    mark_unclear,
    parse_headings,
    remove_totals,
)
from homeroom.ingest.rows.field_table import (
    PLAIN,
    Field,
    RawRows,
    ValueFormat,
    build_rejects,
    build_word_format,
    concat_rejects,
    read_fields,
    remove_ssns,
    require_key,
)
from homeroom.ingest.values import parsers

MISSING_REASON = "is missing"
"""The reason why a required column does not fit."""
KEYS = (
    "homeroom",
    "name",
    "title",
    "connector",
    "stream",
    "table",
    "columns",
    "roles",
    "needs",
    "authority",
    "together",
)
COLUMN_KEYS = ("from", "as", "format", "values", "constant")
ROLE_KEYS = ("role", "job", "org_key", "org_name")
ROLES = ("student", "teacher", "staff", "administrator", "aide", "guardian", "parent", "relative", "other")
_DATE_FORM = re.compile(r"(?:[^%]|%[-_0]?[YymdbBhejaAHIklMSpPfzTFDRT%])*")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, kw_only=True)
class _ParsedMapping:
    table: Table
    fields: tuple[Field, ...]
    constants: Mapping[str, Any]
    roles: Mapping[str, str]


def build_mapped_connector(raw: Mapping[str, Any], *, file: str) -> Connector:
    """Build the connector that a parsed mapping describes: one kind, one reader.

    Raise `problems.FileRefused` with every field that does not fit and what would.
    """
    errors = _MappingErrors(file=file)
    mapped, name = (
        _parse_mapping(raw, errors),
        _parse_text(raw, "name", errors, fits="a short name such as bus-drivers"),
    )
    if name and not _NAME.fullmatch(name):
        errors.add("name", f"{name!r} is no short name", "small letters, digits and dashes")
    needs = _parse_strings(raw, "needs", errors)
    authority = _parse_strings(raw, "authority", errors)
    if any(kind not in ("staff", "student") for kind in authority):
        errors.add("authority", "has an unknown kind of person", "staff, student")
    connector = _parse_text(raw, "connector", errors, fits="a connector's name", default="csv")
    stream = _parse_text(raw, "stream", errors, fits="a stream's name", default=f"{connector}.{name}")
    together = raw.get("together", False)
    if not isinstance(together, bool):
        errors.add("together", "is neither true nor false", "true where several files are one list")
    title = _parse_text(raw, "title", errors, fits="what the file is", default=f"{name} (by a mapping file)")
    errors.raise_if_any()
    single_headings = [item.headings[0] for item in mapped.fields if len(item.headings) == 1]
    keys = {*mapped.table.key, *COMPOSED_KEYS.get(mapped.table.name, ())}
    headings = tuple(dict.fromkeys([*single_headings, *needs]))
    any_of = [
        heading for item in mapped.fields if item.to in keys and len(item.headings) > 1 for heading in item.headings
    ]
    tables = (mapped.table.name, *(("role_records",) if mapped.roles else ()))
    kind = CsvKind(
        id=stream, title=title, stream=stream, tables=tables, reader="mapped", needs=headings,
        any_of=tuple(dict.fromkeys(any_of)), together=together is True,
    )  # fmt: skip
    return Connector(
        name=connector, title=title, kinds=(kind,), readers={"mapped": _build_reader(mapped)}, authority=authority
    )


class _MappingErrors:
    """Errors of one mapping file, collected so that all are reported at once."""

    def __init__(self, *, file: str) -> None:
        self._file = file
        self._refusals: list[FileRefused] = []

    def add(self, field: str, reason: str, fits: str) -> None:
        """Add one error."""
        self._refusals.append(build_refusal(self._file, reason, field=field, fits=fits))

    def raise_if_any(self) -> None:
        """Raise FileRefused if there are any errors."""
        if self._refusals:
            raise FileRefused([problem for refusal in self._refusals for problem in refusal.problems])


def _parse_mapping(raw: Mapping[str, Any], errors: _MappingErrors) -> _ParsedMapping:
    for key in raw:
        if key not in KEYS:
            errors.add(str(key), "is no known field", ", ".join(KEYS))
    if raw.get("table") not in MAPPABLE_TABLES:
        errors.add("table", f"{raw.get('table')!r} cannot be filled by a mapping", ", ".join(MAPPABLE_TABLES))
        errors.raise_if_any()
    table = TABLES[raw["table"]]
    columns = raw.get("columns")
    if not isinstance(columns, Mapping) or not columns:
        errors.add("columns", "has no columns", "canonical column: {from: heading}")
        errors.raise_if_any()
    mapped_fields: list[Field] = []
    constants: dict[str, Any] = {}
    for name, definition in (columns or {}).items():
        _parse_column(str(name), definition, table=table, targets=(mapped_fields, constants), errors=errors)
    for name in _find_missing_keys(table, {item.to for item in mapped_fields}):
        errors.add(f"columns.{name}", MISSING_REASON, f"the heading of the {name}, since it tells rows apart")
    if "purpose" in table.key:
        _check_purpose(constants.get("purpose"), errors)
    return _ParsedMapping(
        table=table,
        fields=tuple(mapped_fields),
        constants=constants,
        roles=_parse_roles(raw, table=table, errors=errors),
    )


def _check_purpose(purpose: Any, errors: _MappingErrors) -> None:
    capabilities = list_capability_ids()
    if purpose is None:
        errors.add("columns.purpose", "says not what the list is for", f"{{constant: {' or '.join(PURPOSES)}}}")
    elif purpose not in PURPOSES and purpose not in capabilities:
        fits = suggest_names(str(purpose), (*PURPOSES, *capabilities))
        errors.add("columns.purpose", f"{purpose!r} is no known capability", fits)


def _find_missing_keys(table: Table, mapped_names: set[str]) -> list[str]:
    """Return the missing columns that identify rows: those of the key, or those that can form it."""
    optional = {"purpose", *OPTIONAL_KEYS.get(table.name, ())}
    composed = COMPOSED_KEYS.get(table.name, ())
    if "key" in table.key and composed and mapped_names & set(composed):
        return []
    return [name for name in table.key if name not in optional | mapped_names]


def _parse_column(
    name: str, definition: Any, *, table: Table, targets: tuple[list[Field], dict[str, Any]], errors: _MappingErrors
) -> None:
    path = f"columns.{name}"
    if name not in table.names:
        errors.add(path, f"{table.name} has no such column", ", ".join(table.names))
    elif not isinstance(definition, Mapping) or ("from" in definition) == ("constant" in definition):
        errors.add(path, "says neither or both of from and constant", "{from: heading} or {constant: value}")
    elif unknown := [key for key in definition if key not in COLUMN_KEYS]:
        errors.add(f"{path}.{unknown[0]}", "is no known field", ", ".join(COLUMN_KEYS))
    elif "constant" in definition:
        _parse_constant(
            definition["constant"], column=table.get_column(name), path=path, constants=targets[1], errors=errors
        )
    elif not (headings := parse_headings(definition["from"])):
        errors.add(f"{path}.from", "is no heading", "the heading as the file writes it, or a list of such")
    else:
        form = _parse_format(definition, column=table.get_column(name), path=path, errors=errors)
        targets[0].append(Field(to=name, headings=headings, form=form))


def _parse_constant(
    value: Any, *, column: Column, path: str, constants: dict[str, Any], errors: _MappingErrors
) -> None:
    expected_type = {Type.TEXT: str, Type.TRUTH: bool, Type.INTEGER: int}.get(column.type)
    if expected_type is None or type(value) is not expected_type:
        errors.add(
            f"{path}.constant", f"does not fit a column of type {column.type}", "a text, true, false or a number"
        )
        return
    constants[column.name] = value


def _parse_format(definition: Mapping[str, Any], *, column: Column, path: str, errors: _MappingErrors) -> ValueFormat:
    formats = FORMATS[column.type]
    if "values" in definition:
        return _parse_words(definition["values"], column=column, path=path, errors=errors)
    if "format" in definition:
        return _parse_date_format(definition, column=column, path=path, errors=errors)
    if "as" in definition and definition["as"] not in tuple(formats):
        errors.add(
            f"{path}.as", f"{definition['as']!r} does not fit a column of type {column.type}", ", ".join(formats)
        )
        return PLAIN
    if "as" in definition:
        return formats[definition["as"]]
    return get_usual_format(column)


def _parse_words(values: Any, *, column: Column, path: str, errors: _MappingErrors) -> ValueFormat:
    kind = {Type.TEXT: str, Type.TRUTH: bool}.get(column.type)
    if kind is None or not isinstance(values, Mapping) or not values:
        errors.add(f"{path}.values", "cannot stand here", "word in the file: canonical value, for text and truth")
        return PLAIN
    if any(value is not None and type(value) is not kind for value in values.values()):
        errors.add(f"{path}.values", f"has a value that is no {column.type}", f"{column.type} values, or null")
        return PLAIN
    return build_word_format({str(word).strip().lower(): value for word, value in values.items()}, noun=column.name)


def _parse_date_format(
    definition: Mapping[str, Any], *, column: Column, path: str, errors: _MappingErrors
) -> ValueFormat:
    pattern = definition["format"]
    if isinstance(pattern, str) and not _DATE_FORM.fullmatch(pattern):
        errors.add(f"{path}.format", "has a sign that no date has", "%Y %m %d %b %B %H %M %S and the like")
        return PLAIN
    if column.type not in (Type.DATE, Type.TIME) or not isinstance(pattern, str) or "%" not in pattern:
        errors.add(f"{path}.format", "cannot stand here", 'a date form such as "%d.%m.%Y", for dates and times')
        return PLAIN
    if column.type is Type.DATE:
        return ValueFormat(
            parse=lambda text: parsers.strip_text(text).str.to_date(pattern, strict=False),
            kind=pl.Date(),
            fits=f"not as {pattern}",
        )
    return ValueFormat(
        parse=lambda text: parsers.strip_text(text).str.to_datetime(
            pattern, strict=False, time_unit="us", time_zone="UTC"
        ),
        kind=pl.Datetime("us", "UTC"),
        fits=f"not as {pattern}",
    )


def _parse_roles(raw: Mapping[str, Any], *, table: Table, errors: _MappingErrors) -> Mapping[str, str]:
    roles = raw.get("roles")
    if roles is None:
        return {}
    if table.name != "person_records" or not isinstance(roles, Mapping):
        errors.add("roles", "can stand only with person_records", "{role: staff, job: Bus Driver}")
        return {}
    for key, value in roles.items():
        if key not in ROLE_KEYS or not isinstance(value, str):
            errors.add(f"roles.{key}", "is no known field, or no text", ", ".join(ROLE_KEYS))
    if roles.get("role") not in ROLES:
        errors.add("roles.role", f"{roles.get('role')!r} is no role", ", ".join(ROLES))
    return dict(roles)


def _parse_text(
    raw: Mapping[str, Any], name: str, errors: _MappingErrors, *, fits: str, default: str | None = None
) -> str:
    value = raw.get(name, default)
    if not isinstance(value, str) or not value.strip():
        errors.add(name, "is missing" if value is None else "is no text", fits)
        return ""
    return value.strip()


def _parse_strings(raw: Mapping[str, Any], name: str, errors: _MappingErrors) -> tuple[str, ...]:
    value = raw.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        errors.add(name, "is no list of texts", "a list such as [Driver No, Route]")
        return ()
    return tuple(value)


def _build_reader(mapped: _ParsedMapping) -> RowReader:
    covered = next((item for item in mapped.fields if item.to == "covered"), None)

    def read(frame: pl.DataFrame) -> Reading:
        raw = RawRows(frame)
        rows, value_rejects = read_fields(raw, table=mapped.fields)
        if covered is not None and mapped.table.name == "coverage_records":
            rows = mark_unclear(rows, raw=raw, covered=covered)
        first, heading = get_identifying_column(mapped.table, mapped.fields)
        rows, totals = remove_totals(rows, field=heading)
        rows = rows.with_columns(pl.lit(value).alias(name) for name, value in mapped.constants.items())
        if mapped.table.name == "device_records":
            rows = derive_device_kinds(rows)
        valid_rows, key_rejects, dropped = _require_key_columns(rows, table=mapped.table, first=first, heading=heading)
        tables = {mapped.table.name: valid_rows}
        if mapped.roles:
            tables["role_records"] = derive_roles(valid_rows, roles=mapped.roles)
        return Reading(
            tables=tables,
            rejects=concat_rejects([value_rejects, totals, key_rejects]),
            dropped=dropped,
            usage=raw.usage,
        )

    return read


def _require_key_columns(
    rows: pl.DataFrame, *, table: Table, first: str, heading: str
) -> tuple[pl.DataFrame, pl.DataFrame, Mapping[str, int]]:
    clean, count = remove_ssns(rows, column="identifier") if "identifier" in rows.columns else (rows, 0)
    clean = add_key_columns(clean, table=table)
    if len(table.key) > 1 and "purpose" not in table.key:
        missing = clean.filter(pl.col(first).is_null())
        rejected_rows = build_rejects(missing, field=heading, reason=f"no {first}", row_lost=True)
        return clean.filter(pl.col(first).is_not_null()), rejected_rows, {}
    valid_rows, rejected_rows = require_key(clean, key=first, field=heading)
    return valid_rows, rejected_rows, {"identifier": count} if count else {}
