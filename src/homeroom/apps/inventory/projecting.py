"""Derived evidence as the rows of the projection: one SELECT a model, over the tables of a resolved snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from homeroom.apps.inventory.models import Account, Device, Interval, LedgerEntry, LedgerMerge, Person, SearchTerm
from homeroom.domain.ids import public_id

_DIGITS = "".join(public_id("person", digit)[-1] for digit in range(32))
_TEXT = "left(coalesce({}, ''), {})"


@dataclass(frozen=True, kw_only=True)
class Projected:
    """One model of the projection. `select` is SQL with `{side}` before the name of each derived table: one row a subject.

    `columns` are the model's columns; `key` those by which a standing row is found again; `order` those by which new rows
    are written: the rows of a page of a list lie together. Where `listed` names a column, the select's column `<listed>s` is a list,
    and each item of it is a row. `listing` is the kind of the list that pages show of the model, if there is one. `reads` names
    the derived tables that the select reads and, where they are few, the columns beside `id` of which a row's depends.
    """

    model: type[Interval] | type[SearchTerm] | type[LedgerEntry] | type[LedgerMerge]
    columns: tuple[str, ...]
    key: tuple[str, ...]
    select: str
    order: tuple[str, ...] = ()
    listed: str = ""
    listing: str = ""
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _public(kind: str) -> str:
    """SQL of `homeroom.domain.ids.public_id` over the column `id`."""
    digits = " || ".join(f"substr('{_DIGITS}', ((id >> {shift}) & 31)::INTEGER + 1, 1)" for shift in range(60, -1, -5))
    return f"'{public_id(kind, 0)[:2]}' || {digits}"


def _rows(kind: str, table: str, /, **columns: str) -> tuple[tuple[str, ...], str]:
    parts = {"subject": "id", "public": _public(kind), **columns}
    listed = ", ".join(f'{value} AS "{name}"' for name, value in parts.items())
    return tuple(parts), f"SELECT {listed} FROM {{side}}{table}"


def _text(column: str, width: int) -> str:
    return _TEXT.format(f'"{column}"', width)


def _made(model: type[Interval], kind: str, table: str, /, **columns: str) -> Projected:
    names, select = _rows(kind, table, **columns)
    return Projected(
        model=model,
        columns=names,
        key=("public",),
        select=select,
        order=("sort", "subject"),
        listing=kind,
        reads={table: ()},
    )


_MET_AT = "CASE WHEN asset_tag IS NULL AND serial IS NULL THEN addresses[1] END"
"""What a device that only a scan of the network saw is called by: its first address."""
_LAST = "chr(1114111)"
"""The last character there is: what a scan alone knows comes after what has a name, in the order of addresses."""
_BY_ADDRESS = f"""CASE WHEN asset_tag IS NULL AND serial IS NULL THEN {_LAST} || array_to_string(
    list_transform(string_split(addresses[1], '.'), x -> lpad(x, greatest(3, length(x))::INTEGER, '0')), '.') END"""
_SOURCES = "left(array_to_string(sources, ' '), 200)"

PERSON = _made(
    Person,
    "person",
    "people",
    sort=_text("sort_name", 200),
    name=_text("name", 200),
    email=_text("email", 255),
    kind=_text("kind", 20),
    here="here",
    left='"left"',
    school=_text("school", 200),
    grade=_text("grade", 10),
    grade_band=_text("grade_band", 10),
    homeroom=_text("homeroom", 80),
    title=_text("title", 200),
    sources=_SOURCES,
)
ACCOUNT = _made(
    Account,
    "account",
    "accounts",
    sort="left(lower(coalesce(email, name, '')), 200)",
    directory=_text("directory", 40),
    email=_text("email", 255),
    name=_text("name", 200),
    person="person",
    kind=_text("kind", 20),
    role=_text("role", 20),
    school=_text("school", 200),
    grade_band=_text("grade_band", 10),
    org_unit=_text("org_unit", 300),
    enabled="enabled",
    administrator="administrator",
    second_factor="second_factor",
    last_sign_in="last_sign_in",
    left="person_left",
    sources=_SOURCES,
)
DEVICE = _made(
    Device,
    "device",
    "devices",
    sort=f"left(lower(coalesce(name, asset_tag, serial, {_BY_ADDRESS}, '')), 200)",
    serial=_text("serial", 80),
    asset_tag=_text("asset_tag", 80),
    name=f"left(coalesce(name, {_MET_AT}, ''), 200)",
    kind=_text("kind", 20),
    platform=_text("platform", 20),
    model=_text("model", 200),
    os_version=_text("os_version", 80),
    status="""CASE WHEN retired THEN coalesce(asset_status, 'retired') WHEN resting THEN coalesce(asset_status, 'spare')
        WHEN active THEN 'active' WHEN active = false THEN CASE WHEN managed THEN 'disabled' ELSE 'deprovisioned' END
        ELSE left(coalesce(asset_status, ''), 20) END""",
    school=_text("school", 200),
    cart=_text("cart", 120),
    org_unit=_text("org_unit", 300),
    location=_text("location", 200),
    holder="holder",
    holder_name=_text("holder_name", 200),
    holder_left="holder_left",
    last_seen="last_seen",
    expires_on="expires_on",
    sources=_SOURCES,
)
# A term that another term of the same subject begins with finds nothing that the longer one does not: in order of bytes
# the next term would begin with it. So `alovelace` of `alovelace@school.example`, and `ada` of `ada lovelace`, are no rows.
_TERMS = """SELECT '{kind}' AS kind, id AS subject,
        list_filter(every, (x, i) -> x <> '' AND NOT starts_with(coalesce(every[i + 1], ''), x)) AS terms
    FROM (SELECT id, list_sort(list_distinct(CASE WHEN length(array_to_string(given, '')) > 255
            THEN list_transform(given, x -> left(x, 255)) ELSE given END)) AS every
        FROM (SELECT id, {terms} AS given FROM {{side}}{table}))"""
_NAMES = "[sort_name, lower(strip_accents(name))] || string_split_regex(sort_name, '[ ,]+')"
SEARCH = Projected(
    model=SearchTerm,
    columns=("kind", "term", "subject"),
    key=("kind", "term", "subject"),
    order=("kind", "term", "subject"),
    listed="term",
    select=" UNION ALL ".join(
        _TERMS.format(kind=kind, table=table, terms=terms)
        for kind, table, terms in (
            ("person", "people", f"identifiers || {_NAMES}"),
            ("account", "accounts", "identifiers || [lower(strip_accents(name))]"),
            ("device", "devices", "identifiers || [lower(serial), lower(asset_tag), lower(name)]"),
        )
    ),
    reads={
        "people": ("identifiers", "sort_name", "name"),
        "accounts": ("identifiers", "name"),
        "devices": ("identifiers", "serial", "asset_tag", "name"),
    },
)
PROJECTED: tuple[Projected, ...] = (PERSON, ACCOUNT, DEVICE, SEARCH)
LEDGER = Projected(
    model=LedgerEntry,
    columns=("kind", "connector", "instance", "key", "subject"),
    key=("kind", "connector", "instance", "key"),
    select="",
)
MERGES = Projected(model=LedgerMerge, columns=("kind", "subject", "into"), key=("kind", "subject"), select="")
EVERY: tuple[Projected, ...] = (*PROJECTED, LEDGER, MERGES)
