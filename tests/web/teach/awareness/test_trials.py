"""Pages of trials: the plan, what could be seen, silence, and the verdict; who sees and changes what."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.teach.trials.models import TrainingTrial, TrialMember
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.teach.trials.trial_evidence import TODAY, publish_staff
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
END = TODAY + timedelta(days=90)
AFTER = END + timedelta(days=1)
DRILLS = {TODAY + timedelta(days=20 * number): 0.25 for number in (1, 2, 3)}
PLAN = {
    "question": "Does the lesson on invoices help?",
    "other_courses": "Spotting fake invoices",
    "unit": "person",
    "strata": "school",
    "percent": "50",
    "drills": "3",
    "ends_on": END.isoformat(),
}


@pytest.fixture(autouse=True)
def seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each trial the same seed in each run, and each id once."""
    numbers = count(1)
    monkeypatch.setattr(secrets, "token_hex", lambda size: f"{next(numbers):0{2 * size}x}")


@pytest.fixture
def staff(tmp_path: Path, settings: Any) -> EvidenceStore:
    settings.DATA = tmp_path
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    publish_staff(store)
    return store


def read_words(answer: Any) -> str:
    html = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html)


def make_plan(client: Client, **changes: str) -> str:
    answer = client.post("/awareness/trials/new", {**PLAN, **changes})
    assert answer.status_code == 302, read_words(answer)
    return str(answer["Location"])


def test_a_trial_goes_from_its_plan_to_a_result_of_nothing(
    as_: ClientFactory, cast: Cast, staff: EvidenceStore, settings: Any
) -> None:
    client = as_("technician")
    address = make_plan(client)
    planned = read_words(client.get(address))
    assert re.search(r"480 people, three drills: \d\.\d points; what is smaller stays inconclusive\.", planned)
    assert "Assumed, since fewer than a hundred of these people have results of drills: 15% miss a drill." in planned
    running = read_words(client.post(f"{address}/start", follow=True))
    assert "Nothing is shown before the last day has passed." in running
    assert "240 people" in running

    publish_staff(staff, drills=DRILLS, day=AFTER)
    settings.NOW = datetime(AFTER.year, AFTER.month, AFTER.day, 15, tzinfo=UTC)
    due = read_words(client.get(address))
    assert "3 drills with results are loaded; 3 were planned." in due
    assert "interval" not in due
    ended = client.post(f"{address}/end", follow=True)
    words = read_words(ended)
    assert re.search(r"Those trained missed \d\.\d points (less|more) than those held out \(95% interval: −\d", words)
    assert '<h2 id="verdict">Inconclusive: no difference was found</h2>' in ended.content.decode()
    assert "That does not prove that there is none" in words
    assert "Inconclusive: no difference was found" in read_words(client.get("/awareness/trials"))


@pytest.mark.parametrize("day", [TODAY, END])
def test_no_page_and_no_file_has_a_number_of_results_before_the_end(
    as_: ClientFactory, cast: Cast, staff: EvidenceStore, settings: Any, day: Any
) -> None:
    client = as_("director")
    address = make_plan(client)
    client.post(f"{address}/start")
    publish_staff(staff, drills=DRILLS, day=day)
    settings.NOW = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
    refused = client.post(f"{address}/end")
    assert refused.status_code == 422
    assert "nothing is seen before" in read_words(refused)
    for page in (client.get(address), client.get("/awareness/trials"), refused):
        assert "interval" not in read_words(page)
        assert "missed" not in read_words(page).replace("than those held out", "")
    arms = client.get(f"{address}/arms.csv").getvalue().decode()
    assert arms.splitlines()[0] == "name,email,school,arm,unit,stratum,score"
    assert len(arms.splitlines()) == 481
    assert "missed" not in arms


def test_the_arms_are_for_directors_and_technicians_alone(as_: ClientFactory, cast: Cast, staff: EvidenceStore) -> None:
    address = make_plan(as_("director"))
    assert as_("director").get(f"{address}/arms.csv").status_code == 404
    as_("director").post(f"{address}/start")
    for name in ("director", "technician"):
        answer = as_(name).get(f"{address}/arms.csv")
        assert answer.getvalue().startswith(b"name,email,school,arm"), name
    others = {name: as_(name).get(f"{address}/arms.csv").status_code for name in ("auditor", "privacy", "stranger")}
    assert others == {"auditor": 403, "privacy": 403, "stranger": 404}
    page = as_("auditor").get(address).content.decode()
    assert "arms.csv" not in page
    assert "person1@" not in page
    assert Entry.objects.of(cast.district).filter(action="list arms of trial").count() == 2


