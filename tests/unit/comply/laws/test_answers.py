"""Answers for cases: what applies, what counts where sources differ, and what is not claimed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.comply.laws.answer_cases import load_case_reader
from homeroom.apps.comply.laws.clock_cases import CaseRefused
from homeroom.domain.comply.laws.cases import ClockAnswer, ClockCase
from homeroom.engines.comply.laws.answers import answer_case
from homeroom.engines.comply.laws.applicability import find_law_in_force
from homeroom.library.comply.laws.law_files import load_laws
from homeroom.library.yaml_loader import ContentRefused
from tests.unit.comply.laws.law_documents import build_duty, build_law, write_law
from tests.unit.comply.laws.naive_counter import count_days, list_business_days

TODAY = date(2026, 11, 24)
YEAR = {"first_day": "2025-08-18", "last_day": "2026-05-29", "closed": [{"from": "2026-03-16", "to": "2026-03-20"}]}


def answer(folder: Path, **case: Any) -> list[ClockAnswer]:
    reader = load_case_reader(folder, today=TODAY)
    raw = {"id": "one", "law": "us-test", "timezone": "America/New_York", **case}
    return list(answer_case(reader.read(json.dumps(raw).encode()), reader.laws))


def answer_one(folder: Path, duty: Mapping[str, Any], law: Mapping[str, Any] | None = None, **case: Any) -> ClockAnswer:
    write_law(folder, build_law(**{"duties": [duty], **(law or {})}))
    [result] = answer(folder, **case)
    return result


def test_the_earliest_known_moment_starts_the_clock(tmp_path: Path):
    duty = build_duty(starts=["discovered", "vendor_notified"], within={"count": 10, "unit": "days"})
    result = answer_one(tmp_path, duty, moments={"discovered": "2026-03-09", "vendor_notified": "2026-03-06T23:30:00"})
    assert (result.applies, result.due, result.certain) == ("yes", date(2026, 3, 16), True)
    assert result.readings[0].text == "10 days after vendor_notified (2026-03-06)"


def test_without_a_moment_nothing_is_due_and_the_answer_waits_for_it(tmp_path: Path):
    duty = build_duty(starts=["discovered", "vendor_notified"], within={"count": 10, "unit": "days"})
    result = answer_one(tmp_path, duty, moments={"recovered": "2026-03-09"})
    assert (result.applies, result.due, result.certain) == ("yes", None, False)
    assert result.waits_for == ("discovered", "vendor_notified")


def test_due_never_leans_on_the_next_business_day_and_extended_to_names_it(tmp_path: Path):
    rolls = {"holidays": ["us"], "rolls": {"to": "next business day", "citation": "Gen. Constr. Law 25-a"}}
    duty = build_duty(starts=["discovered"], within={"count": 1, "unit": "days"})
    moments = {"discovered": "2026-07-02"}  # Friday the third is Independence Day kept, so that Monday is the next
    result = answer_one(tmp_path, duty, {"counting": rolls}, moments=moments)
    assert (result.due, result.extended_to) == (date(2026, 7, 3), date(2026, 7, 6))
    plain = answer_one(tmp_path, duty, {"counting": {"holidays": ["us"]}}, moments=moments)
    assert (plain.due, plain.extended_to) == (date(2026, 7, 3), None)


def test_hours_are_never_extended(tmp_path: Path):
    rolls = {"holidays": ["us"], "rolls": {"to": "next business day", "citation": "Gen. Constr. Law 25-a"}}
    duty = build_duty(starts=["discovered"], within={"count": 24, "unit": "hours"})
    result = answer_one(tmp_path, duty, {"counting": rolls}, moments={"discovered": "2026-07-02T12:00"})
    assert (result.due, result.extended_to) == (date(2026, 7, 3), None)


def test_an_extension_with_reasons_is_named_and_never_due(tmp_path: Path):
    duty = build_duty(
        starts=["requested"],
        within={"count": 10, "unit": "business days"},
        extension={"within": {"count": 5, "unit": "business days"}, "when": "with reasons"},
    )
    result = answer_one(tmp_path, duty, moments={"requested": "2026-11-12"})
    assert (result.due, result.extended_to) == (date(2026, 11, 27), date(2026, 12, 4))


def test_where_sources_differ_both_readings_are_shown_and_the_earlier_counts(tmp_path: Path):
    duty = build_duty(
        starts=["signed"],
        within={"count": 10, "unit": "business days"},
        doubt={"says": "guides differ", "or_within": {"count": 10, "unit": "days"}},
    )
    result = answer_one(tmp_path, duty, moments={"signed": "2026-12-18"})
    assert [reading.due for reading in result.readings] == [date(2027, 1, 5), date(2026, 12, 28)]
    assert (result.due, result.certain) == (date(2026, 12, 28), False)
    assert "guides differ" in result.because


def test_school_days_are_claimed_as_far_as_the_calendar_reaches(tmp_path: Path):
    duty = build_duty(starts=["requested"], within={"count": 5, "unit": "school days"})
    result = answer_one(tmp_path, duty, moments={"requested": "2026-03-12"}, calendar=YEAR)
    assert result.due == date(2026, 3, 26), "the week of the break has no school days"
    late = answer_one(tmp_path, duty, moments={"requested": "2026-05-26"}, calendar=YEAR)
    assert (late.due, late.certain, late.waits_for) == (None, False, ("calendar",))
    assert "counted 3 up to 2026-05-29" in late.readings[0].text
    assert answer_one(tmp_path, duty, moments={"requested": "2026-03-12"}).waits_for == ("calendar",)
    before = answer_one(tmp_path, duty, moments={"requested": "2025-08-17"}, calendar=YEAR)
    assert before.due is None, "the calendar does not reach the day of the moment"


def test_a_date_by_facts_is_the_earliest_possible_where_a_fact_is_unknown(tmp_path: Path):
    duty = build_duty(on=[
        {"when": {"population|gte": 50000}, "date": date(2027, 4, 26)},
        {"when": {"population|lt": 50000}, "date": date(2028, 4, 26)},
    ])  # fmt: skip
    large = answer_one(tmp_path, duty, facts={"population": 50000})
    assert (large.due, large.certain) == (date(2027, 4, 26), True)
    assert answer_one(tmp_path, duty, facts={"population": 49999}).due == date(2028, 4, 26)
    unknown = answer_one(tmp_path, duty)
    assert (unknown.applies, unknown.due, unknown.certain) == ("yes", date(2027, 4, 26), False)
    assert (len(unknown.readings), unknown.waits_for) == (2, ("population",))


@pytest.mark.parametrize(("moment", "due"), [
    ("2026-01-15", "2026-01-30"), ("2026-01-30", "2026-01-30"), ("2026-01-31", "2026-01-31"),
    ("2026-02-01", "2026-07-31"), ("2026-08-01", "2027-01-30"),
])  # fmt: skip
def test_a_duty_that_comes_again_is_due_at_its_next_end(tmp_path: Path, moment: str, due: str):
    duty = build_duty(every=[
        {"period": "calendar year", "within": {"count": 29, "unit": "days"},
         "or_within": {"count": 30, "unit": "days"}},
        {"period": "fiscal year", "within": {"count": 30, "unit": "days"}},
    ])  # fmt: skip
    facts = {"fiscal_year_starts": "07-01"}
    assert answer_one(tmp_path, duty, moments={"discovered": moment}, facts=facts).due == date.fromisoformat(due)


def test_a_duty_of_a_period_that_is_unknown_claims_nothing(tmp_path: Path):
    duty = build_duty(every={"period": "fiscal year", "within": {"count": 30, "unit": "days"}})
    result = answer_one(tmp_path, duty)
    assert (result.due, result.waits_for) == (None, ("fiscal_year_starts",))
    yearly = answer_one(tmp_path, build_duty(every={"period": "school year"}), moments={"signed": "2026-01-05"},
                        calendar=YEAR)  # fmt: skip
    assert yearly.due == date(2026, 5, 29), "without a limit it is the period's last day"


def test_words_without_a_number_give_no_date(tmp_path: Path):
    duty = build_duty(as_soon_as="without unreasonable delay")
    result = answer_one(tmp_path, duty, moments={"discovered": "2026-03-06"})
    assert (result.applies, result.due, result.certain) == ("yes", None, False)
    assert "without unreasonable delay" in result.because


def test_words_without_a_number_wait_for_the_moment_that_starts_them(tmp_path: Path):
    duty = build_duty(as_soon_as="without unreasonable delay", starts=["discovered", "vendor_notified"])
    waiting = answer_one(tmp_path, duty, moments={"recovered": "2026-03-06"})
    assert (waiting.applies, waiting.due, waiting.waits_for) == ("yes", None, ("discovered", "vendor_notified"))
    started = answer_one(tmp_path, duty, moments={"vendor_notified": "2026-03-06"})
    assert (started.applies, started.due, started.waits_for) == ("yes", None, ())


def test_another_reading_counts_from_the_moments_of_the_words_unless_it_has_its_own(tmp_path: Path):
    other = {"says": "a guide has ten days", "or_within": {"count": 10, "unit": "days"}}
    duty = build_duty(as_soon_as="without delay", starts=["discovered"], doubt=other)
    assert answer_one(tmp_path, duty).waits_for == ("discovered",)
    started = answer_one(tmp_path, duty, moments={"discovered": "2026-03-06"})
    assert (started.due, started.certain, started.waits_for) == (date(2026, 3, 16), False, ())
    doubtful = build_duty(as_soon_as="without delay", starts=["discovered"], doubt={**other, "starts": ["determined"]})
    assert answer_one(tmp_path, doubtful, moments={"discovered": "2026-03-06"}).waits_for == ("determined",)


def test_the_version_on_the_day_of_the_moment_counts_for_words_without_a_number(tmp_path: Path):
    old = build_duty(as_soon_as="at once", starts=["discovered"])
    new = build_duty(as_soon_as="within reason", starts=["discovered"])
    write_law(tmp_path, build_law(id="us-old", duties=[old]))
    write_law(tmp_path, build_law(id="us-test", effective=date(2026, 3, 1), supersedes="us-old", duties=[new]))
    for day, words in (("2026-02-28", "at once"), ("2026-03-01", "within reason")):
        [result] = answer(tmp_path, moments={"discovered": day, "believed": "2026-01-01"})
        assert words in result.because, day


@pytest.mark.parametrize(("facts", "incident", "applies"), [
    ({"state": "NY"}, {"data": ["student"]}, "yes"),
    ({"state": "ny"}, {"data": ["other", "staff"]}, "yes"),
    ({"state": "TX"}, {}, "no"),
    ({"state": "NY"}, {"data": []}, "no"),
    ({"state": "NY"}, {}, "cannot tell"),
    ({}, {"data": ["student"]}, "cannot tell"),
    ({"state": None}, {"data": ["student"]}, "cannot tell"),
])  # fmt: skip
def test_an_unknown_fact_is_neither_yes_nor_no(tmp_path: Path, facts, incident, applies: str):
    duty = build_duty(applies_to={"incident.data": ["student", "staff"]})
    law = {"applies_to": {"state": "NY"}}
    result = answer_one(tmp_path, duty, law, facts=facts, incident=incident, moments={"discovered": "2026-03-06"})
    assert result.applies == applies
    assert (result.due is None) == (applies == "no")
    assert result.certain == (applies == "yes")


def test_the_percent_of_enrollment_is_whole_and_rounded_down(tmp_path: Path):
    duty = build_duty(applies_to={"incident.percent_of_enrollment|gte": 10})

    def judge(affected: int, **facts: int) -> str:
        return answer_one(tmp_path, duty, facts=facts, incident={"affected_students": affected}).applies

    assert judge(100, enrollment=1000) == "yes"
    assert judge(99, enrollment=1000) == "no"
    assert judge(99) == "cannot tell"
    assert judge(99, enrollment=0) == "cannot tell"
    stated = answer_one(tmp_path, duty, incident={"percent_of_enrollment": 10})
    assert stated.applies == "yes"


@pytest.mark.parametrize("state", ["proposed", "stayed"])
def test_a_law_that_is_not_in_force_does_not_apply(tmp_path: Path, state: str):
    result = answer_one(tmp_path, build_duty(), {"standing": state}, moments={"discovered": "2026-03-06"})
    assert (result.applies, result.due) == ("no", None)
    assert state in result.because[0]


def test_the_law_in_force_on_the_day_of_the_moment_counts(tmp_path: Path):
    old = build_law(id="us-test", effective=date(2020, 1, 1), duties=[build_duty()])
    new = build_law(id="us-test-2026", effective=date(2026, 1, 1), supersedes="us-test",
                    duties=[build_duty(within={"count": 3, "unit": "days"})])  # fmt: skip
    write_law(tmp_path, old)
    write_law(tmp_path, new)

    def find_due(law: str, moment: str) -> date | None:
        [result] = answer(tmp_path, law=law, moments={"discovered": moment})
        return result.due

    assert find_due("us-test", "2025-12-31") == find_due("us-test-2026", "2025-12-31") == date(2026, 1, 10)
    assert find_due("us-test", "2026-01-01") == find_due("us-test-2026", "2026-01-01") == date(2026, 1, 4)
    [before] = answer(tmp_path, law="us-test", moments={"discovered": "2019-12-31"})
    assert (before.applies, before.due) == ("no", None)


def test_between_two_first_days_it_cannot_be_told_whether_a_law_applies(tmp_path: Path):
    law = {"effective": date(2025, 6, 26), "doubt": {"says": "guides differ", "or_effective": date(2025, 7, 28)}}

    def applies(moment: str) -> str:
        return answer_one(tmp_path, build_duty(), law, moments={"discovered": moment}).applies

    assert [applies(day) for day in ("2025-06-25", "2025-06-26", "2025-07-27", "2025-07-28")] == [
        "no", "cannot tell", "cannot tell", "yes",
    ]  # fmt: skip


def test_hours_without_a_time_zone_wait_for_it(tmp_path: Path):
    duty = build_duty(within={"count": 72, "unit": "hours"})
    result = answer_one(tmp_path, duty, moments={"discovered": "2026-03-06"}, timezone=None)
    assert (result.due, result.waits_for) == (None, ("timezone",))


@pytest.mark.parametrize(("change", "field"), [
    ({"id": ""}, "id"),
    ({"duty": "us-test:first"}, "duty"),
    ({"law": "us-nope"}, "law"),
    ({"law": "us-test:first"}, "law"),
    ({"law": None}, "duty"),
    ({"law": None, "duty": "us-test"}, "duty"),
    ({"law": None, "duty": "us-test:nope"}, "duty"),
    ({"timezone": "Mars/Base"}, "timezone"),
    ({"timezone": 5}, "timezone"),
    ({"timezone": None, "moments": {"discovered": "2026-03-06T08:00"}}, "timezone"),
    ({"moments": {"started": "2026-03-06"}}, "moments.started"),
    ({"moments": {"discovered": "2026-03-08T02:30"}}, "moments.discovered"),
    ({"moments": ["2026-03-06"]}, "moments"),
    ({"facts": {"stat": "NY"}}, "facts.stat"),
    ({"facts": {"state": "New York"}}, "facts.state"),
    ({"facts": {"population": "many"}}, "facts.population"),
    ({"facts": {"population": True}}, "facts.population"),
    ({"facts": {"kind": "school"}}, "facts.kind"),
    ({"facts": {"incident.data": ["student"]}}, "facts.incident.data"),
    ({"facts": {"fiscal_year_starts": "02-30"}}, "facts.fiscal_year_starts"),
    ({"incident": {"data": ["students"]}}, "incident.data"),
    ({"incident": {"affected_students": -1}}, "incident.affected_students"),
    ({"calendar": {"first_day": "2026-05-29", "last_day": "2025-08-18"}}, "calendar.last_day"),
    ({"calender": {}}, "calender"),
])  # fmt: skip
def test_a_case_that_does_not_fit_is_refused_with_its_field(tmp_path: Path, change, field: str):
    write_law(tmp_path, build_law())
    with pytest.raises(CaseRefused, match=r"would fit|there are|stand together|is there twice") as refused:
        answer(tmp_path, **change)
    assert refused.value.field == field


@pytest.mark.parametrize(("day", "due"), [
    ("2025-12-01", "2026-01-01"), ("2026-01-01", "2026-01-01"), ("2026-01-02", "2027-01-01"),
])  # fmt: skip
def test_a_limit_that_is_longer_than_its_period_may_end_in_a_later_one(tmp_path: Path, day: str, due: str):
    duty = build_duty(every={"period": "fiscal year", "within": {"count": 30, "unit": "months"}})
    facts = {"fiscal_year_starts": "07-01"}
    assert answer_one(tmp_path, duty, moments={"discovered": day}, facts=facts).due == date.fromisoformat(due)


def test_a_doubt_about_a_period_has_two_readings(tmp_path: Path):
    duty = build_duty(
        every={"period": "calendar year", "within": {"count": 30, "unit": "days"}},
        doubt={"says": "guides differ", "or_within": {"count": 29, "unit": "days"}},
    )
    result = answer_one(tmp_path, duty, moments={"discovered": "2026-01-15"})
    assert [reading.due for reading in result.readings] == [date(2026, 1, 31), date(2026, 1, 30)]
    assert (result.due, result.certain) == (date(2026, 1, 30), False)
    between = answer_one(tmp_path, duty, moments={"discovered": "2026-01-31"})
    assert (between.due, between.certain) == (date(2026, 1, 31), False), "by one reading it is over, by the other due"


@pytest.mark.parametrize(("day", "calendar", "due"), [
    ("2026-05-29", YEAR, "2026-05-29"),
    ("2025-08-17", YEAR, None),
    ("2026-05-30", YEAR, None),
    ("2026-01-05", {"first_day": "2025-08-18", "last_day": "2027-05-28"}, None),
])  # fmt: skip
def test_a_school_year_that_the_calendar_does_not_tell_claims_nothing(tmp_path: Path, day: str, calendar, due):
    duty = build_duty(every={"period": "school year"})
    result = answer_one(tmp_path, duty, moments={"discovered": day}, calendar=calendar)
    assert result.due == (due and date.fromisoformat(due))
    assert result.waits_for == (() if due else ("calendar",))


def test_a_reading_that_starts_with_another_moment_is_waited_for(tmp_path: Path):
    doubt = {"says": "guides differ", "starts": ["believed"], "or_within": {"count": 3, "unit": "days"}}
    duty = build_duty(starts=["discovered"], within={"count": 10, "unit": "days"}, doubt=doubt)
    result = answer_one(tmp_path, duty, moments={"discovered": "2026-03-06"})
    assert (result.due, result.certain, result.waits_for) == (date(2026, 3, 16), False, ("believed",))
    both = answer_one(tmp_path, duty, moments={"discovered": "2026-03-06", "believed": "2026-03-06"})
    assert (both.due, both.certain, both.waits_for) == (date(2026, 3, 9), False, ())
    dated = answer_one(tmp_path, build_duty(on=date(2026, 4, 1), doubt=doubt), moments={"believed": "2026-03-06"})
    assert (dated.due, dated.certain) == (date(2026, 3, 9), False)


def test_hours_without_a_zone_and_school_days_without_a_calendar_name_what_they_wait_for(tmp_path: Path):
    doubt = {"says": "guides differ", "or_within": {"count": 2, "unit": "school days"}}
    duty = build_duty(starts=["discovered"], within={"count": 24, "unit": "hours"}, doubt=doubt)
    result = answer_one(tmp_path, duty, moments={"discovered": "2026-03-06"}, timezone=None)
    assert (result.due, result.waits_for) == (None, ("timezone", "calendar"))


def write_versions(folder: Path, *versions: Mapping[str, Any]) -> None:
    for number, version in enumerate(versions):
        older = {"supersedes": f"us-test-{number - 1}"} if number else {}
        write_law(folder, build_law(**{"id": f"us-test-{number}", **older, **version}))


def test_a_version_that_was_stayed_is_passed_over_and_the_one_after_it_counts(tmp_path: Path):
    within = [{"count": count, "unit": "days"} for count in (10, 1, 3)]
    duties = [[build_duty(starts=["discovered"], within=limit)] for limit in within]
    write_versions(
        tmp_path,
        {"effective": date(2020, 1, 1), "duties": duties[0]},
        {"effective": date(2024, 1, 1), "duties": duties[1], "standing": "stayed"},
        {"effective": date(2026, 1, 1), "duties": duties[2]},
    )

    def judge(law: str, moment: str) -> tuple[str, date | None]:
        [result] = answer(tmp_path, law=law, moments={"discovered": moment})
        return result.applies, result.due

    assert judge("us-test-0", "2026-02-02") == judge("us-test-2", "2026-02-02") == ("yes", date(2026, 2, 5))
    assert judge("us-test-0", "2025-02-03") == judge("us-test-2", "2025-02-03") == ("yes", date(2025, 2, 13))
    assert judge("us-test-1", "2025-02-03") == ("no", None)


def test_a_version_may_start_its_clock_by_another_moment_or_be_a_date(tmp_path: Path):
    write_versions(
        tmp_path,
        {"effective": date(2020, 1, 1), "duties": [build_duty(), build_duty(id="dated", on=date(2025, 1, 1))]},
        {"effective": date(2026, 1, 1), "duties": [
            build_duty(starts=["believed"], within={"count": 1, "unit": "days"}),
            build_duty(id="dated", on=date(2027, 1, 1)),
        ]},
    )  # fmt: skip
    [new, dated] = answer(tmp_path, law="us-test-0", moments={"believed": "2026-02-02"})
    assert (new.due, dated.due) == (date(2026, 2, 3), date(2027, 1, 1))
    [old, _] = answer(tmp_path, law="us-test-1", moments={"discovered": "2025-02-03"})
    assert (old.due, old.because[0]) == (date(2025, 2, 13), "us-test-0 is the version in force on 2025-02-03")


def test_versions_that_go_in_a_circle_are_each_asked_once(tmp_path: Path):
    write_versions(
        tmp_path, {"effective": date(2020, 1, 1), "supersedes": "us-test-1"}, {"effective": date(2026, 1, 1)}
    )
    with pytest.raises(ContentRefused) as refused:
        load_laws(tmp_path)
    laws = {law.id: law for law in refused.value.valid}
    for law in laws.values():
        case = ClockCase(id="one", duty=law.id, today=TODAY)
        assert [result.due for result in answer_case(case, laws)] == [None]
        assert find_law_in_force(law, laws, day=date(2019, 1, 1)) in laws.values()


def test_a_limit_of_many_business_days_in_each_month_is_counted_at_once(tmp_path: Path):
    duty = build_duty(every={"period": "month", "within": {"count": 10_000, "unit": "business days"}})
    result = answer_one(tmp_path, duty, moments={"discovered": "2026-03-06"})
    business_days = list_business_days(1985, 2027)
    ends = [count_days(date(1986, month, 1), 10_000, business_days) for month in (2, 3)]
    assert ends[0] < date(2026, 3, 6) <= ends[1] == result.due
