"""Controls as SQL: one question a table, with a column of state codes for each control."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from homeroom.domain.controls import Control
from homeroom.domain.matching import fields_in, parse
from homeroom.engines.posture.judgement import CODES
from homeroom.engines.posture.repeating import Forms, distinct_rows, tested_in
from homeroom.evidence.patterns import fields_of, sql
from homeroom.evidence.tables import TABLES, THINGS


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A table that a control may ask, and what its subjects are.

    `number` is the column that numbers the subject. Where that is not `id`, a subject has any number of rows: it fails if
    any row fails, else cannot be told if any row cannot, else passes if any row passes, else the control does not apply.
    `heard` is SQL over a subject `d` without any row: whether a source of such rows still looks at it, so that what a row
    told is over; where none does, nobody knows. `repeats` is true where many devices have rows that differ in nothing that
    controls ask: then each distinct row is judged once. `varied` are columns that make most rows distinct: they count only where
    `engines.posture.repeating` finds that some control may look into them. `flaws` is SQL over a row `t`: the list of CVEs that make it fail under
    a control that requires something of one of the columns `by_flaws`; the flaws of a row can be let stand.
    """

    table: str
    kind: str
    number: str = "id"
    heard: str = "true"
    repeats: bool = False
    varied: tuple[str, ...] = ()
    flaws: str = ""
    by_flaws: frozenset[str] = frozenset()

    @property
    def folds(self) -> bool:
        """Whether several rows make one subject."""
        return self.number != "id"


_SOURCES_OF_FLAWS = """d.id IN (SELECT id FROM links WHERE subject_kind = 'device' AND gone IS NOT TRUE
    AND connector IN (SELECT DISTINCT source FROM flaws))"""
ASKED: tuple[Asked, ...] = (
    Asked(table="people", kind="person"),
    Asked(table="accounts", kind="account"),
    Asked(table="devices", kind="device"),
    Asked(
        table="software",
        kind="device",
        number="device",
        heard="false",
        repeats=True,
        varied=("name", "version"),
        flaws="t.exploited_flaws",
        by_flaws=frozenset({"exploited_flaws"}),
    ),
    Asked(table="services", kind="device", number="device", heard="d.scanned IS TRUE"),
    Asked(
        table="flaws",
        kind="device",
        number="device",
        heard=_SOURCES_OF_FLAWS,
        flaws="[t.cve]",
        by_flaws=frozenset({"known_exploited", "ransomware", "due_on", "title"}),
    ),
    *(Asked(table=table.name, kind=kind) for kind, table in THINGS.items()),
)
FOLDED: Mapping[str, Asked] = {one.table: one for one in ASKED if one.folds}
"""The tables of which a device has any number of rows."""
KINDS: Mapping[str, str] = {one.table: one.kind for one in ASKED}
"""What the subjects of each table that a control may ask are."""
WORST_FIRST = (1, 4, 2, 0, 3)
"""The state codes in the order in which a row decides for its subject: fail, excepted, cannot tell, pass, does not apply."""
SPARED = "spared_flaws"
"""The table of (device, cves) that a session has where some flaws are let stand, as `evidence.spared` makes it."""
LABEL = 120
"""Characters of a group's name: as many as a finding keeps."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One query and what its columns are: `id`, then for the nth control `c<n>` and, where it groups, `g<n>`.

    `rows` is true where the query also gives `rows`, the rows of the asked table behind each subject. `folds` is true where
    it also gives `heard`: false for a subject that has no row and of which no source speaks any more.
    """

    kind: str
    controls: tuple[Control, ...]
    grouped: tuple[bool, ...]
    text: str
    rows: bool = False
    folds: bool = False


def questions(
    session: duckdb.DuckDBPyConnection, *, controls: Sequence[Control], today: date, spares: bool = False
) -> list[Question]:
    """One question for each asked table, and one for each control whose subjects are not rows of it.

    `spares` where the session has the table SPARED: what fails by those flaws alone is excepted.
    """
    own = [control for control in controls if control.subject]
    asked = [
        _over_rows(asked, together, today, spares and bool(asked.flaws))
        if asked.folds
        else _over_table(session, asked, together, today)
        for asked in ASKED
        if (together := [one for one in controls if one.asks == asked.table and not one.subject])
    ]
    return [*asked, *(_over_subjects(session, control, today) for control in own)]


