"""Action files have the console's own format, contain no value as code, and can be undone."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable

import pytest

from homeroom.connectors.activedirectory.actions import SCRIPT
from homeroom.domain.protect.remedies import FIX, UNDO, ConsoleAction, FixChange, invert_changes, render_csv_lines
from homeroom.domain.spreadsheets import is_formula
from homeroom.evidence.tables import TABLES
from homeroom.library.protect.remedies import load_actions

ACTIONS = tuple(load_actions().values())
HANDLES = {
    "account_records": {"google": "ruth.o'neil+1@maple.example", "microsoft": "0b5a9c1e-1f0a-4d5f-9a53-2f6b2f1c7a10"},
    "device_records": {"google": "2f6b2f1c-7a10-4d5f-9a53-0b5a9c1e1f0a", "snipeit": "MV-00417"},
}
HOSTILE = (
    "=HYPERLINK(0)",
    "+1",
    "-rf",
    "@SUM(1)",
    "\tx",
    "$(Remove-Item x)",
    "`whoami`",
    "a;b",
    "a'b\"c",
    "a,b@maple.example",
    "query:status:active",
    "../../etc",
    "uid:1,uid:2",
    "x\r\ny",
    "~primaryEmail",
    "",
    "*",
)
parametrize_actions = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)


def get_handle(action: ConsoleAction) -> str:
    return HANDLES[action.table].get(action.system, "okafor.t")


def build_changes(action: ConsoleAction, count: int = 3) -> list[FixChange]:
    to = action.writes or ("/Students/2031" if action.asks == "unit" else "Lost/Stolen")
    back = next(iter(set(action.restores.values()) - {to}), "Ready to Deploy" if action.asks == "label" else "/Staff")
    cells = {"serial": "5CD1", "model": "Chromebook", "mark": "x"} if action.creates else {}
    to, back = ("MV-9", None) if action.creates else (to, back)  # type: ignore[assignment]
    return [FixChange(handle=get_handle(action), to=to, back=back, cells=cells) for _ in range(count)]


def render_files(action: ConsoleAction, changes: Iterable[FixChange], name: str = FIX) -> dict[str, str]:
    return {file.name: "".join(file.pieces) for file in action.render_files(action, changes, name)}


def parse_csv_text(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_no_action_wipes_deletes_or_deprovisions() -> None:
    text = " ".join(action.id + action.command(action, FIX) for action in ACTIONS)
    assert not re.search(r"wipe|powerwash|delete|deprovision|retire|remove", text, re.IGNORECASE)


@parametrize_actions
def test_an_action_names_columns_that_the_record_has(action: ConsoleAction) -> None:
    columns = set(TABLES[action.table].names)
    assert {action.needs, *filter(None, (action.proves, action.before))} <= columns
    assert action.no_undo if not action.before else action.compute_undo_value is not None


@parametrize_actions
def test_a_handle_that_could_mean_anything_else_is_not_known(action: ConsoleAction) -> None:
    assert action.is_valid_handle(get_handle(action))
    words = () if action.system == "snipeit" else ("all users",)  # which is a tag like any other to an importer
    assert [text for text in (*HOSTILE, *words) if action.is_valid_handle(text)] == []
    assert not action.is_valid_handle(None)


@parametrize_actions
def test_what_was_undone_twice_is_the_start(action: ConsoleAction) -> None:
    start = build_changes(action)
    again = list(invert_changes(invert_changes(start)))
    assert again == (start if start[0].back is not None else [])
    assert render_files(action, again) == render_files(action, start if start[0].back is not None else [])


@parametrize_actions
def test_an_action_over_nobody_writes_nobody(action: ConsoleAction) -> None:
    for name, text in render_files(action, []).items():
        assert not name.endswith(".csv") or parse_csv_text(text) == []
        assert not name.endswith(".json")


@pytest.mark.parametrize(
    "action", [entry for entry in ACTIONS if entry.system == "google"], ids=lambda action: action.id
)
@pytest.mark.parametrize("name", [FIX, UNDO])
def test_gam_finds_every_column_of_its_command_in_the_file(action: ConsoleAction, name: str) -> None:
    command = action.command(action, name)
    match = re.fullmatch(
        r'gam csv (\S+) (noescapechar true )?gam update (user|cros) "~(\w+)" (suspended|org|ou|action) "~(\w+)"',
        command,
    )
    assert match, command
    changes = build_changes(action) if name == FIX else list(invert_changes(build_changes(action)))
    (file, text), *extra_files = render_files(action, changes, name).items()
    assert (file, extra_files) == (match[1], [])
    assert parse_csv_text(text) == [{match[4]: change.handle, match[6]: change.to} for change in changes]
    allowed = {"suspended": {"on", "off"}, "action": {"disable", "reenable"}}.get(match[5], {changes[0].to})
    assert {change.to for change in changes} <= allowed


def test_graph_takes_twenty_requests_a_batch_and_every_account_once() -> None:
    action = load_actions()["microsoft.block-sign-in"]
    changes = [FixChange(handle=f"{n:08x}-1f0a-4d5f-9a53-2f6b2f1c7a10", to="false", back="true") for n in range(45)]
    files = render_files(action, changes)
    batches = [json.loads(text)["requests"] for name, text in files.items() if name.startswith("fix/")]
    assert [len(batch) for batch in batches] == [20, 20, 5]
    for batch in batches:
        assert [entry["id"] for entry in batch] == [str(n) for n in range(1, len(batch) + 1)]
        assert {entry["method"] for entry in batch} == {"PATCH"}
        assert all(entry["headers"] == {"Content-Type": "application/json"} for entry in batch)
        assert all(entry["body"] == {"accountEnabled": False} for entry in batch)
    assert [entry["url"] for batch in batches for entry in batch] == [f"/users/{entry.handle}" for entry in changes]
    back = render_files(action, invert_changes(changes), UNDO)
    assert set(back) == {f"undo/batch-{n:05}.json" for n in (1, 2, 3)}
    assert json.loads(back["undo/batch-00001.json"])["requests"][0]["body"] == {"accountEnabled": True}
    assert "if (-not $Apply)" in files["send.ps1"]


POWERSHELL = tuple(action for action in ACTIONS if action.system == "activedirectory")


@pytest.mark.parametrize("action", POWERSHELL, ids=lambda action: action.id)
def test_the_script_holds_no_value_of_the_rows_and_only_tells_until_it_is_told(action: ConsoleAction) -> None:
    change = FixChange(handle="okafor.t", to=action.writes, back="true")
    files = render_files(action, [change])
    script = files["fix.ps1"]
    assert script == render_files(action, [])["fix.ps1"], "the same script whatever the rows"
    assert script.index("$WhatIfPreference = $true") < script.index("Import-Csv") < script.index("Set-ADAccountControl")
    assert "SupportsShouldProcess = $true" in script
    assert not re.search(r"Invoke-Expression|\biex\b|&\s*\$|\[scriptblock\]|Start-Process", script, re.IGNORECASE)
    assert has_balanced_brackets(script)
    parameter = next(word for word in parse_csv_text(files["fix.csv"])[0] if word != "Identity")
    names = {"UserPrincipalName": "", "DisplayName": ""}  # for who reads the file; the script reads the others
    assert parse_csv_text(files["fix.csv"]) == [{"Identity": "okafor.t", parameter: change.to} | names]
    assert f"{parameter} = ($row.{parameter} -ceq 'true')" in script
    pattern = re.search(r"\$identity = '\^\(\?:(.+)\)\$'", script)
    assert pattern
    assert pattern[1] == action.fits, "the script asks for the same identities as Homeroom"


def has_balanced_brackets(script: str) -> bool:
    """Check that brackets close in order outside strings and comments, as PowerShell's tokenizer does."""
    token = re.compile(r"'(?:[^']|'')*'|\"(?:`.|[^\"`])*\"|#[^\n]*|[(){}\[\]]")
    pending: list[str] = []
    for symbol in token.findall(script):
        if symbol in "([{":
            pending.append({"(": ")", "[": "]", "{": "}"}[symbol])
        elif symbol in ")]}" and (not pending or pending.pop() != symbol):
            return False
    return not pending


