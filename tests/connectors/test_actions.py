"""What leaves for a console is in the console's own format, holds no value as code, and can be taken back."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable

import pytest

from homeroom.connectors.activedirectory.actions import SCRIPT
from homeroom.domain.remedies import FIX, UNDO, Action, Change, csv_pieces, undone
from homeroom.domain.spreadsheets import runs
from homeroom.evidence.tables import TABLES
from homeroom.library.remedies import actions

ACTIONS = tuple(actions().values())
HANDLES = {
    "account_records": {"google": "ruth.o'neil+1@maple.example", "microsoft": "0b5a9c1e-1f0a-4d5f-9a53-2f6b2f1c7a10"},
    "device_records": {"google": "2f6b2f1c-7a10-4d5f-9a53-0b5a9c1e1f0a", "snipeit": "MV-00417"},
}
HOSTILE = (
    "=HYPERLINK(0)", "+1", "-rf", "@SUM(1)", "\tx", "$(Remove-Item x)", "`whoami`", "a;b", "a'b\"c", "a,b@maple.example",
    "query:status:active", "../../etc", "uid:1,uid:2", "x\r\ny", "~primaryEmail", "", "*",
)  # fmt: skip
by_id = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)


def handle(action: Action) -> str:
    return HANDLES[action.table].get(action.system, "okafor.t")


def sample(action: Action, count: int = 3) -> list[Change]:
    to = action.writes or ("/Students/2031" if action.asks == "unit" else "Lost/Stolen")
    back = next(iter(set(action.restores.values()) - {to}), "Ready to Deploy" if action.asks == "label" else "/Staff")
    cells = {"serial": "5CD1", "model": "Chromebook", "mark": "x"} if action.creates else {}
    to, back = ("MV-9", None) if action.creates else (to, back)  # type: ignore[assignment]
    return [Change(handle=handle(action), to=to, back=back, cells=cells) for _ in range(count)]


def written(action: Action, changes: Iterable[Change], name: str = FIX) -> dict[str, str]:
    return {paper.name: "".join(paper.pieces) for paper in action.papers(action, changes, name)}


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def test_no_action_wipes_deletes_or_deprovisions() -> None:
    told = " ".join(action.id + action.command(action, FIX) for action in ACTIONS)
    assert not re.search(r"wipe|powerwash|delete|deprovision|retire|remove", told, re.IGNORECASE)


@by_id
def test_an_action_names_columns_that_the_record_has(action: Action) -> None:
    columns = set(TABLES[action.table].names)
    assert {action.needs, *filter(None, (action.proves, action.before))} <= columns
    assert action.no_undo if not action.before else action.back_of is not None


@by_id
def test_a_handle_that_could_mean_anything_else_is_not_known(action: Action) -> None:
    assert action.knows(handle(action))
    words = () if action.system == "snipeit" else ("all users",)  # which is a tag like any other to an importer
    assert [text for text in (*HOSTILE, *words) if action.knows(text)] == []
    assert not action.knows(None)


@by_id
def test_what_was_undone_twice_is_the_start(action: Action) -> None:
    start = sample(action)
    again = list(undone(undone(start)))
    assert again == (start if start[0].back is not None else [])
    assert written(action, again) == written(action, start if start[0].back is not None else [])


@by_id
def test_an_action_over_nobody_writes_nobody(action: Action) -> None:
    for name, text in written(action, []).items():
        assert not name.endswith(".csv") or rows(text) == []
        assert not name.endswith(".json")


@pytest.mark.parametrize("action", [one for one in ACTIONS if one.system == "google"], ids=lambda action: action.id)
@pytest.mark.parametrize("name", [FIX, UNDO])
def test_gam_finds_every_column_of_its_command_in_the_file(action: Action, name: str) -> None:
    command = action.command(action, name)
    found = re.fullmatch(
        r'gam csv (\S+) (noescapechar true )?gam update (user|cros) "~(\w+)" (suspended|org|ou|action) "~(\w+)"',
        command,
    )
    assert found, command
    changes = sample(action) if name == FIX else list(undone(sample(action)))
    (file, text), *others = written(action, changes, name).items()
    assert (file, others) == (found[1], [])
    assert rows(text) == [{found[4]: one.handle, found[6]: one.to} for one in changes]
    allowed = {"suspended": {"on", "off"}, "action": {"disable", "reenable"}}.get(found[5], {changes[0].to})
    assert {one.to for one in changes} <= allowed


def test_graph_takes_twenty_requests_a_batch_and_every_account_once() -> None:
    action = actions()["microsoft.block-sign-in"]
    changes = [Change(handle=f"{n:08x}-1f0a-4d5f-9a53-2f6b2f1c7a10", to="false", back="true") for n in range(45)]
    files = written(action, changes)
    batches = [json.loads(text)["requests"] for name, text in files.items() if name.startswith("fix/")]
    assert [len(batch) for batch in batches] == [20, 20, 5]
    for batch in batches:
        assert [one["id"] for one in batch] == [str(n) for n in range(1, len(batch) + 1)]
        assert {one["method"] for one in batch} == {"PATCH"}
        assert all(one["headers"] == {"Content-Type": "application/json"} for one in batch)
        assert all(one["body"] == {"accountEnabled": False} for one in batch)
    assert [one["url"] for batch in batches for one in batch] == [f"/users/{one.handle}" for one in changes]
    back = written(action, undone(changes), UNDO)
    assert set(back) == {f"undo/batch-{n:05}.json" for n in (1, 2, 3)}
    assert json.loads(back["undo/batch-00001.json"])["requests"][0]["body"] == {"accountEnabled": True}
    assert "if (-not $Apply)" in files["send.ps1"]


POWERSHELL = tuple(one for one in ACTIONS if one.system == "activedirectory")


@pytest.mark.parametrize("action", POWERSHELL, ids=lambda action: action.id)
def test_the_script_holds_no_value_of_the_rows_and_only_tells_until_it_is_told(action: Action) -> None:
    one = Change(handle="okafor.t", to=action.writes, back="true")
    files = written(action, [one])
    script = files["fix.ps1"]
    assert script == written(action, [])["fix.ps1"], "the same script whatever the rows"
    assert script.index("$WhatIfPreference = $true") < script.index("Import-Csv") < script.index("Set-ADAccountControl")
    assert "SupportsShouldProcess = $true" in script
    assert not re.search(r"Invoke-Expression|\biex\b|&\s*\$|\[scriptblock\]|Start-Process", script, re.IGNORECASE)
    assert balanced(script)
    parameter = next(word for word in rows(files["fix.csv"])[0] if word != "Identity")
    assert rows(files["fix.csv"]) == [{"Identity": "okafor.t", parameter: one.to}]
    assert f"{parameter} = ($row.{parameter} -ceq 'true')" in script
    pattern = re.search(r"\$identity = '\^\(\?:(.+)\)\$'", script)
    assert pattern
    assert pattern[1] == action.fits, "the script asks for the same identities as Homeroom"


def balanced(script: str) -> bool:
    """Whether brackets close in order outside of strings and comments, as PowerShell's tokenizer counts them."""
    token = re.compile(r"'(?:[^']|'')*'|\"(?:`.|[^\"`])*\"|#[^\n]*|[(){}\[\]]")
    open_now: list[str] = []
    for found in token.findall(script):
        if found in "([{":
            open_now.append({"(": ")", "[": "]", "{": "}"}[found])
        elif found in ")]}" and (not open_now or open_now.pop() != found):
            return False
    return not open_now


