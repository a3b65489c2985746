"""Actions that contain an incident: the console's own commands, no value as code, and an undo or the reason for none."""

from __future__ import annotations

import csv
import io
import json

import pytest

from homeroom.domain.protect.remedies import FIX, UNDO, FixChange, invert_changes
from homeroom.library.protect.remedies import find_action, load_containment_actions

ANA = "ana@maple.example"
VALUES = {
    "google.remove-app-access": "1095133494869.apps.googleusercontent.com",
    "microsoft.remove-inbox-rule": ".. payroll",
}
LINES = {
    "google.sign-out-user": "gam user ana@maple.example signout",
    "google.remove-app-access":
        "gam user ana@maple.example delete tokens clientid 1095133494869.apps.googleusercontent.com",
    "google.stop-forwarding": "gam user ana@maple.example forward off",
    "microsoft.revoke-sessions": "Revoke-MgUserSignInSession -UserId 'ana@maple.example'",
    "microsoft.remove-inbox-rule":
        "Remove-InboxRule -Mailbox 'ana@maple.example' -Identity '.. payroll' -Confirm:$false",
}  # fmt: skip
HOSTILE = (
    "=1+1",
    "x'; Remove-Item x; '",
    "x\u2019; iex y; \u2018",
    "$(iex y)",
    "`whoami`",
    'a"b',
    "a\nb",
    "",
    "all users",
)
ACTIONS = tuple(load_containment_actions().values())
parametrize_actions = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)


def _make_change(action, *, back: str | None = None) -> FixChange:
    return FixChange(handle=ANA, to=VALUES.get(action.id, action.writes), back=back)


def _render(action, changes, name=FIX):
    return {file.name: "".join(file.pieces) for file in action.render_files(action, changes, name)}


def test_there_are_five_and_each_is_the_consoles_own_command():
    assert {action.id: action.paste(_make_change(action)) for action in ACTIONS} == LINES
    assert all(find_action(action.id) is action for action in ACTIONS)


@parametrize_actions
def test_no_value_of_a_log_becomes_code(action):
    assert action.is_valid_handle(ANA)
    assert [text for text in HOSTILE if action.is_valid_handle(text)] == []
    values = [text for text in HOSTILE if action.is_valid_value(text)]
    assert values == ([""] if not action.takes else ["all users"] if action.id == "microsoft.remove-inbox-rule" else [])
    assert action.is_valid_value(VALUES.get(action.id, ""))
    assert [text for text in HOSTILE if text and action.is_valid_restore(text)] == []


@parametrize_actions
def test_each_has_its_undo_beside_it_or_why_there_is_none(action):
    undo = action.paste_undo(_make_change(action, back="eve@evil.example"))
    assert bool(undo) == (action.id == "google.stop-forwarding")
    assert action.paste_undo(_make_change(action)) == ""
    assert action.no_undo


def test_gam_finds_each_column_in_the_file():
    forwarding = load_containment_actions()["google.stop-forwarding"]
    changes = [_make_change(forwarding, back="eve@evil.example")]
    assert _render(forwarding, changes) == {"fix.csv": "primaryEmail\r\nana@maple.example\r\n"}
    assert forwarding.command(forwarding, FIX) == 'gam csv fix.csv gam user "~primaryEmail" forward off'
    assert _render(forwarding, invert_changes(changes), UNDO) == {
        "undo.csv": "primaryEmail,forwardTo\r\nana@maple.example,eve@evil.example\r\n"
    }
    assert forwarding.command(forwarding, UNDO).endswith('forward on keep "~forwardTo"')
    app = load_containment_actions()["google.remove-app-access"]
    rows = list(csv.DictReader(io.StringIO(_render(app, [_make_change(app)])["fix.csv"])))
    assert rows == [{"primaryEmail": ANA, "clientId": VALUES[app.id]}]
    assert app.command(app, FIX) == 'gam csv fix.csv gam user "~primaryEmail" delete tokens clientid "~clientId"'


def test_graph_ends_sessions_in_batches_and_exchange_takes_cells_as_arguments():
    sessions = load_containment_actions()["microsoft.revoke-sessions"]
    files = _render(sessions, [_make_change(sessions)] * 21)
    assert [name for name in files if name.endswith(".json")] == ["fix/batch-00001.json", "fix/batch-00002.json"]
    request = json.loads(files["fix/batch-00002.json"])["requests"][0]
    assert request == {"id": "1", "method": "POST", "url": "/users/ana@maple.example/revokeSignInSessions"}
    rule = load_containment_actions()["microsoft.remove-inbox-rule"]
    assert "-Mailbox $_.mailbox -Identity $_.rule" in rule.command(rule, FIX)
    assert _render(rule, [_make_change(rule)]) == {"fix.csv": "mailbox,rule\r\nana@maple.example,.. payroll\r\n"}
