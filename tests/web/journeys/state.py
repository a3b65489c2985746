"""A fingerprint of a data folder, to show that nothing changed, and all addresses that would change something."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing

from django.urls import resolve

from tests.web.journeys.crawler import Crawler, PageResponse, is_sampled
from tests.web.journeys.districts import JourneyDistricts, Visitors
from tests.web.platform.test_access import AGENT_VIEWS, PERSONAL_VIEWS, PUBLIC_VIEWS, iter_url_patterns
from tests.web.platform.test_access import fill_route as sample_of

READ_TABLES = (
    "django_session",
    "accounts_usersession",
    "audit_",
    "districts_signin",
)  # what reading and signing in write
STEPS = ("district", "systems", "exports", "people", "sign-in", "calendar", "facts", "hours", "load")


def hash_state(districts: JourneyDistricts) -> str:
    """Compute a fingerprint of all stored data except sessions and the audit trail."""
    digest = hashlib.sha256()
    with closing(sqlite3.connect(f"file:{districts.data / 'state.sqlite3'}?mode=ro", uri=True)) as state:
        tables = [row[0] for row in state.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        for table in tables:
            if not table.startswith(READ_TABLES):
                for row in state.execute(f'SELECT * FROM "{table}" ORDER BY 1'):
                    digest.update(repr((table, row)).encode())
    for file in sorted((districts.data / "evidence").rglob("*")):
        digest.update(str(file.relative_to(districts.data)).encode())
    return digest.hexdigest()


def get_view_name(address: str) -> str:
    """Return the view name of an address."""
    return str(resolve(address.partition("?")[0]).view_name)


def sample_addresses(addresses: Iterable[str], *, per_view: int) -> list[str]:
    """Select the first addresses of each view name."""
    by_name: dict[str, list[str]] = {}
    for address in addresses:
        by_name.setdefault(get_view_name(address), []).append(address)
    return [address for same_name in by_name.values() for address in same_name[:per_view]]


def collect_change_targets(visitors: Visitors, responses: dict[str, PageResponse]) -> set[str]:
    """Return the form targets of the director's pages, and the changing addresses without a form today."""
    director = Crawler(visitors.open_page("director"), visitors.address)
    findings = [
        address
        for address in responses
        if re.fullmatch(r"/findings/f-\w+", address) and is_sampled(f"{address}/rows.csv")
    ]
    pages = [
        *sample_addresses(responses, per_view=2),
        *(f"{prefix}/accept" for prefix in findings[:2]),
        *(f"/setup/{step}" for step in STEPS),
    ]
    pages += [f"{prefix}/fix" for prefix in findings] + ["/sources/drop"]
    loads = [address for address in responses if re.fullmatch(r"/sources/loads/[^/]+", address)]
    targets = {form for page in pages for form in director.get(page).list_form_targets(page)}
    targets |= {f"{prefix}/{word}" for prefix in loads[:2] for word in ("undo", "approve", "discard")}
    fix = next(address for address in responses if re.fullmatch(r"/fixes/x-\w+", address))
    targets |= {f"{fix}/{word}" for word in ("rows", "review", "take", "discard")}
    targets |= {"/acceptances/1/withdraw", "/plan/leaver-account/reopen"}
    return targets | list_unlinked_addresses([*responses, *targets])


def list_unlinked_addresses(addresses: Iterable[str]) -> set[str]:
    """Return an address of each name that no page links to, because no console, agent or list exists."""
    linked_names = (
        {get_view_name(address) for address in addresses} | PUBLIC_VIEWS | PERSONAL_VIEWS | AGENT_VIEWS | {"job"}
    )
    return {sample_of(route) for route, pattern in iter_url_patterns() if pattern.name not in linked_names}
