"""The districts that a user belongs to, as each request reads them."""

from __future__ import annotations

import pytest

from homeroom.apps.platform.districts.models import District, Membership
from homeroom.apps.platform.districts.queries import list_memberships
from tests.cast import create_cast

pytestmark = pytest.mark.differs_by_database("SQL of its own, with JSON and a boolean")


def test_a_membership_has_its_district_role_and_schools(db: None) -> None:
    cast = create_cast()
    Membership.objects.filter(user=cast.technician).update(schools=["sch-1", "Élan"])
    (membership,) = list_memberships(user=cast.technician)
    assert membership.district == cast.district
    assert District.objects.get(pk=membership.district.pk).name == membership.district.name
    assert (membership.role, membership.schools) == ("technician", ("sch-1", "Élan"))
    assert [item.schools for item in list_memberships(user=cast.director)] == [()]


def test_districts_come_by_name_and_without_what_is_inactive_or_has_no_role(db: None) -> None:
    cast = create_cast()
    first = District.objects.create(slug="zz", name="Acorn Schools")
    gone = District.objects.create(slug="gone", name="Left Behind")
    odd = District.objects.create(slug="odd", name="Odd Role")
    Membership.objects.create(district=first, user=cast.stranger, role="auditor")
    Membership.objects.create(district=gone, user=cast.stranger, role="director", is_active=False)
    Membership.objects.create(district=odd, user=cast.stranger, role="janitor")
    assert [(item.district, item.role) for item in list_memberships(user=cast.stranger)] == [
        (first, "auditor"),
        (cast.next_district, "director"),
    ]
