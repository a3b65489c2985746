"""Read what the evidence has of vendors from a session: agreements, what was sent, and permissions of students."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import duckdb
import pyarrow as pa

from homeroom.domain.comply.privacy.flows import FlowWay, GrantedElement, SentElement, VendorAgreement
from homeroom.domain.comply.privacy.vocabulary import Vocabulary
from homeroom.engines.comply.privacy.flow_review import FlowInputs

SOURCES = ("agreement_records", "sent_records", "app_grants", "contract_records", "sources")
"""Source tables that are read; the resolved accounts, people and links are read beside them."""
ENDED_WORDS = r"^\W*(expired|terminated|cancell?ed|lapsed|ended|discontinued|withdrawn|revoked|inactive|closed)\b"
"""Pattern over the list's own word, in lower case: the agreement is over."""
_ALL_PRODUCTS = re.compile(
    r"\W*((all|any|various|several)( of)?( its| their)?( products?| apps?| services?)?|n/?a)?\W*",
    re.IGNORECASE,
)
"""Texts of a product that mean all of a vendor's, or nothing."""
_ALL_SCHOOLS = re.compile(
    r"\W*((all|every|any)( of)?( the)?( our)?( district)?( schools?| campus(es)?| buildings?| sites?)?"
    r"|(the )?(whole |entire )?district([- ]?wide)?|n/?a|none)?\W*",
    re.IGNORECASE,
)
"""Texts of schools that mean all of them."""
_AGREEMENTS_SQL = f"""SELECT key, vendor, nullif(trim(product), '') AS product, kind, signed_on,
    CASE WHEN regexp_matches(lower(coalesce(status_word, '')), '{ENDED_WORDS}') AND ends_on > $today THEN NULL
        ELSE ends_on END AS ends_on,
    student_data, coalesce(data_kinds, []) AS data_kinds, coalesce(schools, []) AS schools,
    regexp_matches(lower(coalesce(status_word, '')), '{ENDED_WORDS}') AS is_over,
    CASE WHEN regexp_matches(lower(status_word), 'refus|declin|denied|reject|not approved') THEN 'refused'
        WHEN signed_on IS NOT NULL OR regexp_matches(lower(coalesce(status_word, '')), '{ENDED_WORDS}') THEN 'signed'
        WHEN regexp_matches(lower(status_word), 'request|sent|pending|waiting|in review|in progress|draft') THEN 'asked'
        WHEN regexp_matches(lower(status_word), '^(signed|executed|active|approved|complete)') THEN 'signed'
        ELSE 'unsigned' END AS state
    FROM agreement_records WHERE vendor IS NOT NULL OR product IS NOT NULL ORDER BY instance, key"""
_SENT_SQL = """SELECT recipient, way, element, sent_on, max(filled)::BIGINT, max(children)::BIGINT,
    arg_max(schools, children), arg_max(school_children, children) FROM (
    SELECT recipient, way, element, sent_on, batch, "column", sum(CASE WHEN guardians > 0 THEN guardians
        ELSE students END) AS filled, max(children) AS children, arg_max(schools, children) AS schools,
    arg_max(school_children, children) AS school_children FROM sent_records
    WHERE coalesce(students, 0) + coalesce(guardians, 0) > 0 GROUP BY ALL) GROUP BY ALL ORDER BY ALL"""
_PRODUCTS_SQL = """SELECT DISTINCT product, vendor FROM contract_records
    WHERE product IS NOT NULL AND vendor IS NOT NULL
    UNION SELECT DISTINCT app_name, publisher FROM app_grants WHERE app_name IS NOT NULL AND publisher IS NOT NULL
    ORDER BY ALL"""
_SCOPES_SQL = """SELECT DISTINCT connector, scope FROM (
    SELECT connector, unnest(lists.scopes) AS scope FROM (SELECT DISTINCT connector, scopes FROM app_grants) lists)
    ORDER BY ALL"""
_CLASSES_SQL = """CREATE OR REPLACE TEMP TABLE _pv_accounts AS
    SELECT l.connector, l.instance, l.key, a.id, a.directory, lower(a.email) AS email, a.kind = 'student' AS student
    FROM _pv_links l JOIN _pv_all_accounts a ON l.subject_kind = 'account' AND a.id = l.id"""
_LISTS_SQL = """CREATE OR REPLACE TEMP TABLE _pv_lists AS SELECT row_number() OVER () AS list, connector, scopes
    FROM (SELECT DISTINCT connector, scopes FROM app_grants)"""
