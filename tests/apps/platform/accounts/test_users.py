"""Users of a district are added, limited, deactivated and reset; nothing of it reaches another district."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from homeroom.apps.platform.accounts.commands import (
    activate_user,
    add_existing_user,
    add_user,
    change_role,
    deactivate_user,
    end_own_access,
    end_user_sessions,
    reset_passphrase,
    reset_two_step,
)
from homeroom.apps.platform.accounts.devices import describe_device
from homeroom.apps.platform.accounts.queries import get_user, list_user_sessions, list_users
from homeroom.apps.platform.accounts.sessions import SessionFacts, start_session_record
from homeroom.apps.platform.accounts.temporary_passphrases import is_passphrase_temporary
from homeroom.apps.platform.api_tokens.commands import make_token
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.memberships import MemberRefused, NoSuchMember
from homeroom.apps.platform.districts.models import Membership, User
from homeroom.apps.platform.districts.queries import list_members, list_memberships
from homeroom.apps.platform.districts.school_keys import load_school_scope
from homeroom.apps.platform.districts.school_names import list_school_choices
from homeroom.apps.platform.second_factors.break_glass import create_break_glass
from homeroom.apps.platform.second_factors.recovery_codes import issue_recovery_codes
from homeroom.apps.platform.second_factors.user_trail import record_user_entry
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import publish_load
from tests.cast import Cast, create_cast, create_teacher

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
BY_DIRECTOR: dict[str, Any] = {"actor": "director", "at": AT}
BY_OPERATOR: dict[str, Any] = {"actor": "", "at": AT}

TRAILS = {
    "passphrase": lambda cast: reset_passphrase(district=cast.next_district, username="technician", **BY_OPERATOR),
    "2-step": lambda cast: reset_two_step(district=cast.next_district, username="technician", **BY_OPERATOR),
    "own access": lambda cast: end_own_access(user=cast.technician, current_key="", at=AT),
    "own entry": lambda cast: record_user_entry(user=cast.technician, actor="technician", action="sign in", at=AT),
}
pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("locks and unique names")]


@pytest.fixture
def cast(settings: Any, tmp_path: Any) -> Cast:
    settings.DATA = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return create_cast()


@pytest.fixture
def store(cast: Cast, tmp_path: Any) -> EvidenceStore:
    store = get_evidence_store(district=cast.district)
    orgs = [
        {"key": "org-1", "name": "Cedar Middle", "kind": "school"},
        {"key": "org-2", "name": "Maple High", "kind": "school"},
        {"key": "org-0", "name": "Maple Valley", "kind": "district"},
    ]
    publish_load(store, "oneroster", "oneroster.orgs", "orgs", orgs, at=AT)
    return store


def share_technician(cast: Cast) -> None:
    add_existing_user(district=cast.next_district, username="technician", role="auditor", at=AT)


def start_session(user: User, *, expires_at: datetime = datetime(2026, 1, 16, tzinfo=UTC)) -> str:
    key = f"key-{Session.objects.count()}-of-{user.username}"
    Session.objects.create(session_key=key, session_data="", expire_date=expires_at)
    facts = SessionFacts(session_key=key, address="192.0.2.7", agent="Firefox/140.0 (Windows)")
    return start_session_record(user=user, facts=facts, at=AT, expires_at=expires_at)


def list_actions(cast: Cast, *, next_district: bool = False) -> list[tuple[str, str, str]]:
    district = cast.next_district if next_district else cast.district
    lines = list_audit_entries(district=district).lines
    return [(line.actor, line.action, line.subject) for line in lines]


def test_a_new_user_signs_in_with_a_passphrase_that_must_be_changed(cast: Cast) -> None:
    new = add_user(district=cast.district, username="  jo.rivera ", role="technician", first_name="Jo", **BY_DIRECTOR)
    user = User.objects.get(username="jo.rivera")
    assert user.check_password(new.passphrase)
    assert is_passphrase_temporary(user=user)
    assert new.expires_at is not None
    assert (new.expires_at - AT).days == 3
    assert list_actions(cast) == [("director", "add user", "jo.rivera")]
    assert new.passphrase not in str(list_audit_entries(district=cast.district).lines)
    line = get_user(district=cast.district, username="jo.rivera", at=AT)
    assert (line.name, line.role, line.is_active, line.has_to_change, line.last_sign_in) == (
        "Jo",
        "technician",
        True,
        True,
        None,
    )


def test_the_first_user_is_a_director_and_later_ones_need_a_role(cast: Cast) -> None:
    Membership.objects.filter(district=cast.district).delete()
    assert add_user(district=cast.district, username="first", **BY_OPERATOR).role == "director"
    with pytest.raises(MemberRefused, match="Name a role"):
        add_user(district=cast.district, username="second", **BY_OPERATOR)


@pytest.mark.parametrize("name", ["stranger", "Stranger", "ＳＴＲＡＮＧＥＲ", "technician", "person-0123456789"])
def test_a_name_that_is_taken_anywhere_is_refused_in_the_same_words(cast: Cast, name: str) -> None:
    with pytest.raises(MemberRefused) as refused:
        add_user(district=cast.district, username=name, role="auditor", **BY_DIRECTOR)
    assert str(refused.value) == "This user name is not available. Choose another name."
    assert list_actions(cast) == []


@pytest.mark.parametrize("name", ["", "   ", "jo rivera", "jo\u200brivera", "<b>", "x" * 151, "a/b"])
def test_a_name_that_does_not_fit_is_refused(cast: Cast, name: str) -> None:
    with pytest.raises(MemberRefused):
        add_user(district=cast.district, username=name, role="auditor", **BY_DIRECTOR)


@pytest.mark.parametrize("role", ["person", "janitor"])
def test_a_role_outside_the_office_is_refused(cast: Cast, role: str) -> None:
    with pytest.raises(MemberRefused, match="roles are director, technician, privacy, auditor"):
        add_user(district=cast.district, username="jo", role=role, **BY_DIRECTOR)
    with pytest.raises(MemberRefused, match="is not a role"):
        change_role(district=cast.district, username="technician", role=role, **BY_DIRECTOR)


def test_a_role_is_limited_to_schools_that_exist(cast: Cast, store: EvidenceStore) -> None:
    assert list_school_choices(district=cast.district) == ("Cedar Middle", "Maple High")
    key, name = "org-2", "Maple High"
    for text in (key, name, name.upper()):
        change_role(district=cast.district, username="technician", role="technician", schools=[text], **BY_DIRECTOR)
        user = get_user(district=cast.district, username="technician", at=AT)
        assert (user.schools, user.lost_schools) == ((name,), ())
        assert list_memberships(user=cast.technician)[0].schools == (name,)
    assert len(list_actions(cast)) == 1, "the same change again is no change"
    with pytest.raises(MemberRefused, match="There is no school “Hogwarts”; schools are: "):
        change_role(
            district=cast.district, username="technician", role="technician", schools=["Hogwarts"], **BY_DIRECTOR
        )
    with pytest.raises(MemberRefused, match="all schools"):
        change_role(district=cast.district, username="technician", role="director", schools=[name], **BY_DIRECTOR)


def test_a_school_whose_id_another_got_is_lost_and_opens_nothing(cast: Cast, store: EvidenceStore) -> None:
    change_role(district=cast.district, username="technician", role="auditor", schools=["org-2"], **BY_DIRECTOR)
    orgs = [{"key": "org-2", "name": "Washington Elementary", "kind": "school"}]
    publish_load(store, "oneroster", "oneroster.orgs", "orgs", orgs, at=AT + timedelta(days=1))
    user = get_user(district=cast.district, username="technician", at=AT)
    assert (user.schools, user.lost_schools) == (("Maple High",), ("Maple High",))
    scope = load_school_scope(district=cast.district, schools=user.schools)
    assert not any(scope.includes(text) for text in ("org-2", "Washington Elementary"))


def test_no_school_is_known_before_a_roster_is_loaded(cast: Cast) -> None:
    with pytest.raises(MemberRefused, match="none until a roster is loaded"):
        add_user(district=cast.district, username="jo", role="technician", schools=["Maple High"], **BY_DIRECTOR)


def test_the_last_active_director_stays(cast: Cast) -> None:
    for change in (
        lambda: deactivate_user(district=cast.district, username="director", **BY_OPERATOR),
        lambda: change_role(district=cast.district, username="director", role="auditor", **BY_OPERATOR),
    ):
        with pytest.raises(MemberRefused, match="only active director"):
            change()
    add_user(district=cast.district, username="deputy", role="director", **BY_OPERATOR)
    deactivate_user(district=cast.district, username="director", **BY_OPERATOR)
    with pytest.raises(MemberRefused, match="only active director"):
        deactivate_user(district=cast.district, username="deputy", **BY_OPERATOR)


def test_the_break_glass_account_is_replaced_and_is_no_other_director(cast: Cast) -> None:
    sealed = create_break_glass(district=cast.district, actor="", at=AT)
    for change in (reset_passphrase, deactivate_user, reset_two_step):
        with pytest.raises(MemberRefused, match="break-glass account is replaced"):
            change(district=cast.district, username=sealed.username, **BY_DIRECTOR)
    with pytest.raises(MemberRefused, match="break-glass account is replaced"):
        change_role(district=cast.district, username=sealed.username, role="auditor", **BY_DIRECTOR)
    with pytest.raises(MemberRefused, match="only active director"):
        deactivate_user(district=cast.district, username="director", **BY_OPERATOR)


def test_a_reset_of_second_factors_ends_the_sessions_and_reaches_no_other_district(cast: Cast) -> None:
    issue_recovery_codes(user=cast.technician, actor="technician", at=AT)
    start_session(cast.technician)
    assert reset_two_step(district=cast.district, username="technician", **BY_DIRECTOR) > 0
    (session,) = list_user_sessions(district=cast.district, username="technician", at=AT)
    assert session.ended_because == "reset"
    share_technician(cast)
    with pytest.raises(MemberRefused, match="another district"):
        reset_two_step(district=cast.district, username="technician", **BY_DIRECTOR)
    assert reset_two_step(district=cast.district, username="technician", **BY_OPERATOR) == 0


def test_a_director_changes_no_account_of_their_own(cast: Cast) -> None:
    add_user(district=cast.district, username="deputy", role="director", **BY_OPERATOR)
    for change in (
        lambda: deactivate_user(district=cast.district, username="director", **BY_DIRECTOR),
        lambda: change_role(district=cast.district, username="director", role="auditor", **BY_DIRECTOR),
        lambda: reset_passphrase(district=cast.district, username="director", **BY_DIRECTOR),
    ):
        with pytest.raises(MemberRefused, match="your own account"):
            change()


def test_who_is_deactivated_is_signed_out_and_comes_back_as_before(cast: Cast) -> None:
    start_session(cast.technician)
    deactivate_user(district=cast.district, username="technician", **BY_DIRECTOR)
    assert list_memberships(user=cast.technician) == ()
    assert "technician" not in [name for name, _, _ in list_members(district=cast.district)]
    assert not User.objects.get(username="technician").is_active
    (session,) = list_user_sessions(district=cast.district, username="technician", at=AT)
    assert session.ended_because == "deactivated"
    assert [user.username for user in list_users(district=cast.district, at=AT)][-1] == "technician"
    activate_user(district=cast.district, username="technician", **BY_DIRECTOR)
    assert list_memberships(user=cast.technician)[0].role == "technician"
    assert User.objects.get(username="technician").is_active
    actions = [action for _, action, _ in list_actions(cast)]
    assert actions == ["activate user", "deactivate user"]


def test_deactivating_in_one_district_leaves_the_other_as_it_is(cast: Cast) -> None:
    share_technician(cast)
    start_session(cast.technician)
    deactivate_user(district=cast.district, username="technician", **BY_DIRECTOR)
    assert [item.district.slug for item in list_memberships(user=cast.technician)] == ["next-door"]
    assert User.objects.get(username="technician").is_active
    (session,) = list_user_sessions(district=cast.next_district, username="technician", at=AT, is_operator=True)
    assert session.ended_at is None
    assert [action for _, action, _ in list_actions(cast, next_district=True)] == ["add user"]


def test_a_reset_ends_the_sessions_and_gives_a_passphrase_once(cast: Cast) -> None:
    start_session(cast.technician)
    before = cast.technician.password
    new = reset_passphrase(district=cast.district, username="technician", **BY_DIRECTOR)
    user = User.objects.get(username="technician")
    assert user.password != before
    assert user.check_password(new.passphrase)
    assert is_passphrase_temporary(user=user)
    (session,) = list_user_sessions(district=cast.district, username="technician", at=AT)
    assert (session.ended_because, session.device) == ("reset", "Firefox on Windows")
    assert list_actions(cast) == [("director", "reset passphrase", "technician")]


@pytest.mark.parametrize("is_active", [True, False])
def test_a_director_resets_nobody_who_also_works_for_another_district(cast: Cast, is_active: bool) -> None:
    share_technician(cast)
    Membership.objects.filter(user=cast.technician, district=cast.next_district).update(is_active=is_active)
    start_session(cast.technician)
    before = User.objects.get(username="technician").password
    for change in (
        lambda: reset_passphrase(district=cast.district, username="technician", **BY_DIRECTOR),
        lambda: end_user_sessions(district=cast.district, username="technician", **BY_DIRECTOR),
    ):
        with pytest.raises(MemberRefused) as refused:
            change()
        assert "another district" in str(refused.value)
        assert "Next Door" not in str(refused.value)
    assert User.objects.get(username="technician").password == before
    assert list_user_sessions(district=cast.district, username="technician", at=AT) == ()
    assert get_user(district=cast.district, username="technician", at=AT).sessions is None
    assert list_actions(cast) == []


def test_whoever_runs_the_server_resets_a_user_of_two_districts_and_both_trails_have_it(cast: Cast) -> None:
    share_technician(cast)
    reset_passphrase(district=cast.district, username="technician", **BY_OPERATOR)
    assert list_actions(cast)[0] == ("", "reset passphrase", "technician")
    assert list_actions(cast, next_district=True)[0] == ("", "reset passphrase", "technician")


def test_users_of_the_next_district_and_staff_are_nobody_here(cast: Cast) -> None:
    create_teacher(cast)
    for name in ("stranger", "teacher", "nobody"):
        for change in (reset_passphrase, deactivate_user, activate_user, end_user_sessions):
            with pytest.raises(NoSuchMember):
                change(district=cast.district, username=name, **BY_DIRECTOR)
        with pytest.raises(NoSuchMember):
            change_role(district=cast.district, username=name, role="auditor", **BY_DIRECTOR)
        with pytest.raises(NoSuchMember):
            list_user_sessions(district=cast.district, username=name, at=AT)
    number = Membership.objects.get(user=cast.stranger).pk
    with pytest.raises(NoSuchMember):
        get_user(district=cast.district, number=number, at=AT)


def test_one_session_of_a_user_is_ended_and_the_other_stays(cast: Cast) -> None:
    first, second = start_session(cast.technician), start_session(cast.technician)
    assert end_user_sessions(district=cast.district, username="technician", record=first, **BY_DIRECTOR) == 1
    assert end_user_sessions(district=cast.district, username="technician", record=first, **BY_DIRECTOR) == 0
    sessions = list_user_sessions(district=cast.district, username="technician", at=AT)
    assert [(session.id, session.ended_at is None) for session in sessions] == [(second, True), (first, False)]
    assert list_actions(cast) == [("director", "end sessions", "technician")]


def test_the_session_of_somebody_else_is_not_ended_by_its_id(cast: Cast) -> None:
    record = start_session(cast.stranger)
    assert end_user_sessions(district=cast.district, username="technician", record=record, **BY_DIRECTOR) == 0
    (session,) = list_user_sessions(district=cast.next_district, username="stranger", at=AT)
    assert session.ended_at is None


def test_sessions_that_expired_or_are_unused_are_not_counted(cast: Cast, settings: Any) -> None:
    start_session(cast.technician)
    assert get_user(district=cast.district, username="technician", at=AT).sessions == 1
    assert get_user(district=cast.district, username="technician", at=AT + settings.SESSION_IDLE).sessions == 0


WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
AGENTS = {
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0": "Edge on Windows",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/140.0 Safari/537.36": "Chrome on ChromeOS",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {WEBKIT} Safari/604.1": "Safari on iPhone",
    f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} Chrome/140.0 Mobile Safari/537.36": "Chrome on Android",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox on Mac",
    "curl/8.5.0": "",
    "": "",
}


@pytest.mark.parametrize("agent", AGENTS)
def test_a_device_is_named_by_browser_and_system(agent: str) -> None:
    assert describe_device(agent) == AGENTS[agent]


@pytest.mark.parametrize("name", TRAILS)
def test_what_is_in_the_trails_of_several_districts_locks_them_in_one_order(cast: Cast, name: str) -> None:
    Membership.objects.create(district=cast.next_district, user=cast.technician, role="technician")
    cast.next_district.name = "Aspen"  # before the other one by name, after it by number
    cast.next_district.save()
    for district in (cast.next_district, cast.district):
        permissions = ["sources.read"]
        make_token(district=district, username="technician", name="a", permissions=permissions, actor="", at=AT)
    start_session_record(
        user=cast.technician,
        facts=SessionFacts(session_key="k"),
        at=timezone.now(),
        expires_at=timezone.now() + timedelta(hours=1),
    )
    last = Entry.everywhere.latest("pk").pk
    TRAILS[name](cast)
    entries = Entry.everywhere.filter(pk__gt=last).order_by("pk").values_list("district_id", flat=True)
    assert list(dict.fromkeys(entries)) == [cast.district.pk, cast.next_district.pk]
