"""Exceptions of findings and of vulnerabilities follow the same rules, and leave the same audit entries."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.protect.exceptions.commands import create_exception, withdraw_exception
from homeroom.apps.protect.exceptions.models import RiskException
from homeroom.apps.protect.exceptions.queries import (
    get_acceptance,
    get_suppression,
    list_acceptances,
    list_active_suppressions,
    page_active_acceptances,
    page_active_suppressions,
    page_expired_acceptances,
    page_expired_suppressions,
)
from homeroom.apps.protect.exceptions.rules import InvalidRiskException
from homeroom.apps.protect.exceptions.scopes import ExceptionScope, FindingScope, VulnerabilityScope
from homeroom.domain.ids import format_public_id, hash_finding_id
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 15)
AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)
REASON = "The kiosks are rebuilt in March."
FINDING = FindingScope(control="carts-charge", group="Cart 7")
PRODUCT = VulnerabilityScope(product_key="google-chrome", scope="school", value="Lincoln Elementary")
BOTH: tuple[ExceptionScope, ...] = (FINDING, PRODUCT)


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


def create(cast: Cast, scope: ExceptionScope, **changes: Any) -> int:
    """Create an exception with valid terms, some of them overridden."""
    terms: dict[str, Any] = {"reason": REASON, "owner": "technician", "expires_on": TODAY + timedelta(days=30)}
    return create_exception(
        district=cast.district, at=AT, today=TODAY, actor="director", scope=scope, **terms | changes
    )


INVALID_TERMS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"reason": " "}, "a reason in a sentence"),
    ({"reason": " because "}, "a reason in a sentence"),
    ({"owner": ""}, "nobody of this district"),
    ({"owner": "stranger"}, "nobody of this district"),
    ({"expires_on": TODAY}, "a day from tomorrow to 2027-01-16"),
    ({"expires_on": TODAY + timedelta(days=367)}, "a day from tomorrow to 2027-01-16"),
    ({"justification": "tired"}, "false_positive, not_reachable, accepted"),
)


@pytest.mark.parametrize("scope", BOTH)
@pytest.mark.parametrize(("wrong", "says"), INVALID_TERMS)
def test_no_exception_is_made_without_a_reason_a_member_and_a_day_within_a_year(
    cast: Cast, scope: ExceptionScope, wrong: dict[str, Any], says: str
) -> None:
    with pytest.raises(InvalidRiskException, match=says):
        create(cast, scope, **wrong)
    assert not RiskException.objects.of(cast.district).exists()
    assert not list_audit_entries(district=cast.district).lines


@pytest.mark.parametrize("scope", BOTH)
def test_a_member_who_left_cannot_answer_for_an_exception(cast: Cast, scope: ExceptionScope) -> None:
    cast.technician.is_active = False
    cast.technician.save()
    with pytest.raises(InvalidRiskException, match="nobody of this district"):
        create(cast, scope)


@pytest.mark.parametrize("scope", BOTH)
def test_the_last_valid_day_is_a_year_from_today(cast: Cast, scope: ExceptionScope) -> None:
    create(cast, scope, expires_on=TODAY + timedelta(days=366))
    assert RiskException.objects.of(cast.district).get().expires_on == date(2027, 1, 16)


INVALID_SCOPES: tuple[tuple[ExceptionScope, str], ...] = (
    (FindingScope(control=""), "names no control"),
    (VulnerabilityScope(), "names no flaw"),
    (VulnerabilityScope(product_key="vlc", scope="district"), "everywhere, device"),
    (VulnerabilityScope(product_key="vlc", scope="cart"), "needs its name"),
    (VulnerabilityScope(product_key="vlc", value="Cart 7"), "needs its name"),
    (VulnerabilityScope(product_key="vlc", scope="device"), "one device is named by its id"),
    (VulnerabilityScope(product_key="vlc", device=3), "one device is named by its id"),
)


@pytest.mark.parametrize(("scope", "says"), INVALID_SCOPES)
def test_a_scope_that_covers_nothing_clear_is_refused(cast: Cast, scope: ExceptionScope, says: str) -> None:
    with pytest.raises(InvalidRiskException, match=says):
        create(cast, scope)


AUDITED: tuple[tuple[ExceptionScope, str, str, dict[str, str], str], ...] = (
    (FINDING, "accept finding", "withdraw acceptance", {"control": "carts-charge", "group": "Cart 7"},
     format_public_id("finding", hash_finding_id("carts-charge", "Cart 7"))),
    (PRODUCT, "suppress flaws", "withdraw suppression",
     {"thing": "google-chrome", "scope": "school", "value": "Lincoln Elementary"}, "google-chrome"),
    (VulnerabilityScope(cve="CVE-2099-1001", scope="device", device=3), "suppress flaws", "withdraw suppression",
     {"cve": "CVE-2099-1001", "scope": "device", "value": format_public_id("device", 3)}, "CVE-2099-1001"),
)  # fmt: skip


@pytest.mark.parametrize(("scope", "create_action", "withdraw_action", "covered", "subject"), AUDITED)
def test_creating_and_withdrawing_leave_entries_of_the_same_shape(
    cast: Cast, scope: ExceptionScope, create_action: str, withdraw_action: str, covered: dict[str, str], subject: str
) -> None:
    number = create(cast, scope)
    for _ in range(2):
        withdraw_exception(district=cast.district, at=AT, actor="technician", number=number, scope_class=type(scope))
    entries = list_audit_entries(district=cast.district).lines
    terms = {"justification": "accepted", "until": "2026-02-14", "owner": "technician", "reason": REASON}
    assert [entry.detail for entry in entries] == [covered | terms] * 2
    assert {(entry.actor, entry.action, entry.subject) for entry in entries} == {
        ("director", create_action, subject),
        ("technician", withdraw_action, subject),
    }


@pytest.mark.parametrize("scope", BOTH)
def test_a_private_reason_is_in_no_audit_entry(cast: Cast, scope: ExceptionScope) -> None:
    number = create(cast, scope, private=True)
    withdraw_exception(district=cast.district, at=AT, actor="director", number=number, scope_class=type(scope))
    assert [entry.detail["reason"] for entry in list_audit_entries(district=cast.district).lines] == ["withheld"] * 2
    assert RiskException.objects.of(cast.district).get().reason == REASON


def test_an_acceptance_is_no_suppression_and_a_suppression_no_acceptance(cast: Cast) -> None:
    accepted, suppressed = create(cast, FINDING), create(cast, PRODUCT)
    assert [entry.id for entry in list_acceptances(district=cast.district, today=TODAY)] == [accepted]
    assert [entry.id for entry in list_active_suppressions(district=cast.district, today=TODAY)] == [suppressed]
    assert [entry.id for entry in page_active_acceptances(district=cast.district, today=TODAY).rows] == [accepted]
    assert [entry.id for entry in page_active_suppressions(district=cast.district, today=TODAY).rows] == [suppressed]
    assert get_suppression(district=cast.district, number=accepted) is None
    assert get_acceptance(district=cast.district, number=suppressed) is None
    with pytest.raises(LookupError, match=f"no suppression {accepted}"):
        withdraw_exception(
            district=cast.district, at=AT, actor="director", number=accepted, scope_class=VulnerabilityScope
        )
    with pytest.raises(LookupError, match=f"no acceptance {suppressed}"):
        withdraw_exception(district=cast.district, at=AT, actor="director", number=suppressed, scope_class=FindingScope)
    assert RiskException.objects.of(cast.district).filter(withdrawn_at=None).count() == 2


@pytest.mark.parametrize("scope", BOTH)
def test_an_exception_ends_after_its_day_and_is_then_listed_as_expired(cast: Cast, scope: ExceptionScope) -> None:
    number = create(cast, scope)
    last_day = TODAY + timedelta(days=30)
    next_day = last_day + timedelta(days=1)
    list_active = list_acceptances if scope is FINDING else list_active_suppressions
    page_expired = page_expired_acceptances if scope is FINDING else page_expired_suppressions
    assert [entry.id for entry in list_active(district=cast.district, today=last_day)] == [number]
    assert page_expired(district=cast.district, since=TODAY, today=last_day).rows == ()
    assert list_active(district=cast.district, today=next_day) == ()
    assert [entry.id for entry in page_expired(district=cast.district, since=TODAY, today=next_day).rows] == [number]
    withdraw_exception(district=cast.district, at=AT, actor="director", number=number, scope_class=type(scope))
    assert page_expired(district=cast.district, since=TODAY, today=next_day).rows == ()


@pytest.mark.parametrize("scope", BOTH)
def test_the_stranger_sees_and_withdraws_nothing_of_the_next_district(cast: Cast, scope: ExceptionScope) -> None:
    number = create(cast, scope)
    assert list_acceptances(district=cast.next_district, today=TODAY) == ()
    assert list_active_suppressions(district=cast.next_district, today=TODAY) == ()
    with pytest.raises(LookupError):
        withdraw_exception(district=cast.next_district, at=AT, actor="stranger", number=number, scope_class=type(scope))
    assert RiskException.objects.of(cast.district).get().withdrawn_at is None