_ELEMENTS_SQL = """CREATE OR REPLACE TEMP TABLE _pv_carried AS SELECT DISTINCT p.list, c.scope, c.element
    FROM (SELECT list, connector, unnest(scopes) AS scope FROM _pv_lists) p
    JOIN _pv_scopes c ON c.connector = p.connector AND c.scope = p.scope"""
_GRANTS_SQL = """CREATE OR REPLACE TEMP TABLE _pv_grants AS
    SELECT g.connector, g.app_key, s.list, g.account_key = '' AS everybody,
        coalesce(k.id, e.id, hash(g.email)) AS account, coalesce(k.student, e.student, m.student) AS student,
        g.granted_at::DATE AS since, g.app_name, g.publisher
    FROM app_grants g JOIN _pv_lists s ON s.connector = g.connector AND s.scopes IS NOT DISTINCT FROM g.scopes
    LEFT JOIN (SELECT connector, instance, key, min(id) AS id, bool_or(student) AS student
        FROM _pv_accounts GROUP BY ALL) k
        ON k.connector = g.connector AND k.instance = g.instance AND k.key = g.account_key
    LEFT JOIN (SELECT directory, email, min(id) AS id, bool_or(student) AS student FROM _pv_accounts
        WHERE email <> '' GROUP BY ALL) e ON e.directory = g.connector AND e.email = lower(g.email)
    LEFT JOIN _pv_people m ON m.email = lower(g.email)"""
_PEOPLE_SQL = """CREATE OR REPLACE TEMP TABLE _pv_people AS SELECT email, bool_or(student) AS student FROM (
    SELECT lower(r.email) AS email, p.kind = 'student' AS student FROM person_records r JOIN _pv_links l
        ON l.subject_kind = 'person' AND l.connector = r.connector AND l.instance = r.instance AND l.key = r.key
    JOIN _pv_all_people p ON p.id = l.id WHERE r.email <> '') GROUP BY email"""
_TOTALS_SQL = """WITH everybody AS (SELECT directory, count(DISTINCT id) FILTER (WHERE student) AS students
        FROM _pv_accounts GROUP BY directory),
    apps AS (SELECT connector, app_key, min(app_name) AS app_name, min(publisher) AS publisher FROM _pv_grants
        GROUP BY ALL),
    per AS (SELECT g.connector, g.app_key, c.scope, c.element,
        count(DISTINCT CASE WHEN g.student AND NOT g.everybody THEN g.account END) AS students,
        count(DISTINCT CASE WHEN g.student IS NULL AND NOT g.everybody THEN g.account END) AS unknown,
        bool_or(g.everybody) AS everybody, min(g.since) FILTER (WHERE g.student OR g.everybody) AS since
        FROM _pv_grants g JOIN _pv_carried c ON c.list = g.list GROUP BY ALL)
    SELECT coalesce(a.app_name, 'an app without a name'), a.publisher, p.scope, p.element,
        CASE WHEN p.everybody THEN greatest(coalesce(e.students, 0), p.students) ELSE p.students END, p.since, p.unknown
    FROM per p JOIN apps a USING (connector, app_key) LEFT JOIN everybody e ON e.directory = p.connector
    WHERE p.students > 0 OR p.unknown > 0 OR (p.everybody AND coalesce(e.students, 0) > 0) ORDER BY ALL"""
_STAFF_SQL = """SELECT DISTINCT lower(email) FROM _pv_all_accounts WHERE works_here
    AND kind <> 'student' AND email <> ''
    UNION SELECT DISTINCT email FROM _pv_people WHERE NOT student"""


RESOLVED_TABLES: Mapping[str, str] = {
    "_pv_links": "SELECT subject_kind, id, connector, instance, key FROM links",
    "_pv_all_accounts": "SELECT id, directory, email, kind, works_here FROM accounts",
    "_pv_all_people": "SELECT id, kind FROM people",
}
"""The parts of resolved tables that are read, as temporary tables."""


def read_inputs(
    session: duckdb.DuckDBPyConnection,
    *,
    vocabulary: Vocabulary,
    today: date,
    resolved: Mapping[str, pa.Table] | None = None,
) -> FlowInputs:
    """Read the inputs of a review. The session has the resolved accounts, people and links, unless they are passed."""
    _create_resolved(session, resolved)
    has_list = session.execute("SELECT count(*) > 0 FROM agreement_records").fetchone()
    granted = read_granted(session, vocabulary=vocabulary)
    return FlowInputs(
        agreements=read_agreements(session, vocabulary=vocabulary, today=today),
        sent=read_sent(session),
        granted=granted,
        products=read_products(session),
        is_listed=bool(has_list and has_list[0]),
    )


