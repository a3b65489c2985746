"""Definitions of the projection's models: one SELECT per model over the tables of a resolved snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from homeroom.apps.inventory.models import Account, Device, Interval, LedgerEntry, LedgerMerge, Person, SearchTerm
from homeroom.apps.inventory.search_terms import ENDING_MARK, FOLD_SQL
from homeroom.domain.ids import format_public_id

_ID_DIGITS = "".join(format_public_id("person", digit)[-1] for digit in range(32))
_TEXT_TEMPLATE = "left(coalesce({}, ''), {})"


@dataclass(frozen=True, kw_only=True)
class ProjectedModel:
    """One model of the projection. `select` is SQL with `{side}` before each derived table: one row per subject.

    `columns` are the model's columns; `key` those that identify a current row; `order` the order in which new rows are
    written, so that the rows of a page are stored together. If `list_column` is set, the select's column of that name
    plus `s` is a list, and each of its items is a row. `list_kind` is the kind of the list that shows the model, if
    any. `reads` names the derived tables that the select reads and, if they are few, the columns besides `id` on which
    a row depends.
    """

    model: type[Interval] | type[SearchTerm] | type[LedgerEntry] | type[LedgerMerge]
    columns: tuple[str, ...]
    key: tuple[str, ...]
    select: str
    order: tuple[str, ...] = ()
    list_column: str = ""
    list_kind: str = ""
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


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
        reads={table: ()},
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
# Skip a term that is a prefix of another term of the same subject: it would find nothing more. In byte order the next
# term
# begins with it. So `alovelace` of `alovelace@school.example`, and `ada` of `ada lovelace`, get no rows.
_TERMS = """SELECT '{kind}' AS kind, id AS subject,
        list_filter(every, (x, i) -> x <> '' AND NOT starts_with(coalesce(every[i + 1], ''), x)) AS terms
    FROM (SELECT id, list_sort(list_distinct(CASE WHEN length(array_to_string(given, '')) > 255
            THEN list_transform(given, x -> left(x, 255)) ELSE given END)) AS every
        FROM (SELECT id, list_transform(list_filter({terms}, x -> x IS NOT NULL), x -> {fold}) AS given
            FROM {{side}}{table}))"""
_NAMES = "[sort_name, name] || string_split_regex(sort_name, '[ ,]+')"
_DEVICE_TERMS = f"""identifiers || [serial, asset_tag, name, model, cart] || coalesce(addresses, []) ||
    list_transform([serial, asset_tag], x -> '{ENDING_MARK}' || reverse(x))"""
SEARCH = ProjectedModel(
    model=SearchTerm,
    columns=("kind", "term", "subject"),
    key=("kind", "term", "subject"),
    order=("kind", "term", "subject"),
    list_column="term",
    select=" UNION ALL ".join(
        _TERMS.format(kind=kind, table=table, terms=terms, fold=FOLD_SQL.format("x"))
        for kind, table, terms in (
            ("person", "people", f"identifiers || {_NAMES}"),
            ("account", "accounts", "identifiers || [name]"),
            ("device", "devices", _DEVICE_TERMS),
        )
    ),
    reads={
        "people": ("identifiers", "sort_name", "name"),
        "accounts": ("identifiers", "name"),
        "devices": ("identifiers", "serial", "asset_tag", "name", "model", "cart", "addresses"),
    },
)
PROJECTED_MODELS: tuple[ProjectedModel, ...] = (PERSON, ACCOUNT, DEVICE, SEARCH)
LEDGER = ProjectedModel(
    model=LedgerEntry,
    columns=("kind", "connector", "instance", "key", "subject"),
    key=("kind", "connector", "instance", "key"),
    select="",
)
MERGES = ProjectedModel(model=LedgerMerge, columns=("kind", "subject", "into"), key=("kind", "subject"), select="")
ALL_MODELS: tuple[ProjectedModel, ...] = (*PROJECTED_MODELS, LEDGER, MERGES)
