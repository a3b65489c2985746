"""What a director requires of the office, and what Today shows of the break-glass account."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.second_factors.break_glass import create_break_glass, record_break_glass_use
from homeroom.apps.platform.second_factors.models import BreakGlassAccount, ProviderInvitation, RecoveryCode
from homeroom.apps.platform.second_factors.policies import get_policy
from homeroom.apps.platform.second_factors.queries import find_factors
from homeroom.apps.platform.second_factors.recovery_codes import issue_recovery_codes
from tests.cast import Cast
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]
PAGE = "/sign-in-security"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path


def test_a_director_sees_who_has_what_and_requires_it(as_: ClientFactory, cast: Cast) -> None:
    issue_recovery_codes(user=cast.technician, actor="technician", at=MORNING)
    client = as_("director")
    page = client.get(PAGE).content
    assert b"3 of 4 users have no 2-step verification" in page
    assert b"Recovery codes only" in page
    assert b"stranger" not in page
    client.post(f"{PAGE}/policy", {"required": "on"})
    assert get_policy(district=cast.district).is_required
    assert not get_policy(district=cast.next_district).is_required
    assert client.get(PAGE)["Location"] == "/account/2-step"
    entry = Entry.objects.of(cast.district).get(action="set 2-step verification")
    assert entry.detail == {"required": True, "provider_counts": False}


@pytest.mark.parametrize("name", ["technician", "privacy", "auditor"])
def test_nobody_else_opens_or_changes_it(as_: ClientFactory, cast: Cast, name: str) -> None:
    client = as_(name)
    assert client.get(PAGE).status_code == 403
    for page in ("policy", "invite", "reset", "break-glass"):
        assert client.post(f"{PAGE}/{page}", {"username": "director"}).status_code == 403
    assert b"Sign-in security" not in client.get("/").content


def test_a_reset_reaches_users_of_the_district_alone(as_: ClientFactory, cast: Cast) -> None:
    for user in (cast.technician, cast.stranger):
        issue_recovery_codes(user=user, actor="", at=MORNING)
    client = as_("director")
    for name in ("stranger", "nobody"):
        assert client.post(f"{PAGE}/reset", {"username": name}).status_code == 422
    assert client.post(f"{PAGE}/reset", {"username": "technician"}).status_code == 302
    assert not find_factors(user=cast.technician).is_ready
    assert find_factors(user=cast.stranger).is_ready


def test_a_use_of_the_break_glass_account_is_on_today_until_another_director_noticed(
    as_: ClientFactory, cast: Cast
) -> None:
    create_break_glass(district=cast.district, actor="", at=MORNING)
    user = BreakGlassAccount.objects.of(cast.district).get().user
    alarm = b"break-glass account was used"
    assert alarm not in as_("director").get("/").content
    record_break_glass_use(user=user, at=MORNING)
    for name in ("director", "technician", "auditor"):
        assert alarm in as_(name).get("/").content
    assert alarm not in as_("stranger").get("/").content
    own = Client()
    own.force_login(user)
    own.post(f"{PAGE}/break-glass")
    assert alarm in as_("director").get("/").content
    as_("director").post(f"{PAGE}/break-glass")
    assert alarm not in as_("director").get("/").content


def test_a_director_resets_neither_themselves_nor_the_break_glass_account(as_: ClientFactory, cast: Cast) -> None:
    issue_recovery_codes(user=cast.director, actor="director", at=MORNING)
    sealed = create_break_glass(district=cast.district, actor="", at=MORNING)
    client = as_("director")
    for name in ("director", sealed.username):
        answer = client.post(f"{PAGE}/reset", {"username": name})
        assert answer.status_code == 422, name
        form = {"username": name, "provider": "google", "address": "sam@maple.test"}
        assert client.post(f"{PAGE}/invite", form).status_code == 422, name
    assert RecoveryCode.objects.filter(user=cast.director).exists()
    assert not ProviderInvitation.objects.of(cast.district).exists()


def test_a_head_request_changes_nothing(as_: ClientFactory, cast: Cast) -> None:
    as_("director").post(f"{PAGE}/policy", {"required": "on"})
    for name in ("director", "auditor", "technician"):
        assert as_(name).head(f"{PAGE}/policy").status_code in (302, 405), name
    assert get_policy(district=cast.district).is_required
