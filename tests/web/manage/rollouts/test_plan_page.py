"""The plan of a rollout on its page: asking for it, what it shows, and approving its waves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_ox.models import OxTask

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, WaveApproval
from homeroom.apps.manage.rollouts.queries import load_plan
from homeroom.apps.platform.audit.models import Entry
from tests.cast import Cast
from tests.web.manage.rollouts.test_making import get_text

ClientFactory = Callable[[str], Client]


@pytest.mark.django_db(databases="__all__")
def test_planning_is_a_job_of_the_worker_and_the_page_polls(as_: ClientFactory, cast: Cast, rollout: str):
    client = as_("technician")
    assert client.post(f"/rollouts/{rollout}/plan", {"seconds": "15"}).status_code == 302
    task = OxTask.objects.get()
    assert task.args == [cast.district.slug, rollout, 1, 15, False]
    page = get_text(client.get(f"/rollouts/{rollout}"))
    assert "Waiting for the worker" in page
    assert f'hx-get="/rollouts/{rollout}?part=1"' in page
    assert "HX-Refresh" not in client.get(f"/rollouts/{rollout}?part=1")
    client.post(f"/rollouts/{rollout}/plan", {})
    assert OxTask.objects.count() == 1, "it is being planned already"
    client.post(f"/rollouts/{rollout}/plan/stop")
    assert client.get(f"/rollouts/{rollout}?part=1")["HX-Refresh"] == "true"
    assert Rollout.objects.of(cast.district).get().plan_state == ""


def test_the_page_has_weeks_schools_figures_and_what_was_left_out(as_: ClientFactory, cast: Cast, planned: str):
    write_figures(cast, bound={"disrupted_minutes": 12, "finished_on": "2026-02-03", "travel_minutes": None})
    text = get_text(as_("auditor").get(f"/rollouts/{planned}"))
    for words in (
        "340 minutes", "(no plan can do with less than 12)", "Friday, February 6, 2026",
        "(no plan can end before February 3)", "1,200 minutes", "Last:", "why it is not earlier",
        "Done by Friday, February 13 without a lesson disturbed.", "Cedar Middle", "Jan 19",
        f'href="/rollouts/{planned}/board?school=Cedar%20Middle&amp;week=2026-01-19"', "Week of January 19",
        "Needed before",
    ):  # fmt: skip
        assert words in text
    assert "Use this deadline" not in text
    write_figures(cast, bound=FIGURES)
    text = get_text(as_("auditor").get(f"/rollouts/{planned}"))
    assert "(no plan disturbs less)" in text
    assert "(no plan that disturbs as little ends earlier)" in text


FIGURES = {"disrupted_minutes": 340, "finished_on": "2026-02-06", "travel_minutes": 1200}
OFFERS = [
    {"until": "2026-02-10", "disrupted_minutes": 30, "finished_on": "2026-02-10"},
    {"until": "2026-02-14", "disrupted_minutes": 0, "finished_on": "2026-02-13"},
]


def write_figures(cast: Cast, **changes: Any) -> None:
    row = Rollout.objects.of(cast.district).get()
    row.figures = {"objective": FIGURES, "bound": FIGURES, "offers": OFFERS} | changes
    row.save()


RELAXATIONS = [
    ("until", "2026-02-20", "Move the last day to February 20, 2026", {"until": "2026-02-20"}),
    ("class_time", "costs", "Allow that class is disturbed", {"class_time": "costs"}),
    ("limits", "visits_a_week: 41", "Allow 41 visits a week", {"limits": {"visits_a_week": 41}}),
    ("soak", "pilot: 1", "Wait only 1 day after pilot", {"soak_days": 1}),
    ("hours", "Lee: 420 minutes a week", "Let Lee work 7 hours a week", None),
    ("hours", "Lee: 30 minutes later", "Let Lee end 30 minutes later", None),
    (
        "hours",
        "Kim: 20 minutes later; Kim: 35 minutes earlier",
        "Let Kim end 20 minutes later; let Kim begin 35 minutes earlier",
        None,
    ),
    (
        "hours",
        "Kim: 20 minutes later; Ada: 35 minutes earlier",
        "Let Kim end 20 minutes later; let Ada begin 35 minutes earlier",
        None,
    ),
    ("no_visits", "Maple High: *final*", "Allow visits in Maple High on *final*", None),
    ("at_once", "Maple High: 3", "Allow 3 visits at the same time in Maple High", None),
    ("stock", "40 more by 2026-01-20", "Get 40 more devices by January 20, 2026", None),
    ("team", "one more person", "Add one more person with the hours of the team", None),
    ("room", "Maple High: B 7: 2026-01-20", "Allow Maple High: B 7 to be visited on January 20, 2026", None),
]


@pytest.mark.django_db(databases="__all__")
def test_a_suggestion_is_in_plain_words_and_one_click_where_a_rule_has_it(as_: ClientFactory, cast: Cast, planned: str):
    relax = [{"rule": rule, "to": to, "then": FIGURES} for rule, to, _, _ in RELAXATIONS]
    left_out = [{"room": "Maple High: B 7", "why": "hands", "says": "Only one of two people is there."}]
    write_figures(cast, left_out=left_out, relax=relax)
    client = as_("director")
    text = get_text(client.get(f"/rollouts/{planned}"))
    for words in ("Only one of two people is there.", *(words for _, _, words, _ in RELAXATIONS)):
        assert words in text
    assert text.count("Change it, and plan again") == 7
    assert text.count("Change it there") == 6, "nobody of the team is called Ada"
    client.post(f"/rollouts/{planned}/relax", {"rule": "until", "to": "2027-02-20"})
    assert not OxTask.objects.exists(), "the plan does not suggest that"
    for rule, to, _, changed in RELAXATIONS:
        client.post(f"/rollouts/{planned}/relax", {"rule": rule, "to": to})
        rules = Rollout.objects.of(cast.district).get().rules
        if changed:
            assert rules | changed == rules
        Rollout.objects.of(cast.district).update(plan_state="")
    assert OxTask.objects.count() == 7
    kim, lee = Rollout.objects.of(cast.district).get().rules["team"]
    assert kim["works"]["mon"] == ["06:25", "16:20"]
    assert lee == {"id": "Lee", "works": {"tue": ["08:00", "17:30"]}, "minutes_a_week": 420}
    assert Entry.objects.of(cast.district).filter(action="relax rollout rule").count() == 7


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize(("until", "class_time"), [("2026-02-14", "never"), ("2026-02-10", "costs")])
def test_another_deadline_is_one_click(as_: ClientFactory, cast: Cast, planned: str, until: str, class_time: str):
    write_figures(cast)
    client = as_("technician")
    text = get_text(client.get(f"/rollouts/{planned}"))
    assert "Done by Tuesday, February 10 with 30 minutes of class disturbed." in text
    assert "Class may be disturbed from then on." in text
    client.post(f"/rollouts/{planned}/deadline", {"until": until})
    row = Rollout.objects.of(cast.district).get()
    assert (row.rules["until"], row.rules["class_time"], row.plan_state) == (until, class_time, "waiting")
    assert OxTask.objects.get().args == [cast.district.slug, planned, row.plan_number, 60, False]


@pytest.mark.django_db(databases="__all__")
def test_another_deadline_keeps_what_is_locked_and_one_that_is_not_offered_changes_nothing(
    as_: ClientFactory, cast: Cast, planned: str
):
    write_figures(cast)
    client = as_("technician")
    client.post(f"/rollouts/{planned}/deadline", {"until": "2026-03-01"})
    assert Rollout.objects.of(cast.district).get().rules["until"] == "2026-02-13"
    assert client.post(f"/rollouts/{planned}/deadline", {"until": "soon"}).status_code == 404
    RolloutVisit.objects.of(cast.district).filter(room="Maple High: Library").update(locked=True)
    client.post(f"/rollouts/{planned}/deadline", {"until": "2026-02-14"})
    assert OxTask.objects.get().args[-1] is True


def test_a_refused_plan_names_what_is_missing(as_: ClientFactory, cast: Cast, rollout: str):
    problem = "SPEC.yaml, schools: has no bells (Oak). Use: its bell schedule."
    Rollout.objects.of(cast.district).update(plan_state="refused", plan_problems=[problem])
    assert problem in get_text(as_("director").get(f"/rollouts/{rollout}"))


def approve(client: Client, public: str, wave: Any, **changes: str) -> Any:
    form = {"ring": wave.ring, "week": wave.week.isoformat(), "digest": wave.digest}
    return client.post(f"/rollouts/{public}/approve", form | changes)


def test_a_wave_is_approved_as_it_was_shown_and_again_once_it_changed(as_: ClientFactory, cast: Cast, planned: str):
    client = as_("director")
    pilot, *_ = load_plan(district=cast.district, public=planned).waves
    assert (pilot.ring, pilot.visits, pilot.approved_by) == ("pilot", 1, "")
    assert approve(client, planned, pilot).status_code == 302
    assert approve(client, planned, pilot, week="soon").status_code == 404
    assert approve(client, planned, pilot, week="2020-01-06").status_code == 404
    plan = load_plan(district=cast.district, public=planned)
    assert plan.waves[0].approved_by == "director"
    assert Rollout.objects.of(cast.district).get().state == "approved"
    assert "Approved by director" in get_text(client.get(f"/rollouts/{planned}"))
    visit = RolloutVisit.objects.of(cast.district).get(ring="pilot")
    RolloutVisit.objects.of(cast.district).filter(pk=visit.pk).update(starts=visit.starts + 5, ends=visit.ends + 5)
    wave = load_plan(district=cast.district, public=planned).waves[0]
    assert (wave.approved_by, wave.was_changed) == ("", True)
    approve(client, planned, pilot)
    assert "its visits changed since you saw them" in get_text(client.get(f"/rollouts/{planned}"))
    approve(client, planned, wave)
    assert WaveApproval.objects.of(cast.district).count() == 1
    entries = Entry.objects.of(cast.district).filter(action="approve wave")
    assert [entry.detail["visits"] for entry in entries] == [1, 1]


def test_a_rollout_is_stopped_only_by_who_is_sure(as_: ClientFactory, cast: Cast, planned: str):
    client = as_("director")
    client.post(f"/rollouts/{planned}/stop", {})
    assert Rollout.objects.of(cast.district).get().state == "planned"
    client.post(f"/rollouts/{planned}/stop", {"sure": "1"})
    assert Rollout.objects.of(cast.district).get().state == "stopped"
    page = get_text(client.get(f"/rollouts/{planned}"))
    assert "Plan again" not in page
    client.post(f"/rollouts/{planned}/plan", {})
    assert Rollout.objects.of(cast.district).get().plan_state == ""


def test_an_auditor_starts_nothing_and_a_stranger_finds_no_plan(as_: ClientFactory, cast: Cast, planned: str):
    auditor, stranger = as_("auditor"), as_("stranger")
    for act in ("plan", "plan/stop", "approve", "stop", "deadline", "relax"):
        assert auditor.post(f"/rollouts/{planned}/{act}", {"sure": "1"}).status_code == 403
        assert (
            stranger.post(
                f"/rollouts/{planned}/{act}", {"sure": "1", "week": "2026-01-19", "until": "2026-02-14"}
            ).status_code
            == 404
        )
    assert stranger.get(f"/rollouts/{planned}").status_code == 404
    assert not WaveApproval.objects.of(cast.district).exists()


def test_an_action_for_a_finding_leads_to_the_fix_files_of_the_finding(as_: ClientFactory, cast: Cast, planned: str):
    client, rollouts = as_("technician"), Rollout.objects.of(cast.district)
    rollouts.update(finding="f-0000000000001")
    assert "fix file" not in get_text(client.get(f"/rollouts/{planned}"))
    rollouts.update(kind="action")
    page = client.get(f"/rollouts/{planned}")
    assert "It is carried out by visits, or by a fix file that a person runs" in get_text(page)
    assert b"fixes?finding=f-0000000000001" in page.content
