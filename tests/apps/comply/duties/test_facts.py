"""Facts of a district: from its file, counted from evidence, or entered by hand, and otherwise not known."""

from __future__ import annotations

import pytest

from homeroom.apps.comply.laws.facts import InvalidFact, enter_facts, load_fact_values, load_known_facts
from homeroom.apps.platform.audit.models import Entry
from homeroom.connectors.district.readers import read_district
from homeroom.connectors.district.stated_facts import load_district_facts
from homeroom.ingest.contract.errors import FileRefused
from homeroom.library.comply.laws.fact_fields import load_fact_fields
from homeroom.library.know.mappings import read_document
from tests.apps.comply.duties.conftest import BY
from tests.cast import Cast
from tests.connectors.raw_frames import list_rows

pytestmark = pytest.mark.differs_by_database("transactions")
STATED = """
homeroom: district
facts: {state: NY, kind: BOCES, enrollment: 2100, e_rate: true, fiscal_year_starts: 07-01, city: null}
own: {domains: ["@Maple.Example"], phones: ["555-0100"], addresses: [12 Elm Street, 12 Elm Street]}
"""


def read(text: str):
    return read_document(text, file="district.yaml", reader=read_district)


def test_a_district_states_facts_beside_its_calendar() -> None:
    loaded = read(STATED)
    assert {row["fact"]: row["value"] for row in list_rows(loaded, "district_facts")} == {
        "state": "NY", "kind": "BOCES", "enrollment": "2100", "e_rate": "true", "fiscal_year_starts": "07-01",
    }  # fmt: skip
    assert [(row["kind"], row["value"]) for row in list_rows(loaded, "own_identifiers")] == [
        ("domain", "maple.example"),
        ("phone", "555-0100"),
        ("address", "12 Elm Street"),
    ]


@pytest.mark.parametrize(
    ("line", "field", "fits"),
    [
        ("facts: {stat: NY}", "facts.stat", "state, city, kind"),
        ("facts: {state: New York}", "facts.state", "two-letter code"),
        ("facts: {kind: college}", "facts.kind", "district, boces"),
        ("facts: {enrollment: -3}", "facts.enrollment", "whole number"),
        ("facts: {e_rate: maybe}", "facts.e_rate", "true or false"),
        ("facts: {fiscal_year_starts: 02-30}", "facts.fiscal_year_starts", "month and day"),
        ("facts: NY", "facts", "fields"),
        ("own: {mail: [maple.example]}", "own.mail", "domains, phones, addresses"),
        ("own: {phones: 555-0100}", "own.phones", "list of phone numbers"),
        ("own: {phones: [5550100]}", "own.phones[0]", "in quotes"),
    ],
)
def test_a_fact_that_does_not_fit_is_refused_with_what_would(line: str, field: str, fits: str) -> None:
    with pytest.raises(FileRefused) as refusal:
        read(f"homeroom: district\n{line}\n")
    (problem,) = refusal.value.problems
    assert problem.field == field
    assert fits in problem.fits


def test_the_connector_and_the_library_read_the_same_facts() -> None:
    shipped = {name: field for name, field in load_fact_fields().items() if not name.startswith("incident.")}
    assert load_district_facts() == shipped


def test_what_nobody_stated_is_not_known(cast: Cast) -> None:
    assert load_fact_values(district=cast.district) == {}
    assert {fact.origin for fact in load_known_facts(district=cast.district)} == {""}


def test_a_fact_that_a_person_enters_counts_and_can_be_taken_back(cast: Cast) -> None:
    texts = {"state": "ny", "population": "12,345", "hhs_funds": "no", "fiscal_year_starts": "09-01"}
    assert enter_facts(district=cast.district, texts=texts, **BY) == tuple(texts)
    values = {"state": "ny", "population": 12_345, "hhs_funds": False, "fiscal_year_starts": "09-01"}
    assert load_fact_values(district=cast.district) == values
    assert load_fact_values(district=cast.next_district) == {}
    assert enter_facts(district=cast.district, texts={"state": "", "population": "12345"}, **BY) == ("state",)
    assert "state" not in load_fact_values(district=cast.district)
    entries = Entry.objects.of(cast.district).filter(action="enter facts for laws").order_by("pk")
    assert [entry.detail for entry in entries] == [values, {"state": None}]


@pytest.mark.parametrize(("name", "text"), [("state", "Texas"), ("employees", "many"), ("mood", "good"), ("kind", "x")])
def test_nothing_is_entered_if_one_fact_does_not_fit(cast: Cast, name: str, text: str) -> None:
    with pytest.raises(InvalidFact, match=r"would fit|there are") as refusal:
        enter_facts(district=cast.district, texts={"city": "Albany", name: text}, **BY)
    assert refusal.value.field == name
    assert load_fact_values(district=cast.district) == {}
