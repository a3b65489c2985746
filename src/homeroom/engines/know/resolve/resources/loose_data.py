"""Documents with loose student data, and files that are shared in a drive."""

from __future__ import annotations

from homeroom.engines.know.resolve.resources.definition import SOURCES, Resource

_TITLE_WORDS: tuple[tuple[str, str], ...] = (
    ("special-education", r"ieps?|504 plans?|504s?|special ed(ucation)?|sped|accommodations?"),
    ("ssn", r"ssns?|social security"),
    ("discipline", r"suspensions?|expulsions?|discipline|detentions?|referrals?"),
    ("health", r"allerg(y|ies)|medications?|health (plans?|records?)|immunizations?|medical"),
    ("meal-status", r"free (and|&) reduced|frl|frpl|lunch status"),
    ("password", r"passwords?|logins?|credentials?"),
    ("birth-date", r"birth ?dates?|dobs?|birthdays?"),
    ("home-address", r"home addresses|student addresses|addresses"),
    ("phone", r"phone (list|numbers?)|emergency contacts?"),
    ("name", r"class (list|roster)s?|rosters?|student (list|information|data)|gradebooks?|grades"),
)
"""Words of a title by the kind of student data that they name."""


def _build_subjects_sql() -> str:
    words = "[^a-z0-9]"
    tests = ", ".join(
        f"CASE WHEN regexp_matches(lower(title), '(^|{words})({pattern})($|{words})') THEN '{kind}' END"
        for kind, pattern in _TITLE_WORDS
    )
    return f"list_sort(list_filter([{tests}], item -> item IS NOT NULL))"


LOOSE_FILE = Resource(
    kind="document",
    records="loose_file_records",
    key="r.path",
    select=f"""SELECT id, min(path) AS path, min(kind) AS kind, min(unread) AS unread, min(owner) AS owner,
            max(students) AS students, any_value(CASE WHEN unread IS NULL THEN coalesce(kinds, []) END) AS kinds,
            any_value(counts) AS counts, any_value(places) AS places, any_value(shapes) AS shapes, {SOURCES}
        FROM rz_document_rows GROUP BY id""",
)

SHARED_FILE = Resource(
    kind="drivefile",
    records="shared_file_records",
    key="r.key",
    select=f"""SELECT f.id, min(title) AS title, min(owner_email) AS owner, min(a.role) AS owner_role,
            min(f.kind) AS kind, min(access) AS access, bool_or(findable) AS findable, bool_or(writable) AS writable,
            any_value({_build_subjects_sql()}) AS subjects, max(modified_at) AS modified_at,
            list_sort(list(DISTINCT f.instance)) AS sources
        FROM rz_drivefile_rows f LEFT JOIN (SELECT lower(email) AS email,
                CASE WHEN bool_or(works_here) THEN 'staff' WHEN bool_or(role = 'student') THEN 'student' END AS role
            FROM accounts WHERE email IS NOT NULL GROUP BY ALL) a ON a.email = f.owner_email GROUP BY f.id""",
)
