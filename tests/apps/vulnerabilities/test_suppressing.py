"""What somebody lets stand is excepted while it holds, by device, group and product; it is never silent, and it comes back."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.audit.queries import trail
from homeroom.apps.districts.models import District
from homeroom.apps.vulnerabilities.excepted import suppressions
from homeroom.apps.vulnerabilities.models import Suppression
from homeroom.apps.vulnerabilities.reviewing import review
from homeroom.apps.vulnerabilities.standing import standing
from homeroom.apps.vulnerabilities.suppressing import NotSuppressed, suppress, withdraw
from homeroom.apps.vulnerabilities.terms import NotTerms, days_of, set_days
from homeroom.evidence.store import Store
from tests.apps.vulnerabilities.days import NEWER, OLD, chrome, gaps, laptop, lived, player
from tests.cast import Cast, gather
from tests.scene import JUDGED

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 1, 12)
DEVICES = (
    laptop(1, org_unit="/Staff/Lincoln", cart="Cart 7"),
    laptop(2, org_unit="/Staff", school="Lincoln Elementary"),
    laptop(3, org_unit="/Staffing", kind="desktop"),
    laptop(4, org_unit=None, os_edition="Windows Server 2019 Standard"),
)
SOFTWARE = (chrome(1, OLD), chrome(2, OLD), chrome(3, NEWER), chrome(4, NEWER), player(1))


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> Store:
    settings.DATA = tmp_path
    return Store(tmp_path / "evidence", district="maple-valley")


@pytest.fixture
def maple(cast: Cast, store: Store) -> District:
    """A district where four devices lack an update of Chrome, two of them a second, and one has a player that nobody mended."""
    lived(cast.district, store, MONDAY, devices=[{**one} for one in DEVICES], software=SOFTWARE)
    return cast.district


def let(district: District, store: Store, **more: Any) -> int:
    """A suppression of Chrome everywhere that holds together, but for what is given."""
    told: dict[str, Any] = {
        "thing": "google-chrome", "justification": "accepted", "reason": "The kiosks are rebuilt in March.",
        "owner": "director", "expires_on": MONDAY + timedelta(days=30), "actor": "director",
    }  # fmt: skip
    return suppress(district=district, store=store, at=JUDGED, today=MONDAY, **told | more)


def again(
    district: District, store: Store, *, today: date = MONDAY
) -> dict[str, tuple[int, int, int, int, str | None]]:
    """The next review: by thing, devices open and excepted, flaws that an update closes and excepted ones, and the worst."""
    review(district=district, store=store, today=today, at=datetime.combine(today, JUDGED.timetz()))
    stands = standing(district=district)
    assert stands is not None
    assert stands.review is not None
    return {
        one.thing: (one.devices, one.excepted, one.closes + one.without_fix, one.excepted_flaws, one.worst)
        for one in stands.remedies
    }


SCOPES: tuple[tuple[dict[str, Any], tuple[int, int, int, int]], ...] = (
    ({}, (0, 4, 0, 2)),
    ({"thing": "", "cve": "cve-2099-1001"}, (4, 0, 1, 1)),
    ({"cve": "CVE-2099-1002"}, (2, 2, 1, 1)),
    ({"scope": "device", "device": 1}, (3, 1, 2, 0)),
    ({"scope": "school", "value": "cedar middle"}, (1, 3, 2, 0)),
    ({"scope": "unit", "value": "/Staff"}, (2, 2, 1, 1)),
    ({"scope": "cart", "value": "Cart 7"}, (3, 1, 2, 0)),
    ({"scope": "class", "value": "server"}, (3, 1, 2, 0)),
    ({"scope": "class", "value": "laptop", "cve": "CVE-2099-1001"}, (4, 0, 1, 1)),
    ({"scope": "class", "value": "laptop", "cve": "CVE-2099-1002"}, (4, 0, 2, 0)),
)


@pytest.mark.parametrize(("told", "chrome_stands"), SCOPES)
def test_what_is_let_stand_is_counted_as_excepted_and_nothing_else_is(
    maple: District, store: Store, told: dict[str, Any], chrome_stands: tuple[int, int, int, int]
) -> None:
    let(maple, store, **told)
    after = again(maple, store)
    assert after["google-chrome"][:4] == chrome_stands
    assert after["vlc"] == (1, 0, 1, 0, "high")


def test_a_suppression_ends_on_its_day_and_the_flaw_is_due_when_it_always_was(maple: District, store: Store) -> None:
    let(maple, store, expires_on=MONDAY + timedelta(days=40))
    assert again(maple, store)["google-chrome"][:2] == (0, 4)
    before = gaps(maple)
    last, after = MONDAY + timedelta(days=40), MONDAY + timedelta(days=41)
    assert again(maple, store, today=last)["google-chrome"][:2] == (0, 4)
    assert again(maple, store, today=after)["google-chrome"][:2] == (4, 0)
    assert gaps(maple) == before
    stands = standing(district=maple)
    assert stands is not None
    chromes = next(one for one in stands.remedies if one.thing == "google-chrome")
    assert (chromes.overdue, chromes.since) == (4, MONDAY)


def test_taking_it_back_brings_it_back_and_both_stand_in_the_audit_trail(maple: District, store: Store) -> None:
    number = let(maple, store)
    again(maple, store)
    withdraw(district=maple, at=JUDGED, actor="technician", number=number)
    withdraw(district=maple, at=JUDGED, actor="technician", number=number)
    assert again(maple, store)["google-chrome"][:2] == (4, 0)
    told = [(one.actor, one.action, one.subject) for one in trail(district=maple).lines]
    assert sorted(told) == [
        ("director", "suppress flaws", "google-chrome"),
        ("technician", "withdraw suppression", "google-chrome"),
    ]
    assert suppressions(district=maple, today=MONDAY) == ()


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"owner": ""}, "nobody of this district"),
    ({"owner": "stranger"}, "nobody of this district"),
    ({"reason": " because "}, "a reason in a sentence"),
    ({"expires_on": MONDAY}, "a day from tomorrow"),
    ({"expires_on": MONDAY + timedelta(days=367)}, "a day from tomorrow"),
    ({"justification": "tired"}, "false_positive, not_reachable, accepted"),
    ({"thing": ""}, "names no flaw"),
    ({"thing": "netscape"}, "no such flaw or product"),
    ({"cve": "CVE-2099-1003"}, "no such flaw or product"),
    ({"scope": "district"}, "everywhere, device"),
    ({"scope": "school"}, "needs its name"),
    ({"scope": "school", "value": "Hogwarts"}, "no device of that scope"),
    ({"scope": "device"}, "one device is named by its id"),
    ({"scope": "device", "device": 77}, "no device of that scope"),
    ({"value": "Cedar Middle"}, "needs its name"),
)


@pytest.mark.parametrize(("told", "says"), REFUSED)
def test_nothing_is_let_stand_without_an_owner_a_day_a_reason_and_something_that_it_covers(
    maple: District, store: Store, told: dict[str, Any], says: str
) -> None:
    with pytest.raises(NotSuppressed, match=says):
        let(maple, store, **told)
    assert not Suppression.objects.of(maple).exists()


def test_the_next_districts_suppressions_change_nothing_here(maple: District, cast: Cast, store: Store) -> None:
    let(maple, store)
    Suppression.objects.of(maple).update(district=cast.next_district)
    assert again(maple, store)["google-chrome"][:2] == (4, 0)
    assert suppressions(district=maple, today=MONDAY) == ()
    with pytest.raises(LookupError):
        withdraw(district=maple, at=JUDGED, actor="director", number=Suppression.everywhere.get().pk)


def test_a_district_says_its_own_days_and_goes_back_to_the_shipped_ones(maple: District, store: Store) -> None:
    shipped = days_of(district=maple)
    assert shipped == {"critical": 15, "high": 30, "medium": 90, "low": 180}
    set_days(district=maple, at=JUDGED, actor="director", days={"critical": 7, "high": 14, "medium": 30, "low": 60})
    again(maple, store)
    stands = standing(district=maple)
    assert stands is not None
    assert {one.thing: one.due_on for one in stands.remedies}["vlc"] == MONDAY + timedelta(days=14)
    set_days(district=maple, at=JUDGED, actor="director", days=None)
    assert days_of(district=maple) == shipped
    assert [one.action for one in trail(district=maple).lines] == ["set deadlines"] * 2


@pytest.mark.parametrize(
    "days",
    [
        {"critical": 7},
        {"critical": 30, "high": 7, "medium": 90, "low": 180},
        {"critical": 0, "high": 7, "medium": 90, "low": 180},
    ],
)
def test_days_that_do_not_hold_together_are_refused(maple: District, days: dict[str, int]) -> None:
    with pytest.raises(NotTerms, match="would fit"):
        set_days(district=maple, at=JUDGED, actor="director", days=days)
