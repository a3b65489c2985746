"""Tokens are made, listed, revoked and forgotten; no secret is stored, and none opens more than its user does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet

from homeroom.apps.platform.accounts.commands import (
    activate_user,
    change_role,
    deactivate_user,
    reset_passphrase,
    reset_two_step,
)
from homeroom.apps.platform.api_tokens.callers import TokenEnded, TokenUnknown, find_caller
from homeroom.apps.platform.api_tokens.commands import (
    MAX_TOKENS,
    NoSuchToken,
    TokenRefused,
    delete_old_tokens,
    make_token,
    revoke_token,
)
from homeroom.apps.platform.api_tokens.models import ApiToken
from homeroom.apps.platform.api_tokens.queries import list_tokens
from homeroom.apps.platform.api_tokens.token_text import parse_token
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.memberships import NoSuchMember
from homeroom.apps.platform.districts.models import Membership
from homeroom.apps.platform.permissions.commands import grant_permission, revoke_permission
from homeroom.apps.platform.second_factors.break_glass import create_break_glass
from homeroom.apps.platform.second_factors.policies import FactorPolicy, set_policy
from homeroom.apps.platform.second_factors.recovery_codes import issue_recovery_codes
from tests.apps.platform.api_tokens.conftest import MakeToken
from tests.cast import Cast

pytestmark = pytest.mark.differs_by_database("unique public parts, times")
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
LOADING = ("sources.read", "sources.load")


def make_for(cast: Cast, username: str = "technician", **values: Any) -> Any:
    options: dict[str, Any] = {"name": "export server", "permissions": LOADING, "actor": username, "at": AT, **values}
    return make_token(district=cast.district, username=username, **options)


def find(text: str, *, at: datetime = AT) -> Any:
    return find_caller(text=text, address="192.0.2.7", at=at)


def list_trail(cast: Cast) -> list[tuple[str, str, str]]:
    return [(line.actor, line.action, line.subject) for line in list_audit_entries(district=cast.district).lines]


def test_a_token_opens_what_it_was_made_for_and_its_secret_is_stored_nowhere(cast: Cast) -> None:
    new = make_for(cast)
    caller = find(new.text)
    assert (caller.username, caller.district, caller.list_held()) == ("technician", cast.district, LOADING)
    assert not caller.holds("vulnerabilities.read")
    token = parse_token(new.text)
    assert token is not None
    stored = ApiToken.everywhere.values().get()
    assert token.secret not in repr(stored)
    assert stored["public"] == token.public == new.id


def test_making_and_revoking_are_in_the_audit_trail_without_the_secret(cast: Cast) -> None:
    new = make_for(cast)
    revoke_token(district=cast.district, token=new.id, actor="director", at=AT)
    assert list_trail(cast) == [
        ("director", "revoke API token", new.id),
        ("technician", "make API token", new.id),
    ]
    assert new.text.rpartition("_")[2] not in repr(list_audit_entries(district=cast.district))


def test_an_altered_token_is_unknown_and_so_is_any_other_text(cast: Cast) -> None:
    text = make_for(cast).text
    swapped = "b" if text[-1] != "b" else "c"
    for wrong in (
        "",
        "x",
        text[:-1] + swapped,
        text + "a",
        text.upper(),
        text.replace("hrt", "hrx"),
        "hrt__",
        "é" * 58,
    ):
        with pytest.raises(TokenUnknown):
            find(wrong)


def test_a_token_ends_when_it_expires(cast: Cast) -> None:
    text = make_for(cast, days=1).text
    assert find(text, at=AT + timedelta(hours=23, minutes=59)).username == "technician"
    with pytest.raises(TokenEnded, match="expired"):
        find(text, at=AT + timedelta(days=1))


def test_a_revoked_token_opens_nothing_and_is_revoked_once(cast: Cast) -> None:
    new = make_for(cast)
    revoke_token(district=cast.district, token=new.id, actor="director", at=AT)
    with pytest.raises(TokenEnded, match="revoked"):
        find(new.text)
    with pytest.raises(NoSuchToken):
        revoke_token(district=cast.district, token=new.id, actor="director", at=AT)


def test_a_token_is_revoked_neither_from_the_next_district_nor_by_another_owner(cast: Cast) -> None:
    new = make_for(cast)
    with pytest.raises(NoSuchToken):
        revoke_token(district=cast.next_district, token=new.id, actor="stranger", at=AT)
    with pytest.raises(NoSuchToken):
        revoke_token(district=cast.district, token=new.id, owner=cast.auditor, actor="auditor", at=AT)
    assert find(new.text).username == "technician"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"permissions": ()}, "a token needs a permission"),
        ({"permissions": ("users.manage",)}, "no permission of tokens"),
        ({"permissions": ("privacy.erase",)}, "no permission of tokens"),
        ({"permissions": ("nothing.at_all",)}, "no permission of tokens"),
        ({"permissions": ("users.read",)}, "does not hold users.read"),
        ({"permissions": ("sources.load", "sources.approve_removals")}, "does not hold sources.approve_removals"),
        ({"name": " \t"}, "1 to 80 characters"),
        ({"name": "a" * 81}, "1 to 80 characters"),
        ({"name": "a\u202eb"}, "1 to 80 characters"),
        ({"days": 0}, "1 to 365 days"),
        ({"days": 366}, "1 to 365 days"),
    ],
)
def test_what_a_token_cannot_have_is_refused_with_what_it_can(cast: Cast, values: Any, reason: str) -> None:
    with pytest.raises(TokenRefused, match=reason):
        make_for(cast, **values)
    assert not ApiToken.everywhere.exists()


def test_nobody_outside_the_office_and_no_break_glass_account_has_tokens(cast: Cast) -> None:
    with pytest.raises(NoSuchMember):
        make_for(cast, username="stranger")
    sealed = create_break_glass(district=cast.district, actor="", at=AT)
    with pytest.raises(TokenRefused, match="break-glass"):
        make_for(cast, username=sealed.username)


def test_a_user_has_a_limited_number_of_tokens(cast: Cast) -> None:
    for _ in range(MAX_TOKENS):
        make_for(cast)
    with pytest.raises(TokenRefused, match="at most 20"):
        make_for(cast)
    assert make_for(cast, at=AT + timedelta(days=90)).id, "those that expired do not count, before they are swept"


def test_a_token_is_made_only_after_what_happens_to_its_user_at_that_moment(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked: list[str] = []
    lock = QuerySet.select_for_update

    def note(rows: Any, *arguments: Any, **options: Any) -> Any:
        locked.append(rows.model.__name__)
        return lock(rows, *arguments, **options)

    monkeypatch.setattr(QuerySet, "select_for_update", note)
    make_for(cast)
    assert locked[:2] == ["District", "User"], "as a reset and a deactivation lock them"


def test_a_token_loses_what_its_user_loses_and_gets_it_back(cast: Cast) -> None:
    granted = {"district": cast.district, "role": "technician", "permission": "sources.approve_removals"}
    grant_permission(**granted, actor="director", at=AT)
    text = make_for(cast, permissions=("sources.load", "sources.approve_removals")).text
    assert find(text).holds("sources.approve_removals")
    revoke_permission(**granted, actor="director", at=AT)
    assert find(text).list_held() == ("sources.load",)
    change_role(district=cast.district, username="technician", role="auditor", actor="director", at=AT)
    with pytest.raises(TokenEnded, match="may not use API tokens"):
        find(text)
    change_role(district=cast.district, username="technician", role="director", actor="director", at=AT)
    assert find(text).list_held() == ("sources.load", "sources.approve_removals")


def test_who_may_not_use_tokens_any_more_has_none_that_work_but_the_operators(cast: Cast) -> None:
    granted = {"district": cast.district, "role": "privacy", "permission": "tokens.use"}
    grant_permission(**granted, actor="director", at=AT)
    reading = {"username": "privacy", "permissions": ("sources.read",)}
    own, by_operator = make_for(cast, **reading).text, make_for(cast, **reading, actor="").text
    assert find(own).list_held() == ("sources.read",)
    revoke_permission(**granted, actor="director", at=AT)
    with pytest.raises(TokenEnded, match="may not use API tokens"):
        find(own)
    assert find(by_operator).list_held() == ("sources.read",)
    grant_permission(**granted, actor="director", at=AT)
    assert find(own).list_held() == ("sources.read",)


def test_a_membership_limited_to_a_school_limits_its_tokens(cast: Cast) -> None:
    text = make_for(cast).text
    Membership.objects.filter(user=cast.technician).update(schools=["sch-1"])
    assert find(text).list_held() == ()
    with pytest.raises(TokenRefused, match="“technician” works for some schools"):
        make_for(cast)


def test_a_token_waits_until_its_user_has_the_second_factor_that_the_district_requires(cast: Cast) -> None:
    text = make_for(cast).text
    set_policy(district=cast.district, policy=FactorPolicy(is_required=True), actor="director", at=AT)
    with pytest.raises(TokenEnded, match="2-step"):
        find(text)
    issue_recovery_codes(user=cast.technician, actor="technician", at=AT)
    assert find(text).username == "technician"


@pytest.mark.parametrize("end", [deactivate_user, reset_passphrase, reset_two_step])
def test_who_is_deactivated_or_reset_loses_every_token_for_good(cast: Cast, end: Callable[..., Any]) -> None:
    text = make_for(cast).text
    end(district=cast.district, username="technician", actor="director", at=AT)
    activate_user(district=cast.district, username="technician", actor="director", at=AT)
    with pytest.raises(TokenEnded):
        find(text)
    assert "revoke API token" in [action for _, action, _ in list_trail(cast)]


def test_a_user_of_two_districts_keeps_the_tokens_of_the_other_district(cast: Cast) -> None:
    Membership.objects.create(district=cast.next_district, user=cast.technician, role="technician")
    own = make_for(cast).text
    elsewhere = make_token(
        district=cast.next_district, username="technician", name="b", permissions=LOADING, actor="", at=AT
    ).text
    deactivate_user(district=cast.district, username="technician", actor="director", at=AT)
    assert find(elsewhere).district == cast.next_district
    with pytest.raises(TokenEnded):
        find(own)


def test_a_list_has_the_tokens_of_one_district_and_tells_their_last_use(cast: Cast, make: MakeToken) -> None:
    make("stranger")
    first, second = make_for(cast, name="b"), make_for(cast, username="director", name="a", days=10)
    find(first.text, at=AT + timedelta(minutes=1))
    lines = list_tokens(district=cast.district, at=AT)
    assert [(line.id, line.used_from, line.expires_soon) for line in lines] == [
        (second.id, "", True),
        (first.id, "192.0.2.7", False),
    ]
    assert [line.id for line in list_tokens(district=cast.district, at=AT, owner=cast.technician)] == [first.id]


def test_a_use_is_written_at_most_every_few_minutes(cast: Cast) -> None:
    text = make_for(cast).text
    for seconds in (10, 20, 200):
        find(text, at=AT + timedelta(seconds=seconds))
    assert ApiToken.everywhere.get().used_at == AT + timedelta(seconds=10)
    find(text, at=AT + timedelta(seconds=310))
    assert ApiToken.everywhere.get().used_at == AT + timedelta(seconds=310)


def test_tokens_that_ended_long_ago_are_deleted_and_no_others(cast: Cast, settings: Any) -> None:
    settings.TOKEN_RECORD_AGE = timedelta(days=30)
    expired, revoked = make_for(cast, days=1), make_for(cast)
    active = make_for(cast, days=365)
    revoke_token(district=cast.district, token=revoked.id, actor="", at=AT)
    assert delete_old_tokens(AT + timedelta(days=29)) == 0
    assert delete_old_tokens(AT + timedelta(days=31)) == 1
    assert {row.public for row in ApiToken.everywhere.all()} == {expired.id, active.id}
    assert delete_old_tokens(AT + timedelta(days=62)) == 1
    assert [row.public for row in ApiToken.everywhere.all()] == [active.id]
