"""What a house keeps, to see that nothing changed, and every address of it that would change something."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing

from django.urls import resolve

from tests.web.journeys.house import House, Visitors
from tests.web.journeys.walking import Answer, Walker
from tests.web.test_access import AGENTS, OPEN, OWN, patterns
from tests.web.test_access import address as sample_of

READING = ("django_session", "audit_", "districts_signin")  # what reading and signing in write
OF_EACH_NAME = 2
STEPS = ("district", "systems", "exports", "people", "sign-in", "calendar", "hours", "load")


def kept(house: House) -> str:
    """A fingerprint of everything that a house keeps, but sessions and the audit trail."""
    seen = hashlib.sha256()
    with closing(sqlite3.connect(f"file:{house.data / 'state.sqlite3'}?mode=ro", uri=True)) as state:
        tables = [row[0] for row in state.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        for table in tables:
            if not table.startswith(READING):
                for row in state.execute(f'SELECT * FROM "{table}" ORDER BY 1'):
                    seen.update(repr((table, row)).encode())
    for file in sorted((house.data / "evidence").rglob("*")):
        seen.update(str(file.relative_to(house.data)).encode())
    return seen.hexdigest()


def named(address: str) -> str:
    """The name of an address."""
    return str(resolve(address.partition("?")[0]).view_name)


def some_of_each(addresses: Iterable[str]) -> list[str]:
    """A few addresses of each name."""
    found: dict[str, list[str]] = {}
    for address in addresses:
        found.setdefault(named(address), []).append(address)
    return [address for several in found.values() for address in several[:OF_EACH_NAME]]


def changing(visitors: Visitors, walk: dict[str, Answer]) -> set[str]:
    """Where the director's pages of the walk's kinds send their forms, and the addresses that no form of today leads to."""
    director = Walker(visitors.arrive("director"), visitors.address)
    findings = [address for address in walk if re.fullmatch(r"/findings/f-\w+", address)]
    pages = [*some_of_each(walk), *(f"{one}/accept" for one in findings[:2]), *(f"/setup/{step}" for step in STEPS)]
    pages += [f"{one}/fix" for one in findings] + ["/sources/drop"]
    loads = [address for address in walk if re.fullmatch(r"/sources/loads/[^/]+", address)]
    sends = {form for page in pages for form in director.get(page).forms(page)}
    sends |= {f"{one}/{word}" for one in loads[:2] for word in ("undo", "approve", "discard")}
    fix = next(address for address in walk if re.fullmatch(r"/fixes/x-\w+", address))
    sends |= {f"{fix}/{word}" for word in ("drop", "review", "take", "discard")}
    sends |= {"/acceptances/1/withdraw", "/plan/leaver-account/reopen"}
    return sends | led_to_by_nothing([*walk, *sends])


def led_to_by_nothing(tried: Iterable[str]) -> set[str]:
    """An address of each name that no page of this house leads to, because it has no such thing: a console, an agent, a list."""
    known = {named(one) for one in tried} | OPEN | OWN | AGENTS | {"job"}
    return {sample_of(route) for route, pattern in patterns() if pattern.name not in known}
