"""The pages of API tokens: made and shown once, listed, revoked by their owner and by a director."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client

from homeroom.apps.platform.api_tokens.callers import find_caller
from homeroom.apps.platform.api_tokens.commands import make_token
from homeroom.apps.platform.api_tokens.models import ApiToken
from tests.cast import Cast
from tests.web.conftest import MORNING

As = Callable[[str], Client]
FORM = {"name": "SIS export server", "permissions": ["sources.load"], "days": "30"}


def make_for(cast: Cast, username: str) -> Any:
    return make_token(
        district=cast.district, username=username, name="nightly", permissions=["sources.read"], actor="", at=MORNING
    )


def test_a_new_token_works_and_is_shown_once(cast: Cast, as_: As) -> None:
    client = as_("technician")
    page = client.post("/settings/tokens", FORM).content.decode()
    text = re.findall(r"hrt_[a-z2-7]{10}_[A-Za-z0-9]{43}", page)
    assert len(text) == 1
    caller = find_caller(text=text[0], address="192.0.2.7", at=MORNING + timedelta(days=29))
    assert (caller.username, caller.list_held()) == ("technician", ("sources.load",))
    again = client.get("/settings/tokens").content.decode()
    assert text[0] not in again
    assert f"hrt_{caller.token}_…" in again


def test_what_is_refused_is_explained_and_the_form_stays_filled(cast: Cast, as_: As) -> None:
    client = as_("technician")
    for form, reason in (
        ({**FORM, "permissions": []}, "a token needs a permission"),
        ({**FORM, "permissions": ["users.read"]}, "does not hold users.read"),
        ({**FORM, "days": "366"}, "1 to 365 days"),
        ({**FORM, "days": "soon"}, "1 to 365 days"),
        ({**FORM, "name": ""}, "1 to 80 characters"),
    ):
        response = client.post("/settings/tokens", form)
        assert response.status_code == 400
        assert reason in response.content.decode()
        assert f'value="{form["name"]}"' in response.content.decode()
    assert not ApiToken.everywhere.exists()


def test_the_form_offers_what_the_role_holds_alone(as_: As) -> None:
    page = as_("technician").get("/settings/tokens").content.decode()
    assert re.findall(r'name="permissions" value="([^"]+)"', page) == [
        "sources.read",
        "sources.load",
        "permissions.read",
    ]


def test_a_user_sees_and_revokes_their_own_tokens_alone(cast: Cast, as_: As) -> None:
    own, other = make_for(cast, "technician"), make_for(cast, "director")
    client = as_("technician")
    page = client.get("/settings/tokens").content.decode()
    assert (own.id in page, other.id in page) == (True, False)
    assert client.post("/settings/tokens/revoke", {"token": other.id}).status_code == 404
    assert client.post("/settings/tokens/revoke", {"token": own.id}).status_code == 302
    assert list(ApiToken.everywhere.filter(ended_at=None).values_list("public", flat=True)) == [other.id]


def test_who_may_not_make_tokens_still_sees_and_revokes_their_own(cast: Cast, as_: As) -> None:
    own, other = make_for(cast, "auditor"), make_for(cast, "director")
    client = as_("auditor")
    assert client.get("/settings/tokens").status_code == 403
    page = client.get("/account/sessions").content.decode()
    assert (own.id in page, other.id in page) == (True, False)
    assert client.post("/account/sessions/revoke-token", {"token": other.id}).status_code == 404
    assert client.post("/account/sessions/revoke-token", {"token": own.id}).status_code == 302
    assert list(ApiToken.everywhere.filter(ended_at=None).values_list("public", flat=True)) == [other.id]
    assert own.id not in client.get("/account/sessions").content.decode()


def test_a_director_revokes_any_token_of_the_district_and_an_auditor_only_sees_them(cast: Cast, as_: As) -> None:
    new = make_for(cast, "technician")
    auditor = as_("auditor")
    page = auditor.get("/settings/tokens/all").content.decode()
    assert new.id in page
    assert "<form" not in page.partition("<main")[2]
    assert auditor.post("/settings/tokens/all", {"token": new.id}).status_code == 403
    assert as_("stranger").post("/settings/tokens/all", {"token": new.id}).status_code == 404
    assert as_("director").post("/settings/tokens/all", {"token": new.id}).status_code == 302
    assert ApiToken.everywhere.get().ended_by == "director"


def test_the_menu_leads_to_the_tokens_that_a_role_sees(as_: As) -> None:
    addresses = {"director": "/settings/tokens", "technician": "/settings/tokens", "auditor": "/settings/tokens/all"}
    for name, address in addresses.items():
        assert f'href="{address}"' in as_(name).get("/sources").content.decode()
    assert "/settings/tokens" not in as_("privacy").get("/sources").content.decode()