def test_the_check_of_brackets_can_fail() -> None:
    assert not balanced(SCRIPT + "}")
    assert balanced("if ($x) { '}' # {\n }")


def test_snipe_it_finds_the_headings_that_it_knows() -> None:
    known = {"asset tag", "serial number", "item name", "model name", "category", "manufacturer", "status", "notes"}
    for name in ("snipeit.create-asset", "snipeit.mark-lost"):
        action = actions()[name]
        (text,) = written(action, sample(action)).values()
        assert {heading.lower() for heading in rows(text)[0]} <= known


def test_a_label_goes_back_as_the_district_calls_it_or_not_at_all() -> None:
    back = actions()["snipeit.mark-lost"].back_of
    assert back("Ready to Deploy (deployable)") == "Ready to Deploy"
    assert back("Spare") == "Spare"
    assert back("Ready to Deploy Deployed") is None, "where the label ends is not known"
    assert back("=1+1") is None
    assert back(None) is None


def test_a_cell_that_a_spreadsheet_would_run_is_never_written() -> None:
    for cell in ("=1", "+1", "-1", "@x", "\tx", "\rx"):
        assert runs(cell)
        with pytest.raises(ValueError, match="Status: a spreadsheet"):
            list(csv_pieces(("Status",), [(cell,)]))


def test_names_with_quotes_commas_and_line_ends_stay_one_cell() -> None:
    awkward = ('O\'Neil, "Ruth"', "a;b $(x) `y`", "first\r\nsecond")
    text = "".join(csv_pieces(("a", "b", "c"), [awkward]))
    assert rows(text) == [dict(zip("abc", awkward, strict=True))]
