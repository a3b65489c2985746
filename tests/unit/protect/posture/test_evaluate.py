"""Test control evaluation: groups of failing subjects, acceptances, and tenants as subjects."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from homeroom.domain.protect.control_states import Severity, State
from homeroom.domain.protect.controls import Control, Effort, Grouping
from homeroom.engines.protect.posture.evaluate import ACCEPTED, evaluate_controls
from homeroom.engines.protect.posture.evaluation import Evaluation
from homeroom.evidence.query.session import build_view_schema, open_session_over

TODAY = date(2026, 1, 15)


def build_control(**changes: Any) -> Control:
    fields: dict[str, Any] = {
        "id": "quiet", "area": "chromeos", "title": "It reports", "severity": Severity.MEDIUM, "asks": "devices",
        "because": "It may be lost.", "fix": {"google": "Look for it."},
        "effort": Effort(minutes_per_subject=1, minutes_once=0), "requires": {"managed": True},
    }  # fmt: skip
    return Control(**{**fields, **changes})


def evaluate_devices(
    rows: list[dict[str, Any]], *controls: Control, accepted: list[dict[str, Any]] | None = None
) -> Evaluation:
    devices = pa.Table.from_pylist(
        [{"id": n, **row} for n, row in enumerate(rows)], schema=build_view_schema("devices")
    )
    acceptances = pa.Table.from_pylist(accepted or [], schema=ACCEPTED)
    return evaluate_controls(
        open_session_over({"devices": devices}), controls=controls, today=TODAY, accepted=acceptances
    )


def group_by_subject(evaluation: Evaluation) -> dict[int, str]:
    return {row["subject"]: row["group"] for row in evaluation.members.to_pylist() if row["state"] == "fail"}


CART = Grouping(by=("cart",), at_share=0.8, at_least=5, title="The cart {group}")


def test_a_cart_that_fails_as_a_whole_is_one_finding_about_the_cart() -> None:
    rows = [{"managed": n == 0, "cart": "Cart 7"} for n in range(6)] + [{"managed": False}]
    assert group_by_subject(evaluate_devices(rows, build_control(groups=CART))) == {
        1: "Cart 7",
        2: "Cart 7",
        3: "Cart 7",
        4: "Cart 7",
        5: "Cart 7",
        6: "",
    }


def test_a_cart_of_which_some_fail_is_no_finding_about_the_cart() -> None:
    rows = [{"managed": n < 2, "cart": "Cart 7"} for n in range(7)]
    assert set(group_by_subject(evaluate_devices(rows, build_control(groups=CART))).values()) == {""}


def test_carts_of_one_name_at_two_schools_are_two_carts() -> None:
    grouping = Grouping(by=("cart", "school"), at_share=0.8, at_least=5, title="The cart {group}")
    rows = [{"managed": False, "cart": "Cart 1", "school": "Cedar"}] * 5
    rows += [{"managed": True, "cart": "Cart 1", "school": "Lincoln"}] * 5
    rows += [{"managed": False, "cart": "Cart 1 at Oak", "school": "Oak"}] * 5
    rows += [{"managed": False, "cart": "Cart 9"}] * 5 + [{"managed": False, "school": "Cedar"}] * 5
    group_names = list(group_by_subject(evaluate_devices(rows, build_control(groups=grouping))).values())
    assert group_names == ["Cart 1, Cedar"] * 5 + ["Cart 1 at Oak"] * 5 + ["Cart 9"] * 5 + [""] * 5


def test_a_name_longer_than_a_finding_keeps_is_cut() -> None:
    grouping = Grouping(by=("cart", "school"), at_share=0.8, at_least=5, title="The cart {group}")
    rows = [{"managed": False, "cart": "C" * 100, "school": "S" * 100}] * 5
    assert {
        len(name) for name in group_by_subject(evaluate_devices(rows, build_control(groups=grouping))).values()
    } == {120}


def test_four_devices_are_too_few_for_a_finding_about_the_cart() -> None:
    assert set(
        group_by_subject(
            evaluate_devices([{"managed": False, "cart": "Cart 7"}] * 4, build_control(groups=CART))
        ).values()
    ) == {""}


def test_every_subject_is_counted_once_and_the_missing_value_cannot_tell() -> None:
    counts = evaluate_devices([{"managed": True}, {"managed": False}, {}], build_control()).counts["quiet"]
    assert (counts.passing, counts.failing, counts.cannot_tell, counts.population) == (1, 1, 1, 3)


def test_an_accepted_subject_is_excepted_through_its_last_day_and_not_after() -> None:
    accepted = {"control": "quiet", "group": "", "subject": 0}
    until = evaluate_devices([{"managed": False}] * 2, build_control(), accepted=[{**accepted, "expires_on": TODAY}])
    after = evaluate_devices(
        [{"managed": False}] * 2, build_control(), accepted=[{**accepted, "expires_on": date(2026, 1, 14)}]
    )
    assert until.control_states["quiet"].get_state(0) is State.EXCEPTED
    assert after.control_states["quiet"].get_state(0) is State.FAIL
    assert until.counts["quiet"].failing == 1


def test_accepting_a_cart_leaves_all_others_failing() -> None:
    rows = [{"managed": False, "cart": "Cart 7"}] * 5 + [{"managed": False}]
    evaluation = evaluate_devices(
        rows,
        build_control(groups=CART),
        accepted=[{"control": "quiet", "group": "Cart 7", "subject": None, "expires_on": TODAY}],
    )
    assert (evaluation.counts["quiet"].excepted, evaluation.counts["quiet"].failing) == (5, 1)


def test_accepting_one_control_does_not_touch_its_neighbor() -> None:
    accepted = [{"control": "quiet", "group": "", "subject": 0, "expires_on": TODAY}]
    evaluation = evaluate_devices([{"managed": False}], build_control(), build_control(id="loud"), accepted=accepted)
    assert (evaluation.counts["quiet"].failing, evaluation.counts["loud"].failing) == (0, 1)


def test_a_tenant_is_one_subject_and_keeps_the_rows_behind_it() -> None:
    directory_control = build_control(
        subject="directory",
        requires={},
        sql="SELECT 9 AS id, 'fail' AS state, list(id ORDER BY id) AS \"rows\" FROM devices",
    )
    members = evaluate_devices([{}, {}], directory_control).members.to_pylist()
    assert [(row["subject_kind"], row["subject"], row["rows"]) for row in members] == [("directory", 9, [0, 1])]


def test_a_state_that_is_none_is_refused() -> None:
    with pytest.raises(Exception, match="gave the state maybe"):
        evaluate_devices([{}], build_control(requires={}, sql="SELECT id, 'maybe' AS state FROM devices"))


def test_a_subject_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="stands twice"):
        evaluate_devices([{}], build_control(requires={}, sql="SELECT id, 'pass' AS state FROM devices, range(2)"))


def test_subjects_that_a_control_leaves_out_are_absent() -> None:
    assert evaluate_devices([{"managed": True}], build_control()).control_states["quiet"].get_state(77) is None