def test_the_check_of_brackets_can_fail() -> None:
    assert not has_balanced_brackets(SCRIPT + "}")
    assert has_balanced_brackets("if ($x) { '}' # {\n }")


def test_snipe_it_finds_the_headings_that_it_knows() -> None:
    supported = {"asset tag", "serial number", "item name", "model name", "category", "manufacturer", "status", "notes"}
    for name in ("snipeit.create-asset", "snipeit.mark-lost"):
        action = load_actions()[name]
        (text,) = render_files(action, build_changes(action)).values()
        assert {heading.lower() for heading in parse_csv_text(text)[0]} <= supported


def test_a_label_goes_back_as_the_district_calls_it_or_not_at_all() -> None:
    back = load_actions()["snipeit.mark-lost"].compute_undo_value
    assert back("Ready to Deploy (deployable)") == "Ready to Deploy"
    assert back("Spare") == "Spare"
    assert back("Ready to Deploy Deployed") is None, "where the label ends is not known"
    assert back("=1+1") is None
    assert back(None) is None


def test_a_cell_that_a_spreadsheet_would_run_is_never_written() -> None:
    for cell in ("=1", "+1", "-1", "@x", "\tx", "\rx"):
        assert is_formula(cell)
        with pytest.raises(ValueError, match="Status: a spreadsheet"):
            list(render_csv_lines(("Status",), [(cell,)]))


def test_names_with_quotes_commas_and_line_ends_stay_one_cell() -> None:
    awkward = ('O\'Neil, "Ruth"', "a;b $(x) `y`", "first\r\nsecond")
    text = "".join(render_csv_lines(("a", "b", "c"), [awkward]))
    assert parse_csv_text(text) == [dict(zip("abc", awkward, strict=True))]
