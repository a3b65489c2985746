"""A mapping file: the district's own words for how a CSV of theirs fills one canonical table.

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

A list of what a content filter or an antivirus covers fills `coverage_records`, with its purpose as a constant.
`connector` is `csv` and `stream` is the connector and the name where they are not given. `roles` is for person_records
only and gives each person one role. The file is recognised by the headings that its columns take, and by `needs`. Where
`from` lists several headings, the column is the first of them that has a value, and a list may have none of them; it must
have one from which its key can come.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from homeroom.evidence.tables import TABLES, Column, Table, Type
from homeroom.ingest import fields
from homeroom.ingest.connector import Connector, Kind, Reader, Reading
from homeroom.ingest.mapped import (
    BLANK,
    FORMS,
    MADE,
    MAPPED,
    PURPOSES,
    headings_of,
    role_of_each,
    told_apart,
    usual_form,
    with_key,
    with_unclear,
    without_totals,
)
from homeroom.ingest.problems import Refused, refused
from homeroom.ingest.rows import PLAIN, Field, Form, Raw, joined, keyed, rejects, taken, without_ssn, words

MISSING = "is missing"
"""The reason why a column that is needed does not fit."""
KEYS = ("homeroom", "name", "title", "connector", "stream", "table", "columns", "roles", "needs", "authority")
COLUMN_KEYS = ("from", "as", "format", "values", "constant")
ROLE_KEYS = ("role", "job", "org_key", "org_name")
ROLES = ("student", "teacher", "staff", "administrator", "aide", "guardian", "parent", "relative", "other")
_DATE_FORM = re.compile(r"(?:[^%]|%[-_0]?[YymdbBhejaAHIklMSpPfzTFDRT%])*")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True, kw_only=True)
class _Mapped:
    table: Table
    fields: tuple[Field, ...]
    constants: Mapping[str, Any]
    roles: Mapping[str, str]


def connector_of(given: Mapping[str, Any], *, file: str) -> Connector:
    """The connector that a parsed mapping describes: one kind, one reader.

    Raises `problems.Refused` with every field that does not fit and what would.
    """
    check = _Check(file=file)
    mapped, name = _mapped(given, check), _text(given, "name", check, fits="a short name such as bus-drivers")
    if name and not _NAME.fullmatch(name):
        check.misfit("name", f"{name!r} is no short name", "small letters, digits and dashes")
    needs = _strings(given, "needs", check)
    authority = _strings(given, "authority", check)
    if any(kind not in ("staff", "student") for kind in authority):
        check.misfit("authority", "has an unknown kind of person", "staff, student")
    connector = _text(given, "connector", check, fits="a connector's name", default="csv")
    stream = _text(given, "stream", check, fits="a stream's name", default=f"{connector}.{name}")
    title = _text(given, "title", check, fits="what the file is", default=f"{name} (by a mapping file)")
    check.settle()
    alone = [item.headings[0] for item in mapped.fields if len(item.headings) == 1]
    keys = {*mapped.table.key, *MADE.get(mapped.table.name, ())}
    headings = tuple(dict.fromkeys([*alone, *needs]))
    any_of = [
        heading for item in mapped.fields if item.to in keys and len(item.headings) > 1 for heading in item.headings
    ]
    tables = (mapped.table.name, *(("role_records",) if mapped.roles else ()))
    kind = Kind(
        id=stream, title=title, form="csv", stream=stream, tables=tables, reader="mapped", needs=headings,
        any_of=tuple(dict.fromkeys(any_of)),
    )  # fmt: skip
    return Connector(
        name=connector, title=title, kinds=(kind,), readers={"mapped": _reader(mapped)}, authority=authority
    )


class _Check:
    """The misfits of one mapping file, gathered so that all are told at once."""

    def __init__(self, *, file: str) -> None:
        self._file = file
        self._found: list[Refused] = []

    def misfit(self, field: str, reason: str, fits: str) -> None:
        """Note one thing that does not fit."""
        self._found.append(refused(self._file, reason, field=field, fits=fits))

    def settle(self) -> None:
        """Raise Refused where anything did not fit."""
        if self._found:
            raise Refused([problem for one in self._found for problem in one.problems])


def _mapped(given: Mapping[str, Any], check: _Check) -> _Mapped:
    for key in given:
        if key not in KEYS:
            check.misfit(str(key), "is no known field", ", ".join(KEYS))
    if given.get("table") not in MAPPED:
        check.misfit("table", f"{given.get('table')!r} cannot be filled by a mapping", ", ".join(MAPPED))
        check.settle()
    table = TABLES[given["table"]]
    columns = given.get("columns")
    if not isinstance(columns, Mapping) or not columns:
        check.misfit("columns", "has no columns", "canonical column: {from: heading}")
        check.settle()
    taken_columns: list[Field] = []
    constants: dict[str, Any] = {}
    for name, about in (columns or {}).items():
        _column(str(name), about, table=table, into=(taken_columns, constants), check=check)
    for name in _needed(table, {item.to for item in taken_columns}):
        check.misfit(f"columns.{name}", MISSING, f"the heading of the {name}, since it tells rows apart")
    if "purpose" in table.key and constants.get("purpose") not in PURPOSES:
        check.misfit("columns.purpose", "says not what the list is for", f"{{constant: {' or '.join(PURPOSES)}}}")
    return _Mapped(
        table=table, fields=tuple(taken_columns), constants=constants, roles=_roles(given, table=table, check=check)
    )


def _needed(table: Table, given: set[str]) -> list[str]:
    """The columns that tell rows apart and are missing: of the key, or of what it can be made of."""
    spared = {"purpose", *BLANK.get(table.name, ())}
    made = MADE.get(table.name, ())
    if "key" in table.key and made and given & set(made):
        return []
    return [name for name in table.key if name not in spared | given]


def _column(name: str, about: Any, *, table: Table, into: tuple[list[Field], dict[str, Any]], check: _Check) -> None:
    under = f"columns.{name}"
    if name not in table.names:
        check.misfit(under, f"{table.name} has no such column", ", ".join(table.names))
    elif not isinstance(about, Mapping) or ("from" in about) == ("constant" in about):
        check.misfit(under, "says neither or both of from and constant", "{from: heading} or {constant: value}")
    elif unknown := [key for key in about if key not in COLUMN_KEYS]:
        check.misfit(f"{under}.{unknown[0]}", "is no known field", ", ".join(COLUMN_KEYS))
    elif "constant" in about:
        _constant(about["constant"], column=table.column(name), under=under, into=into[1], check=check)
    elif not (headings := headings_of(about["from"])):
        check.misfit(f"{under}.from", "is no heading", "the heading as the file writes it, or a list of such")
    else:
        form = _form(about, column=table.column(name), under=under, check=check)
        into[0].append(Field(to=name, headings=headings, form=form))


def _constant(value: Any, *, column: Column, under: str, into: dict[str, Any], check: _Check) -> None:
    wanted = {Type.TEXT: str, Type.TRUTH: bool, Type.INTEGER: int}.get(column.type)
    if wanted is None or type(value) is not wanted:
        check.misfit(
            f"{under}.constant", f"does not fit a column of type {column.type}", "a text, true, false or a number"
        )
        return
    into[column.name] = value


def _form(about: Mapping[str, Any], *, column: Column, under: str, check: _Check) -> Form:
    fitting = FORMS[column.type]
    if "values" in about:
        return _words(about["values"], column=column, under=under, check=check)
    if "format" in about:
        return _dated(about, column=column, under=under, check=check)
    if "as" in about and about["as"] not in tuple(fitting):
        check.misfit(f"{under}.as", f"{about['as']!r} does not fit a column of type {column.type}", ", ".join(fitting))
        return PLAIN
    if "as" in about:
        return fitting[about["as"]]
    return usual_form(column)


def _words(values: Any, *, column: Column, under: str, check: _Check) -> Form:
    kind = {Type.TEXT: str, Type.TRUTH: bool}.get(column.type)
    if kind is None or not isinstance(values, Mapping) or not values:
        check.misfit(f"{under}.values", "cannot stand here", "word in the file: canonical value, for text and truth")
        return PLAIN
    if any(value is not None and type(value) is not kind for value in values.values()):
        check.misfit(f"{under}.values", f"has a value that is no {column.type}", f"{column.type} values, or null")
        return PLAIN
    return words({str(word).strip().lower(): value for word, value in values.items()}, what=column.name)


def _dated(about: Mapping[str, Any], *, column: Column, under: str, check: _Check) -> Form:
    form = about["format"]
    if isinstance(form, str) and not _DATE_FORM.fullmatch(form):
        check.misfit(f"{under}.format", "has a sign that no date has", "%Y %m %d %b %B %H %M %S and the like")
        return PLAIN
    if column.type not in (Type.DATE, Type.TIME) or not isinstance(form, str) or "%" not in form:
        check.misfit(f"{under}.format", "cannot stand here", 'a date form such as "%d.%m.%Y", for dates and times')
        return PLAIN
    if column.type is Type.DATE:
        return Form(
            parse=lambda text: fields.plain(text).str.to_date(form, strict=False), kind=pl.Date(), fits=f"not as {form}"
        )
    return Form(
        parse=lambda text: fields.plain(text).str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC"),
        kind=pl.Datetime("us", "UTC"),
        fits=f"not as {form}",
    )


def _roles(given: Mapping[str, Any], *, table: Table, check: _Check) -> Mapping[str, str]:
    roles = given.get("roles")
    if roles is None:
        return {}
    if table.name != "person_records" or not isinstance(roles, Mapping):
        check.misfit("roles", "can stand only with person_records", "{role: staff, job: Bus Driver}")
        return {}
    for key, value in roles.items():
        if key not in ROLE_KEYS or not isinstance(value, str):
            check.misfit(f"roles.{key}", "is no known field, or no text", ", ".join(ROLE_KEYS))
    if roles.get("role") not in ROLES:
        check.misfit("roles.role", f"{roles.get('role')!r} is no role", ", ".join(ROLES))
    return dict(roles)


def _text(given: Mapping[str, Any], name: str, check: _Check, *, fits: str, default: str | None = None) -> str:
    value = given.get(name, default)
    if not isinstance(value, str) or not value.strip():
        check.misfit(name, "is missing" if value is None else "is no text", fits)
        return ""
    return value.strip()


def _strings(given: Mapping[str, Any], name: str, check: _Check) -> tuple[str, ...]:
    value = given.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        check.misfit(name, "is no list of texts", "a list such as [Driver No, Route]")
        return ()
    return tuple(value)


def _reader(mapped: _Mapped) -> Reader:
    covered = next((item for item in mapped.fields if item.to == "covered"), None)

    def read(frame: pl.DataFrame) -> Reading:
        raw = Raw(frame)
        rows, found = taken(raw, table=mapped.fields)
        if covered is not None and mapped.table.name == "coverage_records":
            rows = with_unclear(rows, raw=raw, covered=covered)
        first, heading = told_apart(mapped.table, mapped.fields)
        rows, totals = without_totals(rows, field=heading)
        rows = rows.with_columns(pl.lit(value).alias(name) for name, value in mapped.constants.items())
        kept, lost, dropped = _kept(rows, table=mapped.table, first=first, heading=heading)
        tables = {mapped.table.name: kept}
        if mapped.roles:
            tables["role_records"] = role_of_each(kept, roles=mapped.roles)
        return Reading(tables=tables, rejects=joined([found, totals, lost]), dropped=dropped)

    return read


def _kept(
    rows: pl.DataFrame, *, table: Table, first: str, heading: str
) -> tuple[pl.DataFrame, pl.DataFrame, Mapping[str, int]]:
    clean, count = without_ssn(rows, column="identifier") if "identifier" in rows.columns else (rows, 0)
    clean = with_key(clean, table=table)
    if len(table.key) > 1 and "purpose" not in table.key:
        without = clean.filter(pl.col(first).is_null())
        lost = rejects(without, field=heading, reason=f"no {first}", row_lost=True)
        return clean.filter(pl.col(first).is_not_null()), lost, {}
    kept, lost = keyed(clean, key=first, field=heading)
    return kept, lost, {"identifier": count} if count else {}
