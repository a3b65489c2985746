"""Which records are one subject: shared identifiers, less the worthless and the contradicted, as components."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from homeroom.engines.resolve.components import Numbers, components
from homeroom.engines.resolve.mistyped import disown
from homeroom.engines.resolve.rules import AGAIN, CROWD, FORMS, GUARDS, RULES, Phase, Rule, shape, without
from homeroom.engines.resolve.sql import arrays, dropped, given, made
from homeroom.engines.resolve.words import PLACEHOLDERS, quoted

_SQUEEZED = without(" -./_:", value="bare")
_SAME = """CASE WHEN left(bare, 1) = substr(bare, 2, 1) THEN replace(bare, left(bare, 1), '') = '' AND length(bare) > 1
    ELSE false END"""
# What of a value could be a placeholder: of an address the part before the @, of a hardware id what follows its type.
_BARE = {"hardware": "split_part(v, ':', -1)"}


def identify(session: duckdb.DuckDBPyConnection, kind: str, *, count: int) -> Numbers:
    """The component of each node of a kind: the smallest number of its members, length `count`.

    Leaves rz_<kind>_keys (n, rule, space, scope, value: the identifiers that may join) and rz_<kind>_worthless.
    """
    _keys(session, kind)
    _crowded(session, kind)
    _contradicted(session, kind)
    if kind == "device":
        disown(session)
    strong = components(count=count, **_edges(session, kind, Phase.STRONG))
    given(session, "label", pa.table({"n": np.arange(count), "label": strong}))
    _weak(session, kind)
    every = components(count=count, start=strong, **_edges(session, kind, Phase.WEAK))
    settled = _without_chains(session, strong=strong, every=every)
    dropped(session, "label", "crowded", "bad", "guard")
    return settled


def _keys(session: duckdb.DuckDBPyConnection, kind: str) -> None:
    rules = [(number, rule) for number, rule in enumerate(RULES) if rule.kind == kind]
    raw = " UNION ALL ".join(_values(number, rule) for number, rule in rules)
    bad = f"{_SQUEEZED} IN ({quoted(PLACEHOLDERS)}) OR ({_SAME}) OR length(v) < least OR NOT shaped"
    made(session, f"{kind}_raw", f"SELECT *, {bad} AS bad FROM ({raw}) WHERE v IS NOT NULL")
    made(
        session,
        f"{kind}_keys",
        f"SELECT n, source, rule, phase, space, scope, lane, v AS value FROM rz_{kind}_raw WHERE NOT bad",
    )
    made(
        session,
        f"{kind}_worthless",
        f"""SELECT '{kind}' AS kind, space AS identifier, v AS value, count(DISTINCT n) AS count
        FROM rz_{kind}_raw WHERE bad GROUP BY space, v""",
    )
    dropped(session, f"{kind}_raw")


def _values(number: int, rule: Rule) -> str:
    source = f"unnest({rule.value})" if rule.many else rule.value
    formed = "raw" if rule.ready else FORMS[rule.form].format("raw")
    return f"""SELECT n, source, {number} AS rule, '{rule.phase}' AS phase, '{rule.space}' AS space, scope, lane,
        {rule.least} AS least, v, {_BARE.get(rule.form, "split_part(v, '@', 1)")} AS bare, {shape(rule.form)} AS shaped
        FROM (SELECT n, source, scope, lane, {formed} AS v
            FROM (SELECT r.n, r.source, {rule.scope} AS scope, CAST({rule.lane} AS VARCHAR) AS lane, {source} AS raw FROM rz_{rule.kind}_rows r))"""


def _crowded(session: duckdb.DuckDBPyConnection, kind: str) -> None:
    """Strong values that CROWD or more records of one source carry are worthless everywhere."""
    made(
        session,
        "crowded",
        f"""SELECT space, scope, value, source, min(n) AS a, max(n) AS b, count(DISTINCT n) AS c FROM rz_{kind}_keys
        WHERE phase = '{Phase.STRONG}' GROUP BY space, scope, value, source HAVING count(DISTINCT n) > 1""",
    )
    if kind == "device":
        _one_machine(session)
    session.execute(
        f"""INSERT INTO rz_{kind}_worthless SELECT '{kind}', space, value, max(c) FROM rz_crowded
        WHERE c >= {CROWD} GROUP BY space, value"""
    )
    session.execute(
        f"""DELETE FROM rz_{kind}_keys k USING (SELECT DISTINCT space, scope, value FROM rz_crowded WHERE c >= {CROWD}) w
        WHERE k.space = w.space AND k.scope = w.scope AND k.value = w.value"""
    )


def _one_machine(session: duckdb.DuckDBPyConnection) -> None:
    """A machine that was enrolled anew several times is no crowd: its records share a hardware address, tag or holder."""
    signs = ", ".join(
        f"count(DISTINCT {sign}) AS {name}, count({sign}) AS {name}_rows"
        for name, sign in (("macs", "r.macs[1]"), ("tags", "r.plain_tag"), ("holders", "lower(r.holder_email)"))
    )  # fmt: skip
    made(
        session,
        "one_machine",
        f"""SELECT space, scope, value, source FROM (SELECT c.space, c.scope, c.value, c.source, {signs} FROM rz_crowded c
            JOIN rz_device_keys k ON k.space = c.space AND k.scope = c.scope AND k.value = c.value AND k.source = c.source
            JOIN rz_device_rows r ON r.n = k.n WHERE c.c BETWEEN {CROWD} AND {AGAIN} GROUP BY ALL)
        WHERE macs <= 1 AND tags <= 1 AND holders <= 1 AND greatest(macs_rows, tags_rows, holders_rows) > 1""",
    )
    session.execute(
        f"""UPDATE rz_crowded SET c = {CROWD} - 1 FROM rz_one_machine o WHERE rz_crowded.space = o.space
        AND rz_crowded.scope = o.scope AND rz_crowded.value = o.value AND rz_crowded.source = o.source"""
    )
    dropped(session, "one_machine")


def _contradicted(session: duckdb.DuckDBPyConnection, kind: str) -> None:
    """A strong value on two records of one source that contradict one another joins neither."""
    made(
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


def _weak(session: duckdb.DuckDBPyConnection, kind: str) -> None:
    """Weak values stay where each source has one subject of them in its lane, and no two subjects' guards differ."""
    made(
        session,
        "guard",
        f"""SELECT DISTINCT l.label, v AS single FROM (SELECT n, {GUARDS[kind].single} AS v FROM rz_{kind}_rows r) g
        JOIN rz_label l USING (n)
        WHERE v IS NOT NULL AND v NOT IN (SELECT value FROM rz_{kind}_worthless)""",
    )
    made(
        session,
        "bad",
        f"""SELECT k.space, k.scope, k.value, k.source, k.lane FROM rz_{kind}_keys k JOIN rz_label l USING (n)
        WHERE phase = '{Phase.WEAK}' GROUP BY ALL HAVING count(DISTINCT l.label) > 1""",
    )
    session.execute(
        f"""DELETE FROM rz_{kind}_keys k USING rz_bad w WHERE k.space = w.space AND k.scope = w.scope
        AND k.value = w.value AND k.source = w.source AND k.lane = w.lane"""
    )
    made(
        session,
        "bad",
        f"""SELECT k.space, k.scope, k.value FROM rz_{kind}_keys k JOIN rz_label l USING (n) JOIN rz_guard g ON g.label = l.label
        WHERE phase = '{Phase.WEAK}' GROUP BY ALL HAVING count(DISTINCT g.single) > 1 AND count(DISTINCT l.label) > 1""",
    )
    session.execute(
        f"DELETE FROM rz_{kind}_keys k USING rz_bad w WHERE k.space = w.space AND k.scope = w.scope AND k.value = w.value"
    )


def _edges(session: duckdb.DuckDBPyConnection, kind: str, phase: Phase) -> dict[str, Numbers]:
    left, right = arrays(
        session,
        f"""SELECT k.n, g.first FROM rz_{kind}_keys k JOIN (SELECT space, scope, value, min(n) AS first FROM rz_{kind}_keys
            WHERE phase = '{phase}' GROUP BY ALL HAVING min(n) < max(n)) g
        ON k.space = g.space AND k.scope = g.scope AND k.value = g.value WHERE k.n <> g.first""",
    )
    return {"left": left, "right": right}


def _without_chains(session: duckdb.DuckDBPyConnection, *, strong: Numbers, every: Numbers) -> Numbers:
    """Weak joins that bring two guards together by a chain are taken back, all of that component."""
    label, rank = arrays(
        session, "SELECT label, dense_rank() OVER (ORDER BY single) FROM rz_guard ORDER BY label, single"
    )
    if not len(label):
        return every
    whole = every[label]
    low, high = np.full(len(every), np.iinfo(np.int64).max), np.full(len(every), -1)
    np.minimum.at(low, whole, rank)
    np.maximum.at(high, whole, rank)
    torn = (high > low)[every]
    return np.where(torn, strong, every)
