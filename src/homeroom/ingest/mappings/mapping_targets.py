"""Targets of a mapping: tables, column formats, keys that may be blank, roles and unclear coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.domain.know.devices.kinds import DEVICE_KINDS
from homeroom.evidence.files.polars_schema import POLARS_TYPES
from homeroom.evidence.tables import Column, Table, Type
from homeroom.ingest.rows.field_table import (
    DATE,
    EMAIL,
    LOWER,
    MAC,
    MONEY,
    ORG_UNIT,
    PLAIN,
    TEXT,
    TIME,
    TRUTH,
    Field,
    RawRows,
    ValueFormat,
    build_rejects,
)
from homeroom.ingest.values import device_types, parsers

MAPPABLE_TABLES = (
    "person_records",
    "account_records",
    "device_records",
    "coverage_records",
    "contract_records",
    "purchase_records",
    "fund_records",
    "price_records",
    "app_use_records",
    "ticket_records",
    "training_records",
    "agreement_records",
    "backup_records",
    "mail_domains",
    "calendar_days",
    "orgs",
    "line_records",
)
PURPOSES = ("filter", "antivirus", "classroom")
"""Words for the usual purposes of a list of coverage; it may have any capability by its id too."""
OPTIONAL_KEYS: Mapping[str, tuple[str, ...]] = {
    "calendar_days": ("org_key",),
    "app_use_records": ("email", "school_name", "since"),
    "training_records": ("assigned_on",),
    "backup_records": ("job",),
    "fund_records": ("fiscal_year",),
}
"""Key columns that a list of the kind may lack: blank there if the column is text, else null."""
COMPOSED_KEYS: Mapping[str, tuple[str, ...]] = {
    "contract_records": ("product", "vendor", "starts_on"),
    "purchase_records": ("order_number", "item", "serial"),
    "agreement_records": ("vendor", "product", "kind", "signed_on"),
    "line_records": ("school_name", "provider"),
}
"""The columns that form a key if a list has no ids of its own, as is usual for spreadsheets."""
LIST = ValueFormat(
    parse=lambda column: parsers.normalize_list(parsers.split_list(column, separator=";")), kind=pl.List(pl.String())
)
MACS = ValueFormat(
    parse=lambda column: parsers.normalize_list(
        parsers.split_list(column.str.replace_all("[,|]", ";"), separator=";")
        .list.eval(parsers.parse_mac(pl.element()))
        .list.drop_nulls()
    ),
    kind=pl.List(pl.String()),
    fits=MAC.fits,
)
COUNT = ValueFormat(parse=parsers.parse_integer, kind=pl.Int64(), fits="not a whole number; 12 fits")
WHOLE = ValueFormat(parse=parsers.parse_whole_number, kind=pl.Int64(), fits="not a whole number; 12 and 1,200 fit")
FISCAL_YEAR = ValueFormat(
    parse=parsers.parse_fiscal_year, kind=pl.Int64(), fits="not a fiscal year; 2028, FY28 and 2027-28 fit"
)
PERCENT = ValueFormat(parse=parsers.parse_percent, kind=pl.Int64(), fits="not a percent from 1 to 100; 80 and 80% fit")
FORMATS: Mapping[Type, Mapping[str, ValueFormat]] = {
    Type.TEXT: {"text": TEXT, "plain": PLAIN, "lower": LOWER, "email": EMAIL, "unit": ORG_UNIT},
    Type.TRUTH: {"truth": TRUTH},
    Type.DATE: {"date": DATE},
    Type.TIME: {"time": TIME},
    Type.INTEGER: {"money": MONEY, "number": COUNT},
    Type.TEXTS: {"list": LIST, "mac": MACS},
}
"""The formats in which a column of each canonical type can be read, the usual one first."""
TOTAL = r"(?i)^(grand|sub|overall)?[ -]?(total|sum)s?\s*:?$"
"""The text of a line of totals in place of a name."""
ROLE_COLUMNS = {
    "status": "status",
    "start_date": "begin_date",
    "end_date": "end_date",
    "org_key": "org_key",
    "org_name": "org_name",
    "title": "job",
}
"""The columns of a person that are also columns of their role."""
USUAL_FORMATS: Mapping[str, ValueFormat] = {
    "key": PLAIN,
    "email": EMAIL,
    "holder_email": EMAIL,
    "username": LOWER,
    "org_unit": ORG_UNIT,
    "fiscal_year": FISCAL_YEAR,
    "pays_percent": PERCENT,
    "students": WHOLE,
    "life_years": WHOLE,
    "visit_minutes": WHOLE,
    "weight": WHOLE,
    "per_100_students": WHOLE,
}


def get_usual_format(column: Column) -> ValueFormat:
    """Return the format of a column for which a mapping names none: money in minor units, else whole numbers."""
    if column.name in USUAL_FORMATS:
        return USUAL_FORMATS[column.name]
    if column.type is Type.INTEGER and not column.name.endswith("_minor"):
        return COUNT
    return next(iter(FORMATS[column.type].values()))


def derive_roles(people: pl.DataFrame, *, roles: Mapping[str, str]) -> pl.DataFrame:
    """Return one role a person, with the begin and end dates of the list."""
    columns = {target: pl.col(name) for name, target in ROLE_COLUMNS.items() if name in people.columns}
    columns |= {name: pl.lit(value) for name, value in roles.items()}
    columns["status"] = columns.get("status", pl.lit(None, dtype=pl.String)).fill_null("active")
    return people.select(
        pl.col("key").alias("person_key"), *(value.alias(name) for name, value in columns.items()), "_line"
    )


def derive_device_kinds(rows: pl.DataFrame) -> pl.DataFrame:
    """Return devices with the kind that their words name: the list's own kind if it fits, else category and model."""
    texts = [pl.col(name) for name in ("kind", "category", "model") if name in rows.columns]
    if not texts:
        return rows
    platform = pl.col("platform") if "platform" in rows.columns else pl.lit(None, dtype=pl.String)
    kind = device_types.classify_device(pl.concat_str(texts, separator=" ", ignore_nulls=True), platform=platform)
    if "kind" in rows.columns:
        own_kind = pl.col("kind").str.to_lowercase().str.replace_all(r"[ -]", "_")
        kind = pl.when(own_kind.is_in(list(DEVICE_KINDS))).then(own_kind).otherwise(kind.fill_null(pl.col("kind")))
    return rows.with_columns(kind.alias("kind"))


