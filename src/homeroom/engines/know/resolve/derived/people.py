"""The derived table `people`: one row for each person, from all records of that person."""

from __future__ import annotations

from homeroom.engines.know.resolve.records.staging import ORD_RANGE
from homeroom.evidence.query.steps import Step

_RANK = "CASE {} WHEN 'staff' THEN 1 WHEN 'student' THEN 2 WHEN 'guardian' THEN 3 ELSE 4 END"
_ROLE_RANK = """CASE {} WHEN 'administrator' THEN 1 WHEN 'teacher' THEN 2 WHEN 'staff' THEN 3 WHEN 'aide' THEN 3
    WHEN 'student' THEN 4 WHEN 'guardian' THEN 5 WHEN 'parent' THEN 5 WHEN 'relative' THEN 5 ELSE 6 END"""
KINDS_SQL = "['staff', 'student', 'guardian', 'other']"
ROLES_SQL = "['administrator', 'teacher', 'staff', 'student', 'guardian', 'other']"
GRADE_BANDS: dict[str, tuple[str, ...]] = {
    "k-2": ("IT", "PR", "PK", "TK", "KG", "01", "02"),
    "3-5": ("03", "04", "05"),
    "6-8": ("06", "07", "08"),
    "9-12": ("09", "10", "11", "12"),
}


def list_people_steps() -> tuple[Step, ...]:
    """Build rz_people with the columns of `people`, and also works_here, role, authority_kind and known."""
    band = " ".join(
        f"WHEN n.grade IN ({', '.join(repr(g) for g in grades)}) THEN '{name}'" for name, grades in GRADE_BANDS.items()
    )
    return (
        _build_kinds_step(),
        _build_names_step(),
        _build_schools_step(),
        _build_homerooms_step(),
        Step(
            name="describe people",
            reads=("departures", "homerooms", "names", "schools", "standing"),
            writes=("people",),
            sql=f"""SELECT s.id, n.name, n.sort_name, n.email, s.kind, s.roles, s.here,
            NOT s.here AND d.id IS NOT NULL AND NOT s.coming AS "left",
            CASE WHEN NOT s.here AND NOT s.coming THEN d.left_on END AS left_on,
            CASE WHEN NOT s.here AND NOT s.coming THEN d.because END AS left_because,
            c.school, CASE WHEN s.kind = 'student' THEN n.grade END AS grade,
            CASE WHEN s.kind = 'student' THEN CASE {band} END END AS grade_band,
            CASE WHEN s.kind = 'student' THEN coalesce(n.homeroom, h.homeroom) END AS homeroom,
            CASE WHEN s.kind <> 'student' THEN n.title END AS title, n.identifiers, n.sources, s.works_here, s.role,
                s.known
        FROM rz_standing s JOIN rz_names n USING (id) LEFT JOIN rz_schools c USING (id) LEFT JOIN rz_homerooms h
            USING (id)
        LEFT JOIN (SELECT id, max(left_on) AS left_on, max_by(because, coalesce(left_on,
            DATE '1900-01-01')::VARCHAR || kind) AS because
            FROM rz_departures GROUP BY id) d USING (id)""",
        ),
    )


def _build_kinds_step() -> Step:
    """Build rz_standing: kind, roles and status of each person.

    A person who left has the strongest role that they ever had.
    """
    return Step(
        name="derive kind and roles of people",
        reads=("authority", "counted", "roles"),
        writes=("standing",),
        sql=f"""WITH ever AS (SELECT id, min({_RANK.format("kind")}) AS kind, min({_ROLE_RANK.format("role")}) AS role,
            bool_or(future) AS coming
            FROM rz_roles GROUP BY id),
        now AS (SELECT id, min({_RANK.format("kind")}) AS kind, min({_ROLE_RANK.format("role")}) AS role,
            list_sort(list_distinct(list(role))) AS roles, bool_or(kind = 'staff' OR (kind = 'other'
                AND working_job)) AS works_here
            FROM rz_counted GROUP BY id),
        kinds AS (SELECT e.id, {KINDS_SQL}[coalesce(n.kind, e.kind)] AS kind, {ROLES_SQL}[coalesce(n.role,
            e.role)] AS role,
            coalesce(n.roles, []) AS roles, n.id IS NOT NULL AS here, e.coming, coalesce(n.works_here,
                false) AS works_here
            FROM ever e LEFT JOIN now n USING (id)),
        carried AS (SELECT id, list_distinct(list((connector, instance))) AS sources,
            bool_or(standing_job) AS standing_job FROM rz_roles GROUP BY id),
        decides AS (SELECT kind, list((connector, instance)) AS sources FROM rz_authority GROUP BY kind),
        anyone AS (SELECT list(DISTINCT (connector, instance)) AS sources, count(*) AS c FROM rz_authority)
        SELECT k.*, CASE WHEN k.kind IN ('guardian', 'other') OR c.standing_job
                THEN CASE WHEN a.c > 0 THEN list_has_any(c.sources, a.sources) END
            ELSE CASE WHEN d.sources IS NOT NULL THEN list_has_any(c.sources, d.sources) END END AS known
        FROM kinds k JOIN carried c USING (id) LEFT JOIN decides d ON d.kind = k.kind CROSS JOIN anyone a""",
    )


