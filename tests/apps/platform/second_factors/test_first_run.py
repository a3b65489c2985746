"""Before a director has a second step, nobody on the network reaches the installation."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from homeroom.apps.platform.districts.models import Membership
from homeroom.apps.platform.second_factors.break_glass import create_break_glass, find_break_glass
from homeroom.apps.platform.second_factors.first_run import check_exposure
from homeroom.apps.platform.second_factors.recovery_codes import issue_recovery_codes
from homeroom.cli.platform.users.exposure import describe_exposure
from tests.cast import Cast

NOW = datetime(2026, 1, 15, 12, 40, tzinfo=UTC)


def test_the_second_step_of_a_technician_protects_nothing(cast: Cast) -> None:
    issue_recovery_codes(user=cast.technician, actor="", at=NOW)
    status = check_exposure(at=NOW)
    assert not status.may_be_reached
    assert (status.directors, status.open_districts) == (2, ["maple-valley", "next-door"])


def test_one_director_with_a_second_step_is_enough_and_the_other_districts_are_named(cast: Cast) -> None:
    issue_recovery_codes(user=cast.director, actor="", at=NOW)
    status = check_exposure(at=NOW)
    assert status.may_be_reached
    assert status.open_districts == ["next-door"]
    cast.director.is_active = False
    cast.director.save()
    assert not check_exposure(at=NOW).may_be_reached


def test_a_break_glass_account_protects_no_director(cast: Cast) -> None:
    first = create_break_glass(district=cast.district, actor="", at=NOW)
    status = check_exposure(at=NOW)
    assert not status.may_be_reached
    assert (status.directors, status.open_districts) == (2, ["maple-valley", "next-door"])
    second = create_break_glass(district=cast.district, actor="", at=NOW)
    assert first.username != second.username
    account = find_break_glass(district=cast.district)
    assert account is not None
    assert account.user.get_username() == second.username
    assert Membership.objects.filter(district=cast.district, role="director").count() == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]", "127.0.0.2"])
def test_a_server_of_its_own_machine_alone_is_not_exposed(host: str) -> None:
    names = ["127.0.0.1", "localhost", "[::1]"]
    assert describe_exposure(host=host, has_proxies=False, names=names) == ""


@pytest.mark.parametrize(
    ("host", "has_proxies", "name", "expected"),
    [
        ("0.0.0.0", False, "localhost", "0.0.0.0 can"),
        ("::", False, "localhost", ":: can"),
        ("", False, "localhost", " can"),
        ("192.0.2.7", False, "localhost", "192.0.2.7 can"),
        ("127.0.0.1", True, "localhost", "a proxy"),
        ("127.0.0.1", False, "homeroom.example.org", "as homeroom.example.org"),
        ("127.0.0.1", False, "*", r"as \*"),
        ("127.0.0.1", False, "localhost.evil.test", "as localhost.evil.test"),
    ],
)
def test_a_server_behind_a_proxy_is_exposed_though_it_listens_on_loopback(
    host: str, has_proxies: bool, name: str, expected: str
) -> None:
    assert re.search(expected, describe_exposure(host=host, has_proxies=has_proxies, names=["127.0.0.1", name]))


def test_without_a_director_nothing_is_protected(db: None) -> None:
    assert (check_exposure(at=NOW).directors, check_exposure(at=NOW).may_be_reached) == (0, False)
