"""SCuBA results become verdict records, and their HTML becomes plain text."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.scuba import readers
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.values.sanitize_text import extract_plain_text
from tests.connectors.raw_frames import contains_text, list_rejects, list_rows

POSTURE_RESULTS = Path(__file__).parents[3] / "shared" / "data" / "posture"


def _build_result(*controls: dict[str, Any], **overrides: Any) -> dict[str, Any]:
    return {
        "MetaData": {
            "DomainName": "Maple.example",
            "Tool": "ScubaGear",
            "ToolVersion": "1.8.0",
            "TimestampZulu": "2026-11-02T13:05:06.007Z",
        },
        "Summary": {"AAD": {"Omits": "0", "Failures": "1"}},
        "Results": {"AAD": [{"GroupName": "Invented", "GroupNumber": "1", "Controls": list(controls)}]},
        "Raw": {"privileged_users": {"1": {"DisplayName": "Rosa Field"}}},
        **overrides,
    }


def test_a_control_with_what_somebody_noted() -> None:
    control = {
        "Control ID": "MS.AAD.3.2v1",
        "Requirement": "MFA <b>SHALL</b> be enforced.<div class='policy-indicators'><a href='https://x.example'>BOD</a></div>",
        "Result": "Fail",
        "Criticality": "Shall",
        "Details": "0 policies found. <a href='#caps'>View all CA policies</a>.",
        "OmittedEvaluationResult": "N/A",
        "OriginalResult": "N/A",
        "Comments": ["Waiting for <i>keys</i>", ""],
        "ResolutionDate": None,
    }
    notes = {"MS.AAD.3.2v1": {"Comment": "Older note", "RemediationDate": "2026-12-18", "IncorrectResult": False}}
    read = readers.read_results([_build_result(control, AnnotatedFailedPolicies=notes)], 1)
    assert list_rows(read, "verdict_records") == [
        {
            "suite": "scubagear",
            "tenant": "maple.example",
            "product": "AAD",
            "policy": "MS.AAD.3.2v1",
            "org_unit": "",
            "requirement": "MFA SHALL be enforced.",
            "criticality": "Shall",
            "result": "Fail",
            "details": "0 policies found. View all CA policies.",
            "original_result": "N/A",
            "comment": "Waiting for keys",
            "resolve_on": date(2026, 12, 18),
            "judged_at": datetime(2026, 11, 2, 13, 5, 6, 7000, tzinfo=UTC),
        }
    ]
    assert not contains_text(read, "Rosa Field")
    assert dict(read.dropped) == {"Raw": 1}


def test_what_cannot_be_read_is_said() -> None:
    odd = {"Control ID": "MS.AAD.1.1v1", "Result": "Pass", "ResolutionDate": "after the holidays"}
    read = readers.read_results([_build_result({"Result": "Pass"}, odd)], 4)
    assert list_rejects(read) == [(4, "Control ID", True), (4, "MS.AAD.1.1v1 ResolutionDate", False)]
    assert [row["policy"] for row in list_rows(read, "verdict_records")] == ["MS.AAD.1.1v1"]


def test_a_result_of_an_unknown_tool_is_refused() -> None:
    with pytest.raises(FileRefused, match="ScubaGear or ScubaGoggles"):
        readers.read_results([{"MetaData": {"Tool": "Other"}, "Summary": {}, "Results": {}}], 1)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("a<br>b<br/>c", "a b c"),
        ("<ul><li>one</li><li>two</li></ul>", "one two"),
        ("see <a href='https://x.example/y'>the list</a>.", "see the list."),
        ("Fish &amp;amp; chips &lt; 5 &#8364;", "Fish &amp; chips < 5 €"),
        ("<div class='badges'>\n<span>Automated <b>Check</b></span></div>after", "after"),
        ("<div class='badges'><div>inner</div>still a badge</div>after", "after"),
        ("", ""),
    ],
)
def test_html_becomes_what_a_reader_would_see(written: str, text: str) -> None:
    assert extract_plain_text(written) == text


HOSTILE = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.example>alert(1)",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>go</a>",
    "<a href=' jav&#x09;ascript:alert(1)'>javascript:alert(1)</a>",
    "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'></iframe>",
    "<style>@import 'x';</style><b onmouseover=alert(1)>b</b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&lt;img src=x onerror=alert(1)&gt;",
    "<!--<img src=x onerror=alert(1)>--!><i>x</i>",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?php <img src=x onerror=alert(1)> ?>",
    '<p title="</p><img src=x onerror=alert(1)>">x</p>',
    "<math><mtext></p><img src=x onerror=alert(1)>",
    "<",
    "<img src=x onerror=alert(1)",
    "</title><textarea><img src=x onerror=alert(1)></textarea>",
)


@pytest.mark.parametrize("written", HOSTILE)
def test_nothing_is_left_that_a_browser_could_take_for_markup(written: str) -> None:
    for output in (extract_plain_text(written), extract_plain_text(f"before {written} after")):
        assert not any(f"<{sign}" in output for sign in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/!?")
        assert "javascript:" not in output.lower()


@pytest.mark.parametrize("name", ["ScubaGear_ScubaResults.json", "ScubaGoggles_ScubaResults_3products.json"])
def test_every_control_of_a_real_result_is_one_row(name: str) -> None:
    file = POSTURE_RESULTS / name
    if not file.exists():
        pytest.skip("the results that others made are not here")
    document = json.loads(file.read_text(encoding="utf-8-sig"))
    controls = [entry for groups in document["Results"].values() for group in groups for entry in group["Controls"]]
    read = readers.read_results([document], 1)
    verdicts = list_rows(read, "verdict_records")
    assert len({(entry["suite"], entry["policy"], entry["org_unit"]) for entry in verdicts}) == len(verdicts)
    assert [(entry["policy"], entry["result"]) for entry in verdicts] == [
        (entry["Control ID"], entry["Result"]) for entry in controls
    ]
    assert not len(read.rejects)
    assert all(
        entry["requirement"] and "<" not in entry["requirement"] and "badge" not in entry["requirement"]
        for entry in verdicts
    )
