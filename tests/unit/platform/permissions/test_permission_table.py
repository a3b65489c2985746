"""The table of permissions, and who holds one."""

from __future__ import annotations

import re

import pytest

from homeroom.domain.platform.permissions.holding import (
    UnknownPermission,
    get_permission,
    holds_permission,
    list_grantable,
    list_roles_with,
)
from homeroom.domain.platform.permissions.permission import Access, PermissionScope
from homeroom.domain.platform.permissions.roles import ROLE_NAMES
from homeroom.domain.platform.permissions.table import PERMISSIONS


def test_names_are_an_area_and_what_is_done_there():
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", name) for name in PERMISSIONS)


def test_titles_finish_the_sentence_may_and_are_unique():
    titles = [row.title for row in PERMISSIONS.values()]
    assert len(set(titles)) == len(titles)
    assert all(title[0].islower() and not title.endswith(".") for title in titles)


def test_only_known_roles_are_in_the_table_and_only_of_what_a_role_opens():
    for row in PERMISSIONS.values():
        assert row.roles | row.grantable <= set(ROLE_NAMES), row.name
        assert not row.roles & row.grantable, row.name
        assert bool(row.roles) is (row.access is Access.ROLE), row.name


def test_a_role_holds_what_its_row_says_and_nothing_that_is_not_a_roles():
    assert holds_permission("fixes.take", role="technician")
    assert not holds_permission("fixes.take", role="auditor")
    assert not holds_permission("installation.operate", role="director")
    assert not holds_permission("fixes.read", role="gardener")


def test_a_grant_counts_only_where_the_table_lets_a_director_grant():
    assert not holds_permission("fixes.take_alone", role="technician")
    assert holds_permission("fixes.take_alone", role="technician", granted={"fixes.take_alone"})
    assert not holds_permission("fixes.take_alone", role="auditor", granted={"fixes.take_alone"})
    assert not holds_permission("users.manage", role="technician", granted={"users.manage"})


def test_who_is_limited_to_schools_holds_nothing_that_shows_the_district():
    held = {name for name in PERMISSIONS if holds_permission(name, role="director", is_limited_to_schools=True)}
    assert held == {
        name
        for name, row in PERMISSIONS.items()
        if row.scope is not PermissionScope.DISTRICT and "director" in row.roles
    }
    assert "own.use" in held
    assert "inventory.read" in held
    assert "inventory.read_all" not in held


def test_an_unknown_name_is_refused_with_those_that_fit():
    with pytest.raises(UnknownPermission, match=r"'fixes\.tak' is no permission.*fixes\.take"):
        get_permission("fixes.tak")
    with pytest.raises(UnknownPermission):
        list_roles_with("gardens.read")


def test_a_director_may_grant_what_technicians_do_not_do_alone_and_tokens_to_other_roles():
    assert list_grantable() == (
        ("sources.approve_removals", "technician"),
        ("consoles.connect", "technician"),
        ("fixes.take_alone", "technician"),
        ("tokens.use", "auditor"),
        ("tokens.use", "privacy"),
    )
