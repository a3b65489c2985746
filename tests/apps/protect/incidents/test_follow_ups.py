"""The follow-up of an incident is work of the weekly plan: done there is done here, and the other way around."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from homeroom.apps.manage.planning.commands import UnknownPlanItem, mark_done, reassign_item, reopen_item, set_hours
from homeroom.apps.manage.planning.verification import RECORDED
from homeroom.apps.manage.planning.weeks import WeekPlan, plan_for_week
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.incidents import respond
from homeroom.apps.protect.incidents.commands import close_incident, mark_moment
from homeroom.apps.protect.incidents.models import Incident, IncidentTask
from homeroom.apps.protect.incidents.queries import find_incident, list_tasks
from homeroom.apps.protect.incidents.records import IncidentRefused
from homeroom.domain.manage.planning import PlanJob
from tests.apps.protect.incidents.conftest import NOON
from tests.assessed_district import TODAY, publish_assessments, publish_evidence
from tests.cast import Cast

pytestmark = pytest.mark.differs_by_database("transactions")
AT = datetime(2026, 1, 15, 13, tzinfo=UTC)
BY = {"actor": "technician", "at": NOON + timedelta(hours=1)}
IN_PLAN = {"actor": "technician", "at": AT, "today": TODAY}


@pytest.fixture
def where(cast: Cast, incident: str, tmp_path: Path) -> dict[str, object]:
    """Return an incident that follows a playbook, its first hour done, in a district that was assessed."""
    store = publish_evidence(tmp_path / "evidence", district="maple-valley")
    publish_assessments(cast.district, store, findings=(("leaver-account", "", 8),))
    set_hours(district=cast.district, at=AT, actor="director", hours={"technician": 20, "director": 5})
    where = {"district": cast.district, "public": incident}
    respond.follow_playbook(**where, playbook="taken-over-staff-account", **BY)
    for task in list_tasks(**where):
        if task.phase == respond.FIRST_HOUR:
            respond.change_task(**where, task=task.number, state="done", owner="", **BY)
    return where


def contain(where) -> None:
    mark_moment(**where, moment="contained", happened_at=NOON, reason="The account is blocked.", **BY)


def list_follow_ups(where):
    return [task for task in list_tasks(**where) if task.phase == respond.AFTER]


def load_week(where) -> WeekPlan:
    return plan_for_week(district=where["district"], today=TODAY)


def list_task_jobs(where) -> dict[str, PlanJob]:
    week = load_week(where)
    return {entry.job.id: entry.job for entry in (*week.items, *week.left_out) if entry.open.task}


def test_what_is_left_to_do_enters_the_plan_once_the_incident_is_contained(where):
    assert list_task_jobs(where) == {}
    contain(where)
    jobs = list_task_jobs(where)
    follow_ups = list_follow_ups(where)
    assert [(jobs[f"task-{task.number}"].minutes, len(jobs)) for task in follow_ups] == [
        (task.minutes, len(follow_ups)) for task in follow_ups
    ]
    warning = next(task for task in follow_ups if task.role == "communications")
    assert jobs[f"task-{warning.number}"].who == "director"
    assert (
        plan_for_week(district=where["district"], today=TODAY).tasks[f"task-{warning.number}"].origin == where["public"]
    )


def test_done_in_the_plan_is_done_in_the_incident_and_may_be_taken_back(where):
    contain(where)
    task = list_follow_ups(where)[0]
    mark_done(district=where["district"], item=f"task-{task.number}", minutes=25, **IN_PLAN)
    changed = list_follow_ups(where)[0]
    assert (changed.state, changed.actual, changed.changed_by) == ("done", 25, "technician")
    assert f"task-{task.number}" not in list_task_jobs(where)
    assert [proof.state for proof in load_week(where).proofs] == [RECORDED]
    assert Entry.objects.of(where["district"]).filter(action="change task of incident", at=AT).exists()
    reopen_item(district=where["district"], item=f"task-{task.number}", **IN_PLAN)
    assert list_follow_ups(where)[0].state == "open"
    assert f"task-{task.number}" in list_task_jobs(where)
    assert load_week(where).proofs == ()


def test_done_in_the_incident_is_done_in_the_plan_and_an_owner_is_the_same_in_both(where):
    contain(where)
    first, second = list_follow_ups(where)[:2]
    respond.change_task(**where, task=first.number, state="done", owner="", **BY)
    assert f"task-{first.number}" not in list_task_jobs(where)
    reassign_item(district=where["district"], item=f"task-{second.number}", person="director", **IN_PLAN)
    assert list_follow_ups(where)[1].owner == "director"
    respond.change_task(**where, task=second.number, state="open", owner="technician", **BY)
    assert list_task_jobs(where)[f"task-{second.number}"].assigned == "technician"


def test_an_incident_may_be_closed_with_follow_up_left_and_says_so(where):
    contain(where)
    number = len(list_follow_ups(where))
    close_incident(**where, reason="Real; the account is back.", **BY)
    view = find_incident(**where)
    assert view.open_follow_ups == number
    assert any(line.what.endswith(f"Follow-up tasks that stay in the weekly plan: {number}.") for line in view.timeline)
    task = list_follow_ups(where)[0]
    mark_done(district=where["district"], item=f"task-{task.number}", minutes=10, **IN_PLAN)
    assert find_incident(**where).open_follow_ups == number - 1
    first_hour = next(item for item in list_tasks(**where) if item.phase == respond.FIRST_HOUR)
    with pytest.raises(IncidentRefused, match="closed"):
        respond.change_task(**where, task=first_hour.number, state="open", owner="", **BY)


def test_follow_up_of_a_critical_incident_goes_after_critical_work(where):
    Incident.objects.of(where["district"]).update(severity="critical")
    contain(where)
    assert {job.severity for job in list_task_jobs(where).values()} == {"high"}


def test_the_page_of_the_plan_leads_to_the_incident_and_marks_the_task_done(client: Client, cast: Cast, where):
    contain(where)
    task = list_follow_ups(where)[0]
    client.force_login(cast.technician)
    page = client.get("/plan").content.decode()
    assert f'href="/alerts/incidents/{where["public"]}"' in page
    assert "Incident follow-up" in page
    client.post(f"/plan/task-{task.number}/pin")
    assert client.post(f"/plan/task-{task.number}/done", {"minutes": "12"}).status_code == 302
    assert list_follow_ups(where)[0].actual == 12
    assert "Recorded with the incident" in client.get("/plan").content.decode()
    close_incident(**where, reason="Real.", **BY)
    left = len(list_follow_ups(where)) - 1
    assert f"{left} follow-up tasks are open" in client.get(f"/alerts/incidents/{where['public']}").content.decode()
    assert f"{left} follow-up tasks open" in client.get("/alerts/incidents").content.decode()


def test_a_task_of_the_next_district_is_no_item_here(cast: Cast, where):
    contain(where)
    task = IncidentTask.objects.of(cast.district).filter(phase=respond.AFTER).first()
    assert task is not None
    assert plan_for_week(district=cast.next_district, today=TODAY).tasks == {}
    with pytest.raises(UnknownPlanItem):
        mark_done(district=cast.next_district, item=f"task-{task.pk}", minutes=5, **IN_PLAN)
