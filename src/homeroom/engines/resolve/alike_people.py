"""People that rules left apart, weighed: names in their many forms, birth dates, streets, schools, grades, addresses.

Pupils are weighed with pupils, adults with adults, and those of whom a list says neither with both. One source's records are weighed with each other only where its rows
have no identity of their own (neither number nor e-mail), and a birth date or a home: then it may list somebody twice.
"""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa

from homeroom.engines.resolve.candidates import block, open_subjects, propose
from homeroom.engines.resolve.components import Numbers
from homeroom.engines.resolve.nicknames import roots
from homeroom.engines.resolve.rules import FORMS, NUMBER
from homeroom.engines.resolve.sql import dropped, given, made
from homeroom.engines.resolve.weighing import decide, kept, rounded, weigh
from homeroom.engines.resolve.weights import PERSON

_NEWEST_YEAR = "(SELECT max(year(seen_at)) FROM rz_person_rows)"
_GROWN = 23  # years of age from which somebody is no pupil any more, whatever a list calls them
SPACES = ("names", "born", "place", "local", "parts", "number")
_MANY = 20_000  # open subjects from which a first look at the sure pairs is worth its time
_SURE = replace(PERSON, join=PERSON.join + 6, alone=PERSON.join + 6, doubt=PERSON.join + 6)
LETTERS = "nullif(trim(regexp_replace(regexp_replace(strip_accents(lower({})), '[''`’´]', '', 'g'), '[^\\p{{L}}]+', ' ', 'g')), '')"
SQUEEZED = "replace({}, ' ', '')"
# What somebody is called before the @: of an address, and a user name that is more than a number.
_LOCALS = "list_distinct(list_filter([split_part({}, '@', 1), split_part({}, '@', 1)], x -> regexp_matches(x, '[a-z]') AND length(x) > 3))"
_LANES = "CASE r.namespace WHEN 'student' THEN ['pupil'] WHEN 'other' THEN ['pupil', 'adult'] ELSE ['adult'] END"
_PLAIN = "nullif(trim(regexp_replace(lower({}), '[^\\p{{L}}0-9]+', ' ', 'g')), '')"


def weigh_people(session: duckdb.DuckDBPyConnection, *, label: Numbers) -> Numbers:
    """The labels of person nodes with weighed pairs joined. Leaves rz_person_weighed (a, b, bits, levels, joined).

    Whoever agrees in whole names and in one more thing is joined first, so that most need not be compared with all others.
    """
    made(session, "person_weighed", "SELECT 0 AS a, 0 AS b WHERE false")
    for scale, spaces in ((_SURE, _sure_spaces()), (PERSON, _spaces())):
        given(session, "settled", pa.table({"n": np.arange(len(label)), "comp": label}))
        _sets(session)
        waiting = open_subjects(session)
        if not waiting:
            break
        if scale is _SURE and waiting < _MANY:
            continue
        people = len(np.unique(label))
        named(session)
        _profiles(session, people=people)
        block(session, table="profile", spaces=spaces)
        propose(session, spaces=SPACES)
        weigh(session, scale, profiles=("profile", "profile"), size=people)
        label = decide(session, scale, count=len(label), label=label)
        kept(session, "person", all_of=scale is PERSON)
    dropped(session, "profile", "block", "shared", "weighed", "grown", "torn", "sets", "open", "settled", "roots")  # fmt: skip
    return label


def named(session: duckdb.DuckDBPyConnection) -> None:
    """rz_roots (name, roots): the full forms that a given name may stand for."""
    names, forms = zip(*roots(), strict=True)
    given(session, "roots", pa.table({"name": list(names), "root": list(forms)}))
    made(session, "roots", "SELECT name, list_sort(list(root)) AS roots FROM rz_roots GROUP BY name")


def _sets(session: duckdb.DuckDBPyConnection) -> None:
    made(
        session,
        "sets",
        f"""SELECT s.comp, list_sort(list_distinct(coalesce(list(r.source) FILTER (NOT r.gone), []))) AS standing,
            list_sort(list_distinct(flatten(list({_LANES})))) AS lanes,
            bool_and(NOT r.gone AND coalesce(r.birth_date::VARCHAR, r.street) IS NOT NULL AND {NUMBER} IS NULL AND r.master_id IS NULL
                AND r.email IS NULL AND r.username IS NULL) AS twice
        FROM rz_person_rows r JOIN rz_settled s USING (n) GROUP BY s.comp""",
    )  # fmt: skip


