"""The page of permissions: read by the office, changed by the director, for one district."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.permissions.queries import list_grants
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
PAGE = "/settings/permissions"
ALONE = {"role": "technician", "permission": "fixes.take_alone"}


def test_a_director_grants_and_revokes_on_the_page(as_: ClientFactory, cast: Cast) -> None:
    director = as_("director")
    assert "take a fix file that they alone reviewed" in director.get(PAGE).content.decode()
    page = director.post(PAGE, ALONE | {"act": "grant"}, follow=True).content.decode()
    assert "Granted." in page
    assert page.count('<span class="tag">granted</span>') == 2
    assert [row.permission for row in list_grants(district=cast.district)] == ["fixes.take_alone"]
    assert list_grants(district=cast.next_district) == ()
    assert "Revoked." in director.post(PAGE, ALONE | {"act": "revoke"}, follow=True).content.decode()
    assert list_grants(district=cast.district) == ()
    actions = Entry.objects.of(cast.district).order_by("pk").values_list("actor", "action")
    assert list(actions) == [("director", "grant permission"), ("director", "revoke permission")]


@pytest.mark.parametrize("name", ["technician", "privacy", "auditor"])
def test_others_of_the_office_read_and_change_nothing(as_: ClientFactory, cast: Cast, name: str) -> None:
    client = as_(name)
    page = client.get(PAGE).content.decode()
    assert "A director grants and revokes these." in page
    assert 'value="grant"' not in page
    assert client.post(PAGE, ALONE | {"act": "grant"}).status_code == 403
    assert list_grants(district=cast.district) == ()


@pytest.mark.parametrize(
    "form",
    [
        ALONE | {"act": "erase"},
        {"role": "technician", "permission": "users.manage", "act": "grant"},
        {"role": "auditor", "permission": "fixes.take_alone", "act": "grant"},
        {},
    ],
)
def test_what_cannot_be_granted_is_a_bad_request(as_: ClientFactory, cast: Cast, form: dict[str, str]) -> None:
    assert as_("director").post(PAGE, form).status_code == 400
    assert list_grants(district=cast.district) == ()
