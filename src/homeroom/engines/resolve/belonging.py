"""Which person an account belongs to, in the order of how much each sign says.

1. its primary address is the person's address; 2. it carries the person's number; 3. an alias is the person's address;
4. its local part is the user name of a person without any address; 5. it is the administration account that one member
of staff keeps apart; 6. its names, spelling, unit and grade weigh enough (`placing`); and, after 4 and again after 6,
7. it has the very address of an account in another directory that is a person's already. What somebody said by hand comes
before all of them. Where several persons fit equally, it belongs to nobody.
"""

from __future__ import annotations

import duckdb

from homeroom.engines.resolve.placing import place
from homeroom.engines.resolve.rules import FORMS
from homeroom.engines.resolve.sql import dropped, made, number
from homeroom.engines.resolve.words import (
    ADMIN_AFTER,
    ADMIN_BEFORE,
    STAFF_TITLES,
    STAFF_UNITS,
    STUDENT_TITLE,
    STUDENT_UNITS,
    TENANT_DOMAIN,
    alternatives,
)

_FIRST = "CASE namespace WHEN 'staff' THEN 0 WHEN 'student' THEN 1 WHEN 'guardian' THEN 2 ELSE 3 END"


def belong(session: duckdb.DuckDBPyConnection) -> None:
    """Makes rz_belongs (account, person, rule), rz_addresses and rz_numbers (value, id, namespace, …) of persons."""
    made(
        session,
        "account_signs",
        f"""SELECT n.id AS account, r.n, lower(r.email) AS email, r.aliases, r.external_ids, coalesce(r.super_admin OR r.delegated_admin OR r.any_admin, false) AS admin,
            CASE WHEN regexp_matches(lower(coalesce(r.org_unit, '')), '{alternatives(STUDENT_UNITS)}') THEN 'student'
            WHEN regexp_matches(lower(coalesce(r.org_unit, '')), '{alternatives(STAFF_UNITS)}') THEN 'staff'
            WHEN regexp_full_match(lower(trim(r.title)), '{STUDENT_TITLE}') THEN 'student'
            WHEN regexp_matches(lower(r.title), '{alternatives(STAFF_TITLES)}') THEN 'staff' END AS hint
        FROM rz_account_rows r JOIN rz_account_nodes n USING (n)""",
    )
    _signs(session)
    _numbers(session)
    made(
        session,
        "belongs",
        "SELECT NULL::BIGINT AS account, NULL::BIGINT AS person, NULL::VARCHAR AS rule, 0 AS step WHERE false",
    )
    _by_hand(session)
    _step(session, 1, "'e-mail ' || p.value", "p.value = s.email", "rz_addresses", "rz_account_signs")
    _step(session, 2, "'number ' || p.value", "p.value = s.number", "rz_numbers", f"({_NUMBERED})")
    _step(
        session,
        3,
        "'alias ' || p.value",
        "p.value = s.alias",
        "rz_addresses",
        "(SELECT *, unnest(aliases) AS alias FROM rz_account_signs)",
    )
    _step(
        session,
        4,
        "'user name ' || p.value",
        "p.value = split_part(s.email, '@', 1)",
        "rz_usernames",
        "rz_account_signs",
    )
    _shared_address(session)
    _administrators(session)
    place(session)
    _shared_address(session)
    dropped(session, "account_signs", "usernames", "found", "never_belongs")


_LAST = "regexp_extract(x, '([^:]*)$', 1)"  # of `employee:0042` the number
_NUMBERED = f"""SELECT *, unnest(list_distinct([v, ltrim(v, '0')])) AS number FROM (
    SELECT *, {FORMS["number"].format("bare")} AS v FROM (SELECT *, {_LAST} AS bare FROM (SELECT *, unnest(external_ids) AS x FROM rz_account_signs)))
    WHERE length(v) >= 2"""


