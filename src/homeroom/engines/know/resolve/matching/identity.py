"""Identity matching: join records by shared identifiers, except worthless and contradicted ones."""

from __future__ import annotations

from functools import partial

import numpy as np

from homeroom.engines.know.resolve.matching.device_histories import list_history_steps
from homeroom.engines.know.resolve.matching.mistyped_serials import list_mistyped_serial_steps
from homeroom.engines.know.resolve.matching.repeated_people import list_repeated_people_steps
from homeroom.engines.know.resolve.shared.components import (
    fetch_components,
    join_components,
    label_components,
    register_components,
)
from homeroom.engines.know.resolve.shared.rules import (
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
from homeroom.engines.know.resolve.shared.words import PLACEHOLDERS, quote_sql_list
from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.temp_tables import TempTables

_COMPACT_SQL = strip_characters_sql(" -./_:", value="bare")
_IS_ONE_CHARACTER_SQL = """CASE WHEN left(bare, 1) = substr(bare, 2, 1) THEN replace(bare, left(bare, 1), '') = ''
    AND length(bare) > 1
    ELSE false END"""
# The part of a value that may be a placeholder: of an address the part before the @, of a hardware id the part after
# its type.
_BARE = {"hardware": "split_part(v, ':', -1)"}


def list_identity_steps(kind: str) -> tuple[Step, ...]:
    """Build rz_<kind>_components (n, comp): the component of each node, named by the smallest number of its members.

    Build also rz_<kind>_keys (n, rule, space, scope, value: the identifiers that may join) and rz_<kind>_worthless.
    Needs rz_<kind>_rows.
    """
    return (
        *_list_key_steps(kind),
        *(list_mistyped_serial_steps() if kind == "device" else ()),
        *_list_crowded_steps(kind),
        *_list_contradiction_steps(kind),
        Step(
            name=f"join {kind} records by strong identifiers",
            reads=(f"{kind}_nodes", f"{kind}_keys"),
            writes=("strong_components",),
            run=partial(_join_by_strong_keys, kind=kind),
        ),
        *_list_weak_steps(kind),
        Step(
            name=f"join {kind} records by weak identifiers",
            reads=("strong_components", f"{kind}_keys", "guards"),
            writes=(f"{kind}_components",),
            run=partial(_join_by_weak_keys, kind=kind),
        ),
    )


def _list_key_steps(kind: str) -> tuple[Step, ...]:
    rules = [(number, rule) for number, rule in enumerate(RULES) if rule.kind == kind]
    raw = " UNION ALL ".join(_key_values_sql(number, rule) for number, rule in rules)
    bad = (
        f"{_COMPACT_SQL} IN ({quote_sql_list(PLACEHOLDERS)}) OR ({_IS_ONE_CHARACTER_SQL}) OR length(v) < least OR "
        f"NOT shaped"
    )
    return (
        Step(
            name=f"read the identifiers of {kind} records",
            reads=(f"{kind}_rows",),
            writes=("raw_keys",),
            sql=f"SELECT *, {bad} AS bad FROM ({raw}) WHERE v IS NOT NULL",
        ),
        Step(
            name=f"list the identifiers of {kind} records",
            reads=("raw_keys",),
            writes=(f"{kind}_keys",),
            sql="SELECT n, source, rule, phase, space, scope, lane, v AS value FROM rz_raw_keys WHERE NOT bad",
        ),
        Step(
            name=f"list placeholders among the identifiers of {kind} records",
            reads=("raw_keys",),
            writes=(f"{kind}_worthless",),
            sql=f"""SELECT '{kind}' AS kind, space AS identifier, v AS value, count(DISTINCT n) AS count
        FROM rz_raw_keys WHERE bad GROUP BY space, v""",
        ),
    )


def _key_values_sql(number: int, rule: IdentityRule) -> str:
    source = f"unnest({rule.value})" if rule.is_list else rule.value
    normalized = "raw" if rule.is_normalized else NORMAL_FORMS[rule.form].format("raw")
    return f"""SELECT n, source, {number} AS rule, '{rule.phase}' AS phase, '{rule.space}' AS space, scope, lane,
        {rule.min_length} AS least, v, {_BARE.get(rule.form, "split_part(v, '@', 1)")} AS bare,
            {shape_sql(rule.form)} AS shaped
        FROM (SELECT n, source, scope, lane, {normalized} AS v
            FROM (SELECT r.n, r.source, {rule.scope} AS scope, CAST({rule.lane} AS VARCHAR) AS lane, {source} AS raw
                FROM rz_{rule.kind}_rows r))"""


def _list_crowded_steps(kind: str) -> tuple[Step, ...]:
    """Drop strong values that CROWD or more records of one source carry, for all sources."""
    return (
        Step(
            name=f"find identifiers on several {kind} records of one source",
            reads=(f"{kind}_keys",),
            writes=("crowded",),
            sql=f"""SELECT space, scope, value, source, min(n) AS a, max(n) AS b, count(DISTINCT n) AS c
        FROM rz_{kind}_keys
        WHERE phase = '{RulePhase.STRONG}' GROUP BY space, scope, value, source HAVING count(DISTINCT n) > 1""",
        ),
        *((*list_history_steps(), *_list_reenrollment_steps()) if kind == "device" else ()),
        *(list_repeated_people_steps() if kind == "person" else ()),
        Step(
            name=f"list crowded identifiers of {kind}s",
            reads=("crowded", f"{kind}_worthless"),
            writes=(f"{kind}_worthless",),
            sql=f"""INSERT INTO rz_{kind}_worthless SELECT '{kind}', space, value, max(c) FROM rz_crowded
        WHERE c >= {CROWD} GROUP BY space, value""",
        ),
        Step(
            name=f"drop crowded identifiers of {kind}s",
            reads=("crowded", f"{kind}_keys"),
            writes=(f"{kind}_keys",),
            sql=f"""DELETE FROM rz_{kind}_keys k USING (SELECT DISTINCT space, scope, value FROM rz_crowded
            WHERE c >= {CROWD}) w
        WHERE k.space = w.space AND k.scope = w.scope AND k.value = w.value""",
        ),
    )


def _list_reenrollment_steps() -> tuple[Step, ...]:
    """Exempt devices that were enrolled several times from the crowd.

    The records of such a device share a hardware address, tag or holder.
    """
    counts_sql = ", ".join(
        f"count(DISTINCT {expression}) AS {name}, count({expression}) AS {name}_rows"
        for name, expression in (("macs", "r.macs[1]"), ("tags", "r.plain_tag"), ("holders", "lower(r.holder_email)"))
    )  # fmt: skip
    return (
        Step(
            name="find devices that were enrolled several times",
            reads=("crowded", "device_keys", "device_rows"),
            writes=("reenrolled",),
            sql=f"""SELECT space, scope, value, source FROM (SELECT c.space, c.scope, c.value, c.source, {counts_sql}
            FROM rz_crowded c
            JOIN rz_device_keys k ON k.space = c.space AND k.scope = c.scope AND k.value = c.value
                AND k.source = c.source
            JOIN rz_device_rows r ON r.n = k.n WHERE c.c BETWEEN {CROWD} AND {MAX_REENROLLMENTS} GROUP BY ALL)
        WHERE macs <= 1 AND tags <= 1 AND holders <= 1 AND greatest(macs_rows, tags_rows, holders_rows) > 1""",
        ),
        Step(
            name="exempt devices that were enrolled several times",
            reads=("crowded", "reenrolled"),
            writes=("crowded",),
            sql=f"""UPDATE rz_crowded SET c = {CROWD} - 1 FROM rz_reenrolled o WHERE rz_crowded.space = o.space
        AND rz_crowded.scope = o.scope AND rz_crowded.value = o.value AND rz_crowded.source = o.source""",
        ),
    )


def _list_contradiction_steps(kind: str) -> tuple[Step, ...]:
    """Drop a strong value on two records of one source that contradict each other."""
    return (
        Step(
            name=f"find identifiers of {kind}s that contradict each other",
            reads=("crowded", f"{kind}_rows"),
            writes=("contradicted",),
            sql=f"""SELECT DISTINCT c.space, c.scope, c.value, c.source FROM rz_crowded c
        JOIN rz_{kind}_rows a ON a.n = c.a JOIN rz_{kind}_rows b ON b.n = c.b
        WHERE c.c < {CROWD} AND ({GUARDS[kind].contradiction})""",
        ),
        Step(
            name=f"drop contradicted identifiers of {kind}s",
            reads=("contradicted", f"{kind}_keys"),
            writes=(f"{kind}_keys",),
            sql=f"""DELETE FROM rz_{kind}_keys k USING rz_contradicted w
        WHERE k.space = w.space AND k.scope = w.scope AND k.value = w.value AND k.source = w.source""",
        ),
    )


def _list_weak_steps(kind: str) -> tuple[Step, ...]:
    """Drop weak values that are not unique, and build rz_guards (comp, single).

    A weak value remains where each source has one subject of it in its lane, and no two subjects' guards differ.
    """
    return (
        Step(
            name=f"list values that {kind}s have only once",
            reads=(f"{kind}_rows", f"{kind}_worthless", "strong_components"),
            writes=("guards",),
            sql=f"""SELECT DISTINCT l.comp, v AS single FROM (SELECT n, {GUARDS[kind].single} AS v
            FROM rz_{kind}_rows r) g
        JOIN rz_strong_components l USING (n)
        WHERE v IS NOT NULL AND v NOT IN (SELECT value FROM rz_{kind}_worthless)""",
        ),
        Step(
            name=f"find weak identifiers on several {kind}s of one source",
            reads=(f"{kind}_keys", "strong_components"),
            writes=("ambiguous",),
            sql=f"""SELECT k.space, k.scope, k.value, k.source, k.lane
        FROM rz_{kind}_keys k JOIN rz_strong_components l USING (n)
        WHERE phase = '{RulePhase.WEAK}' GROUP BY ALL HAVING count(DISTINCT l.comp) > 1""",
        ),
        Step(
            name=f"drop weak identifiers on several {kind}s of one source",
            reads=("ambiguous", f"{kind}_keys"),
            writes=(f"{kind}_keys",),
            sql=f"""DELETE FROM rz_{kind}_keys k USING rz_ambiguous w WHERE k.space = w.space AND k.scope = w.scope
        AND k.value = w.value AND k.source = w.source AND k.lane = w.lane""",
        ),
        Step(
            name=f"find weak identifiers of {kind}s whose guards differ",
            reads=(f"{kind}_keys", "guards", "strong_components"),
            writes=("ambiguous",),
            sql=f"""SELECT k.space, k.scope, k.value FROM rz_{kind}_keys k JOIN rz_strong_components l USING (n)
            JOIN rz_guards g ON g.comp = l.comp
        WHERE phase = '{RulePhase.WEAK}' GROUP BY ALL HAVING count(DISTINCT g.single) > 1
            AND count(DISTINCT l.comp) > 1""",
        ),
        Step(
            name=f"drop weak identifiers of {kind}s whose guards differ",
            reads=("ambiguous", f"{kind}_keys"),
            writes=(f"{kind}_keys",),
            sql=f"DELETE FROM rz_{kind}_keys k USING rz_ambiguous w WHERE k.space = w.space AND k.scope = w.scope "
            "AND k.value = w.value",
        ),
    )


def _join_by_strong_keys(tables: TempTables, *, kind: str) -> None:
    count = tables.fetch_number(f"SELECT count(*) FROM rz_{kind}_nodes")
    left, right = tables.fetch_arrays(_edges_sql(kind, RulePhase.STRONG))
    register_components(tables, "strong_components", label_components(count=count, left=left, right=right))


def _join_by_weak_keys(tables: TempTables, *, kind: str) -> None:
    """Join records by weak keys; undo all weak joins of a component in which a chain connects different guards."""
    join_components(
        tables, components="strong_components", edges=_edges_sql(kind, RulePhase.WEAK), result=f"{kind}_components"
    )
    component, rank = tables.fetch_arrays(
        "SELECT comp, dense_rank() OVER (ORDER BY single) FROM rz_guards ORDER BY comp, single"
    )
    if not len(component):
        return
    strong = fetch_components(tables, "strong_components")
    joined = fetch_components(tables, f"{kind}_components")
    low, high = np.full(len(joined), np.iinfo(np.int64).max), np.full(len(joined), -1)
    np.minimum.at(low, joined[component], rank)
    np.maximum.at(high, joined[component], rank)
    register_components(tables, f"{kind}_components", np.where((high > low)[joined], strong, joined))


def _edges_sql(kind: str, phase: RulePhase) -> str:
    return f"""SELECT k.n, g.first FROM rz_{kind}_keys k JOIN (SELECT space, scope, value, min(n) AS first
            FROM rz_{kind}_keys
            WHERE phase = '{phase}' GROUP BY ALL HAVING min(n) < max(n)) g
        ON k.space = g.space AND k.scope = g.scope AND k.value = g.value WHERE k.n <> g.first"""
