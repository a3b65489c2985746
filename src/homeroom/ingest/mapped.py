"""What a mapping may fill: the tables, the forms of their columns, the keys that may be left blank, the role of a person, and
what a word for protection leaves unclear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.evidence.schema import POLARS
from homeroom.evidence.tables import Column, Table, Type
from homeroom.ingest import fields
from homeroom.ingest.rows import (
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
    Form,
    Raw,
    rejects,
)

MAPPED = (
    "person_records",
    "account_records",
    "device_records",
    "coverage_records",
    "contract_records",
    "purchase_records",
    "app_use_records",
    "training_records",
    "agreement_records",
    "backup_records",
    "mail_domains",
    "calendar_days",
    "orgs",
)
PURPOSES = ("filter", "antivirus", "classroom")
"""What a list of coverage may be for."""
BLANK: Mapping[str, tuple[str, ...]] = {
    "calendar_days": ("org_key",),
    "app_use_records": ("email", "school_name", "since"),
    "training_records": ("assigned_on",),
    "backup_records": ("job",),
}
"""Key columns that a list of the kind may lack: blank there, where the column is text, else null."""
MADE: Mapping[str, tuple[str, ...]] = {
    "contract_records": ("product", "vendor", "starts_on"),
    "purchase_records": ("order_number", "item", "serial"),
    "agreement_records": ("vendor", "product", "kind"),
}
"""Of what a key is made where a list has no ids of its own, as spreadsheets have not."""
LIST = Form(parse=lambda column: fields.tidy(fields.parts(column, separator=";")), kind=pl.List(pl.String()))
MACS = Form(
    parse=lambda column: fields.tidy(
        fields.parts(column.str.replace_all("[,|]", ";"), separator=";")
        .list.eval(fields.mac(pl.element()))
        .list.drop_nulls()
    ),
    kind=pl.List(pl.String()),
    fits=MAC.fits,
)
COUNT = Form(parse=fields.number, kind=pl.Int64(), fits="not a whole number; 12 fits")
FORMS: Mapping[Type, Mapping[str, Form]] = {
    Type.TEXT: {"text": TEXT, "plain": PLAIN, "lower": LOWER, "email": EMAIL, "unit": ORG_UNIT},
    Type.TRUTH: {"truth": TRUTH},
    Type.DATE: {"date": DATE},
    Type.TIME: {"time": TIME},
    Type.INTEGER: {"money": MONEY, "number": COUNT},
    Type.TEXTS: {"list": LIST, "mac": MACS},
}
"""The forms that a column of each canonical type can be read as, the usual one first."""
TOTAL = r"(?i)^(grand|sub|overall)?[ -]?(total|sum)s?\s*:?$"
"""What a line of totals says instead of a name."""
OF_ROLE = {
    "status": "status", "start_date": "begin_date", "end_date": "end_date", "org_key": "org_key", "org_name": "org_name",
    "title": "job",
}  # fmt: skip
"""The columns of a person that are those of their role too."""
USUAL: Mapping[str, Form] = {
    "key": PLAIN,
    "email": EMAIL,
    "holder_email": EMAIL,
    "username": LOWER,
    "org_unit": ORG_UNIT,
}


def usual_form(column: Column) -> Form:
    """The form in which a column is read where a mapping names none: money in minor units, else whole numbers."""
    if column.type is Type.INTEGER and not column.name.endswith("_minor"):
        return COUNT
    return USUAL.get(column.name) or next(iter(FORMS[column.type].values()))


def role_of_each(people: pl.DataFrame, *, roles: Mapping[str, str]) -> pl.DataFrame:
    """One role a person, which begins and ends with what the list says of them."""
    said = {to: pl.col(name) for name, to in OF_ROLE.items() if name in people.columns}
    said |= {name: pl.lit(value) for name, value in roles.items()}
    said["status"] = said.get("status", pl.lit(None, dtype=pl.String)).fill_null("active")
    return people.select(
        pl.col("key").alias("person_key"), *(value.alias(name) for name, value in said.items()), "_line"
    )


def headings_of(given: Any) -> tuple[str, ...]:
    """The headings that a column's `from` names, best first; none where it names none."""
    listed = given if isinstance(given, list) else [given]
    texts = [one.strip() for one in listed if isinstance(one, str) and one.strip()]
    return tuple(dict.fromkeys(texts)) if len(texts) == len(listed) else ()


def told_apart(table: Table, columns: Sequence[Field]) -> tuple[str, str]:
    """The column that tells rows of a list apart, and the heading that it has in the file."""
    first = next(name for name in table.key if name not in ("purpose", *BLANK.get(table.name, ())))
    return first, next((item.headings[0] for item in columns if item.to == first), columns[0].headings[0])


def without_totals(rows: pl.DataFrame, *, field: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of a list without its lines of totals, and rejects for these: they say Total and no other text.

    Whoever keeps them counts all money twice. `field` is the file's name of the column that tells rows apart.
    """
    texts = [pl.col(name) for name, kind in rows.schema.items() if kind == pl.String()]
    if not texts:
        return rows, rejects(rows.clear(), field=field, reason="", row_lost=True)
    word = pl.coalesce(fields.plain(text) for text in texts)
    alone = pl.sum_horizontal(fields.plain(text).is_not_null() for text in texts) == 1
    totals = rows.select((alone & word.str.contains(TOTAL)).fill_null(False)).to_series()
    told = rejects(
        rows.filter(totals), field=field, reason="a line of totals, which is no row of the list", row_lost=True
    )
    return rows.filter(~totals), told


def with_unclear(rows: pl.DataFrame, *, raw: Raw, covered: Field) -> pl.DataFrame:
    """The rows of a list of coverage with `unclear`: true where there is a word for their protection and none that is known.

    A blank cell is not unclear: standing in the list is enough then. `rows` are those of `raw`, in its order.
    """
    word = fields.plain(raw.value(*covered.headings))
    said = raw.frame.select((word.is_not_null() & ~fields.says_nothing(word)).alias("unclear")).to_series()
    return rows.with_columns(pl.when(said & rows["covered"].is_null()).then(True).alias("unclear"))


def with_key(rows: pl.DataFrame, *, table: Table) -> pl.DataFrame:
    """The rows with every column of the key: blank where the list lacks it, made of others where it has no ids."""
    types = {column.name: column.type for column in table.columns}
    absent = [name for name in BLANK.get(table.name, ()) if name not in rows.columns]
    made = [name for name in MADE.get(table.name, ()) if name in rows.columns]
    texts = [name for name in BLANK.get(table.name, ()) if name in rows.columns and types[name] is Type.TEXT]
    rows = rows.with_columns(
        *(pl.lit("" if types[name] is Type.TEXT else None, dtype=POLARS[types[name]]).alias(name) for name in absent),
        *(pl.col(name).fill_null("") for name in texts),
    )
    if "key" in table.key and "key" not in rows.columns and made:
        parts = [pl.col(name).cast(pl.String).str.to_lowercase() for name in made]
        whole = pl.concat_str(parts, separator=" | ", ignore_nulls=True)
        rows = rows.with_columns(pl.when(pl.col(made[0]).is_not_null()).then(whole).alias("key"))
    return rows
