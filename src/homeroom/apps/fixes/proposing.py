"""What evidence proposes where an action asks for something: the unit of one's peers, the district's labels, a new asset."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from homeroom.apps.posture.ordering import GIVEN, listed
from homeroom.domain.remedies import Action, Change
from homeroom.domain.spreadsheets import runs
from homeroom.engines.resolve.words import PLACEHOLDERS

PEERS, SHARE = 5, 0.5
"""A unit is proposed where at least five peers are, and half of them are in it."""
LOST, READY = "Lost/Stolen", "Ready to Deploy"
"""Labels that Snipe-IT ships with, for a district whose assets show none."""
KIND = {"chromebook": "Chromebook", "laptop": "Laptop", "desktop": "Desktop", "tablet": "Tablet", "phone": "Phone"}
TAG = r"[0-9A-Za-z][0-9A-Za-z._/ #-]{0,79}"
PEER = {
    "account": ("accounts", "p.kind, p.school, p.grade_band", "p.directory = $system AND p.enabled"),
    "device": ("devices", "p.kind, p.school, p.cart", "list_contains(p.managed_by, $system) AND p.active"),
}
"""Of each kind of subject: its table, what makes two of them peers, and which of them count."""


@dataclass(frozen=True, kw_only=True)
class Labels:
    """How the district's asset list calls what is lost, what is in use, and each kind of device."""

    lost: str
    ready: str
    categories: Mapping[str, str]


def units_of(session: duckdb.DuckDBPyConnection, *, action: Action, subjects: Sequence[int]) -> Mapping[int, str]:
    """For each subject the unit that most of its peers outside of these subjects are in; a subject without one is not in it."""
    table, by, counts = PEER[action.subject]
    alike = " AND ".join(f"{one} IS NOT DISTINCT FROM {one.replace('p.', 's.')}" for one in by.split(", "))
    sql = f"""
        WITH listed AS ({GIVEN}),
        peers AS (SELECT {by}, p.org_unit, count(*) AS n FROM {table} p WHERE {counts} AND p.org_unit <> '/'
            AND p.school IS NOT NULL AND p.id NOT IN (SELECT id FROM listed) GROUP BY ALL),
        usual AS (SELECT {by}, arg_max(p.org_unit, (p.n, p.org_unit)) AS unit, max(p.n) AS most, sum(p.n) AS n FROM peers p GROUP BY ALL)
        SELECT s.id, p.unit FROM listed JOIN {table} s USING (id) JOIN usual p ON {alike}
        WHERE p.n >= {PEERS} AND p.most >= {SHARE} * p.n
    """
    found = session.execute(sql, {"ids": listed(subjects), "system": action.system}).fetchall()
    return {subject: unit for subject, unit in found if not runs(unit)}


def schools_of(session: duckdb.DuckDBPyConnection, *, action: Action, subjects: Sequence[int]) -> tuple[str, ...]:
    """Every school that these subjects are of, by name."""
    table, _, _ = PEER[action.subject]
    sql = f"SELECT DISTINCT school FROM {table} JOIN ({GIVEN}) USING (id) WHERE school IS NOT NULL ORDER BY 1"
    return tuple(row[0] for row in session.execute(sql, {"ids": listed(subjects)}).fetchall())


def units(session: duckdb.DuckDBPyConnection, *, action: Action) -> tuple[str, ...]:
    """Every unit that the system's records name, by path."""
    sql = f"SELECT DISTINCT org_unit FROM {action.table} WHERE connector = ? AND org_unit IS NOT NULL ORDER BY 1"
    return tuple(row[0] for row in session.execute(sql, [action.system]).fetchall())


def labels_of(session: duckdb.DuckDBPyConnection, *, system: str) -> Labels:
    """The words that most assets of each state and kind carry."""
    word = r"regexp_replace(status_word, '\s*\((deployed|deployable|undeployable|requestable|pending|archived)\)$', '', 'i')"
    said = dict(
        session.execute(
            f"""SELECT status, mode({word}) FROM device_records WHERE connector = ?
                AND (status = 'lost' OR status = 'active' AND checked_out IS FALSE) GROUP BY 1""",
            [system],
        ).fetchall()
    )
    kinds = session.execute(
        "SELECT kind, mode(category) FROM device_records WHERE connector = ? AND kind IS NOT NULL GROUP BY 1", [system]
    ).fetchall()
    return Labels(
        lost=_tame(said.get("lost")) or LOST,
        ready=_tame(said.get("active")) or READY,
        categories={**KIND, **{kind: category for kind, category in kinds if _tame(category)}},
    )


def tags_of(session: duckdb.DuckDBPyConnection, *, system: str) -> frozenset[str]:
    """Every tag that the system's assets have, in lower case."""
    sql = "SELECT DISTINCT lower(asset_tag) FROM device_records WHERE connector = ? AND asset_tag IS NOT NULL"
    return frozenset(row[0] for row in session.execute(sql, [system]).fetchall())


def new_asset(action: Action, one: Mapping[str, Any], *, labels: Labels, taken: set[str], mark: str) -> Change | str:
    """The record to make for a device, or why there is none. Its tag, added to `taken`, is its own, else its serial number."""
    serial, model = one["serial"], _tame(one["model"])
    if one["known"]:
        return "already"
    if not action.knows(serial):
        return "odd_handle"
    if serial in PLACEHOLDERS or len(set(serial)) == 1:
        return "no_serial"  # a maker's placeholder: many devices would share the asset
    if not model:
        return "no_model"
    own = one["asset_tag"] or ""
    tag = own if re.fullmatch(TAG, own) and own.lower() not in taken else serial
    if tag.lower() in taken:
        return "tag_taken"
    taken.add(tag.lower())
    cells = {
        "serial": serial,
        "name": _tame(one["name"]),
        "model": model,
        "category": labels.categories.get(one["kind"] or "", "Other"),
        "manufacturer": _tame(one["manufacturer"]),
        "label": labels.ready,
        "mark": mark,
    }
    return Change(handle=serial, to=tag, cells=cells)


def _tame(cell: str | None) -> str:
    """The cell, or nothing where a spreadsheet would run it."""
    return "" if cell is None or runs(cell) else cell
