"""A request to use a tool and its decision fit, or are refused with what would fit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from homeroom.domain.manage.tools.requests import (
    AskForm,
    DecisionForm,
    RequestState,
    ToolRequestRefused,
    check_ask,
    check_decision,
    check_withdrawal,
    find_state,
)

TODAY = date(2026, 11, 28)
ASK = AskForm(name="Kami", requester="Dana Whitfield", class_name="Biology 9", reason="To annotate lab sheets")
DECISION = DecisionForm(outcome="approved", reason="It is covered.", until="2027-06-30")


def test_blanks_and_repeated_schools_are_dropped():
    form = replace(ASK, name="  Kami   for\tschools ", schools=["Oak", "Oak ", "", "Elm"], needed_by="2026-12-01")
    ask = check_ask(form, today=TODAY)
    assert (ask.name, ask.schools, ask.needed_by) == ("Kami for schools", ("Oak", "Elm"), date(2026, 12, 1))
    assert check_ask(ASK, today=TODAY).needed_by is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "), ("name", "x" * 201), ("requester", ""), ("class_name", "\t"), ("reason", " \n"),
        ("reason", "x" * 2001), ("needed_by", "soon"), ("needed_by", "2026-11-27"), ("needed_by", "2036-01-01"),
    ],
)  # fmt: skip
def test_a_field_that_does_not_fit_is_named(field: str, value: str):
    with pytest.raises(ToolRequestRefused, match="would fit") as refusal:
        check_ask(replace(ASK, **{field: value}), today=TODAY)
    assert refusal.value.field == field


def test_each_decision_has_what_it_needs():
    assert check_decision(DECISION, state="open", today=TODAY).until == date(2027, 6, 30)
    conditions = replace(DECISION, outcome="conditions", conditions="No student names.")
    assert check_decision(conditions, state="open", today=TODAY).conditions == "No student names."
    refused = check_decision(replace(DECISION, outcome="refused"), state="open", today=TODAY)
    assert (refused.state, refused.until) == (RequestState.REFUSED, None)


@pytest.mark.parametrize(
    ("form", "state", "field"),
    [
        (replace(DECISION, outcome="maybe"), "open", "outcome"),
        (replace(DECISION, outcome="expired"), "open", "outcome"),
        (replace(DECISION, reason=""), "open", "reason"),
        (replace(DECISION, outcome="conditions"), "open", "conditions"),
        (replace(DECISION, conditions="No names."), "open", "outcome"),
        (replace(DECISION, until=""), "open", "until"),
        (replace(DECISION, until="2026-11-27"), "open", "until"),
        (DECISION, "withdrawn", "outcome"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused(form: DecisionForm, state: str, field: str):
    with pytest.raises(ToolRequestRefused, match="would fit") as refusal:
        check_decision(form, state=state, today=TODAY)
    assert refusal.value.field == field


def test_an_approval_expires_after_its_last_day_and_a_refusal_never():
    until = TODAY
    assert find_state("approved", until=until, today=TODAY) is RequestState.APPROVED
    assert find_state("conditions", until=until, today=TODAY + timedelta(days=1)) is RequestState.EXPIRED
    assert find_state("refused", until=None, today=TODAY) is RequestState.REFUSED


def test_only_what_is_open_or_approved_is_withdrawn_and_with_a_reason():
    assert check_withdrawal(" The class ended. ", state="approved") == "The class ended."
    for reason, state in (("", "open"), ("The class ended.", "refused"), ("The class ended.", "withdrawn")):
        with pytest.raises(ToolRequestRefused, match="would fit"):
            check_withdrawal(reason, state=state)
