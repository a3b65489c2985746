"""Registrations at providers: what fits, and that their secrets are sealed and never shown."""

from __future__ import annotations

from typing import Any

import pytest

from homeroom.apps.know.connections.key_rotation import rotate_every_key
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.people_sign_in.identity_providers import IdentityRefused
from homeroom.apps.platform.people_sign_in.models import SignInProvider
from homeroom.apps.platform.people_sign_in.providers import (
    RegistrationRefused,
    find_registration,
    read_client_secret,
    register_provider,
    remove_provider,
)
from tests.cast import Cast
from tests.web.conftest import MORNING

SECRET = "the-secret-of-the-client"
TENANT = "3f2a0c55-9a6e-4a71-8f0b-0a1b2c3d4e5f"


def register(cast: Cast, **changes: Any) -> None:
    values = {"provider": "google", "client_id": "1-a.apps", "secret": SECRET, "pinned": "maple.test"} | changes
    register_provider(district=cast.district, actor="director", at=MORNING, **values)


def test_a_secret_is_sealed_and_bound_to_its_district_and_provider(cast: Cast, empty_folder: None):
    register(cast)
    row = SignInProvider.objects.of(cast.district).get()
    assert SECRET not in str(vars(row))
    assert read_client_secret(district=cast.district, provider="google") == SECRET
    assert SECRET not in str(Entry.objects.of(cast.district).values())
    SignInProvider.objects.create(
        district=cast.next_district, provider="google", client_id="x", sealed=row.sealed, made_at=MORNING
    )
    with pytest.raises(IdentityRefused):
        read_client_secret(district=cast.next_district, provider="google")


def test_an_empty_secret_leaves_the_stored_one_and_a_new_key_seals_it_again(cast: Cast, empty_folder: None):
    register(cast)
    register(cast, secret="", pinned="maple.test, staff.maple.test")
    registration = find_registration(district=cast.district, provider="google")
    assert registration is not None
    assert registration.pinned == ("maple.test", "staff.maple.test")
    before = SignInProvider.objects.of(cast.district).get().sealed
    assert rotate_every_key(actor="", at=MORNING) == 1
    assert SignInProvider.objects.of(cast.district).get().sealed != before
    assert read_client_secret(district=cast.district, provider="google") == SECRET


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"provider": "github"}, "provider"),
        ({"pinned": ""}, "pinned"),
        ({"pinned": "*"}, "pinned"),
        ({"pinned": "https://maple.test"}, "pinned"),
        ({"pinned": "maple"}, "pinned"),
        ({"pinned": "a@maple.test"}, "pinned"),
        ({"provider": "microsoft", "pinned": "common"}, "pinned"),
        ({"provider": "microsoft", "pinned": "organizations"}, "pinned"),
        ({"provider": "microsoft", "pinned": f"{TENANT} {TENANT[:-1]}0"}, "pinned"),
        ({"client_id": ""}, "client_id"),
        ({"client_id": "with blank"}, "client_id"),
        ({"client_id": "x" * 300}, "client_id"),
        ({"secret": ""}, "secret"),
        ({"secret": "schlüssel"}, "secret"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(cast: Cast, empty_folder: None, changes: dict[str, str], field: str):
    with pytest.raises(RegistrationRefused) as refusal:
        register(cast, **changes)
    assert refusal.value.field == field
    assert SECRET not in str(refusal.value)
    assert not SignInProvider.objects.of(cast.district).exists()


def test_a_registration_is_removed_with_its_secret(cast: Cast, empty_folder: None):
    register(cast)
    assert remove_provider(district=cast.district, provider="google", actor="director", at=MORNING)
    assert not remove_provider(district=cast.district, provider="google", actor="director", at=MORNING)
    actions = list(Entry.objects.of(cast.district).order_by("id").values_list("action", flat=True))
    assert actions == ["set staff sign-in", "remove staff sign-in"]
