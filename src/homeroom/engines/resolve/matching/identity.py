"""Identity matching: join records by shared identifiers, except worthless and contradicted ones."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from homeroom.engines.resolve.matching.mistyped_serials import remove_mistyped_serials
from homeroom.engines.resolve.shared.components import IntArray, label_components
from homeroom.engines.resolve.shared.rules import (
    CROWD,
    GUARDS,
    MAX_REENROLLMENTS,
    NORMAL_FORMS,
    RULES,
    IdentityRule,
    RulePhase,
    shape_sql,
    strip_characters_sql,
)
from homeroom.engines.resolve.shared.sql import create_temp_table, drop_temp_tables, fetch_arrays, register_temp_table
from homeroom.engines.resolve.shared.words import PLACEHOLDERS, quote_sql_list

_COMPACT_SQL = strip_characters_sql(" -./_:", value="bare")
_IS_ONE_CHARACTER_SQL = """CASE WHEN left(bare, 1) = substr(bare, 2, 1) THEN replace(bare, left(bare, 1), '') = ''
    AND length(bare) > 1
    ELSE false END"""
# The part of a value that may be a placeholder: of an address the part before the @, of a hardware id the part after
# its type.
_BARE = {"hardware": "split_part(v, ':', -1)"}


def identify(session: duckdb.DuckDBPyConnection, kind: str, *, count: int) -> IntArray:
    """Return the component of each node of a kind: the smallest number of its members, length `count`.

    Leaves rz_<kind>_keys (n, rule, space, scope, value: the identifiers that may join) and rz_<kind>_worthless.
    """
    _create_keys(session, kind)
    _drop_crowded_values(session, kind)
    _drop_contradicted_values(session, kind)
    if kind == "device":
        remove_mistyped_serials(session)
    strong = label_components(count=count, **_fetch_edges(session, kind, RulePhase.STRONG))
    register_temp_table(session, "label", pa.table({"n": np.arange(count), "label": strong}))
    _drop_ambiguous_weak_values(session, kind)
    weakly_joined = label_components(count=count, start=strong, **_fetch_edges(session, kind, RulePhase.WEAK))
    result = _undo_chained_joins(session, strong=strong, weakly_joined=weakly_joined)
    drop_temp_tables(session, "label", "crowded", "bad", "guard")
    return result


def _create_keys(session: duckdb.DuckDBPyConnection, kind: str) -> None:
    rules = [(number, rule) for number, rule in enumerate(RULES) if rule.kind == kind]
    raw = " UNION ALL ".join(_key_values_sql(number, rule) for number, rule in rules)
    bad = (
        f"{_COMPACT_SQL} IN ({quote_sql_list(PLACEHOLDERS)}) OR ({_IS_ONE_CHARACTER_SQL}) OR length(v) < least OR "
        f"NOT shaped"
    )
    create_temp_table(session, f"{kind}_raw", f"SELECT *, {bad} AS bad FROM ({raw}) WHERE v IS NOT NULL")
    create_temp_table(
        session,
        f"{kind}_keys",
        f"SELECT n, source, rule, phase, space, scope, lane, v AS value FROM rz_{kind}_raw WHERE NOT bad",
    )
    create_temp_table(
        session,
        f"{kind}_worthless",
        f"""SELECT '{kind}' AS kind, space AS identifier, v AS value, count(DISTINCT n) AS count
        FROM rz_{kind}_raw WHERE bad GROUP BY space, v""",
    )
    drop_temp_tables(session, f"{kind}_raw")


def _key_values_sql(number: int, rule: IdentityRule) -> str:
    source = f"unnest({rule.value})" if rule.is_list else rule.value
    normalized = "raw" if rule.is_normalized else NORMAL_FORMS[rule.form].format("raw")
    return f"""SELECT n, source, {number} AS rule, '{rule.phase}' AS phase, '{rule.space}' AS space, scope, lane,
        {rule.min_length} AS least, v, {_BARE.get(rule.form, "split_part(v, '@', 1)")} AS bare,
            {shape_sql(rule.form)} AS shaped
        FROM (SELECT n, source, scope, lane, {normalized} AS v
            FROM (SELECT r.n, r.source, {rule.scope} AS scope, CAST({rule.lane} AS VARCHAR) AS lane, {source} AS raw
                FROM rz_{rule.kind}_rows r))"""


def _drop_crowded_values(session: duckdb.DuckDBPyConnection, kind: str) -> None:
    """Drop strong values that CROWD or more records of one source carry, for all sources."""
    create_temp_table(
        session,
        "crowded",
        f"""SELECT space, scope, value, source, min(n) AS a, max(n) AS b, count(DISTINCT n) AS c FROM rz_{kind}_keys
        WHERE phase = '{RulePhase.STRONG}' GROUP BY space, scope, value, source HAVING count(DISTINCT n) > 1""",
    )
    if kind == "device":
        _exempt_reenrolled_devices(session)
    session.execute(
        f"""INSERT INTO rz_{kind}_worthless SELECT '{kind}', space, value, max(c) FROM rz_crowded
        WHERE c >= {CROWD} GROUP BY space, value"""
    )
    session.execute(
        f"""DELETE FROM rz_{kind}_keys k USING (SELECT DISTINCT space, scope, value FROM rz_crowded
            WHERE c >= {CROWD}) w
        WHERE k.space = w.space AND k.scope = w.scope AND k.value = w.value"""
    )


def _exempt_reenrolled_devices(session: duckdb.DuckDBPyConnection) -> None:
    """Exempt devices that were enrolled several times from the crowd.

    The records of such a device share a hardware address, tag or holder.
    """
    counts_sql = ", ".join(
        f"count(DISTINCT {expression}) AS {name}, count({expression}) AS {name}_rows"
        for name, expression in (("macs", "r.macs[1]"), ("tags", "r.plain_tag"), ("holders", "lower(r.holder_email)"))
    )  # fmt: skip
    create_temp_table(
        session,
        "one_machine",
        f"""SELECT space, scope, value, source FROM (SELECT c.space, c.scope, c.value, c.source, {counts_sql}
            FROM rz_crowded c
            JOIN rz_device_keys k ON k.space = c.space AND k.scope = c.scope AND k.value = c.value
                AND k.source = c.source
            JOIN rz_device_rows r ON r.n = k.n WHERE c.c BETWEEN {CROWD} AND {MAX_REENROLLMENTS} GROUP BY ALL)
        WHERE macs <= 1 AND tags <= 1 AND holders <= 1 AND greatest(macs_rows, tags_rows, holders_rows) > 1""",
    )
    session.execute(
        f"""UPDATE rz_crowded SET c = {CROWD} - 1 FROM rz_one_machine o WHERE rz_crowded.space = o.space
        AND rz_crowded.scope = o.scope AND rz_crowded.value = o.value AND rz_crowded.source = o.source"""
    )
    drop_temp_tables(session, "one_machine")


def _drop_contradicted_values(session: duckdb.DuckDBPyConnection, kind: str) -> None:
    """Drop a strong value on two records of one source that contradict each other."""
    create_temp_table(
        session,
        "bad",
        f"""SELECT DISTINCT c.space, c.scope, c.value, c.source FROM rz_crowded c
        JOIN rz_{kind}_rows a ON a.n = c.a JOIN rz_{kind}_rows b ON b.n = c.b
        WHERE c.c < {CROWD} AND ({GUARDS[kind].contradiction})""",
    )
    session.execute(
        f"""DELETE FROM rz_{kind}_keys k USING rz_bad w
        WHERE k.space = w.space AND k.scope = w.scope AND k.value = w.value AND k.source = w.source"""
    )


def _drop_ambiguous_weak_values(session: duckdb.DuckDBPyConnection, kind: str) -> None:
    """Drop weak values that are not unique.

    A weak value remains where each source has one subject of it in its lane, and no two subjects' guards differ.
    """
    create_temp_table(
        session,
        "guard",
        f"""SELECT DISTINCT l.label, v AS single FROM (SELECT n, {GUARDS[kind].single} AS v FROM rz_{kind}_rows r) g
        JOIN rz_label l USING (n)
        WHERE v IS NOT NULL AND v NOT IN (SELECT value FROM rz_{kind}_worthless)""",
    )
    create_temp_table(
        session,
        "bad",
        f"""SELECT k.space, k.scope, k.value, k.source, k.lane FROM rz_{kind}_keys k JOIN rz_label l USING (n)
        WHERE phase = '{RulePhase.WEAK}' GROUP BY ALL HAVING count(DISTINCT l.label) > 1""",
    )
    session.execute(
        f"""DELETE FROM rz_{kind}_keys k USING rz_bad w WHERE k.space = w.space AND k.scope = w.scope
        AND k.value = w.value AND k.source = w.source AND k.lane = w.lane"""
    )
    create_temp_table(
        session,
        "bad",
        f"""SELECT k.space, k.scope, k.value FROM rz_{kind}_keys k JOIN rz_label l USING (n) JOIN rz_guard g
            ON g.label = l.label
        WHERE phase = '{RulePhase.WEAK}' GROUP BY ALL HAVING count(DISTINCT g.single) > 1
            AND count(DISTINCT l.label) > 1""",
    )
    session.execute(
        f"DELETE FROM rz_{kind}_keys k USING rz_bad w WHERE k.space = w.space AND k.scope = w.scope AND k.value = "
        f"w.value"
    )


def _fetch_edges(session: duckdb.DuckDBPyConnection, kind: str, phase: RulePhase) -> dict[str, IntArray]:
    left, right = fetch_arrays(
        session,
        f"""SELECT k.n, g.first FROM rz_{kind}_keys k JOIN (SELECT space, scope, value, min(n) AS first
            FROM rz_{kind}_keys
            WHERE phase = '{phase}' GROUP BY ALL HAVING min(n) < max(n)) g
        ON k.space = g.space AND k.scope = g.scope AND k.value = g.value WHERE k.n <> g.first""",
    )
    return {"left": left, "right": right}


def _undo_chained_joins(session: duckdb.DuckDBPyConnection, *, strong: IntArray, weakly_joined: IntArray) -> IntArray:
    """Undo all weak joins of a component in which a chain connects two different guards."""
    label, rank = fetch_arrays(
        session, "SELECT label, dense_rank() OVER (ORDER BY single) FROM rz_guard ORDER BY label, single"
    )
    if not len(label):
        return weakly_joined
    guard_component = weakly_joined[label]
    low, high = np.full(len(weakly_joined), np.iinfo(np.int64).max), np.full(len(weakly_joined), -1)
    np.minimum.at(low, guard_component, rank)
    np.maximum.at(high, guard_component, rank)
    conflicting = (high > low)[weakly_joined]
    return np.where(conflicting, strong, weakly_joined)
