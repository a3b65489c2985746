"""Score pairs of people that the identity rules did not join, by names, birth dates, homes and schools.

Students are compared with students and adults with adults; records of unknown kind are compared with both. Records of
one source are compared with each other only where its rows have no identity of their own (neither number nor e-mail)
but a birth date or a home: such a list may hold one person twice.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from homeroom.engines.know.resolve.matching.blocking import (
    list_blocking_steps,
    list_open_subject_steps,
    list_pair_steps,
)
from homeroom.engines.know.resolve.matching.former_people import list_returned_people_steps
from homeroom.engines.know.resolve.matching.match_model import MatchModel
from homeroom.engines.know.resolve.matching.renamed_people import list_working_parent_steps
from homeroom.engines.know.resolve.matching.repeated_people import list_mailbox_steps
from homeroom.engines.know.resolve.matching.scoring import (
    build_empty_scores_step,
    build_population_step,
    build_score_store_step,
    list_decision_steps,
    list_scoring_steps,
)
from homeroom.engines.know.resolve.matching.weights import PERSON_MODEL
from homeroom.engines.know.resolve.shared.nicknames import list_name_roots
from homeroom.engines.know.resolve.shared.rules import NORMAL_FORMS, PERSON_NUMBER_SQL
from homeroom.engines.know.resolve.shared.words import LETTERS, SQUEEZED
from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.temp_tables import TempTables

_NEWEST_YEAR = "(SELECT max(year(seen_at)) FROM rz_person_rows)"
_ADULT_AGE = 23  # years of age from which somebody is no student any more, whatever a list calls them
SPACES = ("names", "born", "place", "local", "parts", "number")
_TWO_PASS_MINIMUM = 20_000  # open subjects from which a first look at the sure pairs is worth its time
_CONFIDENT_MODEL = replace(
    PERSON_MODEL, join=PERSON_MODEL.join + 6, alone=PERSON_MODEL.join + 6, review=PERSON_MODEL.join + 6
)
# Local parts of an address, and of a user name that is more than a number.
_LOCAL_PARTS_SQL = (
    "list_distinct(list_filter([split_part({}, '@', 1), split_part({}, '@', 1)], x -> "
    "regexp_matches(x, '[a-z]') AND length(x) > 3))"
)
_LANES = "CASE r.namespace WHEN 'student' THEN ['student'] WHEN 'other' THEN ['student', 'adult'] ELSE ['adult'] END"
_PLAIN = "nullif(trim(regexp_replace(lower({}), '[^\\p{{L}}0-9]+', ' ', 'g')), '')"


def list_person_steps() -> tuple[Step, ...]:
    """Join person nodes whose scored pairs match in rz_person_components.

    Build also rz_person_scores (a, b, bits, levels, joined) and rz_person_mailboxes (n, why). Where many subjects are
    open, those that agree in their full names and one more value are joined first, so that most need not be compared
    with all others.
    """
    return (
        build_empty_scores_step("person"),
        Step(
            name="start the list of people whom one account names",
            writes=("person_mailboxes",),
            sql="SELECT 0::BIGINT AS n, '' AS why WHERE false",
        ),
        _build_mailbox_step(),
        *list_working_parent_steps(),
        *list_returned_people_steps(),
        _build_pass_step(
            "join people who surely match",
            model=_CONFIDENT_MODEL,
            keys=_confident_keys_sql(),
            minimum=_TWO_PASS_MINIMUM,
            include_unjoined=False,
        ),
        _build_pass_step(
            "join people who match", model=PERSON_MODEL, keys=_blocking_keys_sql(), minimum=1, include_unjoined=True
        ),
    )


def _build_pass_step(name: str, *, model: MatchModel, keys: str, minimum: int, include_unjoined: bool) -> Step:
    """Compare people with a model, if at least `minimum` subjects are open."""
    inputs = ("apart", "person_components", "person_rows", "person_scores")
    matching = Step(
        name="compare open people",
        reads=("candidates", "open_subjects", *inputs),
        writes=("person_components", "person_scores"),
        steps=(
            build_nickname_step(),
            build_population_step(table="person_components", name="count people"),
            _build_profile_step(),
            *list_blocking_steps(table="profiles", spaces=keys),
            *list_pair_steps(spaces=SPACES),
            *list_scoring_steps(model, profiles=("profiles", "profiles")),
            *list_decision_steps(model, "person"),
            build_score_store_step("person", include_unjoined=include_unjoined),
        ),
        when=f"SELECT count(*) >= {minimum} FROM rz_open_subjects",
    )
    return Step(
        name=name,
        reads=inputs,
        writes=("person_components", "person_scores"),
        steps=(_build_candidates_step(), *list_open_subject_steps(), matching),
    )


def _build_mailbox_step() -> Step:
    """Join open people whom one account names, before any score."""
    inputs = ("apart", "person_components", "person_mailboxes", "person_rows")
    return Step(
        name="join people by their accounts",
        reads=inputs,
        writes=("person_components", "person_mailboxes"),
        steps=(
            _build_candidates_step(),
            *list_open_subject_steps(),
            Step(
                name="look for people in accounts",
                reads=("candidates", "open_subjects", *inputs),
                writes=("person_components", "person_mailboxes"),
                steps=(build_nickname_step(), *list_mailbox_steps()),
                when="SELECT count(*) > 0 FROM rz_open_subjects",
            ),
        ),
    )


def build_nickname_step() -> Step:
    """Build rz_roots (name, roots): the full forms that a given name may abbreviate."""
    return Step(name="list nicknames", writes=("roots",), run=_create_nickname_roots)


def _create_nickname_roots(tables: TempTables) -> None:
    names, forms = zip(*list_name_roots(), strict=True)
    tables.register_view("nicknames", pa.table({"name": list(names), "root": list(forms)}))
    tables.create("roots", "SELECT name, list_sort(list(root)) AS roots FROM rz_nicknames GROUP BY name")


def _build_candidates_step() -> Step:
    """Build rz_candidates; the source that has a member of staff as a parent may have them as staff once more.

    Its other parents are other people.
    """
    return Step(
        name="list people with their sources",
        reads=("person_components", "person_rows"),
        writes=("candidates",),
        sql=f"""SELECT s.comp, list_sort(list_distinct(coalesce(CASE WHEN bool_and(r.namespace = 'guardian')
                THEN list(r.source) FILTER (NOT r.gone)
                ELSE list(r.source) FILTER (NOT r.gone AND r.namespace <> 'guardian') END, [])
                || coalesce(list(-1 - r.source) FILTER (NOT r.gone AND r.namespace = 'guardian'), [])))
                AS sources,
            list_sort(list_distinct(flatten(list({_LANES})))) AS lanes,
            bool_and(NOT r.gone AND coalesce(r.birth_date::VARCHAR, r.street) IS NOT NULL
                AND {PERSON_NUMBER_SQL} IS NULL AND r.master_id IS NULL
                AND r.email IS NULL AND r.username IS NULL) AS twice
        FROM rz_person_rows r JOIN rz_person_components s USING (n) GROUP BY s.comp""",
    )


def _build_profile_step() -> Step:
    """Build rz_profiles: one row for each record of an open subject, with its values normalized for comparison.

    The rarity of a name is counted within a lane, because a teacher is not mistaken for a student.
    """
    first_names, last_names = (
        LETTERS.format("coalesce(r.preferred_name, r.given_name)"),
        LETTERS.format("r.family_name"),
    )
    email = NORMAL_FORMS["email"].format("r.email")
    return Step(
        name="normalize the values of open people",
        reads=("open_subjects", "person_components", "person_rows", "population", "roots"),
        writes=("profiles",),
        sql=f"""WITH plain AS (SELECT s.comp, r.n, r.source, r.namespace = 'guardian' AS parent, {_LANES} AS lanes,
            coalesce(r.birth_year, year(r.birth_date)) <= {_NEWEST_YEAR} - {_ADULT_AGE} AS grown,
            {first_names} AS givens, {LETTERS.format("r.given_name")} AS formal, {last_names} AS families,
                {LETTERS.format("r.middle_name")} AS middle,
            strftime(r.birth_date, '%Y%m%d') AS born, coalesce(r.birth_year, year(r.birth_date)) AS birth_year,
            {_PLAIN.format("r.street")} AS street, {_PLAIN.format("r.house_number")} AS house_number,
                {_PLAIN.format("r.second_line")} AS second_line, {_PLAIN.format("r.city")} AS city,
                    {_PLAIN.format("r.postal_code")} AS postal_code, {_PLAIN.format("r.region")} AS region,
            {_PLAIN.format("coalesce(r.org_name, o.name)")} AS school, r.grade,
            nullif(split_part({email}, '@', 1), '') AS local,
                {_LOCAL_PARTS_SQL.format(email, NORMAL_FORMS["email"].format("r.username"))} AS locals,
                    nullif(split_part({email}, '@', 2), '') AS domain,
                        {NORMAL_FORMS["stripped"].format(PERSON_NUMBER_SQL)} AS number
            FROM rz_person_rows r JOIN rz_person_components s USING (n)
            LEFT JOIN (SELECT instance, key, any_value(name ORDER BY name) AS name FROM orgs GROUP BY ALL) o
                ON o.instance = r.instance AND o.key = r.org_key
            WHERE s.comp IN (SELECT comp FROM rz_open_subjects)),
        split AS (SELECT * EXCLUDE (givens, formal, families), {SQUEEZED.format("givens")} AS given,
            {SQUEEZED.format("families")} AS family,
            list_filter(string_split(coalesce(families, ''), ' '), x -> length(x) > 2) AS families,
            list_distinct(list_filter(string_split(concat_ws(' ', givens, formal), ' '), x -> length(x) > 2)) AS givens,
            split_part(coalesce(givens, ''), ' ', 1) AS first FROM plain),
        laned AS (SELECT comp, given, family, unnest(lanes) AS lane FROM split),
        rare AS (SELECT given AS value, lane, count(DISTINCT comp) AS c FROM laned GROUP BY ALL),
        rarer AS (SELECT family AS value, lane, count(DISTINCT comp) AS c FROM laned GROUP BY ALL)
        SELECT s.*, coalesce(t.roots, [s.first]) AS roots, log2((SELECT size FROM rz_population) / g.c) AS given_bits,
            log2((SELECT size FROM rz_population) / f.c) AS family_bits
        FROM split s LEFT JOIN rz_roots t ON t.name = s.first LEFT JOIN rare g ON g.value = s.given
            AND g.lane = s.lanes[1]
        LEFT JOIN rarer f ON f.value = s.family AND f.lane = s.lanes[1]""",
    )


def _confident_keys_sql() -> str:
    """Return SQL for the full name in any order with the birth date, with the home, or with school and grade."""
    full_name = "array_to_string(list_sort([given, family]), ' ')"
    spaces = (
        f"SELECT 'born' AS space, born || {full_name} AS value, lanes, comp FROM here",
        f"SELECT 'place', street || ' ' || {full_name}, lanes, comp FROM here WHERE born IS NULL",
        f"SELECT 'names', school || ' ' || coalesce(grade, '') || ' ' || {full_name}, lanes, comp FROM here WHERE "
        f"born IS NULL AND street IS NULL",
    )
    return _expand_lanes_sql(" UNION ALL ".join(spaces))


def _blocking_keys_sql() -> str:
    """Return SQL for all blocking keys of a person.

    Names in any order, a birth date with an initial or a place, a street with its postal code, an address, name parts.
    """
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
    for select in spaces:
        name = next((column for column in sources if f", {column} " in select), "")
        rows.append(f"{select.removesuffix(' FROM')} AS value, lanes, comp FROM {sources.get(name, 'here')}")
    union = " UNION ALL ".join(rows).replace("SELECT 'names', array", "SELECT 'names' AS space, array", 1)
    return _expand_lanes_sql(union)


def _expand_lanes_sql(spaces: str) -> str:
    return f"SELECT space, unnest(lanes) || ' ' || value AS value, comp, true AS whole FROM ({spaces})"
