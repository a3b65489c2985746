"""The reality check: what was sent and granted beside agreements, at the edges of their days and names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from homeroom.domain.comply.privacy.flows import FlowWay, GrantedElement, SentElement, VendorAgreement, VendorReview
from homeroom.engines.comply.privacy.flow_review import FlowInputs, review_vendors

TODAY = date(2026, 11, 28)
SIGNED = VendorAgreement(
    key="1",
    vendor="Quizzy Learning, Inc.",
    product="Quizzy",
    kind="privacy",
    state="signed",
    signed_on=date(2026, 1, 1),
    ends_on=date(2027, 6, 30),
    elements=frozenset({"name", "email"}),
)


def send(
    element: str, *, to: str = "Quizzy", on: date = date(2026, 9, 1), way: FlowWay = FlowWay.ROSTER, children: int = 40
) -> SentElement:
    return SentElement(recipient=to, way=way, element=element, sent_on=on, filled=children, children=children)


def grant(element: str, *, app: str = "Quizzy", students: int = 3, **values: Any) -> GrantedElement:
    return GrantedElement(
        app=app, publisher=values.pop("publisher", None), scope="s", element=element, students=students, **values
    )


def review(*agreements: VendorAgreement, today: date = TODAY, **values: Any) -> dict[str | None, VendorReview]:
    inputs = FlowInputs(agreements=agreements, **values)
    return {entry.product: entry for entry in review_vendors(inputs, weights={"birth-date": 9}, today=today)}


def list_overreach(entry: VendorReview) -> list[tuple[str, str | None]]:
    return [(str(item.kind), item.element) for item in entry.overreach]


def test_an_element_that_the_agreement_does_not_name_is_beyond_it_and_the_others_are_not() -> None:
    entry = review(SIGNED, sent=[send("name"), send("birth-date")], granted=[grant("mail")])["Quizzy"]
    assert list_overreach(entry) == [("not allowed", "birth-date"), ("not allowed", "mail")]
    assert (entry.overreach[0].children, entry.overreach[0].since, entry.weight) == (40, date(2026, 9, 1), 363)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"state": "refused", "signed_on": None}, "refused"),
        ({"state": "asked", "signed_on": None}, "not signed"),
        ({"state": "unsigned", "signed_on": None}, "not signed"),
        ({"ends_on": date(2026, 8, 31)}, "ended"),
        ({"kind": "insurance"}, "no agreement"),
        ({"kind": "Certificate of Insurance"}, "no agreement"),
        ({"kind": "Security review"}, "no agreement"),
    ],
)
def test_without_an_agreement_in_force_the_product_as_such_is_beyond_it(change: dict[str, Any], kind: str) -> None:
    entry = review(replace(SIGNED, **change), sent=[send("name"), send("email")])["Quizzy"]
    assert list_overreach(entry) == [(kind, None)]


def test_what_was_sent_on_the_last_day_was_in_time_and_a_permission_today_is_not() -> None:
    ended = replace(SIGNED, ends_on=date(2026, 9, 1))
    assert review(ended, sent=[send("name")])["Quizzy"].overreach == ()
    assert list_overreach(review(ended, granted=[grant("name")])["Quizzy"]) == [("ended", None)]


def test_a_renewal_takes_the_place_of_the_agreement_before_it() -> None:
    old = replace(
        SIGNED, key="0", signed_on=date(2024, 1, 1), ends_on=date(2026, 6, 30), elements=frozenset({"gender"})
    )
    entry = review(old, SIGNED, sent=[send("name"), send("gender")])["Quizzy"]
    assert list_overreach(entry) == [("not allowed", "gender")]
    before = review(old, SIGNED, sent=[send("gender", on=date(2025, 9, 1))])["Quizzy"]
    assert before.overreach == ()


def test_an_amendment_ends_what_was_beyond_the_agreement() -> None:
    amended = replace(SIGNED, key="2", signed_on=date(2026, 11, 1), elements=frozenset({"name", "email", "birth-date"}))
    assert review(SIGNED, amended, sent=[send("birth-date")])["Quizzy"].overreach == ()


def test_an_agreement_about_a_vendor_covers_its_products_whatever_their_names() -> None:
    general = replace(SIGNED, product=None)
    entries = review(
        general,
        sent=[send("name", to="QUIZZY LEARNING")],
        granted=[grant("name", app="Numbers", publisher="Quizzy Learning LLC"), grant("name", app="Other")],
    )
    assert entries[None].overreach == entries["Numbers"].overreach == ()
    assert list_overreach(entries["Other"]) == [("no agreement", None)]


@pytest.mark.parametrize("name", ["QUIZZY", "Quizzy®", "quizzy, inc.", "Quizzy L.L.C.", "Quízzy Company"])
def test_a_name_written_otherwise_is_the_same_product(name: str) -> None:
    entries = review(SIGNED, sent=[send("name", to=name)])
    assert list(entries) == ["Quizzy"]
    assert entries["Quizzy"].overreach == ()


def test_words_that_nobody_understands_are_neither_a_breach_nor_a_pass() -> None:
    entry = review(replace(SIGNED, unknown=("signals",)), sent=[send("name"), send("birth-date")])["Quizzy"]
    assert (entry.overreach, entry.cannot_tell) == ((), ("birth-date",))
    silent = review(replace(SIGNED, elements=frozenset()), sent=[send("name")])["Quizzy"]
    assert (silent.overreach, silent.cannot_tell) == ((), ("name",))


def test_an_agreement_that_denies_student_data_allows_none() -> None:
    entry = review(replace(SIGNED, elements=frozenset(), names_none=True), sent=[send("name")])["Quizzy"]
    assert list_overreach(entry) == [("not allowed", "name")]


def test_without_a_list_of_agreements_nobody_can_tell() -> None:
    entry = review(sent=[send("name")], is_listed=False)["Quizzy"]
    assert (entry.overreach, entry.cannot_tell, entry.state) == ((), ("name",), "unknown")


def test_the_newest_roster_counts_and_sheets_stay_sent() -> None:
    rosters = [send("birth-date", on=date(2026, 3, 1)), send("name"), send("email")]
    assert review(SIGNED, sent=rosters)["Quizzy"].overreach == ()
    sheets = [replace(entry, way=FlowWay.HAND) for entry in rosters]
    assert list_overreach(review(SIGNED, sent=sheets)["Quizzy"]) == [("not allowed", "birth-date")]


def test_accounts_that_nobody_knows_may_or_may_not_be_students() -> None:
    entry = review(SIGNED, granted=[grant("mail", students=0, unknown=2)])["Quizzy"]
    assert (entry.overreach, entry.cannot_tell) == ((), ("mail",))


def test_the_heaviest_overreach_comes_first() -> None:
    inputs = FlowInputs(
        sent=[
            send("name", to="Big", children=500),
            send("birth-date", to="Small", children=60),
            send("name", to="Tiny"),
        ],
    )
    weights = {"name": 1, "birth-date": 9}
    assert [entry.product for entry in review_vendors(inputs, weights=weights, today=TODAY)] == ["Small", "Big", "Tiny"]


def test_a_review_of_security_says_whose_a_product_is_and_allows_nothing_itself() -> None:
    general = replace(SIGNED, product=None)
    security = replace(SIGNED, key="2", kind="security review", elements=frozenset({"birth-date"}))
    entry = review(security, general, sent=[send("name"), send("birth-date")])["Quizzy"]
    assert (entry.vendor, list_overreach(entry)) == ("Quizzy Learning, Inc.", [("not allowed", "birth-date")])
    other = replace(security, vendor="Somebody Else")
    entry = review(other, SIGNED, sent=[send("name")])["Quizzy"]
    assert (entry.vendor, list_overreach(entry)) == ("Quizzy Learning, Inc.", [])


def send_by_school(*schools: tuple[str, int], to: str = "Quizzy") -> SentElement:
    return replace(send("name", to=to, children=sum(number for _, number in schools)), schools=schools)


@pytest.mark.parametrize(
    ("schools", "state", "beyond"),
    [
        ((), "allowed", []),
        (("Ash School", "BIRCH school"), "allowed", []),
        (("Ash School",), "not allowed", [(9, "name")]),
        (("Ash School", "Elsewhere Campus"), "cannot tell", []),
    ],
)
def test_an_agreement_for_some_schools_covers_their_students_alone(
    schools: tuple[str, ...], state: str, beyond: list[tuple[int, str]]
) -> None:
    entry = review(replace(SIGNED, schools=schools), sent=[send_by_school(("Ash School", 31), ("Birch School", 9))])[
        "Quizzy"
    ]
    flow = entry.flows[0]
    assert (flow.kind or flow.state) == state
    assert [(item.children, item.element) for item in entry.overreach] == beyond
    assert entry.children == 40


def test_agreements_for_different_schools_of_a_product_add_up_and_unknown_schools_are_not_judged() -> None:
    ash = replace(SIGNED, schools=("Ash School",))
    birch = replace(SIGNED, key="2", kind="amendment", product=None, schools=("Birch School",))
    sent = send_by_school(("Ash School", 31), ("Birch School", 9))
    assert list_overreach(review(ash, birch, sent=[sent])["Quizzy"]) == []
    assert list_overreach(review(ash, sent=[replace(sent, schools=())])["Quizzy"]) == []
