"""Accounts of one person in several directories, by what the accounts share.

In the order of their strength: the id of an account in a directory that is synchronized, an address (also a further
one), a number beside a name. An account of nobody goes to the person of the accounts that it shares the strongest of
these with. Accounts that remain, and share these or a full name that nobody else has, are one unknown person's.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from homeroom.engines.know.resolve.shared.components import IntArray, label_components
from homeroom.engines.know.resolve.shared.rules import NORMAL_FORMS
from homeroom.engines.know.resolve.shared.words import (
    LETTERS,
    SERVICE_WORDS,
    SHARED_WORDS,
    SQUEEZED,
    build_word_pattern,
)
from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.temp_tables import TempTables

KIN_STEP = 7
_OBJECT, _ADDRESS, NUMBER_KIN, _NAME = 0, 1, 2, 3
_RULES = {
    _OBJECT: "the same account in a synchronized directory ",
    _ADDRESS: "e-mail of another account of theirs ",
    NUMBER_KIN: "number of another account of theirs ",
    _NAME: "full name of another account of theirs ",
}
_MIN_NUMBER = 4  # characters of a number that two directories hardly give to two people of one name by chance
_TENANT_SQL = "n.connector || ' ' || n.instance"
_ALIKE_SQL = "jaro_winkler_similarity({0}, {1}) >= 0.9"
_NUMBER_SQL = NORMAL_FORMS["stripped"].format("regexp_extract(x, '([^:]*)$', 1)")
_LOCAL_SQL = "split_part(lower(r.email), '@', 1)"


def list_kin_steps() -> tuple[Step, ...]:
    """Build rz_kin (account, other, grade, value): pairs of an account of nobody and one of another directory.

    `grade` orders the evidence, 0 the strongest. Needs rz_roots.
    """
    return (
        Step(
            name="list what accounts of nobody share",
            reads=("account_nodes", "account_rows", "belongs"),
            writes=("sought_values",),
            sql=f"SELECT DISTINCT grade, value FROM ({_values_sql('n.id NOT IN (SELECT account FROM rz_belongs)')}) "
            "WHERE value IS NOT NULL",
        ),
        Step(
            name="list the accounts that share it",
            reads=("account_nodes", "account_rows", "sought_values"),
            writes=("shared_values",),
            sql=f"""SELECT grade, value, tenant, min(account) AS account, any_value(given) AS given,
            any_value(family) AS family FROM ({_values_sql("true")}) SEMI JOIN rz_sought_values USING (grade, value)
        GROUP BY grade, value, tenant HAVING count(DISTINCT account) = 1""",
        ),
        Step(
            name="pair accounts of two directories",
            reads=("belongs", "roots", "shared_values"),
            writes=("kin",),
            sql=f"""WITH spelled AS (SELECT v.* EXCLUDE (given, family), {_letters_sql("given")} AS given,
            {_letters_sql("family")} AS family FROM rz_shared_values v),
        named AS (SELECT s.*, coalesce(t.roots, [s.given]) AS roots FROM spelled s LEFT JOIN rz_roots t
            ON t.name = s.given)
        SELECT x.account, y.account AS other, x.grade, min(x.value) AS value FROM named x JOIN named y
            ON y.grade = x.grade AND y.value = x.value AND y.tenant <> x.tenant
        WHERE x.account NOT IN (SELECT account FROM rz_belongs) AND CASE x.grade WHEN {_OBJECT} THEN true
            WHEN {_ADDRESS} THEN x.given IS NULL OR y.given IS NULL OR {_SAME_GIVEN_SQL}
            ELSE coalesce({_SAME_GIVEN_SQL} AND (x.family = y.family OR {_ALIKE_SQL.format("x.family", "y.family")}
                OR contains(x.family, y.family) OR contains(y.family, x.family)), false) END
        GROUP BY ALL""",
        ),
    )


_SAME_GIVEN_SQL = (
    f"(list_has_any(x.roots, y.roots) OR {_ALIKE_SQL.format('x.given', 'y.given')} OR starts_with(x.given, y.given) "
    "OR starts_with(y.given, x.given) OR x.given = y.family OR x.family = y.given)"
)


def _letters_sql(column: str) -> str:
    return SQUEEZED.format(LETTERS.format(f"v.{column}"))


def _values_sql(where: str) -> str:
    """Return SQL for (grade, value, account, tenant, given, family) of current accounts."""
    return f"""SELECT account, tenant, given, family, unnest(
            list_transform(coalesce(synced_ids, []), x -> {{'grade': {_OBJECT}, 'value': lower(x)}})
            || list_transform([email] || coalesce(aliases, []), x -> {{'grade': {_ADDRESS},
                'value': CASE WHEN x LIKE '%@%' THEN lower(x) END}})
            || list_transform(coalesce(external_ids, []), x -> {{'grade': {NUMBER_KIN},
                'value': CASE WHEN length(x) >= {_MIN_NUMBER} THEN {_NUMBER_SQL} END}}), recursive := true)
        FROM (SELECT n.id AS account, {_TENANT_SQL} AS tenant, r.given_name AS given, r.family_name AS family,
            r.synced_ids, r.email, r.aliases, r.external_ids
            FROM rz_account_rows r JOIN rz_account_nodes n USING (n) WHERE NOT r.gone AND {where})"""


def list_inheritance_steps() -> tuple[Step, ...]:
    """Add to rz_belongs accounts of nobody whose strongest kin all belong to one person, through up to two others."""
    return _list_inheritance_round() * 2


def _list_inheritance_round() -> tuple[Step, ...]:
    rules = " ".join(f"WHEN {grade} THEN '{rule}'" for grade, rule in _RULES.items())
    return (
        Step(
            name="match accounts by what they share with an assigned account",
            reads=("belongs", "kin", "never_belongs"),
            writes=("fitting",),
            sql=f"""SELECT k.account, b.person AS id, k.grade, min(CASE k.grade {rules} END || k.value) AS rule
        FROM rz_kin k JOIN rz_belongs b ON b.account = k.other AND b.step <> 5
        ANTI JOIN rz_never_belongs x ON x.account = k.account AND x.person = b.person
        WHERE k.account NOT IN (SELECT account FROM rz_belongs) GROUP BY k.account, b.person, k.grade
        QUALIFY k.grade = min(k.grade) OVER (PARTITION BY k.account)""",
        ),
        Step(
            name="assign accounts by what they share with another",
            reads=("belongs", "fitting"),
            writes=("belongs",),
            sql=f"""INSERT INTO rz_belongs SELECT account, min(id), min(rule), {KIN_STEP} FROM rz_fitting
        GROUP BY account HAVING count(DISTINCT id) = 1""",
        ),
    )


def list_unknown_person_steps() -> tuple[Step, ...]:
    """Build rz_unknown_people (account, person, rule): accounts of nobody that belong together.

    `person` is the smallest of their account ids; accounts of scripts and rooms, and accounts that share nothing, have
    no row.
    """
    text = f"coalesce(lower(r.org_unit), '') || ' ' || {_LOCAL_SQL}"
    return (
        Step(
            name="list accounts of unknown people",
            reads=("account_nodes", "account_rows", "belongs"),
            writes=("unknown_accounts",),
            sql=f"""SELECT n.id AS account, any_value({_TENANT_SQL}) AS tenant,
            min({SQUEEZED.format(LETTERS.format("r.given_name"))}) AS given,
            min({SQUEEZED.format(LETTERS.format("r.family_name"))}) AS family,
            min(strip_accents(lower(r.family_name))) AS plain
        FROM rz_account_rows r JOIN rz_account_nodes n USING (n)
        WHERE NOT r.gone AND n.id NOT IN (SELECT account FROM rz_belongs)
        GROUP BY n.id HAVING NOT bool_or(coalesce(regexp_matches({text}, '{build_word_pattern(SERVICE_WORDS)}')
            OR regexp_matches({text}, '{build_word_pattern(SHARED_WORDS)}'), false))""",
        ),
        *_list_name_steps(),
        Step(
            name="pair accounts of unknown people",
            reads=("kin", "name_pairs", "unknown_accounts"),
            writes=("unknown_pairs",),
            sql="""SELECT k.*, u.tenant, w.tenant AS other_tenant
        FROM (SELECT * FROM rz_kin UNION ALL SELECT * FROM rz_name_pairs) k
        JOIN rz_unknown_accounts u ON u.account = k.account JOIN rz_unknown_accounts w ON w.account = k.other
        ORDER BY ALL""",
        ),
        Step(
            name="group accounts of unknown people",
            reads=("unknown_pairs",),
            writes=("unknown_groups",),
            run=_group_accounts,
        ),
        Step(
            name="explain accounts of unknown people",
            reads=("unknown_groups", "unknown_pairs"),
            writes=("unknown_people",),
            sql=f"""SELECT g.account, g.person, CASE WHEN g.account = g.person THEN 'anchor' ELSE
            min_by(CASE p.grade {" ".join(f"WHEN {grade} THEN '{rule}'" for grade, rule in _RULES.items())} END
                || p.value, (p.grade, p.value)) END AS rule
        FROM rz_unknown_groups g JOIN rz_unknown_pairs p ON p.account = g.account GROUP BY g.account, g.person""",
        ),
    )


def _list_name_steps() -> tuple[Step, ...]:
    """Build rz_name_pairs like rz_kin: accounts of unknown people with one full name that nobody else has."""
    full_name = SQUEEZED.format(LETTERS.format("concat_ws(' ', r.given_name, r.family_name)"))
    return (
        Step(
            name="list full names that accounts of unknown people share",
            reads=("unknown_accounts",),
            writes=("unknown_names",),
            sql="""SELECT given || family AS value, min(plain) AS plain FROM rz_unknown_accounts WHERE length(given) > 1
            AND length(family) > 1 GROUP BY value HAVING count(DISTINCT tenant) = count(*) AND count(*) > 1""",
        ),
        Step(
            name="list full names that others have too",
            reads=("account_rows", "belongs", "account_nodes", "person_rows", "unknown_names"),
            writes=("names_of_others",),
            sql=f"""WITH named AS (SELECT given_name, family_name FROM rz_person_rows
            UNION ALL SELECT r.given_name, r.family_name FROM rz_account_rows r JOIN rz_account_nodes n USING (n)
                SEMI JOIN rz_belongs b ON b.account = n.id),
        alike AS (SELECT * FROM named WHERE strip_accents(lower(family_name)) IN (SELECT plain FROM rz_unknown_names))
        SELECT DISTINCT value FROM (SELECT {full_name} AS value FROM alike r)
            SEMI JOIN rz_unknown_names USING (value)""",
        ),
        Step(
            name="pair accounts of unknown people by full name",
            reads=("names_of_others", "unknown_accounts", "unknown_names"),
            writes=("name_pairs",),
            sql=f"""WITH named AS (SELECT account, tenant, given || family AS value FROM rz_unknown_accounts)
        SELECT x.account, y.account AS other, {_NAME} AS grade, value FROM named x JOIN named y USING (value)
            SEMI JOIN rz_unknown_names USING (value) ANTI JOIN rz_names_of_others USING (value)
        WHERE x.account <> y.account""",
        ),
    )


def _group_accounts(tables: TempTables) -> None:
    """Group the paired accounts; a group with two accounts of one directory keeps only its deciding evidence."""
    account, other, grade = tables.fetch_arrays("SELECT account, other, grade FROM rz_unknown_pairs")
    accounts, places = np.unique(np.concatenate([account, other]), return_inverse=True)
    left, right = places[: len(account)], places[len(account) :]
    tenants = _fetch_tenants(tables, accounts)
    label = label_components(count=len(accounts), left=left, right=right)
    crowded = _find_crowded(label, tenants)
    decides = (grade < NUMBER_KIN) | ~np.isin(label[left], crowded)
    label = label_components(count=len(accounts), left=left[decides], right=right[decides])
    tables.register("unknown_groups", pa.table({"account": accounts, "person": accounts[label]}))


def _fetch_tenants(tables: TempTables, accounts: IntArray) -> IntArray:
    number, tenant = tables.fetch_arrays(
        "SELECT account, dense_rank() OVER (ORDER BY tenant) FROM (SELECT DISTINCT account, tenant FROM "
        "rz_unknown_pairs) ORDER BY account"
    )
    return tenant[np.searchsorted(number, accounts)]


def _find_crowded(label: IntArray, tenants: IntArray) -> IntArray:
    """Return the groups that hold two accounts of one directory."""
    groups, counts = np.unique(np.stack([label, tenants]), axis=1, return_counts=True)
    return np.unique(groups[0][counts > 1])
