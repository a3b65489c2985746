"""Fleet's policies and SCuBA's CSVs become verdict records: the results of other tools, in their words."""

from __future__ import annotations

from datetime import date

from tests.connectors.raw_frames import contains_text, list_rejects
from tests.connectors.recordings import read_recording, select_columns


def test_a_policy_fails_where_one_host_fails_and_is_unknown_where_none_answered() -> None:
    _, read = read_recording("fleet/policies.json")
    assert select_columns(read, "verdict_records", "policy", "org_unit", "requirement", "result", "details") == [
        ("1", "", "Disk encryption", "fail", "2 of 12 hosts fail. Turn it on."),
        ("2", "/team 1", "Gatekeeper", "unknown", "0 of 0 hosts fail"),
    ]
    assert not contains_text(read, "amara")


def test_a_plan_says_which_tool_wrote_it_by_its_policies() -> None:
    _, read = read_recording("scuba/plan.csv")
    assert select_columns(
        read, "verdict_records", "suite", "product", "policy", "result", "requirement", "resolve_on"
    ) == [
        ("scubagear", "AAD", "MS.AAD.3.1v1", "Fail", "Strong factors SHALL be enforced.", date(2026, 6, 1)),
        ("scubagoggles", "gmail", "GWS.GMAIL.1.1v1", "Warning", "Delegation SHOULD be off.", None),
    ]
    assert list_rejects(read) == [(4, "Control ID", True)]