def read_granted(session: duckdb.DuckDBPyConnection, *, vocabulary: Vocabulary) -> tuple[GrantedElement, ...]:
    """Read which apps may read which elements of how many students.

    What an administrator let in for everybody, or for an app by itself, is of all students of the directory.
    """
    pairs = session.execute(_SCOPES_SQL).fetchall()
    carried = [
        {"connector": directory, "scope": scope, "element": element}
        for directory, scope in pairs
        for element in vocabulary.find_granted(scope, directory=directory)
    ]
    schema = pa.schema([("connector", pa.string()), ("scope", pa.string()), ("element", pa.string())])
    session.register("_pv_scopes", pa.Table.from_pylist(carried, schema=schema))
    for text in (_CLASSES_SQL, _PEOPLE_SQL, _LISTS_SQL, _ELEMENTS_SQL, _GRANTS_SQL):
        session.execute(text)
    totals = session.execute(_TOTALS_SQL).fetchall()
    session.unregister("_pv_scopes")
    return tuple(
        GrantedElement(
            app=app, publisher=publisher, scope=scope, element=element, students=students, since=since, unknown=unknown
        )
        for app, publisher, scope, element, students, since, unknown in totals
    )


def list_staff_emails(session: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Return the addresses, in lower case, of people who work in the district and are no students."""
    _create_resolved(session, None)
    session.execute(_CLASSES_SQL)
    session.execute(_PEOPLE_SQL)
    return frozenset(str(row[0]) for row in session.execute(_STAFF_SQL).fetchall())


def _create_resolved(session: duckdb.DuckDBPyConnection, resolved: Mapping[str, pa.Table] | None) -> None:
    for name, select in RESOLVED_TABLES.items():
        columns, _, table = select.partition(" FROM ")
        if resolved is not None:
            session.register("_pv_source", resolved[table])
        source = "_pv_source" if resolved is not None else table
        session.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {columns} FROM {source}")
        if resolved is not None:
            session.unregister("_pv_source")


def read_sent(session: duckdb.DuckDBPyConnection) -> tuple[SentElement, ...]:
    """Read what was sent, by recipient, element and day."""
    return tuple(
        SentElement(
            recipient=recipient,
            way=FlowWay(way),
            element=element,
            sent_on=sent_on,
            filled=filled,
            children=children,
            schools=tuple(zip(schools or (), map(int, numbers or ()), strict=False)),
        )
        for recipient, way, element, sent_on, filled, children, schools, numbers in session.execute(
            _SENT_SQL
        ).fetchall()
    )


def read_products(session: duckdb.DuckDBPyConnection) -> tuple[tuple[str, str], ...]:
    """Read (product, vendor) of contracts and apps."""
    return tuple((str(product), str(vendor)) for product, vendor in session.execute(_PRODUCTS_SQL).fetchall())


def read_agreements(
    session: duckdb.DuckDBPyConnection, *, vocabulary: Vocabulary, today: date
) -> tuple[VendorAgreement, ...]:
    """Read the agreements, each with the elements that its words name."""
    cursor = session.execute(_AGREEMENTS_SQL.replace("$today", f"DATE '{today}'"))
    names = [column[0] for column in cursor.description or ()]
    return tuple(_build_agreement(dict(zip(names, row, strict=True)), vocabulary) for row in cursor.fetchall())


def _build_agreement(row: Mapping[str, object], vocabulary: Vocabulary) -> VendorAgreement:
    words = row["data_kinds"]
    reading = vocabulary.read_agreement(list(words) if isinstance(words, list) else [])
    denies = row["student_data"] is False or reading.names_none
    return VendorAgreement(
        key=str(row["key"]),
        vendor=str(row["vendor"] or row["product"]),
        product=None if _ALL_PRODUCTS.fullmatch(str(row["product"] or "")) else str(row["product"]),
        kind=str(row["kind"] or "privacy"),
        state=str(row["state"]),
        signed_on=row["signed_on"],  # type: ignore[arg-type]
        ends_on=row["ends_on"],  # type: ignore[arg-type]
        is_terminated=bool(row["is_over"]),
        elements=reading.elements,
        unknown=reading.unknown,
        names_none=denies,
        schools=_list_schools(row["schools"]),
    )


def _list_schools(value: object) -> tuple[str, ...]:
    names = [str(name) for name in value] if isinstance(value, list) else []
    return () if any(_ALL_SCHOOLS.fullmatch(name) for name in names) else tuple(names)
