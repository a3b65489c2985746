"""Suggest values for a fix from evidence: the unit of a subject's peers, the district's labels, a new asset."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from homeroom.apps.protect.posture.rows.subject_sql import SUBJECT_IDS_SQL, join_ids
from homeroom.domain.protect.remedies import ConsoleAction, FixChange
from homeroom.domain.spreadsheets import is_formula
from homeroom.engines.know.resolve.shared.words import PLACEHOLDERS

MIN_PEERS, MIN_SHARE = 5, 0.5
"""A unit is suggested if a subject has at least five peers and half of them are in it."""
DEFAULT_LOST_LABEL, DEFAULT_READY_LABEL = "Lost/Stolen", "Ready to Deploy"
"""Labels that Snipe-IT ships with, for a district whose assets show none."""
DEFAULT_CATEGORIES = {
    "chromebook": "Chromebook",
    "laptop": "Laptop",
    "desktop": "Desktop",
    "tablet": "Tablet",
    "phone": "Phone",
    "server": "Server",
    "switch": "Network Switch",
    "access_point": "Access Point",
    "firewall": "Firewall",
    "ups": "UPS",
    "display": "Display",
    "printer": "Printer",
}
TAG_PATTERN = r"[0-9A-Za-z][0-9A-Za-z._/ #-]{0,79}"
PEER_SQL = {
    "account": ("accounts", "p.kind, p.school, p.grade_band", "p.directory = $system AND p.enabled"),
    "device": ("devices", "p.kind, p.school, p.cart", "list_contains(p.managed_by, $system) AND p.active"),
}
"""By kind of subject: its table, the columns that make two of them peers, and which peers count."""


@dataclass(frozen=True, kw_only=True)
class AssetLabels:
    """The district's own labels for lost and usable assets, and for each kind of device."""

    label_lost: str
    label_ready: str
    categories: Mapping[str, str]


def propose_units(
    session: duckdb.DuckDBPyConnection, *, action: ConsoleAction, subjects: Sequence[int]
) -> Mapping[int, str]:
    """Return for each subject the unit of most of its peers that are not among these subjects.

    Subjects without a clear unit are missing from the result.
    """
    table, peer_columns, peer_condition = PEER_SQL[action.subject]
    join_condition = " AND ".join(
        f"{column} IS NOT DISTINCT FROM {column.replace('p.', 's.')}" for column in peer_columns.split(", ")
    )
    sql = f"""
        WITH listed AS ({SUBJECT_IDS_SQL}),
        peers AS (SELECT {peer_columns}, p.org_unit, count(*) AS n FROM {table} p WHERE {peer_condition}
            AND p.org_unit <> '/'
            AND p.school IS NOT NULL AND p.id NOT IN (SELECT id FROM listed) GROUP BY ALL),
        usual AS (SELECT {peer_columns}, arg_max(p.org_unit, (p.n, p.org_unit)) AS unit, max(p.n) AS most,
            sum(p.n) AS n FROM peers p GROUP BY ALL)
        SELECT s.id, p.unit FROM listed JOIN {table} s USING (id) JOIN usual p ON {join_condition}
        WHERE p.n >= {MIN_PEERS} AND p.most >= {MIN_SHARE} * p.n
    """
    rows = session.execute(sql, {"ids": join_ids(subjects), "system": action.system}).fetchall()
    return {subject: unit for subject, unit in rows if not is_formula(unit)}


def list_subject_schools(
    session: duckdb.DuckDBPyConnection, *, action: ConsoleAction, subjects: Sequence[int]
) -> tuple[str, ...]:
    """Return the schools of these subjects by name."""
    table, _, _ = PEER_SQL[action.subject]
    sql = f"SELECT DISTINCT school FROM {table} JOIN ({SUBJECT_IDS_SQL}) USING (id) WHERE school IS NOT NULL ORDER BY 1"
    return tuple(row[0] for row in session.execute(sql, {"ids": join_ids(subjects)}).fetchall())


def list_units(session: duckdb.DuckDBPyConnection, *, action: ConsoleAction) -> tuple[str, ...]:
    """Return the units that the system's records name, by path."""
    sql = f"SELECT DISTINCT org_unit FROM {action.table} WHERE connector = ? AND org_unit IS NOT NULL ORDER BY 1"
    return tuple(row[0] for row in session.execute(sql, [action.system]).fetchall())


def find_labels(session: duckdb.DuckDBPyConnection, *, system: str) -> AssetLabels:
    """Find the labels that most assets of each status and kind have."""
    label_sql = (
        r"regexp_replace(status_word, "
        r"'\s*\((deployed|deployable|undeployable|requestable|pending|archived)\)$', '', 'i')"
    )
    labels_by_status = dict(
        session.execute(
            f"""SELECT status, mode({label_sql}) FROM device_records WHERE connector = ?
                AND (status = 'lost' OR status = 'active' AND checked_out IS FALSE) GROUP BY 1""",
            [system],
        ).fetchall()
    )
    categories_by_kind = session.execute(
        "SELECT kind, mode(category) FROM device_records WHERE connector = ? AND kind IS NOT NULL GROUP BY 1", [system]
    ).fetchall()
    return AssetLabels(
        label_lost=_sanitize_cell(labels_by_status.get("lost")) or DEFAULT_LOST_LABEL,
        label_ready=_sanitize_cell(labels_by_status.get("active")) or DEFAULT_READY_LABEL,
        categories={
            **DEFAULT_CATEGORIES,
            **{kind: category for kind, category in categories_by_kind if _sanitize_cell(category)},
        },
    )


def list_asset_tags(session: duckdb.DuckDBPyConnection, *, system: str) -> frozenset[str]:
    """Return all asset tags of the system in lower case."""
    sql = "SELECT DISTINCT lower(asset_tag) FROM device_records WHERE connector = ? AND asset_tag IS NOT NULL"
    return frozenset(row[0] for row in session.execute(sql, [system]).fetchall())


def build_new_asset(
    action: ConsoleAction, device: Mapping[str, Any], *, labels: AssetLabels, used_tags: set[str], marker: str
) -> FixChange | str:
    """Return the record to create for a device, or the reason why there is none.

    Its tag is the device's own tag or else its serial number, and is added to `used_tags`.
    """
    serial, model = device["serial"], _sanitize_cell(device["model"])
    if device["known"]:
        return "already"
    if not action.is_valid_handle(serial):
        return "odd_handle"
    if serial in PLACEHOLDERS or len(set(serial)) == 1:
        return "no_serial"  # a maker's placeholder: many devices would share the asset
    if not model:
        return "no_model"
    own_tag = device["asset_tag"] or ""
    tag = own_tag if re.fullmatch(TAG_PATTERN, own_tag) and own_tag.lower() not in used_tags else serial
    if tag.lower() in used_tags:
        return "tag_taken"
    used_tags.add(tag.lower())
    cells = {
        "serial": serial,
        "name": _sanitize_cell(device["name"]),
        "model": model,
        "category": labels.categories.get(device["kind"] or "", "Other"),
        "manufacturer": _sanitize_cell(device["manufacturer"]),
        "label": labels.label_ready,
        "mark": marker,
    }
    return FixChange(handle=serial, to=tag, cells=cells)


def _sanitize_cell(cell: str | None) -> str:
    """Return the cell, or an empty text if a spreadsheet would run it."""
    return "" if cell is None or is_formula(cell) else cell
