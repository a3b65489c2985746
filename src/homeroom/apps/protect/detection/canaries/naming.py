"""Propose names for canaries in the style of the district's own names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
from django.utils.crypto import salted_hmac

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.models import PlantedCanary
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.canaries import CanaryPlace
from homeroom.engines.protect.canaries.names import (
    SERVICE_MARKS,
    NamingHabits,
    build_candidates,
    choose_names,
    clip_domain,
    split_words,
)
from homeroom.evidence.query.session import open_session
from homeroom.library.protect.detections.canary_guides import get_canary_guide

DIRECTORIES = {
    CanaryPlace.GOOGLE_ACCOUNT: "google",
    CanaryPlace.AD_ACCOUNT: "activedirectory",
    CanaryPlace.ENTRA_ACCOUNT: "microsoft",
}
"""The connectors of the accounts of a place."""
MAX_SERVICES = 500
SHARE_DAYS = timedelta(days=7)
SCHOOL_YEAR_BEGINS = 7
_LOCAL = "lower(regexp_replace(coalesce(email, name, ''), '@.*$', ''))"
_DOMAIN_SQL = """
    SELECT regexp_extract(lower(email), '@(.+)$', 1) AS domain FROM accounts
    WHERE email LIKE '%@%' AND ($directory = '' OR directory = $directory)
    GROUP BY 1 ORDER BY count(*) FILTER (kind = 'student'), count(*) DESC, 1 LIMIT 1"""
_SERVICES_SQL = f"""
    SELECT DISTINCT {_LOCAL} AS local FROM accounts
    WHERE ($directory = '' OR directory = $directory) AND (kind = 'service' OR regexp_matches({_LOCAL}, $marks))
    ORDER BY local LIMIT {MAX_SERVICES}"""
_SEPARATORS_SQL = f"""
    SELECT count(*) FILTER (contains({_LOCAL}, '-')), count(*) FILTER (contains({_LOCAL}, '_')),
        count(*) FILTER (contains({_LOCAL}, '.')) FROM accounts WHERE $directory = '' OR directory = $directory"""
_USED_SQL = f"""
    SELECT {_LOCAL} FROM accounts WHERE list_contains($names, {_LOCAL})
    UNION SELECT name FROM (SELECT unnest(identifiers) AS name FROM accounts)
    WHERE list_contains($names, lower(regexp_replace(name, '@.*$', '')))"""
_PEOPLE_WORDS_SQL = """
    SELECT DISTINCT word FROM (SELECT unnest(regexp_split_to_array(lower(name), '[^a-z]+')) AS word FROM people)
    WHERE list_contains($words, word)"""
_SOMEBODY_SQL = """
    SELECT count(*) FROM accounts WHERE person IS NOT NULL
      AND (lower(email) = $name OR lower(name) = $name OR list_contains(identifiers, $name))"""
_SCHOOLS_SQL = "SELECT DISTINCT name FROM orgs WHERE kind = 'school' AND name IS NOT NULL ORDER BY name LIMIT 200"
_SHARES_SQL = r"""
    SELECT regexp_extract(details, '"ShareName":"[^"]*?([^"\\]+)"', 1) AS share, count(*) FROM host_events
    WHERE "at" >= $since AND event_id IN (5140, 5145) GROUP BY share ORDER BY 2 DESC, 1 LIMIT 50"""
_SYSTEM_SHARES = frozenset({"", "sysvol", "netlogon", "ipc", "print"})


def propose_canary_names(
    *, district: District, place: CanaryPlace, now: datetime, turn: int = 0, share: str = ""
) -> tuple[str, ...]:
    """Return names that nobody here has, others at each turn; none if too little is known of the district.

    Paths are on `share` if it is given, else on the shares that logs name.
    """
    baits = get_canary_guide(place).baits
    with open_session(_pin_evidence(district)) as session:
        habits = _load_habits(session, district, place, now=now)
        if share:
            habits = replace(habits, shares=(share,))
        words = sorted({word for bait in baits for word in split_words(bait)})
        people = [word for (word,) in session.execute(_PEOPLE_WORDS_SQL, {"words": words}).fetchall()]
        candidates = build_candidates(
            place, baits=baits, habits=habits, seed=_derive_seed(district, place), people_words=people
        )
        used = _list_used(session, candidates) if place.kind == "account" else []
    canaries = PlantedCanary.objects.of(district).filter(kind=place.kind).values_list("title", flat=True)
    return choose_names(candidates, taken={*used, *canaries}, turn=turn)


def belongs_to_somebody(*, district: District, name: str) -> bool:
    """Return whether an account of that name is a person's."""
    with open_session(_pin_evidence(district)) as session:
        (count,) = session.execute(_SOMEBODY_SQL, {"name": name.casefold()}).fetchall()[0]
    return bool(count)


def _pin_evidence(district: District) -> Any:
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    snapshot = store.pin_snapshot(derived=derived.id if derived else None)
    return snapshot.restrict_to("accounts", "people", "orgs", "host_events")


def _load_habits(
    session: duckdb.DuckDBPyConnection, district: District, place: CanaryPlace, *, now: datetime
) -> NamingHabits:
    directory = {"directory": DIRECTORIES.get(place, "")}
    domain = session.execute(_DOMAIN_SQL, directory).fetchone()
    separators = session.execute(_SEPARATORS_SQL, directory).fetchone() or (0, 0, 0)
    return NamingHabits(
        district=district.name,
        year=_find_school_year(now.date()),
        services=_list_services(session, directory["directory"]),
        separators=tuple(pair for pair in zip("-_.", separators, strict=True) if pair[1]),
        domain=domain[0] if domain else "",
        schools=_fetch_texts(session, _SCHOOLS_SQL) if place.kind != "account" else (),
        shares=_list_shares(session, since=now - SHARE_DAYS) if place == CanaryPlace.SHARE_FILE else (),
    )


def _list_services(session: duckdb.DuckDBPyConnection, directory: str) -> tuple[str, ...]:
    """Return the names of service accounts of a directory, of all of them if it has none."""
    marks = f"(^|[-_.])({'|'.join(SERVICE_MARKS)})([-_.]|$)"
    own = _fetch_texts(session, _SERVICES_SQL, directory=directory, marks=marks)
    return own or _fetch_texts(session, _SERVICES_SQL, directory="", marks=marks)


def _list_shares(session: duckdb.DuckDBPyConnection, *, since: datetime) -> tuple[str, ...]:
    """Return the shares that logs name, those most used first, without administrative ones."""
    names = _fetch_texts(session, _SHARES_SQL, since=since)
    return tuple(name for name in names if name.casefold() not in _SYSTEM_SHARES and not name.endswith("$"))[:10]


def _list_used(session: duckdb.DuckDBPyConnection, candidates: Sequence[str]) -> Iterable[str]:
    names = [clip_domain(name).casefold() for name in candidates]
    return _fetch_texts(session, _USED_SQL, names=names)


def _fetch_texts(session: duckdb.DuckDBPyConnection, sql: str, **values: Any) -> tuple[str, ...]:
    return tuple(row[0] for row in session.execute(sql, values).fetchall() if row[0])


def _find_school_year(day: date) -> int:
    return day.year if day.month >= SCHOOL_YEAR_BEGINS else day.year - 1


def _derive_seed(district: District, place: CanaryPlace) -> bytes:
    return salted_hmac("homeroom.canaries", f"{district.pk}:{place}", algorithm="sha256").digest()
