"""A run of the planner that the queue lost is put back; one that it gave up has failed and can be tried again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django_ox.models import OxTask

from homeroom.apps.manage.rollouts.commands import stop_rollout
from homeroom.apps.manage.rollouts.lost_runs import recover_lost_plans
from homeroom.apps.manage.rollouts.models import Rollout
from homeroom.apps.manage.rollouts.runs.plan_runs import request_plan, run_plan
from homeroom.apps.manage.rollouts.tasks import plan_rollout_task
from tests.apps.manage.rollouts.rollout_cases import AT, place_simply
from tests.cast import Cast

pytestmark = pytest.mark.django_db(databases=["default", "jobs"])
LATER = AT + timedelta(minutes=2)


def ask(cast: Cast, rollout: str, *, keep: bool = False) -> int:
    return request_plan(district=cast.district, public=rollout, seconds=15, keep=keep, actor="director", at=AT)


def get_run(cast: Cast) -> Rollout:
    return Rollout.objects.of(cast.district).get()


def queue(cast: Cast, rollout: str, number: int) -> Any:
    plan_rollout_task.enqueue(cast.district.slug, rollout, number, 15, False)
    return OxTask.objects.all()


def test_a_run_that_the_queue_does_not_know_is_put_back_once_as_it_was_asked_for(cast: Cast, rollout: str):
    number = ask(cast, rollout, keep=True)
    assert recover_lost_plans(before=AT) == 0, "it may not be in the queue yet"
    assert recover_lost_plans(before=LATER) == 1
    assert recover_lost_plans(before=LATER) == 0
    task = OxTask.objects.get()
    assert task.args == ["maple-valley", rollout, number, 15, True]
    district, public, run, seconds, keep = task.args
    assert district == cast.district.slug
    run_plan(
        district=cast.district, public=public, number=run, seconds=seconds, keep=keep, plan=place_simply, now=lambda: AT
    )
    assert get_run(cast).plan_state == "done"


@pytest.mark.parametrize("status", ["LOST", "FAILED", "DISCARDED"])
def test_a_run_whose_last_worker_died_has_failed_and_can_be_asked_for_again(cast: Cast, rollout: str, status: str):
    jobs = queue(cast, rollout, ask(cast, rollout))
    Rollout.objects.of(cast.district).update(plan_state="running")
    for pending in ("READY", "RUNNING"):
        jobs.update(status=pending)
        assert recover_lost_plans(before=LATER) == 0, "the queue runs it again by itself"
    jobs.update(status=status)
    assert recover_lost_plans(before=LATER) == 1
    assert get_run(cast).plan_state == "failed"
    assert ask(cast, rollout) == 2


def test_a_run_that_is_over_or_whose_rollout_was_stopped_is_left_alone(cast: Cast, rollout: str):
    number = ask(cast, rollout)
    run_plan(
        district=cast.district, public=rollout, number=number, seconds=5, keep=False, plan=place_simply, now=lambda: AT
    )
    assert recover_lost_plans(before=LATER) == 0
    ask(cast, rollout)
    stop_rollout(district=cast.district, public=rollout, actor="director", at=AT)
    assert recover_lost_plans(before=LATER) == 0
    assert not OxTask.objects.exists()


def test_the_page_of_a_failed_run_has_a_button_that_asks_for_the_same_again(cast: Cast, rollout: str):
    ask(cast, rollout, keep=True)
    Rollout.objects.of(cast.district).update(plan_state="failed")
    pages = {}
    for user in (cast.technician, cast.auditor):
        client = Client()
        client.force_login(user)
        pages[user.username] = client.get(f"/rollouts/{rollout}").content.decode()
        if user is cast.technician:
            assert client.post(f"/rollouts/{rollout}/plan", {"seconds": "15", "keep": "1"}).status_code == 302
            Rollout.objects.of(cast.district).update(plan_state="failed")
    assert "Try again" in pages["technician"]
    assert 'name="seconds" value="15"' in pages["technician"]
    assert "Try again" not in pages["auditor"]
    assert OxTask.objects.get().args[3:] == [15, True]