def _signs(session: duckdb.DuckDBPyConnection) -> None:
    """The addresses and user names that persons are known by."""
    rows = "rz_person_rows r JOIN rz_person_nodes p USING (n)"
    made(
        session,
        "addresses",
        f"""SELECT value, id, namespace, bool_and(gone) AS gone FROM (
            SELECT {FORMS["email"].format("r.email")} AS value, p.id, r.namespace, r.gone FROM {rows}
            UNION ALL SELECT {FORMS["email"].format("r.username")}, p.id, r.namespace, r.gone FROM {rows} WHERE r.username LIKE '%@%')
        WHERE value IS NOT NULL GROUP BY ALL""",
    )
    made(
        session,
        "usernames",
        f"""SELECT {FORMS["email"].format("r.username")} AS value, p.id, r.namespace, bool_and(r.gone) AS gone FROM {rows}
        WHERE r.username NOT LIKE '%@%' AND p.id NOT IN (SELECT id FROM rz_addresses) GROUP BY ALL HAVING value IS NOT NULL""",
    )


def _numbers(session: duckdb.DuckDBPyConnection) -> None:
    """rz_numbers: the numbers of persons that an account or the holder of a device is told by; nobody asks for the others."""
    plain = FORMS["number"]
    made(
        session,
        "asked",
        f"""SELECT number AS value FROM ({_NUMBERED}) UNION SELECT upper(trim(holder_number)) FROM rz_device_rows
        UNION SELECT lower(holder_email) FROM rz_device_rows""",
    )
    rows = "rz_person_rows r JOIN rz_person_nodes p USING (n)"
    few = "" if number(session, "SELECT count(*) FROM rz_asked") else "LIMIT 0"
    made(
        session,
        "numbers",
        f"""WITH told AS (SELECT {plain.format("r.identifier")} AS v, p.id, r.namespace, r.gone FROM {rows}
            UNION ALL SELECT {plain.format("r.key")}, p.id, r.namespace, r.gone FROM {rows}
            UNION ALL SELECT {plain.format("r.master_id")}, p.id, r.namespace, r.gone FROM {rows}
            UNION ALL SELECT {plain.format("r.bare")}, p.id, r.namespace, r.gone
                FROM (SELECT *, {_LAST} AS bare FROM (SELECT n, namespace, gone, unnest(other_ids) AS x FROM rz_person_rows)) r
                JOIN rz_person_nodes p USING (n)),
        ways AS (SELECT v AS value, * FROM told UNION ALL SELECT ltrim(v, '0'), * FROM told WHERE starts_with(v, '0'))
        SELECT value, id, namespace, bool_and(gone) AS gone FROM ways SEMI JOIN rz_asked USING (value)
        WHERE length(ltrim(value, '0')) >= 2 GROUP BY ALL {few}""",
    )
    dropped(session, "asked")


def _by_hand(session: duckdb.DuckDBPyConnection) -> None:
    """What somebody said: rz_belongs at step 0, and rz_never_belongs (account, person)."""
    said = """SELECT a.id AS account, p.id AS person FROM rz_decisions d
        JOIN rz_account_nodes a ON a.connector = d.one_connector AND a.instance = d.one_instance AND a.key = d.one_key
        JOIN rz_person_nodes p ON p.connector = d.other_connector AND p.instance = d.other_instance AND p.key = d.other_key
        WHERE d.kind = 'account' AND {}"""
    made(session, "never_belongs", said.format("NOT d.same"))
    session.execute(
        f"""INSERT INTO rz_belongs SELECT account, min(person), 'a decision made by hand', 0 FROM ({said.format("d.same")})
        WHERE (account, person) NOT IN (SELECT (account, person) FROM rz_never_belongs)
        GROUP BY account HAVING count(DISTINCT person) = 1"""
    )