def by_flaws(control: Control) -> bool:
    """Whether what fails under the control fails by flaws, which can be let stand."""
    asked = FOLDED.get(control.asks)
    if asked is None or control.subject or control.sql or not asked.flaws:
        return False
    tested = fields_in(parse(control.requires, fields=fields_of(TABLES[control.asks])))
    return bool(asked.by_flaws & tested)


def on_day(text: str, *, today: date) -> str:
    """The control's SQL with the day in place of $today."""
    return re.sub(r"\$today\b", f"DATE '{today}'", text.strip().rstrip(";"))


def _over_rows(asked: Asked, controls: Sequence[Control], today: date, spares: bool) -> Question:
    """Controls whose subjects have any number of rows: the worst row of each decides."""
    columns, grouped = ["d.id", f"f.{asked.number} IS NOT NULL OR {asked.heard} AS heard"], []
    for place, control in enumerate(controls):
        group = _label(control.groups.by, "d") if control.groups else ""
        columns += [f"({_code(f'f.r{place}')}) AS c{place}", *([f"{group} AS g{place}"] if group else [])]
        grouped.append(bool(group))
    text = f"""SELECT {", ".join(columns)} FROM devices d
        LEFT JOIN ({_worst(asked, controls, today, spares)}) f ON f.{asked.number} = d.id"""
    return Question(kind=asked.kind, controls=tuple(controls), grouped=tuple(grouped), text=text, folds=True)


def _worst(asked: Asked, controls: Sequence[Control], today: date, spares: bool) -> str:
    """SQL: of each subject of a folded table the least rank under every control, r0, r1 and so on."""
    ranks = [f"({_rank(_spared(one, today) if spares else _by_pattern(one, today))})::UTINYINT" for one in controls]
    source = _with_spared(asked) if spares else asked.table
    judged = [_parsed(control) for control in controls]
    if not asked.repeats or not tested_in(judged):
        every = ", ".join(f"min({rank}) AS r{place}" for place, rank in enumerate(ranks))
        return f"SELECT {asked.number}, {every} FROM {source} t GROUP BY {asked.number}"
    beside = ("spared",) if spares else ()
    distinct = distinct_rows(source, judged, subject=asked.number, varied=asked.varied, beside=beside, today=today)
    told = ", ".join(f"{rank} AS r{place}" for place, rank in enumerate(ranks))
    every = ", ".join(f"min(r{place}) AS r{place}" for place in range(len(ranks)))
    return f"""WITH distinct_rows AS MATERIALIZED ({distinct}),
        judged AS (SELECT unnest(subjects) AS {asked.number}, * EXCLUDE (subjects) FROM (SELECT {told}, subjects FROM distinct_rows))
        SELECT {asked.number}, {every} FROM judged GROUP BY {asked.number}"""


def _with_spared(asked: Asked) -> str:
    """SQL: the rows of the table, each with `spared`: whether it names flaws, and all of them are let stand there."""
    return f"""(SELECT t.*, coalesce(len({asked.flaws}) > 0 AND list_has_all(s.cves, list_transform({asked.flaws}, x -> coalesce(upper(x), ''))), false)
        AS spared FROM {asked.table} t LEFT JOIN {SPARED} s ON s.device = t.{asked.number})"""


def _spared(control: Control, today: date) -> str:
    """SQL: a row's code, excepted in place of failing where its flaws are spared and the control asks about flaws."""
    code = _by_pattern(control, today)
    return f"CASE WHEN spared AND {code} = 1 THEN 4 ELSE {code} END" if by_flaws(control) else code


def _rank(code: str) -> str:
    """SQL: a row's code as its place among those that decide."""
    return f"CASE {code} {' '.join(f'WHEN {one} THEN {place}' for place, one in enumerate(WORST_FIRST))} END"


