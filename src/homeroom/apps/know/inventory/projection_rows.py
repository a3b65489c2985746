"""Definitions of the projection's models: one SELECT per model over the tables of a resolved snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.apps.know.inventory.models import Account, Device, Interval, LedgerEntry, LedgerMerge, Person
from homeroom.domain.ids import format_public_id

_ID_DIGITS = "".join(format_public_id("person", digit)[-1] for digit in range(32))
_TEXT_TEMPLATE = "left(coalesce({}, ''), {})"


@dataclass(frozen=True, kw_only=True)
class ProjectedModel:
    """One model of the projection. `select` is SQL with `{side}` before each derived table: one row per subject.

    `columns` are the model's columns; `key` those that identify a current row; `order` the order in which new rows are
    written, so that the rows of a page are stored together. `list_kind` is the kind of the list that shows the model,
    and `table` the derived table that the select reads; both are empty for the ledger.
    """

    model: type[Interval] | type[LedgerEntry] | type[LedgerMerge]
    columns: tuple[str, ...]
    key: tuple[str, ...]
    select: str
    order: tuple[str, ...] = ()
    list_kind: str = ""
    table: str = ""


def _public_id_sql(kind: str) -> str:
    """Return SQL for `homeroom.domain.ids.public_id` over the column `id`."""
    digits = " || ".join(
        f"substr('{_ID_DIGITS}', ((id >> {shift}) & 31)::INTEGER + 1, 1)" for shift in range(60, -1, -5)
    )
    return f"'{format_public_id(kind, 0)[:2]}' || {digits}"


def _build_select(kind: str, table: str, /, **columns: str) -> tuple[tuple[str, ...], str]:
    parts = {"subject": "id", "public": _public_id_sql(kind), **columns}
    select_list = ", ".join(f'{value} AS "{name}"' for name, value in parts.items())
    return tuple(parts), f"SELECT {select_list} FROM {{side}}{table}"


def _text_sql(column: str, width: int) -> str:
    return _TEXT_TEMPLATE.format(f'"{column}"', width)


def _project_model(model: type[Interval], kind: str, table: str, /, **columns: str) -> ProjectedModel:
    names, select = _build_select(kind, table, **columns)
    return ProjectedModel(
        model=model,
        columns=names,
        key=("public",),
        select=select,
        order=("sort", "subject"),
        list_kind=kind,
        table=table,
    )


_SCANNED_NAME = "CASE WHEN asset_tag IS NULL AND serial IS NULL THEN addresses[1] END"
"""Name of a device that only a network scan found: its first address."""
_LAST_CHARACTER = "chr(1114111)"
"""The last Unicode character: devices known only from a scan sort after those with a name, by address."""
_BY_ADDRESS = f"""CASE WHEN asset_tag IS NULL AND serial IS NULL THEN {_LAST_CHARACTER} || array_to_string(
    list_transform(string_split(addresses[1], '.'), x -> lpad(x, greatest(3, length(x))::INTEGER, '0')), '.') END"""
_SOURCES = "left(array_to_string(sources, ' '), 200)"

PERSON = _project_model(
    Person,
    "person",
    "people",
    sort=_text_sql("sort_name", 200),
    name=_text_sql("name", 200),
    email=_text_sql("email", 255),
    kind=_text_sql("kind", 20),
    here="here",
    left='"left"',
    school=_text_sql("school", 200),
    grade=_text_sql("grade", 10),
    grade_band=_text_sql("grade_band", 10),
    homeroom=_text_sql("homeroom", 80),
    title=_text_sql("title", 200),
    sources=_SOURCES,
)
ACCOUNT = _project_model(
    Account,
    "account",
    "accounts",
    sort="left(lower(coalesce(email, name, '')), 200)",
    directory=_text_sql("directory", 40),
    email=_text_sql("email", 255),
    name=_text_sql("name", 200),
    person="person",
    kind=_text_sql("kind", 20),
    role=_text_sql("role", 20),
    school=_text_sql("school", 200),
    grade_band=_text_sql("grade_band", 10),
    org_unit=_text_sql("org_unit", 300),
    enabled="enabled",
    administrator="administrator",
    second_factor="second_factor",
    last_sign_in="last_sign_in",
    left="person_left",
    sources=_SOURCES,
)
DEVICE = _project_model(
    Device,
    "device",
    "devices",
    sort=f"left(lower(coalesce(name, asset_tag, serial, {_BY_ADDRESS}, '')), 200)",
    serial=_text_sql("serial", 80),
    asset_tag=_text_sql("asset_tag", 80),
    name=f"left(coalesce(name, {_SCANNED_NAME}, ''), 200)",
    kind=_text_sql("kind", 20),
    platform=_text_sql("platform", 20),
    model=_text_sql("model", 200),
    os_version=_text_sql("os_version", 80),
    status="""CASE WHEN retired THEN coalesce(asset_status, 'retired') WHEN resting THEN coalesce(asset_status, 'spare')
        WHEN active THEN 'active' WHEN active = false THEN CASE WHEN managed THEN 'disabled' ELSE 'deprovisioned' END
        ELSE left(coalesce(asset_status, ''), 20) END""",
    school=_text_sql("school", 200),
    cart=_text_sql("cart", 120),
    org_unit=_text_sql("org_unit", 300),
    location=_text_sql("location", 200),
    holder="holder",
    holder_name=_text_sql("holder_name", 200),
    holder_left="holder_left",
    last_seen="last_seen",
    expires_on="expires_on",
    sources=_SOURCES,
)
PROJECTED_MODELS: tuple[ProjectedModel, ...] = (PERSON, ACCOUNT, DEVICE)
LEDGER = ProjectedModel(
    model=LedgerEntry,
    columns=("kind", "connector", "instance", "key", "subject"),
    key=("kind", "connector", "instance", "key"),
    select="",
)
MERGES = ProjectedModel(model=LedgerMerge, columns=("kind", "subject", "into"), key=("kind", "subject"), select="")
ALL_MODELS: tuple[ProjectedModel, ...] = (*PROJECTED_MODELS, LEDGER, MERGES)