def _step(session: duckdb.DuckDBPyConnection, step: int, rule: str, fits: str, persons: str, signs: str) -> None:
    """Accounts that no earlier step placed, where one person fits best: the hinted kind, staff first, then not gone."""
    made(
        session,
        "found",
        f"""SELECT s.account, p.id, min({rule}) AS rule,
            min(CASE WHEN s.hint = p.namespace THEN 0 ELSE 10 END + {_FIRST.replace("namespace", "p.namespace")} * 2 + p.gone::INTEGER) AS cost
        FROM {signs} s JOIN {persons} p ON {fits} ANTI JOIN rz_never_belongs x ON x.account = s.account AND x.person = p.id
        WHERE s.account NOT IN (SELECT account FROM rz_belongs) GROUP BY s.account, p.id""",
    )
    session.execute(
        f"""INSERT INTO rz_belongs SELECT account, min(id), min(rule), {step} FROM (
            SELECT *, min(cost) OVER (PARTITION BY account) AS least FROM rz_found) WHERE cost = least
        GROUP BY account HAVING count(DISTINCT id) = 1"""
    )


def _shared_address(session: duckdb.DuckDBPyConnection) -> None:
    """Accounts of nobody whose address is that of an account, in another directory, of exactly one person."""
    made(
        session,
        "found",
        """WITH held AS (SELECT DISTINCT s.email, n.connector, n.instance, b.person FROM rz_account_signs s JOIN rz_belongs b USING (account)
            JOIN rz_account_nodes n USING (n) WHERE b.step <> 5)
        SELECT s.account, h.person AS id, min(s.email) AS email FROM rz_account_signs s JOIN rz_account_nodes n USING (n)
        JOIN held h ON h.email = s.email AND (h.connector, h.instance) <> (n.connector, n.instance)
        ANTI JOIN rz_never_belongs x ON x.account = s.account AND x.person = h.person
        WHERE s.account NOT IN (SELECT account FROM rz_belongs) GROUP BY ALL""",
    )
    session.execute(
        """INSERT INTO rz_belongs SELECT account, min(id), 'e-mail of another account of theirs ' || min(email), 7 FROM rz_found
        GROUP BY account HAVING count(DISTINCT id) = 1"""
    )


def _administrators(session: duckdb.DuckDBPyConnection) -> None:
    """An administrator's local part, with or without a marker, is the local part of exactly one member of staff."""
    marks = " UNION ALL ".join(
        [f"SELECT '{mark}' AS mark, true AS before" for mark in ADMIN_BEFORE]
        + [f"SELECT '{mark}' AS mark, false AS before" for mark in ADMIN_AFTER]
    )
    made(
        session,
        "found",
        f"""WITH left_over AS (SELECT account, email, split_part(email, '@', 1) AS local, split_part(email, '@', 2) AS domain, bool_or(admin) AS admin
            FROM rz_account_signs WHERE account NOT IN (SELECT account FROM rz_belongs) AND email LIKE '%@%' GROUP BY ALL),
        marks AS ({marks}),
        bare AS (SELECT account, email, domain, CASE WHEN before THEN substr(local, length(mark) + 1) ELSE left(local, length(local) - length(mark)) END AS local
            FROM left_over JOIN marks ON (before AND starts_with(local, mark)) OR (NOT before AND ends_with(local, mark))
            UNION SELECT account, email, domain, local FROM left_over WHERE admin),
        staff AS (SELECT DISTINCT id, split_part(value, '@', 1) AS local, split_part(value, '@', 2) AS domain FROM rz_addresses WHERE namespace = 'staff'
            UNION SELECT DISTINCT b.person, split_part(s.email, '@', 1), split_part(s.email, '@', 2) FROM rz_belongs b
            JOIN rz_account_signs s USING (account) WHERE b.person IN (SELECT id FROM rz_addresses WHERE namespace = 'staff'))
        SELECT b.account, s.id, b.local FROM bare b JOIN staff s ON s.local = b.local AND length(b.local) > 1
            AND (s.domain = b.domain OR ends_with(b.domain, '.' || s.domain) OR ends_with(b.domain, '{TENANT_DOMAIN}'))""",
    )
    session.execute(
        """INSERT INTO rz_belongs SELECT account, min(id), 'administration account of ' || min(local), 5 FROM rz_found
        GROUP BY account HAVING count(DISTINCT id) = 1"""
    )