def test_an_auditor_reads_and_changes_nothing(as_: ClientFactory, cast: Cast, staff: EvidenceStore) -> None:
    address = make_plan(as_("director"))
    client = as_("auditor")
    assert client.get(address).status_code == 200
    for step in ("start", "end", "cancel"):
        assert client.post(f"{address}/{step}").status_code == 403
    assert client.post("/awareness/trials/new", PLAN).status_code == 403
    assert TrainingTrial.objects.of(cast.district).get().state == "planned"


def test_a_plan_that_does_not_fit_keeps_what_was_typed_and_leads_to_the_field(
    as_: ClientFactory, cast: Cast, staff: EvidenceStore
) -> None:
    answer = as_("director").post("/awareness/trials/new", {**PLAN, "strata": "size", "title": "Secretary"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert '<a href="#strata">Drawn within</a>' in page
    assert 'value="Does the lesson on invoices help?"' in page
    assert 'value="Secretary"' in page
    assert "Spotting fake invoices</textarea>" in page


def test_a_plan_is_changed_until_it_starts(as_: ClientFactory, cast: Cast, staff: EvidenceStore) -> None:
    client = as_("director")
    address = make_plan(client)
    assert 'value="50"' in client.get(f"{address}/change").content.decode()
    answer = client.post(f"{address}/change", {**PLAN, "percent": "20", "courses": "lost-device"}, follow=True)
    assert "20%" in read_words(answer)
    client.post(f"{address}/start")
    assert client.get(f"{address}/change").status_code == 404
    assert client.post(f"{address}/change", PLAN).status_code == 404


def test_the_courses_of_homeroom_are_assigned_from_the_page(
    as_: ClientFactory, cast: Cast, staff: EvidenceStore
) -> None:
    client = as_("technician")
    address = make_plan(client, courses="lost-device")
    running = client.post(f"{address}/start", follow=True).content.decode()
    assert "Assign the courses to those trained" in running
    assigned = client.post(f"{address}/assign", follow=True).content.decode()
    assert "Assigned to those trained." in assigned
    assert "Assign the courses to those trained" not in assigned
    assert as_("auditor").post(f"{address}/assign").status_code == 403


def test_a_trial_is_canceled_with_a_reason_and_stays_so(as_: ClientFactory, cast: Cast, staff: EvidenceStore) -> None:
    client = as_("director")
    address = make_plan(client)
    assert client.post(f"{address}/cancel", {"reason": ""}).status_code == 422
    words = read_words(client.post(f"{address}/cancel", {"reason": "We train everybody."}, follow=True))
    assert "Canceled because We train everybody." in words
    assert client.post(f"{address}/start").status_code == 422


def test_an_arm_of_few_is_hidden_with_its_verdict(
    as_: ClientFactory, cast: Cast, staff: EvidenceStore, settings: Any
) -> None:
    publish_staff(staff, schools={"Oak": 24})
    client = as_("director")
    address = make_plan(client, strata="none")
    client.post(f"{address}/start")
    members = TrialMember.objects.of(cast.district).filter(arm="trained")
    members.filter(pk__in=list(members.values_list("pk", flat=True)[:4])).update(person=None)
    publish_staff(staff, schools={"Oak": 24}, drills=DRILLS, day=AFTER)
    settings.NOW = datetime(AFTER.year, AFTER.month, AFTER.day, 15, tzinfo=UTC)
    words = read_words(client.post(f"{address}/end", follow=True))
    assert "Hidden: an arm has fewer than ten people" in words
    assert "interval" not in words


def test_a_result_that_was_found_is_as_large_as_one_that_was_not(
    as_: ClientFactory, cast: Cast, staff: EvidenceStore, settings: Any
) -> None:
    client = as_("director")
    address = make_plan(client)
    client.post(f"{address}/start")
    trained = TrialMember.objects.of(cast.district).filter(arm="trained").values_list("person", flat=True)
    less = {number: -0.15 for number in trained if number is not None}
    publish_staff(staff, drills=DRILLS, less=less, day=AFTER)
    settings.NOW = datetime(AFTER.year, AFTER.month, AFTER.day, 15, tzinfo=UTC)
    page = client.post(f"{address}/end", follow=True).content.decode()
    assert '<h2 id="verdict">Lower: those trained missed fewer drills</h2>' in page


def test_a_district_without_evidence_has_a_form_and_no_lot(as_: ClientFactory, cast: Cast, empty_folder: None) -> None:
    client = as_("director")
    address = make_plan(client, strata="none")
    assert "It cannot start: 0 to draw from are too few" in read_words(client.get(address))
    assert client.post(f"{address}/start").status_code == 422
