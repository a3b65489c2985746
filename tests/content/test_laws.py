"""Laws: those that ship count as their sources do, by a table written by hand, and one that does not fit is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from homeroom.library.comply.laws.fact_fields import load_fact_fields
from homeroom.library.comply.laws.holiday_lists import load_holiday_lists
from homeroom.library.comply.laws.law_files import load_laws
from homeroom.library.yaml_loader import BUILTIN_CONTENT, ContentRefused
from tests.unit.comply.laws.law_documents import build_duty, build_law, write_law

PROMISED = """
us-ny-121: breach-to-state, breach-to-families, breach-to-families-after-delay
us-ny-121: vendor-tells-district, complaint-answered
us-ny-gml-19c: incident-to-state, ransom-paid, ransom-reasons
us-tx-521: breach-to-people, breach-to-attorney-general
us-tx-incidents: incident-to-state, incident-closed
us-il-soppa: breach-to-parents, breach-listed
us-il-student-records: access
us-ferpa: access
us-ada-title-2: web-content
us-hhs-504: web-content
us-ca-1798-29: breach-to-residents
us-circia: incident-to-cisa
us-coppa: vendor-retention
"""


def test_the_duties_that_others_rely_on_are_there() -> None:
    shipped = {f"{law.id}:{duty.id}" for law in load_laws() for duty in law.duties}
    lines = [line.partition(": ") for line in PROMISED.strip().splitlines()]
    promised = {f"{law}:{duty}" for law, _, duties in lines for duty in duties.split(", ")}
    assert promised - shipped == set()


def test_no_law_applies_to_a_district_of_which_nothing_is_known_but_by_federal_law() -> None:
    states = {path.parent.name: path for path in (BUILTIN_CONTENT / "laws").glob("us-*/*.yaml")}
    assert set(states) == {"us-ny", "us-tx", "us-il", "us-ca", "us-co"}
    for path in (BUILTIN_CONTENT / "laws").glob("us-*/*.yaml"):
        state = path.parent.name.removeprefix("us-").upper()
        assert yaml.safe_load(path.read_text(encoding="utf-8"))["applies_to"]["state"] == state


@pytest.mark.parametrize(("change", "field"), [
    ({"id": "other"}, "id"),
    ({"source": "http://example.org"}, "source"),
    ({"standing": "dead"}, "standing"),
    ({"depth": "deep"}, "depth"),
    ({"effective": "soon"}, "effective"),
    ({"nickname": "X"}, "nickname"),
    ({"applies_to": {"stat": "NY"}}, "applies_to"),
    ({"counting": {}}, "counting.holidays"),
    ({"counting": {"holidays": ["mars"]}}, "counting.holidays[0]"),
    ({"counting": {"holidays": [], "rolls": {"to": "next day", "citation": "1"}}}, "counting.rolls.to"),
    ({"doubt": {"says": "guides differ", "or_effective": date(2019, 1, 1)}}, "doubt.or_effective"),
    ({"duties": []}, "duties"),
    ({"duties": ["notify"]}, "duties[0].id"),
    ({"duties": [build_duty(), build_duty()]}, "duties[1].id"),
    ({"duties": [build_duty(id="First One")]}, "duties[0].id"),
    ({"duties": [build_duty(title="Who is notified?")]}, "duties[0].title"),
    ({"duties": [build_duty(who="")]}, "duties[0].who"),
    ({"duties": [build_duty(starts=["begun"], within={"count": 1, "unit": "days"})]}, "duties[0].starts[0]"),
    ({"duties": [build_duty(starts=["discovered"])]}, "duties[0].starts"),
    ({"duties": [build_duty(on=date(2026, 1, 1), as_soon_as="at once")]}, "duties[0].on"),
    ({"duties": [build_duty(within={"count": 0, "unit": "days"}, starts=["signed"])]}, "duties[0].within.count"),
    ({"duties": [build_duty(within={"count": 1, "unit": "weeks"}, starts=["signed"])]}, "duties[0].within.unit"),
    ({"duties": [build_duty(on=[{"when": {"size|gte": 5}, "date": date(2026, 1, 1)}])]}, "duties[0].on[0].when"),
    ({"duties": [build_duty(as_soon_as="at once", starts=["begun"])]}, "duties[0].starts[0]"),
    ({"duties": [build_duty(as_soon_as="at once", starts=[])]}, "duties[0].starts"),
    ({"duties": [build_duty(as_soon_as="at once", starts=["signed"], within={"count": 1, "unit": "days"})]},
     "duties[0].starts"),
    ({"duties": [build_duty(as_soon_as="at once", within={"count": 1, "unit": "days"})]}, "duties[0].within"),
    ({"duties": [build_duty(on=date(2026, 1, 1), starts=["signed"])]}, "duties[0].starts"),
    ({"duties": [build_duty(on=[])]}, "duties[0].on"),
    ({"duties": [build_duty(every={"period": "decade"})]}, "duties[0].every.period"),
    ({"duties": [build_duty(every=[{"period": "month", "within": {"count": 2, "unit": "hours"}}])]},
     "duties[0].every[0].within.unit"),
    ({"duties": [build_duty(doubt={"or_within": {"count": 1, "unit": "days"}})]}, "duties[0].doubt.says"),
    ({"duties": [build_duty(as_soon_as="soon", doubt={"says": "x", "or_within": {"count": 1, "unit": "days"}})]},
     "duties[0].doubt.starts"),
    ({"duties": [build_duty(every={"period": "month"},
                            doubt={"says": "x", "or_within": {"count": 1, "unit": "hours"}})]},
     "duties[0].doubt.or_within.unit"),
    ({"counting": {"holidays": ["us"] * 5}}, "counting.holidays"),
    ({"duties": [build_duty(extension={"within": {"count": 1, "unit": "hours"}, "when": "asked"})]},
     "duties[0].extension.within.unit"),
    ({"duties": [build_duty(ask_first=[5])]}, "duties[0].ask_first"),
    ({"duties": [build_duty(effort=-1)]}, "duties[0].effort"),
])  # fmt: skip
def test_a_law_that_does_not_fit_is_refused_with_file_field_and_what_would_fit(tmp_path: Path, change, field: str):
    law = build_law(**change)
    path = write_law(tmp_path, {**law, "id": "us-test"})
    path.write_text(yaml.safe_dump(law), encoding="utf-8")
    with pytest.raises(ContentRefused) as refused:
        load_laws(tmp_path)
    problem = refused.value.problems[0]
    assert (problem.file, problem.field) == ("laws/us/us-test.yaml", field)
    assert "would fit" in problem.message or "there are" in problem.message


@pytest.mark.parametrize(("place", "change"), [
    ("usa", {}), ("us", {"supersedes": "us-test"}),
])  # fmt: skip
def test_a_law_in_another_place_or_older_than_its_older_version_is_refused(tmp_path: Path, place: str, change):
    write_law(tmp_path, build_law(**change), place=place)
    with pytest.raises(ContentRefused, match="would fit"):
        load_laws(tmp_path)


def test_one_bad_law_costs_only_itself(tmp_path: Path):
    write_law(tmp_path, build_law(id="us-good"))
    write_law(tmp_path, build_law(id="us-bad", depth="deep"))
    with pytest.raises(ContentRefused) as refused:
        load_laws(tmp_path)
    assert [law.id for law in refused.value.valid] == ["us-good"]


def test_a_folder_of_laws_may_bring_its_own_holidays_and_facts(tmp_path: Path):
    write_yaml(tmp_path / "laws" / "holidays" / "own.yaml", build_list(days=["12-24", "oct-mon-2", date(2026, 3, 2)]))
    facts = {
        "facts": {"boarding": {"type": "truth", "asks": "Do students board?", "fits": "true or false"}},
        "incident": {},
    }
    write_yaml(tmp_path / "laws" / "facts.yaml", facts)
    write_law(tmp_path, build_law(counting={"holidays": ["own", "us"]}, applies_to={"boarding": True}))
    [law] = load_laws(tmp_path)
    assert not law.business.is_business_day(date(2026, 3, 2))
    assert not law.business.is_business_day(date(2026, 12, 25))
    assert law.business.is_business_day(date(2026, 3, 3))


@pytest.mark.parametrize(("change", "field"), [
    ({"id": "other"}, "id"),
    ({"moves": "yes"}, "moves"),
    ({"days": []}, "days"),
    ({"days": ["02-30"]}, "days[0]"),
    ({"days": ["12-25", "christmas"]}, "days[1]"),
    ({"days": ["nov-thu-6"]}, "days[0]"),
    ({"days": [1225]}, "days[0]"),
    ({"days": [f"{month:02}-{day:02}" for month in (1, 3) for day in range(1, 32)]}, "days"),
])  # fmt: skip
def test_a_holiday_list_that_does_not_fit_is_refused_with_its_field(tmp_path: Path, change, field: str):
    write_yaml(tmp_path / "laws" / "holidays" / "own.yaml", build_list(**change))
    with pytest.raises(ContentRefused) as refused:
        load_holiday_lists(tmp_path)
    assert (refused.value.problems[0].file, refused.value.problems[0].field) == ("laws/holidays/own.yaml", field)


@pytest.mark.parametrize(("fact", "field"), [
    ({"type": "date", "asks": "When?", "fits": "a day"}, "facts.own.type"),
    ({"type": "text", "asks": "Who?", "fits": "a name", "pattern": "("}, "facts.own.pattern"),
    ({"type": "text", "fits": "a name"}, "facts.own.asks"),
    ("text", "facts.own.type"),
])  # fmt: skip
def test_facts_that_do_not_fit_are_refused_with_their_field(tmp_path: Path, fact, field: str):
    write_yaml(tmp_path / "laws" / "facts.yaml", {"facts": {"own": fact}, "incident": {}})
    with pytest.raises(ContentRefused) as refused:
        load_fact_fields(tmp_path)
    assert refused.value.problems[0].field == field


def build_list(**values: Any) -> dict[str, Any]:
    days = ["12-25"]
    return {
        "id": "own", "title": "Own", "source": "A test", "checked_on": date(2026, 1, 1), "moves": True, "days": days,
        **values,
    }  # fmt: skip


def write_yaml(path: Path, values: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(values), encoding="utf-8")