def _build_names_step() -> Step:
    """Build rz_names, each field from the record that decides it.

    Current records come before gone ones, authoritative before others, newer before older.
    """
    return Step(
        name="merge names of people",
        reads=("authority", "person_nodes", "person_rows"),
        writes=("names",),
        sql=f"""WITH ordered AS (SELECT p.id, r.*, (CASE WHEN r.gone THEN 0 ELSE 2 END + (a.connector IS NOT
            NULL)::INTEGER)::BIGINT * {ORD_RANGE} + r.ord AS best,
            [email, username, identifier, master_id, r.key] || coalesce(list_transform(other_ids,
                x -> regexp_extract(x, '([^:]*)$', 1)), []) AS row_ids
            FROM rz_person_rows r JOIN rz_person_nodes p USING (n)
            LEFT JOIN rz_authority a ON a.connector = r.connector AND a.instance = r.instance
                AND a.kind = r.namespace),
        merged AS (SELECT id, arg_max(coalesce(preferred_name, given_name), best) AS given, arg_max(family_name,
            best) AS family,
            arg_max(coalesce(email, CASE WHEN username LIKE '%@%' THEN username END), best) AS email, arg_max(grade,
                best) AS grade, arg_max(title, best) AS title,
            arg_max(homeroom, best) AS homeroom,
            flatten(list(row_ids)) AS ids,
            list_sort(list_distinct(coalesce(list(instance) FILTER (NOT gone), []))) AS sources
            FROM ordered GROUP BY id)
        SELECT id, coalesce(nullif(trim(concat_ws(' ', given, family)), ''), email, 'No name') AS name,
            lower(strip_accents(coalesce(nullif(concat_ws(', ', family, given), ''), email, 'no name'))) AS sort_name,
                email, grade, title, homeroom,
            list_sort(list_distinct(list_filter(list_transform(ids, x -> lower(trim(x))),
                x -> x <> ''))) AS identifiers, sources FROM merged""",
    )


def _build_schools_step() -> Step:
    """Build rz_schools: the school of the current main role, else of the record.

    Schools come before departments and the district.
    """
    return Step(
        name="assign schools to people",
        reads=("person_nodes", "person_rows", "roles"),
        writes=("schools",),
        sql="""WITH places AS (
            SELECT r.id, r.n, r.instance, r.connector, r.org_key, r.org_name, r.current AND r."primary" AS main,
                r.current, 1 AS near, r.begin_date FROM rz_roles r
            UNION ALL SELECT p.id, r.n, r.instance, r.connector, r.org_key, r.org_name, false, NOT r.gone, 0, NULL
                FROM rz_person_rows r JOIN rz_person_nodes p USING (n)),
        named AS (SELECT q.*, coalesce(q.org_name, o.name) AS name, o.kind = 'school' AS school FROM places q
            LEFT JOIN (SELECT instance, key, any_value(name ORDER BY name) AS name, min(lower(kind)) AS kind FROM orgs
                GROUP BY ALL) o
            ON o.instance = q.instance AND o.key = q.org_key)
        SELECT id, arg_max(name, (current, coalesce(school, true), main, near, coalesce(begin_date,
            DATE '1900-01-01'), -n, name)) AS school
        FROM named WHERE name IS NOT NULL GROUP BY id""",
    )


def _build_homerooms_step() -> Step:
    return Step(
        name="assign homerooms to students",
        reads=("person_nodes",),
        writes=("homerooms",),
        sql="""SELECT p.id, min(c.title) AS homeroom FROM (SELECT instance, key, title FROM classes WHERE kind =
            'homeroom'
            AND status IS DISTINCT FROM 'tobedeleted') c
        JOIN enrollments e ON e.instance = c.instance AND e.class_key = c.key AND e.role = 'student'
            AND e.status IS DISTINCT FROM 'tobedeleted'
        JOIN rz_person_nodes p ON p.instance = e.instance AND p.key = e.person_key GROUP BY p.id""",
    )
