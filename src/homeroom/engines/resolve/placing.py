"""Accounts that no address and no number places, weighed against people: names, the spelling of the address, unit, grade.

Of each account and of each person's place in that directory the best pair by the scale's margin is joined; the others that
weigh enough are doubtful.
"""

from __future__ import annotations

import duckdb

from homeroom.engines.resolve.alike_people import LETTERS, SQUEEZED, named
from homeroom.engines.resolve.candidates import CROWDED, MOST_PAIRS
from homeroom.engines.resolve.rules import FORMS, NUMBER
from homeroom.engines.resolve.sql import dropped, made, number
from homeroom.engines.resolve.weighing import ahead, reasons, rounded, weigh
from homeroom.engines.resolve.weights import ACCOUNT
from homeroom.engines.resolve.words import SERVICE_WORDS, SHARED_WORDS, alternatives

STEP = 6
_SAMPLE, _SHOWN, _MOSTLY = (
    20_000,
    20,
    0.8,
)  # accounts that are asked how years are written, at most and at least; the share that must agree
_GRADE = "CASE upper({0}) WHEN 'KG' THEN 0 WHEN 'PK' THEN -1 WHEN 'TK' THEN -1 ELSE try_cast({0} AS INTEGER) END"
_LEAST = 3  # letters of a local part that could be somebody's name


def place(session: duckdb.DuckDBPyConnection) -> None:
    """Adds to rz_belongs the accounts that a person's name decides. Leaves rz_account_weighed (a: account, b: person, …)."""
    made(session, "account_weighed", "SELECT 0 AS a, 0 AS b WHERE false")
    _accounts(session)
    if not number(session, "SELECT count(*) FROM rz_nobodys"):
        dropped(session, "nobodys")
        return
    named(session)
    _persons(session)
    _pairs(session)
    weigh(
        session,
        ACCOUNT,
        profiles=("nobodys", "somebody"),
        size=number(session, "SELECT count(DISTINCT comp) FROM rz_somebody"),
    )
    _decide(session)
    made(session, "account_weighed", "SELECT * FROM rz_weighed")
    dropped(
        session, "nobodys", "somebody", "pairs", "weighed", "roots", "place_block", "unit_schools", "account_grades"
    )


