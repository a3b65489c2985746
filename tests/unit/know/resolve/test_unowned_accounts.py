"""Test the kind of an account without an owner: service, shared, administrator, leaver or unknown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.know.resolve.source_records import build_record, get_only_row, resolve_records


@pytest.mark.parametrize(
    ("local", "about", "kind"),
    [
        ("scanner-north", {}, "service"),
        ("svc-backup", {}, "service"),
        ("krbtgt", {"suspended": True, "any_admin": True}, "service"),
        ("krbtgt_21007", {"suspended": True, "any_admin": True}, "service"),
        ("DefaultAccount", {"suspended": True}, "service"),
        ("mailer", {"org_unit": "/Service"}, "service"),
        ("classroom204", {}, "shared"),
        ("room-12", {}, "shared"),
        ("frontdesk", {"org_unit": "/Shared"}, "shared"),
        ("guest", {"suspended": True}, "shared"),
        ("administrator", {"any_admin": True}, "administrator"),
        ("it.owner", {"super_admin": True, "suspended": True}, "administrator"),
        ("p.lind", {"suspended": True}, "leaver"),
        ("p.lind", {"archived": True}, "leaver"),
        ("p.lind", {"org_unit": "/Former Staff"}, "leaver"),
        ("p.lind", {"suspended": False}, "unknown"),
        ("guest.speaker", {"suspended": False}, "unknown"),
        ("b.office-ramirez", {"suspended": False}, "shared"),
        ("bofficer", {"suspended": False}, "unknown"),
    ],
)
def test_an_account_of_nobody_is_what_its_name_unit_rights_and_state_say(
    local: str, about: dict[str, Any], kind: str
) -> None:
    result = resolve_records(account_records=[build_record("google", "g-1", email=f"{local}@d.example", **about)])
    account = get_only_row(result, "accounts", email=f"{local}@d.example")
    assert (account["person"], account["kind"]) == (None, kind)


def test_an_account_of_somebody_is_what_the_person_is_whatever_it_is_called() -> None:
    result = resolve_records(
        person_records=[build_record("hr", "100", email="room-12@d.example", given_name="Ann", title="Teacher")],
        account_records=[build_record("google", "g-1", email="room-12@d.example", suspended=True)],
    )
    account = get_only_row(result, "accounts", email="room-12@d.example")
    assert account["person"] is not None
    assert account["kind"] == "staff"
