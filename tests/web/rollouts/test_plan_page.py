"""The plan of a rollout on its page: asking for it, what it shows, and approving its waves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django_ox.models import OxTask

from homeroom.apps.audit.models import Entry
from homeroom.apps.rollouts.models import Rollout, RolloutVisit, WaveApproval
from homeroom.apps.rollouts.queries import load_plan
from tests.cast import Cast
from tests.web.rollouts.test_making import get_text

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
    row = Rollout.objects.of(cast.district).get()
    figures = {"disrupted_minutes": 340, "finished_on": "2026-02-06", "travel_minutes": 1200}
    row.figures = {
        "objective": figures,
        "bound": {"disrupted_minutes": 12, "finished_on": "2026-02-03", "travel_minutes": None},
        "left_out": [{"room": "Maple High: B 7", "why": "hands", "says": "Only one of two people is there."}],
        "relax": [{"rule": "until", "to": "2026-02-20", "then": figures}],
        "offers": [{"until": "2026-02-14", "disrupted_minutes": 0, "finished_on": "2026-02-13"}],
    }
    row.save()
    text = get_text(as_("auditor").get(f"/rollouts/{planned}"))
    for words in (
        "340 minutes", "(no plan can do with less than 12)", "Friday, February 6, 2026",
        "(no plan can end before February 3)", "1,200 minutes", "Only one of two people is there.",
        "A later last day", "Until February 14: 0 minutes of class, the last visit on February 13.",
        "Cedar Middle", "Jan 19",
    ):  # fmt: skip
        assert words in text


def test_a_refused_plan_names_what_is_missing(as_: ClientFactory, cast: Cast, rollout: str):
    problem = "SPEC.yaml, schools: has no bells (Oak). What fits: its bell schedule."
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
    for act in ("plan", "plan/stop", "approve", "stop"):
        assert auditor.post(f"/rollouts/{planned}/{act}", {"sure": "1"}).status_code == 403
        assert stranger.post(f"/rollouts/{planned}/{act}", {"sure": "1", "week": "2026-01-19"}).status_code == 404
    assert stranger.get(f"/rollouts/{planned}").status_code == 404
    assert not WaveApproval.objects.of(cast.district).exists()