def _profiles(session: duckdb.DuckDBPyConnection, *, people: int) -> None:
    """rz_profile: a row a record of an open subject, in the forms that are compared. A name is as rare as it is among those
    that somebody can be mistaken for: a teacher is not taken for a pupil."""
    whole, family = LETTERS.format("coalesce(r.preferred_name, r.given_name)"), LETTERS.format("r.family_name")
    email = FORMS["email"].format("r.email")
    made(
        session,
        "profile",
        f"""WITH plain AS (SELECT s.comp, r.n, r.source, {_LANES} AS lanes,
            coalesce(r.birth_year, year(r.birth_date)) <= {_NEWEST_YEAR} - {_GROWN} AS grown,
            {whole} AS givens, {LETTERS.format("r.given_name")} AS formal, {family} AS families, {LETTERS.format("r.middle_name")} AS middle,
            strftime(r.birth_date, '%Y%m%d') AS born, coalesce(r.birth_year, year(r.birth_date)) AS birth_year,
            {_PLAIN.format("r.street")} AS street, {_PLAIN.format("r.house_number")} AS house_number, {_PLAIN.format("r.second_line")} AS second_line, {_PLAIN.format("r.city")} AS city, {_PLAIN.format("r.postal_code")} AS postal_code, {_PLAIN.format("r.region")} AS region,
            {_PLAIN.format("coalesce(r.org_name, o.name)")} AS school, r.grade,
            nullif(split_part({email}, '@', 1), '') AS local, {_LOCALS.format(email, FORMS["email"].format("r.username"))} AS locals, nullif(split_part({email}, '@', 2), '') AS domain, {FORMS["stripped"].format(NUMBER)} AS number
            FROM rz_person_rows r JOIN rz_settled s USING (n)
            LEFT JOIN (SELECT instance, key, any_value(name ORDER BY name) AS name FROM orgs GROUP BY ALL) o ON o.instance = r.instance AND o.key = r.org_key
            WHERE s.comp IN (SELECT comp FROM rz_open)),
        split AS (SELECT * EXCLUDE (givens, formal, families), {SQUEEZED.format("givens")} AS given, {SQUEEZED.format("families")} AS family,
            list_filter(string_split(coalesce(families, ''), ' '), x -> length(x) > 2) AS families,
            list_distinct(list_filter(string_split(concat_ws(' ', givens, formal), ' '), x -> length(x) > 2)) AS givens,
            split_part(coalesce(givens, ''), ' ', 1) AS first FROM plain),
        laned AS (SELECT comp, given, family, unnest(lanes) AS lane FROM split),
        rare AS (SELECT given AS value, lane, count(DISTINCT comp) AS c FROM laned GROUP BY ALL),
        rarer AS (SELECT family AS value, lane, count(DISTINCT comp) AS c FROM laned GROUP BY ALL)
        SELECT s.*, coalesce(t.roots, [s.first]) AS roots, log2({rounded(people)} / g.c) AS given_bits, log2({rounded(people)} / f.c) AS family_bits
        FROM split s LEFT JOIN rz_roots t ON t.name = s.first LEFT JOIN rare g ON g.value = s.given AND g.lane = s.lanes[1]
        LEFT JOIN rarer f ON f.value = s.family AND f.lane = s.lanes[1]""",
    )


def _sure_spaces() -> str:
    """The whole name in any order with the birth date, with the home, or with school and grade."""
    whole = "array_to_string(list_sort([given, family]), ' ')"
    spaces = (
        f"SELECT 'born' AS space, born || {whole} AS value, lanes, comp FROM here",
        f"SELECT 'place', street || ' ' || {whole}, lanes, comp FROM here WHERE born IS NULL",
        f"SELECT 'names', school || ' ' || coalesce(grade, '') || ' ' || {whole}, lanes, comp FROM here WHERE born IS NULL AND street IS NULL",
    )
    return _laned(" UNION ALL ".join(spaces))


def _spaces() -> str:
    """Names in any order, a birth date with an initial or a place, a street with its code, an address, name parts."""
    spaces = (
        "SELECT 'names', array_to_string(list_sort([given, family]), ' ')",
        "SELECT 'names', root || ' ' || family FROM",
        "SELECT 'born', born || left(given, 1)",
        "SELECT 'born', born || left(family, 2)",
        "SELECT 'born', born || postal_code",
        "SELECT 'born', born || left(city, 4)",
        "SELECT 'place', street || ' ' || postal_code",
        "SELECT 'place', house_number || ' ' || street || ' ' || left(city, 3)",
        "SELECT 'place', house_number || ' ' || postal_code || ' ' || left(street, 3)",
        "SELECT 'place', second_line || ' ' || city",
        "SELECT 'place', postal_code || ' ' || left(family, 3) || ' ' || left(given, 1)",
        "SELECT 'place', school || ' ' || left(family, 4) || ' ' || left(given, 3)",
        "SELECT 'local', local_part FROM",
        "SELECT 'parts', given || ' ' || left(family, 4)",
        "SELECT 'parts', family || ' ' || left(given, 3)",
        "SELECT 'parts', part || ' ' || left(given, 3) FROM",
        "SELECT 'number', CASE WHEN length(number) > 3 THEN number END",
    )
    sources = {
        "local_part": "(SELECT *, unnest(locals) AS local_part FROM here)",
        "root": "(SELECT *, unnest(roots) AS root FROM here)",
        "part": "(SELECT *, unnest(families) AS part FROM here WHERE len(families) > 1)",
    }
    rows = []
    for words in spaces:
        name = next((one for one in sources if f", {one} " in words), "")
        rows.append(f"{words.removesuffix(' FROM')} AS value, lanes, comp FROM {sources.get(name, 'here')}")
    union = " UNION ALL ".join(rows).replace("SELECT 'names', array", "SELECT 'names' AS space, array", 1)
    return _laned(union)


def _laned(spaces: str) -> str:
    return f"SELECT space, unnest(lanes) || ' ' || value AS value, comp, true AS whole FROM ({spaces})"
