"""What a director grants to a role beside the table: for one district, audited, and no more than the table allows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.queries import DistrictMembership
from homeroom.apps.platform.permissions.commands import GrantRefused, grant_permission, revoke_permission
from homeroom.apps.platform.permissions.queries import HeldPermissions, get_held_permissions, list_grants
from homeroom.domain.platform.permissions.holding import UnknownPermission
from tests.cast import Cast, create_cast

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.differs_by_database("a constraint, and rows created unless they exist"),
]
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
ALONE = "fixes.take_alone"


@pytest.fixture
def cast() -> Cast:
    return create_cast()


def grant(cast: Cast, permission: str = ALONE, role: str = "technician") -> bool:
    return grant_permission(district=cast.district, role=role, permission=permission, actor="director", at=AT)


def get_technician(cast: Cast) -> HeldPermissions:
    return get_held_permissions(DistrictMembership(district=cast.district, role="technician"))


def test_a_grant_counts_in_its_district_alone_until_it_is_revoked(cast: Cast) -> None:
    assert not get_technician(cast).holds(ALONE)
    assert grant(cast)
    assert get_technician(cast).holds(ALONE)
    assert not HeldPermissions(district=cast.next_district, role="technician").holds(ALONE)
    assert revoke_permission(district=cast.district, role="technician", permission=ALONE, actor="director", at=AT)
    assert not get_technician(cast).holds(ALONE)


def test_grants_are_audited_once(cast: Cast) -> None:
    assert [grant(cast), grant(cast)] == [True, False]
    for expected in (True, False):
        revoked = revoke_permission(district=cast.district, role="technician", permission=ALONE, actor="dana", at=AT)
        assert revoked is expected
    entries = Entry.objects.of(cast.district).order_by("pk").values_list("actor", "action", "subject", "detail")
    assert list(entries) == [
        ("director", "grant permission", ALONE, {"role": "technician"}),
        ("dana", "revoke permission", ALONE, {"role": "technician"}),
    ]


def test_grants_are_listed_with_who_granted_them(cast: Cast) -> None:
    grant(cast)
    (row,) = list_grants(district=cast.district)
    assert (row.role, row.permission, row.granted_by, row.granted_at) == ("technician", ALONE, "director", AT)
    assert list_grants(district=cast.next_district) == ()


@pytest.mark.parametrize(
    ("permission", "role"),
    [("users.manage", "technician"), (ALONE, "auditor"), ("fixes.read", "technician"), ("gardens.read", "technician")],
)
def test_what_the_table_does_not_let_a_director_grant_is_refused(cast: Cast, permission: str, role: str) -> None:
    with pytest.raises(GrantRefused, match=r"can grant .*fixes\.take_alone to technician"):
        grant(cast, permission, role)
    assert list_grants(district=cast.district) == ()


def test_who_is_limited_to_schools_holds_only_what_is_their_own(cast: Cast) -> None:
    held = get_held_permissions(DistrictMembership(district=cast.district, role="director", schools=("sch-1",)))
    assert held.holds("own.use")
    assert not held.holds("inventory.read_all")
    assert not held.holds("users.manage")


def test_a_template_asks_by_area_and_a_misspelled_name_is_an_error(cast: Cast) -> None:
    held = get_technician(cast)
    assert held["fixes"]["take"] is True
    assert held["fixes"]["take_alone"] is False
    with pytest.raises(UnknownPermission):
        held["fixes"]["takes"]