def _code(rank: str) -> str:
    """SQL: the code of the row that decides; not applicable where there is no row."""
    return f"CASE {rank} {' '.join(f'WHEN {place} THEN {one}' for place, one in enumerate(WORST_FIRST))} ELSE 3 END::UTINYINT"


def _over_table(session: duckdb.DuckDBPyConnection, asked: Asked, controls: Sequence[Control], today: date) -> Question:
    columns, joins, grouped = ["t.id"], [], []
    for place, control in enumerate(controls):
        given = _columns(session, control, today) if control.sql else ()
        state, group = _by_sql(place, given) if control.sql else (_by_pattern(control, today), "")
        group = _label(control.groups.by, "t") if control.groups and not group else group
        columns += [f"{state} AS c{place}", *([f"{group} AS g{place}"] if group else [])]
        grouped.append(bool(group))
        if control.sql:
            joins.append(f"LEFT JOIN ({on_day(control.sql, today=today)}) s{place} ON s{place}.id = t.id")
    text = f"SELECT {', '.join(columns)} FROM {asked.table} t {' '.join(joins)}"
    return Question(kind=asked.kind, controls=tuple(controls), grouped=tuple(grouped), text=text)


def _label(columns: Sequence[str], of: str) -> str:
    """The group's name: the first column, and each further one that the name does not say already; null without the first."""
    named = f'{of}."{columns[0]}"'
    further = "".join(
        f""" || CASE WHEN {of}."{one}" IS NULL OR contains(lower({named}), lower({of}."{one}")) THEN '' ELSE ', ' || {of}."{one}" END"""
        for one in columns[1:]
    )
    return f"left({named}{further}, {LABEL})"


def _over_subjects(session: duckdb.DuckDBPyConnection, control: Control, today: date) -> Question:
    given = _columns(session, control, today)
    state, group = _by_sql(0, given)
    parts = [
        "s0.id",
        f"{state} AS c0",
        *([f"{group} AS g0"] if group else []),
        *(["s0.rows"] if "rows" in given else []),
    ]
    text = f"SELECT {', '.join(parts)} FROM ({on_day(control.sql, today=today)}) s0"
    return Question(kind=control.subject, controls=(control,), grouped=(bool(group),), text=text, rows="rows" in given)


def _columns(session: duckdb.DuckDBPyConnection, control: Control, today: date) -> tuple[str, ...]:
    described = session.execute(f"DESCRIBE {on_day(control.sql, today=today)}").fetchall()
    names = tuple(row[0] for row in described)
    if not {"id", "state"} <= set(names):
        raise ValueError(f"{control.id}: sql gives {', '.join(names)}; id and state would fit, and grp or rows")
    return names


def _by_sql(place: int, given: Sequence[str]) -> tuple[str, str]:
    words = " ".join(f"WHEN '{state}' THEN {code}" for code, state in enumerate(CODES))
    unknown = f"error('a control gave the state ' || coalesce(s{place}.state, 'null'))"
    state = f"(CASE WHEN s{place}.id IS NULL THEN 3 ELSE CASE s{place}.state {words} ELSE {unknown} END END)::UTINYINT"
    return state, f"s{place}.grp" if "grp" in given else ""


def _by_pattern(control: Control, today: date) -> str:
    forms = _parsed(control)
    applies, requires = sql(forms.applies, today=today), sql(forms.requires, today=today)
    return (
        f"(CASE WHEN NOT {applies} THEN 3 WHEN {applies} IS NULL THEN 2 "
        f"ELSE coalesce((NOT {requires})::UTINYINT, 2::UTINYINT) END)::UTINYINT"
    )


def _parsed(control: Control) -> Forms:
    fields = fields_of(TABLES[control.asks])
    return Forms(
        applies=parse(control.applies_to, fields=fields, where=f"{control.id}: applies_to"),
        requires=parse(control.requires, fields=fields, where=f"{control.id}: requires"),
    )