def _years(session: duckdb.DuckDBPyConnection) -> None:
    """rz_account_grades (n, grade): the grade that an account's unit or address says, as a number, a kindergarten's 0.

    A year says a grade only where the accounts that are placed already show how: the year of leaving school and the grade come
    to one sum in most of them, whatever a district writes there.
    """
    local = "split_part(lower(r.email), '@', 1)"
    step = max(number(session, "SELECT count(*) FROM rz_account_nodes") // _SAMPLE, 1)
    made(
        session,
        "account_years",
        f"""SELECT r.n, try_cast(coalesce(nullif(regexp_extract(lower(r.org_unit), 'gr(ade)?[ ._-]*([0-9]+)', 2), ''),
                nullif(regexp_extract(lower(r.org_unit), '([0-9]+)(st|nd|rd|th)[ _-]*grade', 1), '')) AS INTEGER) AS grade,
            try_cast(regexp_extract(r.org_unit, '(20[2-4][0-9])', 1) AS INTEGER) AS of_unit,
            try_cast(coalesce(nullif(regexp_extract({local}, '(20[2-4][0-9])$', 1), ''), '20' || nullif(regexp_extract({local}, '^([2-4][0-9])[a-z]', 1), ''),
                '20' || nullif(regexp_extract({local}, '[a-z]([2-4][0-9])$', 1), '')) AS INTEGER) AS of_address
        FROM rz_account_rows r JOIN rz_account_nodes n USING (n)
        WHERE (r.email IS NOT NULL OR r.org_unit IS NOT NULL)
            AND (n.id NOT IN (SELECT account FROM rz_belongs) OR n.n % {step} = 0)""",
    )
    made(
        session,
        "account_sums",
        f"""WITH placed AS (
            SELECT unnest(['unit', 'address']) AS place, unnest([y.of_unit, y.of_address]) AS year, {_GRADE.format("r.grade")} AS grade
            FROM rz_account_years y JOIN rz_account_nodes n USING (n) JOIN rz_belongs b ON b.account = n.id
            JOIN rz_person_nodes p ON p.id = b.person JOIN rz_person_rows r ON r.n = p.n),
        sums AS (SELECT place, year + grade AS total, count(*) AS c FROM placed WHERE year + grade IS NOT NULL GROUP BY ALL)
        SELECT place, arg_max(total, (c, total)) AS total FROM sums GROUP BY place
        HAVING sum(c) >= {_SHOWN} AND max(c) >= {_MOSTLY} * sum(c)""",
    )
    total = "(SELECT total FROM rz_account_sums WHERE place = '{}')"
    made(
        session,
        "account_grades",
        f"""SELECT n, coalesce(grade, {total.format("unit")} - of_unit, {total.format("address")} - of_address) AS grade FROM rz_account_years""",
    )
    dropped(session, "account_years", "account_sums")


def _accounts(session: duckdb.DuckDBPyConnection) -> None:
    """rz_nobodys: a row a record of an account that belongs to nobody yet and is called like a person."""
    local = "split_part(lower(r.email), '@', 1)"
    words = f"coalesce(lower(r.org_unit), '') || ' ' || {local}"
    _years(session)
    made(
        session,
        "nobodys",
        f"""SELECT n.id AS comp, n.connector || ' ' || n.instance AS tenant, s.hint,
            {SQUEEZED.format(LETTERS.format("r.given_name"))} AS given, {SQUEEZED.format(LETTERS.format("r.family_name"))} AS family,
            list_filter(string_split(coalesce({LETTERS.format("r.family_name")}, ''), ' '), x -> length(x) > 2) AS families,
            list_filter(string_split(coalesce({LETTERS.format("r.given_name")}, ''), ' '), x -> length(x) > 2) AS givens,
            {local} AS local, nullif(split_part(lower(r.email), '@', 2), '') AS domain, regexp_replace(strip_accents({local}), '[^a-z]', '', 'g') AS spelling,
            lower(coalesce(r.org_unit, '') || ' ' || coalesce(r.department, '')) AS unit, g.grade,
            lower(trim(r.title)) AS title, {FORMS["stripped"].format("regexp_extract(r.external_ids[1], '([^:]*)$', 1)")} AS number
        FROM rz_account_rows r JOIN rz_account_nodes n USING (n) JOIN rz_account_signs s USING (n) LEFT JOIN rz_account_grades g USING (n)
        WHERE NOT r.gone AND n.id NOT IN (SELECT account FROM rz_belongs) AND NOT regexp_matches({words}, '{alternatives(SERVICE_WORDS)}')
            AND NOT regexp_matches({words}, '{alternatives(SHARED_WORDS)}')""",
    )


def _persons(session: duckdb.DuckDBPyConnection) -> None:
    """rz_somebody: a row a person record, in the forms that accounts are compared with."""
    given_name, family = LETTERS.format("coalesce(r.preferred_name, r.given_name)"), LETTERS.format("r.family_name")
    email = FORMS["email"].format("r.email")
    made(
        session,
        "somebody",
        f"""WITH plain AS (SELECT p.id AS comp, CASE r.namespace WHEN 'student' THEN 'student' ELSE 'staff' END AS lane, {given_name} AS given_words,
            {LETTERS.format("r.given_name")} AS formal, {family} AS family_words, split_part({email}, '@', 1) AS local, nullif(split_part({email}, '@', 2), '') AS domain, split_part(lower(r.username), '@', 1) AS username,
            lower(coalesce(r.org_name, o.name)) AS school, {_GRADE.format("r.grade")} AS grade, lower(trim(r.title)) AS title, {FORMS["stripped"].format(NUMBER)} AS number
            FROM rz_person_rows r JOIN rz_person_nodes p USING (n)
            LEFT JOIN (SELECT instance, key, any_value(name ORDER BY name) AS name FROM orgs GROUP BY ALL) o ON o.instance = r.instance AND o.key = r.org_key
            WHERE r.namespace <> 'guardian'),
        split AS (SELECT * EXCLUDE (given_words, formal, family_words), {SQUEEZED.format("given_words")} AS given, {SQUEEZED.format("family_words")} AS family,
            list_filter(string_split(coalesce(family_words, ''), ' '), x -> length(x) > 2) AS families,
            list_distinct(list_filter(string_split(concat_ws(' ', given_words, formal), ' '), x -> length(x) > 2)) AS givens,
            split_part(coalesce(given_words, ''), ' ', 1) AS first FROM plain),
        rare AS (SELECT given AS value, count(DISTINCT comp) AS c FROM split GROUP BY given), rarer AS (SELECT family AS value, count(DISTINCT comp) AS c FROM split GROUP BY family)
        SELECT s.*, coalesce(t.roots, [s.first]) AS roots, g.c AS given_count, f.c AS family_count,
            [given || family, family || given] AS spelled, [left(given, 1) || family, family || left(given, 1), given || left(family, 1)] AS initialled
        FROM split s LEFT JOIN rz_roots t ON t.name = s.first LEFT JOIN rare g ON g.value = s.given LEFT JOIN rarer f ON f.value = s.family""",
    )
    size = rounded(number(session, "SELECT count(DISTINCT comp) FROM rz_somebody"))
    made(
        session,
        "somebody",
        f"SELECT *, log2({size} / given_count) AS given_bits, log2({size} / family_count) AS family_bits FROM rz_somebody",
    )
    _schooled(session, size)


def _schooled(session: duckdb.DuckDBPyConnection, size: int) -> None:
    """Gives rz_nobodys the schools that its unit names, and how rare its names and its spelling are."""
    made(
        session,
        "unit_schools",
        """SELECT unit, list(DISTINCT school) AS schools FROM (SELECT DISTINCT unit FROM rz_nobodys WHERE trim(unit) <> '') u
        JOIN (SELECT DISTINCT school FROM rz_somebody WHERE length(school) > 3) s ON contains(u.unit, s.school) GROUP BY unit""",
    )
    made(
        session,
        "nobodys",
        f"""SELECT a.*, coalesce(s.schools, []) AS schools, coalesce(t.roots, [a.given]) AS roots,
            coalesce(g.given_bits, log2({size})) AS given_bits, coalesce(f.family_bits, log2({size})) AS family_bits, log2({size} / greatest(c.c, 1)) + 3 AS spelled_bits
        FROM rz_nobodys a LEFT JOIN rz_unit_schools s USING (unit) LEFT JOIN rz_roots t ON t.name = a.given
        LEFT JOIN (SELECT given, min(given_bits) AS given_bits FROM rz_somebody GROUP BY given) g ON g.given = a.given
        LEFT JOIN (SELECT family, min(family_bits) AS family_bits FROM rz_somebody GROUP BY family) f ON f.family = a.family
        LEFT JOIN (SELECT spelling, count(DISTINCT comp) AS c FROM (SELECT comp, unnest(spelled || initialled) AS spelling FROM rz_somebody) GROUP BY spelling) c
            ON c.spelling = a.spelling""",
    )


def _pairs(session: duckdb.DuckDBPyConnection) -> None:
    sides = {
        "nobodys": (
            "root || ' ' || family",
            "given || ' ' || left(family, 4)",
            "family || ' ' || left(given, 2)",
            "local",
            "spelling",
            "'#' || number",
        ),
        "somebody": (
            "root || ' ' || family",
            "given || ' ' || left(family, 4)",
            "family || ' ' || left(given, 2)",
            "local",
            "spelling",
            "'#' || number",
        ),
    }
    for name, values in sides.items():
        other = {
            "root": "unnest(roots)",
            "spelling": "unnest(spelled || initialled)" if name == "somebody" else "spelling",
        }
        rows = [
            f"SELECT comp, {at} AS space, {value.replace('root', other['root']) if 'root' in value else other['spelling'] if value == 'spelling' else value} AS value FROM rz_{name}"
            for at, value in enumerate(values)
        ]
        if name == "somebody":
            rows.append("SELECT comp, 3, username FROM rz_somebody")
        made(
            session,
            f"{name}_block",
            f"SELECT DISTINCT * FROM ({' UNION ALL '.join(rows)}) WHERE length(value) >= {_LEAST}",
        )
    made(
        session,
        "pairs",
        f"""WITH sized AS (SELECT space, value, x.c * y.c AS pairs FROM (SELECT space, value, count(*) AS c FROM rz_nobodys_block GROUP BY ALL) x
            JOIN (SELECT space, value, count(*) AS c FROM rz_somebody_block GROUP BY ALL) y USING (space, value) WHERE y.c <= {CROWDED}),
        few AS (SELECT space, value FROM (SELECT *, sum(pairs) OVER (ORDER BY pairs, space, value) AS so_far FROM sized) WHERE so_far <= {MOST_PAIRS})
        SELECT DISTINCT x.comp AS a, y.comp AS b FROM rz_nobodys_block x JOIN few USING (space, value) JOIN rz_somebody_block y USING (space, value)""",
    )
    dropped(session, "nobodys_block", "somebody_block")
    made(
        session,
        "pairs",
        """SELECT p.a, p.b, coalesce(t.person IS NOT NULL, false) AS taken FROM rz_pairs p
        JOIN (SELECT DISTINCT comp, tenant FROM rz_nobodys) n ON n.comp = p.a
        LEFT JOIN (SELECT DISTINCT b.person, q.connector || ' ' || q.instance AS tenant FROM rz_belongs b
            JOIN rz_account_nodes q ON q.id = b.account WHERE NOT q.gone AND b.step <> 5) t ON t.person = p.b AND t.tenant = n.tenant
        WHERE (p.a, p.b) NOT IN (SELECT (account, person) FROM rz_never_belongs)""",
    )


def _decide(session: duckdb.DuckDBPyConnection) -> None:
    made(
        session,
        "weighed",
        f"""WITH tenanted AS (SELECT w.*, n.tenant FROM rz_weighed w JOIN (SELECT DISTINCT comp, tenant FROM rz_nobodys) n ON n.comp = w.a),
        ranked AS (SELECT *, row_number() OVER mine AS first, lead(bits) OVER mine AS second, row_number() OVER theirs AS best, lead(bits) OVER theirs AS after
            FROM tenanted WINDOW mine AS (PARTITION BY a ORDER BY bits DESC, b), theirs AS (PARTITION BY b, tenant ORDER BY bits DESC, a))
        SELECT * EXCLUDE (tenant, first, second, best, after),
            first = 1 AND best = 1 AND {ahead(ACCOUNT, "second")} AND {ahead(ACCOUNT, "after")} AS joined FROM ranked
        WHERE bits >= {ACCOUNT.doubt}""",
    )
    why = f"'weight of ' || round(w.bits)::BIGINT || ' bits: ' || array_to_string({reasons(ACCOUNT)}, '; ')"
    session.execute(f"INSERT INTO rz_belongs SELECT a, b, {why}, {STEP} FROM rz_weighed w WHERE joined")
