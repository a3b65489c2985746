"""Active suppressions except vulnerabilities by device, group and product; they are listed, and they end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.models import District
from homeroom.apps.protect.exceptions.commands import withdraw_exception
from homeroom.apps.protect.exceptions.models import RiskException
from homeroom.apps.protect.exceptions.queries import list_active_suppressions
from homeroom.apps.protect.exceptions.rules import InvalidRiskException
from homeroom.apps.protect.exceptions.scopes import VulnerabilityScope
from homeroom.apps.protect.vulnerabilities.deadlines import InvalidDeadlines, get_deadline_days, set_deadlines
from homeroom.apps.protect.vulnerabilities.published.summary import get_current_summary
from homeroom.apps.protect.vulnerabilities.review.review import review_vulnerabilities
from homeroom.apps.protect.vulnerabilities.suppressions.commands import create_suppression
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.protect.vulnerabilities.review_days import (
    NEWER,
    OLD,
    build_chrome,
    build_laptop,
    build_player,
    list_gaps,
    review_day,
)
from tests.assessed_district import ASSESSED_AT
from tests.cast import Cast, create_cast

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("transactions")]
MONDAY = date(2026, 1, 12)
DEVICES = (
    build_laptop(1, org_unit="/Staff/Lincoln", cart="Cart 7"),
    build_laptop(2, org_unit="/Staff", school="Lincoln Elementary"),
    build_laptop(3, org_unit="/Staffing", kind="desktop"),
    build_laptop(4, org_unit=None, os_edition="Windows Server 2019 Standard"),
)
SOFTWARE = (build_chrome(1, OLD), build_chrome(2, OLD), build_chrome(3, NEWER), build_chrome(4, NEWER), build_player(1))


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> EvidenceStore:
    settings.DATA = tmp_path
    return EvidenceStore(tmp_path / "evidence", district="maple-valley")


@pytest.fixture
def maple(cast: Cast, store: EvidenceStore) -> District:
    """Review four devices that lack an update of Chrome, two of them a second, and one with an unfixed player."""
    review_day(cast.district, store, MONDAY, devices=[{**device} for device in DEVICES], software=SOFTWARE)
    return cast.district


def suppress_chrome(district: District, store: EvidenceStore, **changes: Any) -> int:
    """Suppress Chrome everywhere with valid values, some of them overridden."""
    values: dict[str, Any] = {
        "product_key": "google-chrome", "justification": "accepted", "reason": "The kiosks are rebuilt in March.",
        "owner": "director", "expires_on": MONDAY + timedelta(days=30), "actor": "director",
    }  # fmt: skip
    return create_suppression(district=district, store=store, at=ASSESSED_AT, today=MONDAY, **values | changes)


def run_next_review(
    district: District, store: EvidenceStore, *, today: date = MONDAY
) -> dict[str, tuple[int, int, int, int, str | None]]:
    """Run the next review; return counts by product.

    The counts are devices open and excepted, vulnerabilities that an update closes and excepted ones, and the worst
    severity.
    """
    review_vulnerabilities(
        district=district, store=store, today=today, at=datetime.combine(today, ASSESSED_AT.timetz())
    )
    summary = get_current_summary(district=district)
    assert summary is not None
    assert summary.review is not None
    return {
        remedy.product_key: (
            remedy.devices,
            remedy.excepted,
            remedy.closes + remedy.without_fix,
            remedy.excepted_vulnerabilities,
            remedy.worst,
        )
        for remedy in summary.remedies
    }


SCOPES: tuple[tuple[dict[str, Any], tuple[int, int, int, int]], ...] = (
    ({}, (0, 4, 0, 2)),
    ({"product_key": "", "cve": "cve-2099-1001"}, (4, 0, 1, 1)),
    ({"cve": "CVE-2099-1002"}, (2, 2, 1, 1)),
    ({"scope": "device", "device": 1}, (3, 1, 2, 0)),
    ({"scope": "school", "value": "cedar middle"}, (1, 3, 2, 0)),
    ({"scope": "unit", "value": "/Staff"}, (2, 2, 1, 1)),
    ({"scope": "cart", "value": "Cart 7"}, (3, 1, 2, 0)),
    ({"scope": "class", "value": "server"}, (3, 1, 2, 0)),
    ({"scope": "class", "value": "laptop", "cve": "CVE-2099-1001"}, (4, 0, 1, 1)),
    ({"scope": "class", "value": "laptop", "cve": "CVE-2099-1002"}, (4, 0, 2, 0)),
)


@pytest.mark.parametrize(("message", "chrome_stands"), SCOPES)
def test_what_is_let_stand_is_counted_as_excepted_and_nothing_else_is(
    maple: District, store: EvidenceStore, message: dict[str, Any], chrome_stands: tuple[int, int, int, int]
) -> None:
    suppress_chrome(maple, store, **message)
    after = run_next_review(maple, store)
    assert after["google-chrome"][:4] == chrome_stands
    assert after["vlc"] == (1, 0, 1, 0, "high")


def test_a_suppression_ends_on_its_day_and_the_vulnerability_is_due_when_it_always_was(
    maple: District, store: EvidenceStore
) -> None:
    suppress_chrome(maple, store, expires_on=MONDAY + timedelta(days=40))
    assert run_next_review(maple, store)["google-chrome"][:2] == (0, 4)
    before = list_gaps(maple)
    last, after = MONDAY + timedelta(days=40), MONDAY + timedelta(days=41)
    assert run_next_review(maple, store, today=last)["google-chrome"][:2] == (0, 4)
    assert run_next_review(maple, store, today=after)["google-chrome"][:2] == (4, 0)
    assert list_gaps(maple) == before
    summary = get_current_summary(district=maple)
    assert summary is not None
    chrome_remedy = next(remedy for remedy in summary.remedies if remedy.product_key == "google-chrome")
    assert (chrome_remedy.overdue, chrome_remedy.since) == (4, MONDAY)


def test_taking_it_back_brings_it_back_and_both_stand_in_the_audit_trail(maple: District, store: EvidenceStore) -> None:
    number = suppress_chrome(maple, store)
    run_next_review(maple, store)
    withdraw_exception(
        district=maple, at=ASSESSED_AT, actor="technician", number=number, scope_class=VulnerabilityScope
    )
    withdraw_exception(
        district=maple, at=ASSESSED_AT, actor="technician", number=number, scope_class=VulnerabilityScope
    )
    assert run_next_review(maple, store)["google-chrome"][:2] == (4, 0)
    audit_rows = [(entry.actor, entry.action, entry.subject) for entry in list_audit_entries(district=maple).lines]
    assert sorted(audit_rows) == [
        ("director", "suppress flaws", "google-chrome"),
        ("technician", "withdraw suppression", "google-chrome"),
    ]
    assert list_active_suppressions(district=maple, today=MONDAY) == ()


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"owner": ""}, "nobody of this district"),
    ({"owner": "stranger"}, "nobody of this district"),
    ({"reason": " because "}, "a reason in a sentence"),
    ({"expires_on": MONDAY}, "a day from tomorrow"),
    ({"expires_on": MONDAY + timedelta(days=367)}, "a day from tomorrow"),
    ({"justification": "tired"}, "false_positive, not_reachable, accepted"),
    ({"product_key": ""}, "names no flaw"),
    ({"product_key": "netscape"}, "no such flaw or product"),
    ({"cve": "CVE-2099-1003"}, "no such flaw or product"),
    ({"scope": "district"}, "everywhere, device"),
    ({"scope": "school"}, "needs its name"),
    ({"scope": "school", "value": "Hogwarts"}, "no device of that scope"),
    ({"scope": "device"}, "one device is named by its id"),
    ({"scope": "device", "device": 77}, "no device of that scope"),
    ({"value": "Cedar Middle"}, "needs its name"),
)


@pytest.mark.parametrize(("message", "says"), REFUSED)
def test_nothing_is_let_stand_without_an_owner_a_day_a_reason_and_something_that_it_covers(
    maple: District, store: EvidenceStore, message: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidRiskException, match=says):
        suppress_chrome(maple, store, **message)
    assert not RiskException.objects.of(maple).exists()


def test_the_next_districts_suppressions_change_nothing_here(maple: District, cast: Cast, store: EvidenceStore) -> None:
    suppress_chrome(maple, store)
    RiskException.objects.of(maple).update(district=cast.next_district)
    assert run_next_review(maple, store)["google-chrome"][:2] == (4, 0)
    assert list_active_suppressions(district=maple, today=MONDAY) == ()
    with pytest.raises(LookupError):
        withdraw_exception(
            district=maple,
            at=ASSESSED_AT,
            actor="director",
            number=RiskException.everywhere.get().pk,
            scope_class=VulnerabilityScope,
        )


def test_a_district_says_its_own_days_and_goes_back_to_the_shipped_ones(maple: District, store: EvidenceStore) -> None:
    default_days = get_deadline_days(district=maple)
    assert default_days == {"critical": 15, "high": 30, "medium": 90, "low": 180}
    set_deadlines(
        district=maple, at=ASSESSED_AT, actor="director", days={"critical": 7, "high": 14, "medium": 30, "low": 60}
    )
    run_next_review(maple, store)
    summary = get_current_summary(district=maple)
    assert summary is not None
    assert {entry.product_key: entry.due_on for entry in summary.remedies}["vlc"] == MONDAY + timedelta(days=14)
    set_deadlines(district=maple, at=ASSESSED_AT, actor="director", days=None)
    assert get_deadline_days(district=maple) == default_days
    assert [entry.action for entry in list_audit_entries(district=maple).lines] == ["set deadlines"] * 2


@pytest.mark.parametrize(
    "days",
    [
        {"critical": 7},
        {"critical": 30, "high": 7, "medium": 90, "low": 180},
        {"critical": 0, "high": 7, "medium": 90, "low": 180},
    ],
)
def test_days_that_do_not_hold_together_are_refused(maple: District, days: dict[str, int]) -> None:
    with pytest.raises(InvalidDeadlines, match="would fit"):
        set_deadlines(district=maple, at=ASSESSED_AT, actor="director", days=days)
