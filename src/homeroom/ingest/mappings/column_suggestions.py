"""Suggestions for the canonical columns of an unknown list by its headings, to be confirmed by a person."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz

from homeroom.evidence.tables import TABLES
from homeroom.ingest.rows.field_table import normalize_heading

MIN_SCORE = 84
"""Of 100: below it nothing is suggested, since a wrong suggestion costs more than an empty field."""
_EXACT, _PARTIAL_FACTOR, _MIN_WORD_LENGTH = 100.0, 0.9, 5
_WORD = re.compile(r"[a-z0-9]+")
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "key": ("id", "record id", "number", "no", "contract number", "license id"),
    "product": (
        "app",
        "application",
        "software",
        "product name",
        "title",
        "license",
        "subscription",
        "resource",
        "program",
    ),
    "vendor": (
        "supplier",
        "company",
        "publisher",
        "manufacturer",
        "provider",
        "seller",
        "reseller",
        "sold by",
        "who sells it",
    ),
    "seats": ("licenses", "quantity", "qty", "license count", "number of licenses", "users"),
    "cost_minor": ("price", "cost", "amount", "total", "annual cost", "purchase cost", "total cost", "unit price"),
    "starts_on": ("start", "start date", "begin", "from", "effective date"),
    "ends_on": (
        "end",
        "end date",
        "renewal",
        "renewal date",
        "expires",
        "expiration",
        "expiration date",
        "through",
        "until",
    ),
    "notice_on": ("notice", "notice date", "cancel by"),
    "owner": ("contact", "responsible", "administrator", "manager", "requested by"),
    "funding": ("fund", "funding source", "budget", "budget code", "account code", "grant"),
    "note": ("notes", "comment", "comments", "remarks"),
    "item": ("description", "item description", "product", "model"),
    "order_number": ("po", "po number", "purchase order", "order", "po no"),
    "bought_on": ("purchase date", "order date", "invoice date", "date purchased", "date"),
    "quantity": ("qty", "count", "units"),
    "warranty_until": ("warranty", "warranty end", "warranty expires", "warranty expiration"),
    "serial": ("serial number", "serial no", "s/n", "sn"),
    "asset_tag": ("asset", "tag", "asset number", "barcode", "inventory number"),
    "app": ("application", "product", "tool", "resource", "site", "software"),
    "email": ("e-mail", "email address", "mail", "user email", "username", "user"),
    "school_name": ("school", "building", "site", "campus", "location"),
    "users": ("active users", "unique users", "user count"),
    "launches": ("logins", "sessions", "visits", "opens"),
    "minutes": ("time", "time on task", "usage minutes", "duration"),
    "last_used": ("last login", "last access", "last seen", "last activity"),
    "since": ("from", "start", "week of", "month"),
    "until": ("to", "end", "through"),
    "course": ("training", "course name", "module", "title", "policy", "campaign"),
    "number": ("employee id", "employee number", "staff id", "id"),
    "assigned_on": ("assigned", "assigned date", "enrolled on"),
    "due_on": ("due", "due date", "deadline"),
    "done_on": ("completed", "completion date", "completed on", "date completed", "signed on", "acknowledged"),
    "score": ("grade", "result", "percent", "points"),
    "status_word": ("status", "state", "progress"),
    "signed_on": ("signed", "date signed", "executed", "signature date"),
    "student_data": ("student data", "collects student data", "pii"),
    "url": ("link", "address", "agreement link", "document"),
    "opened_on": ("opened", "created", "created on", "date created", "date opened", "submitted", "reported on"),
    "category": ("issue category", "issue type", "ticket type", "topic"),
    "system": ("server", "system name", "service", "what", "source"),
    "job": ("backup job", "job name", "task"),
    "tool": ("backup tool", "backup software", "software", "program"),
    "last_success": ("last backup", "last successful backup", "last run", "completed"),
    "last_restore_test": ("restore tested", "last restore", "restore test", "last test"),
    "offsite": ("off-site", "offsite copy", "cloud copy"),
    "immutable": ("immutable copy", "write once", "locked"),
    "keeps_days": ("retention", "retention days", "kept days"),
    "domain": ("mail domain", "domain name"),
    "given_name": ("first", "first name"),
    "family_name": ("last", "last name", "surname"),
    "identifier": ("employee id", "student id", "id number"),
    "name": ("device name", "host", "hostname", "computer name", "full name"),
    "model": ("device model", "model name"),
    "manufacturer": ("make", "brand"),
    "holder_email": ("assigned to", "owner", "user email", "email"),
    "location": ("room", "building"),
    "covered": ("protected", "enabled", "active"),
    "version": ("agent version", "client version"),
    "last_seen": ("last check in", "last contact", "last reported"),
}
"""Common names of the columns, besides their own."""
DEVICE_WORDS = ("chromebook", "computer", "desktop", "device", "ipad", "laptop", "machine", "notebook", "pc", "tablet")
"""Words before the name of a column in lists of devices, as in Tablet S/N."""
ROW_IDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("coverage_records", "key"): (
        "device id",
        "agent id",
        "endpoint id",
        "machine id",
        "computer id",
        "host id",
        "sensor id",
        "agent number",
        "agent no",
        "device uuid",
        "agent uuid",
        "udid",
        "uuid",
        "id",
        "key",
    )
}
"""What lists of a table call the id of a row, the likeliest first: compared completely, since other ids look alike."""
_WHOLE_HEADING = ("id", "key", "uuid", "udid")
"""Ids that end many headings of other ids, such as User ID."""
_FALLBACK_IDS = {
    "coverage_records": "serial",
    "device_records": "serial",
    "account_records": "email",
    "person_records": "identifier",
}
"""The column that identifies rows of a list without an id of its own."""


def suggest_columns(headings: Sequence[str], *, table: str) -> dict[str, str]:
    """Suggest {canonical column: heading}: each heading once, the likeliest pairs first.

    Where a list of devices or coverage has no id, its serial numbers are suggested as ids too: the heading for both
    columns. So are the addresses of accounts and the numbers of people.
    Raise KeyError for an unknown table.
    """
    names = TABLES[table].names
    pairs = [
        (_score_heading(column, heading, table=table), -position, column, heading)
        for column in names
        for position, heading in enumerate(headings)
    ]
    suggestions: dict[str, str] = {}
    for score, _, column, heading in sorted(pairs, reverse=True):
        if score >= MIN_SCORE and column not in suggestions and heading not in suggestions.values():
            suggestions[column] = heading
    if (fallback := _FALLBACK_IDS.get(table, "")) in suggestions:
        suggestions.setdefault("key", suggestions[fallback])
    return {column: suggestions[column] for column in names if column in suggestions}


def _score_heading(column: str, heading: str, *, table: str) -> float:
    """Return 0 to 100: the best similarity of the heading to any name of the column."""
    if ids := ROW_IDS.get((table, column)):
        return _score_row_id(heading, ids)
    short_heading = _strip_device_word(heading) if "serial" in TABLES[table].names else ""
    return max(_score_words(column, heading), _PARTIAL_FACTOR * _score_words(column, short_heading))


def _score_words(column: str, heading: str) -> float:
    normalized = normalize_heading(heading)
    if not normalized:
        return 0.0
    return max(_score_word(word, heading, normalized) for word in (column, *SYNONYMS.get(column, ())))


def _strip_device_word(heading: str) -> str:
    """Return a heading without the kind of device that it begins with; empty text if it begins with none."""
    first, _, rest = heading.strip().partition(" ")
    return rest if first.lower() in DEVICE_WORDS else ""


def _score_row_id(heading: str, ids: Sequence[str]) -> float:
    """Return 0 to 100: 100 for the likeliest id, less for the next ones and for headings that end with one."""
    normalized = normalize_heading(heading)
    words = " ".join(_WORD.findall(heading.lower()))
    for rank, name in enumerate(ids):
        if normalized == normalize_heading(name):
            return _EXACT - rank / len(ids)
        if name not in _WHOLE_HEADING and words.endswith(f" {name}"):
            return _PARTIAL_FACTOR * (_EXACT - rank / len(ids))
    return 0.0


def _score_word(word: str, heading: str, normalized: str) -> float:
    """Compare completely, or as a word of the heading: Vendor Name is a vendor, with a lower score."""
    full_score = fuzz.ratio(normalized, normalize_heading(word))
    if len(word) < _MIN_WORD_LENGTH:
        return full_score
    return max(full_score, _PARTIAL_FACTOR * fuzz.token_set_ratio(word.replace("_", " "), heading.lower()))
