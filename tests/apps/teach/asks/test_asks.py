"""Asks by person: whom a control asks, what an answer does, and when an ask goes or comes back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.exceptions.queries import list_acceptances
from homeroom.apps.teach.asks.commands import ExemptionForm, decide_exemption, report_ask_done, request_exemption
from homeroom.apps.teach.asks.models import AskClaim
from homeroom.apps.teach.asks.own_asks import OwnAsk, list_own_asks
from homeroom.apps.teach.asks.queries import (
    count_asks,
    find_exemption_request,
    find_first_name,
    list_asked_people,
    list_exemption_requests,
)
from homeroom.cli.options import CommandContext
from homeroom.cli.teach.awareness import group
from homeroom.domain.teach.awareness.ask_states import AskRefused, AskState
from homeroom.library.protect.controls import load_controls
from tests.asked_district import AskedDistrict, copy_asked_district, prepare_asked_district

pytestmark = pytest.mark.django_db
MFA, RESTART = "staff-second-factor", "restart-overdue"
REASON = "My phone is too old for the app."


@pytest.fixture(scope="module")
def prepared(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[AskedDistrict, Path]]:
    yield from prepare_asked_district(django_db_blocker, tmp_path_factory.mktemp("asked"))


@pytest.fixture
def place(db: None, prepared: tuple[AskedDistrict, Path], tmp_path: Path, settings: Any) -> AskedDistrict:
    settings.DATA = tmp_path
    return copy_asked_district(*prepared, tmp_path)


def list_asks(place: AskedDistrict, key: str, language: str = "en") -> dict[str, OwnAsk]:
    asks = list_own_asks(
        district=place.district, person=place.get_person(key), language=language, today=place.today, now=place.at
    )
    return {ask.key: ask for ask in asks}


def report_done(place: AskedDistrict, key: str, control: str = MFA) -> None:
    report_ask_done(
        district=place.district, person=place.get_person(key), control=control, today=place.today, actor=key,
        at=place.at,
    )  # fmt: skip


def request(place: AskedDistrict, key: str, reason: str = REASON, control: str = MFA) -> str:
    return request_exemption(
        district=place.district, person=place.get_person(key), control=control, reason=reason, today=place.today,
        actor=key, at=place.at,
    )  # fmt: skip


def decide(place: AskedDistrict, public: str, **form: str) -> None:
    decide_exemption(
        district=place.district, public=public, form=ExemptionForm(**form), today=place.today, actor="director",
        at=place.at,
    )  # fmt: skip


def list_names(place: AskedDistrict, **choice: str) -> dict[str, list[str]]:
    people = list_asked_people(district=place.district, today=place.today, now=place.at, language="en", **choice)
    return {person.email.partition("@")[0]: [ask.key for ask in person.asks] for person in people}


def count(place: AskedDistrict) -> dict[str, tuple[int, int, int]]:
    overview = count_asks(district=place.district, today=place.today, now=place.at)
    return {line.control.id: (line.open, line.waiting, line.requested) for line in overview.lines}


def test_staff_are_asked_about_their_accounts_and_devices(place: AskedDistrict) -> None:
    asks = list_asks(place, "e1")
    assert list(asks) == [MFA, RESTART]
    assert asks[MFA].about == ("e1@maple.test",)
    assert asks[RESTART].about == ("Latitude 3340 5CDE1",)
    assert asks[MFA].since == place.today
    assert any("myaccount.google.com" in step for step in asks[MFA].steps)
    assert not any("aka.ms" in step for step in asks[MFA].steps)
    assert list(list_asks(place, "e2")) == [MFA]


def test_an_ask_has_no_word_of_the_finding(place: AskedDistrict) -> None:
    controls = {control.id: control for control in load_controls()}
    for key, ask in list_asks(place, "e1").items():
        control = controls[key]
        for text in (control.title, control.because, *control.fix.values(), str(control.severity)):
            assert text not in str(ask)


def test_an_ask_is_in_the_language_of_the_person(place: AskedDistrict) -> None:
    assert list_asks(place, "e1", "es")[MFA].sentence == "Active la verificación en dos pasos en su cuenta de trabajo."


def test_students_are_never_asked_nor_is_staff_who_is_also_a_student(place: AskedDistrict) -> None:
    assert list_asks(place, "s1") == {}
    assert list_asks(place, "b1") == {}
    assert set(list_names(place)) == {"e1", "e2", "e3"}
    with pytest.raises(LookupError):
        report_done(place, "s1", RESTART)
    assert not AskClaim.objects.of(place.district).exists()


def test_what_a_control_cannot_tell_asks_nobody(place: AskedDistrict) -> None:
    place.enrolled |= {"e1": None}
    place.load_accounts()
    place.judge()
    assert MFA not in list_asks(place, "e1")
    assert list_names(place)["e1"] == [RESTART]


def test_the_team_sees_the_same_asks_as_the_people(place: AskedDistrict) -> None:
    assert {key: list(list_asks(place, key)) for key in ("e1", "e2", "e3")} == {
        key: sorted(asks, key=[MFA, RESTART].index) for key, asks in list_names(place).items()
    }
    overview = count_asks(district=place.district, today=place.today, now=place.at)
    schools = {line.control.id: dict(line.schools) for line in overview.lines}
    assert schools == {MFA: {"Cedar Middle": 2, "Lincoln Elementary": 1}, RESTART: {"Lincoln Elementary": 1}}
    assert overview.schools == ("Cedar Middle", "Lincoln Elementary")


def test_people_are_chosen_by_ask_and_school(place: AskedDistrict) -> None:
    assert list_names(place, control=RESTART) == {"e1": [RESTART]}
    assert set(list_names(place, school="Cedar Middle")) == {"e2", "e3"}
    (first, *_) = list_asked_people(
        district=place.district, today=place.today, now=place.at, language="en", school="Cedar Middle"
    )
    assert (first.name, first.first_name) == ("Mary Ann Okafor", "Mary Ann")


def test_i_did_it_waits_for_the_next_list_and_goes_with_it(place: AskedDistrict) -> None:
    report_done(place, "e1")
    assert list_asks(place, "e1")[MFA].state is AskState.WAITING
    assert count(place)[MFA] == (2, 1, 0)
    assert list_names(place)["e1"] == [RESTART]
    place.wait(days=1)
    place.load_devices()
    place.judge()
    assert list_asks(place, "e1")[MFA].state is AskState.WAITING  # no list of accounts yet
    place.enrolled["e1"] = True
    place.load_accounts()
    place.judge()
    assert list(list_asks(place, "e1")) == [RESTART]
    assert count(place)[MFA] == (2, 0, 0)


def test_i_did_it_comes_back_if_the_next_list_does_not_show_it(place: AskedDistrict) -> None:
    report_done(place, "e1")
    place.wait(days=1)
    place.load_accounts()
    assert list_asks(place, "e1")[MFA].state is AskState.WAITING  # loaded and not judged yet
    place.judge()
    ask = list_asks(place, "e1")[MFA]
    assert (ask.state, ask.checked_on) == (AskState.BACK, place.today)
    assert count(place)[MFA] == (3, 0, 0)
    report_done(place, "e1")
    assert list_asks(place, "e1")[MFA].state is AskState.WAITING


def test_i_did_it_comes_back_after_a_fortnight_without_a_list(place: AskedDistrict) -> None:
    report_done(place, "e1")
    place.wait(days=14)
    assert list_asks(place, "e1")[MFA].state is AskState.WAITING
    place.wait(minutes=1)
    assert list_asks(place, "e1")[MFA].state is AskState.BACK


def test_an_ask_that_returns_later_forgets_the_old_answer(place: AskedDistrict) -> None:
    report_done(place, "e1")
    for enrolled in (True, False):
        place.wait(days=1)
        place.enrolled["e1"] = enrolled
        place.load_accounts()
        place.judge()
    ask = list_asks(place, "e1")[MFA]
    assert (ask.state, ask.since, ask.claimed_on) == (AskState.OPEN, place.today, None)


def test_an_exemption_that_is_granted_accepts_the_finding_until_its_end(place: AskedDistrict) -> None:
    public = request(place, "e1")
    assert list_asks(place, "e1")[MFA].state is AskState.REQUESTED
    assert count(place)[MFA] == (2, 0, 1)
    (entry,) = list_exemption_requests(district=place.district)
    assert (entry.name, entry.reason, entry.control.id) == ("Ruth Castellan", REASON, MFA)
    until = place.today + timedelta(days=30)
    decide(place, public, outcome="granted", reason="A key is ordered for her.", until=until.isoformat())
    assert MFA not in list_asks(place, "e1")  # before the next assessment too
    assert count(place)[MFA] == (2, 0, 0)
    (acceptance,) = list_acceptances(district=place.district, today=place.today)
    assert (acceptance.owner, acceptance.expires_on) == ("director", until)
    assert acceptance.reason == "A key is ordered for her."
    assert REASON not in str(acceptance)
    place.judge()
    assert MFA not in list_asks(place, "e1")
    place.wait(days=31)
    place.judge()
    assert MFA in list_asks(place, "e1")


def test_an_exemption_that_is_refused_leaves_the_ask_with_the_answer(place: AskedDistrict) -> None:
    public = request(place, "e1")
    decide(place, public, outcome="refused", answer="We lend you a security key: come by.")
    ask = list_asks(place, "e1")[MFA]
    assert (ask.state, ask.answer) == (AskState.OPEN, "We lend you a security key: come by.")
    assert find_exemption_request(district=place.district, public=public) is None
    with pytest.raises(AskRefused, match="decided already"):
        decide(place, public, outcome="refused", answer="We lend you a security key.")


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"outcome": "perhaps"}, "outcome"),
        ({"outcome": "granted", "reason": "A key is ordered.", "until": "soon"}, "until"),
        ({"outcome": "granted", "reason": "A key is ordered.", "until": "2026-01-15"}, "until"),
        ({"outcome": "granted", "reason": "A key is ordered.", "until": "2030-01-15"}, "until"),
        ({"outcome": "granted", "reason": "ok", "until": "2026-02-15"}, "reason"),
        ({"outcome": "refused"}, "answer"),
    ],
)
def test_a_decision_that_does_not_fit_is_refused(place: AskedDistrict, form: dict[str, str], field: str) -> None:
    public = request(place, "e1")
    with pytest.raises(AskRefused) as refusal:
        decide(place, public, **form)
    assert refusal.value.field == field
    assert list_asks(place, "e1")[MFA].state is AskState.REQUESTED
    assert list_acceptances(district=place.district, today=place.today) == ()


@pytest.mark.differs_by_database("select for update")
def test_a_second_request_replaces_the_reason(place: AskedDistrict) -> None:
    assert request(place, "e1") == request(place, "e1", "I have no phone at all.")
    (entry,) = list_exemption_requests(district=place.district)
    assert entry.reason == "I have no phone at all."
    with pytest.raises(AskRefused):
        request(place, "e1", "no")


def test_nobody_answers_what_is_not_asked(place: AskedDistrict) -> None:
    for control in ("few-super-admins", "no-such-control", RESTART):
        with pytest.raises(LookupError):
            report_done(place, "e2", control)
        with pytest.raises(LookupError):
            request(place, "e2", control=control)


def test_answers_are_in_the_trail_without_reasons(place: AskedDistrict) -> None:
    report_done(place, "e2")
    decide(place, request(place, "e1"), outcome="refused", answer="We lend you a security key.")
    entries = [entry for entry in Entry.objects.of(place.district) if "ask" in entry.action.split()]
    assert [entry.action for entry in entries] == ["report ask done", "request ask exemption", "refuse ask exemption"]
    assert all(entry.detail == {"control": MFA} and entry.subject.startswith("p-") for entry in entries)


def test_another_district_has_no_such_request(place: AskedDistrict) -> None:
    from homeroom.apps.platform.districts.models import District

    public = request(place, "e1")
    other = District.objects.get(slug="next-door")
    assert find_exemption_request(district=other, public=public) is None
    assert list_exemption_requests(district=other) == ()
    with pytest.raises(LookupError):
        decide_exemption(
            district=other, public=public, form=ExemptionForm(outcome="refused", answer="Please do it anyway."),
            today=place.today, actor="stranger", at=place.at,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "sort_name", "first_name"),
    [
        ("Mary Ann Okafor", "okafor, mary ann", "Mary Ann"),
        ("José Luis De la Cruz", "de la cruz, jose luis", "José Luis"),
        ("Ruth Castellan", "", "Ruth"),
        ("Cher", "cher", "Cher"),
        ("", "", ""),
    ],
)
def test_first_names_are_those_before_the_family_name(name: str, sort_name: str, first_name: str) -> None:
    assert find_first_name(name, sort_name) == first_name


def test_the_command_prints_the_counts_of_the_page_and_the_file(
    place: AskedDistrict, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = CommandContext(district=place.district, store=place.store, today=place.today, at=place.at)
    monkeypatch.setattr("homeroom.cli.teach.awareness.asks.start_command", lambda **_: context)
    runner = CliRunner()
    document = json.loads(runner.invoke(group, ["asks", "--json"]).stdout)
    assert [(line["control"], line["open"]) for line in document["asks"]] == [(MFA, 3), (RESTART, 1)]
    assert document["asks"][1]["schools"] == [{"school": "Lincoln Elementary", "open": 1}]
    text = runner.invoke(group, ["asks", "--csv", "--ask", RESTART, "--language", "es"]).stdout
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["email"], row["sentence"]) == ("e1@maple.test", "Reinicie su computadora de la escuela.")
    for wrong in (["--ask", "restart"], ["--language", "fr"], ["--csv", "--json"]):
        assert runner.invoke(group, ["asks", *wrong]).exit_code == 2
    assert "2-Step" in runner.invoke(group, ["asks"]).stdout