def parse_headings(raw: Any) -> tuple[str, ...]:
    """Return the headings that a column's `from` names, best first; empty if it names none."""
    items = raw if isinstance(raw, list) else [raw]
    texts = [item.strip() for item in items if isinstance(item, str) and item.strip()]
    return tuple(dict.fromkeys(texts)) if len(texts) == len(items) else ()


def get_identifying_column(table: Table, columns: Sequence[Field]) -> tuple[str, str]:
    """Return the column that identifies rows of a list, and its heading in the file."""
    first = next(name for name in table.key if name not in ("purpose", *OPTIONAL_KEYS.get(table.name, ())))
    return first, next((item.headings[0] for item in columns if item.to == first), columns[0].headings[0])


def remove_totals(rows: pl.DataFrame, *, field: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows of a list without its lines of totals, and rejects for these: Total is their only text.

    Loading them would count all money twice. `field` is the file's name of the column that identifies rows.
    """
    texts = [pl.col(name) for name, kind in rows.schema.items() if kind == pl.String()]
    if not texts:
        return rows, build_rejects(rows.clear(), field=field, reason="", row_lost=True)
    first_text = pl.coalesce(parsers.strip_text(text) for text in texts)
    is_single_text = pl.sum_horizontal(parsers.strip_text(text).is_not_null() for text in texts) == 1
    totals = rows.select((is_single_text & first_text.str.contains(TOTAL)).fill_null(False)).to_series()
    total_rejects = build_rejects(
        rows.filter(totals), field=field, reason="a line of totals, which is no row of the list", row_lost=True
    )
    return rows.filter(~totals), total_rejects


def mark_unclear(rows: pl.DataFrame, *, raw: RawRows, covered: Field) -> pl.DataFrame:
    """Add `unclear` to the rows of a list of coverage.

    It is true if there is a word for their protection that is not known. A blank cell is not unclear: being in the list
    is enough then. `rows` are those of `raw`, in its order.
    """
    covered_text = parsers.strip_text(raw.select_value(*covered.headings))
    is_unclear = raw.frame.select(
        (covered_text.is_not_null() & ~parsers.is_null_word(covered_text)).alias("unclear")
    ).to_series()
    return rows.with_columns(pl.when(is_unclear & rows["covered"].is_null()).then(True).alias("unclear"))


def add_key_columns(rows: pl.DataFrame, *, table: Table) -> pl.DataFrame:
    """Add every column of the key to the rows: blank if the list lacks it, composed of others if it has no ids."""
    types = {column.name: column.type for column in table.columns}
    absent = [name for name in OPTIONAL_KEYS.get(table.name, ()) if name not in rows.columns]
    source_columns = [name for name in COMPOSED_KEYS.get(table.name, ()) if name in rows.columns]
    texts = [name for name in OPTIONAL_KEYS.get(table.name, ()) if name in rows.columns and types[name] is Type.TEXT]
    rows = rows.with_columns(
        *(
            pl.lit("" if types[name] is Type.TEXT else None, dtype=POLARS_TYPES[types[name]]).alias(name)
            for name in absent
        ),
        *(pl.col(name).fill_null("") for name in texts),
    )
    if "key" in table.key and "key" not in rows.columns and source_columns:
        parts = [pl.col(name).cast(pl.String).str.to_lowercase() for name in source_columns]
        composed_key = pl.concat_str(parts, separator=" | ", ignore_nulls=True)
        rows = rows.with_columns(pl.when(pl.col(source_columns[0]).is_not_null()).then(composed_key).alias("key"))
    return rows
