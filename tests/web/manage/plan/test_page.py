"""The Plan page: hours entered once, the week's items, deferred work, and verification of done work."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.manage.planning.models import TeamHours, Work
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.protect.posture.assess.publisher import write_finding_results
from homeroom.apps.protect.posture.models import Assessment, ControlResult, Member, PublishedAssessment
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import ASSESSED_AT, FIRST_NAMES, TODAY, publish_assessments, publish_load
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
HOURS = {"hours-director": "2", "hours-technician": "6"}


def get_page_text(client: Client, page: str = "/plan") -> str:
    response = client.get(page)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def list_item_ids(client: Client) -> list[str]:
    page = client.get("/plan").content.decode()
    return re.findall(r'<li id="([-\w]+)"', page)


@pytest.fixture
def planned(as_: ClientFactory, judged_district: Cast) -> Cast:
    """Set the district's hours and plan its week."""
    assert as_("director").post("/plan/hours", HOURS).status_code == 302
    return judged_district


def test_before_the_first_judgment_the_page_says_what_to_do(as_: ClientFactory, empty_folder: None):
    assert "No scan yet" in get_page_text(as_("technician"))


def test_hours_are_asked_once_and_six_are_suggested_for_a_technician(as_: ClientFactory, judged_district: Cast):
    client = as_("director")
    page = client.get("/plan").content.decode()
    assert '<details class="hours card no-print" open>' in page
    assert re.search(r'name="hours-technician" value="6"', page)
    assert re.search(r'name="hours-director" value="0"', page)
    assert "hours-auditor" not in page
    client.post("/plan/hours", HOURS)
    again = client.get("/plan").content.decode()
    assert '<details class="hours card no-print">' in again
    assert re.search(r'name="hours-director" value="2"', again)


def test_saying_hours_plans_the_week_and_is_logged(as_: ClientFactory, planned: Cast):
    assert dict(TeamHours.objects.of(planned.district).values_list("person", "minutes")) == HOURS_IN_MINUTES
    assert {line.action for line in list_audit_entries(district=planned.district).lines} >= {"set hours", "plan week"}
    assert Work.objects.of(planned.district).filter(act="planned").count() == len(list_item_ids(as_("technician")))


HOURS_IN_MINUTES = {"director": 120, "technician": 360}


@pytest.mark.parametrize("wrong", ["61", "-1", "six", "nan", "1e9"])
def test_hours_that_are_none_are_refused_and_nothing_changes(as_: ClientFactory, judged_district: Cast, wrong: str):
    answer = as_("director").post("/plan/hours", HOURS | {"hours-technician": wrong})
    assert answer.status_code == 422
    assert not TeamHours.objects.of(judged_district.district).exists()


def test_every_item_says_why_who_how_long_when_and_what_it_takes_away(as_: ClientFactory, planned: Cast):
    page = as_("technician").get("/plan").content.decode()
    for item in page.split('<ol class="items plan-items"')[1].split("</ol>")[0].split("<li id=")[1:]:
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", item))
        assert re.search(r"about \d+", text)
        assert "Dana Whitfield" in text or "Tomás Okafor" in text
        assert re.search(r"\d%\s+of the risk", text)
        assert "any time" in text or "before" in text or "after" in text or "(" in text


def test_what_is_left_out_says_what_that_costs(as_: ClientFactory, planned: Cast):
    text = get_page_text(as_("auditor"))
    assert "Not scheduled" in text
    assert "one long job at a time" in text or "no hours left" in text


def test_no_persons_name_but_the_teams_stands_on_the_page(as_: ClientFactory, planned: Cast):
    text = get_page_text(as_("technician"))
    assert not [name for name in FIRST_NAMES if name in text]


def test_work_that_is_done_leaves_the_week_and_waits_for_proof(as_: ClientFactory, planned: Cast):
    client, control = as_("technician"), "leaver-account"
    assert control in list_item_ids(client)
    client.post(f"/plan/{control}/done", {"minutes": "50"})
    assert control not in list_item_ids(client)
    assert "50 min (estimate: 44) Waiting for the next data load" in get_page_text(client)
    assert list_audit_entries(district=planned.district).lines[0].action == "work done"


def publish_newer_assessment(
    cast: Cast, *, closed_count: int, control: str = "leaver-account", is_unseen: bool = False
) -> None:
    """Publish an assessment of the next day's data in which that many members of the control are fixed."""
    at = ASSESSED_AT + timedelta(days=1)
    derived = Assessment.objects.of(cast.district).get(number=2).derived
    Assessment.objects.create(
        district=cast.district,
        number=3,
        at=at,
        today=TODAY + timedelta(days=1),
        derived=derived,
        controls="c",
        as_of=at,
    )
    rows = Member.objects.of(cast.district).filter(finding__control=control).order_by("subject")
    for row in rows[:closed_count]:
        Member.objects.of(cast.district).filter(pk=row.pk).update(closed=3, why="fixed")
    if is_unseen:
        Member.objects.of(cast.district).filter(finding__control=control, closed=None).update(not_seen_since=TODAY)
    write_finding_results(district=cast.district, number=3, today=at.date(), people={})
    PublishedAssessment.objects.filter(district=cast.district).update(assessment=3)


@pytest.mark.parametrize(("closes", "unseen", "words"), [
    (8, False, "Confirmed"),
    (6, False, "Not fixed: 2 still fail"),
    (7, False, "Not fixed: 1 still fails"),
    (7, True, "Unknown: 1 was not checked"),
])  # fmt: skip
def test_the_next_judgment_proves_what_was_called_done(
    as_: ClientFactory, planned: Cast, closes: int, unseen: bool, words: str
):
    client = as_("technician")
    client.post("/plan/leaver-account/done", {"minutes": "50"})
    publish_newer_assessment(planned, closed_count=closes, is_unseen=unseen)
    assert words in get_page_text(client)
    assert ("leaver-account" in list_item_ids(client)) == (closes < 8)


def test_a_judgment_of_the_same_old_data_proves_nothing(as_: ClientFactory, planned: Cast):
    client = as_("technician")
    client.post("/plan/leaver-account/done")
    publish_newer_assessment(planned, closed_count=8)
    Assessment.objects.of(planned.district).filter(number=3).update(as_of=ASSESSED_AT)
    assert "Waiting for the next data load" in get_page_text(client)


def test_what_was_called_done_by_mistake_is_taken_back(as_: ClientFactory, planned: Cast):
    client = as_("technician")
    client.post("/plan/leaver-account/done")
    client.post("/plan/leaver-account/reopen")
    assert "leaver-account" in list_item_ids(client)
    assert "Waiting for the next data load" not in get_page_text(client)


def test_deferred_work_waits_with_its_reason_and_comes_back(as_: ClientFactory, planned: Cast):
    client, control = as_("technician"), "leaver-account"
    client.post(f"/plan/{control}/defer", {"until": "2026-02-02", "reason": "HR checks the list first."})
    assert control not in list_item_ids(client)
    assert "snoozed until Feb 2: HR checks the list first." in get_page_text(client)
    client.post(f"/plan/{control}/reopen")
    assert control in list_item_ids(client)


@pytest.mark.parametrize(("act", "value"), [
    ("done", {"minutes": "0"}),
    ("done", {"minutes": "soon"}),
    ("done", {"subjects": "9"}),
    ("defer", {"until": "2026-01-15", "reason": "Because."}),
    ("defer", {"until": "2026-02-31", "reason": "Because."}),
    ("defer", {"until": "2026-02-02", "reason": " "}),
    ("hand-over", {"person": "stranger"}),
    ("hand-over", {"person": "auditor"}),
    ("note", {"text": " "}),
])  # fmt: skip
def test_what_does_not_hold_together_is_refused_and_changes_nothing(
    as_: ClientFactory, planned: Cast, act: str, value: dict[str, str]
):
    before = Work.objects.of(planned.district).count()
    answer = as_("technician").post(f"/plan/leaver-account/{act}", value)
    assert answer.status_code == 422
    assert "Please check" in answer.content.decode()
    assert Work.objects.of(planned.district).count() == before


def test_work_is_handed_over_and_notes_stay_with_it(as_: ClientFactory, planned: Cast):
    client, control = as_("technician"), "leaver-account"
    client.post(f"/plan/{control}/hand-over", {"person": "director"})
    client.post(f"/plan/{control}/note", {"text": "Begin with the high school."})
    page = client.get("/plan").content.decode().split(f'<li id="{control}"')[1].split("</li>")[0]
    assert '<p class="meta"><span>Dana Whitfield</span>' in page, "who does it, not who could"
    assert "Begin with the high school." in page
    client.post("/plan/again")
    replanned = client.get("/plan").content.decode().split(f'<li id="{control}"')[1].split("</li>")[0]
    assert "Begin with the high school." in replanned


def test_work_goes_to_nobody_who_gives_no_hours(as_: ClientFactory, planned: Cast):
    client = as_("technician")
    client.post("/plan/hours", {"hours-director": "0", "hours-technician": "6"})
    answer = client.post("/plan/leaver-account/hand-over", {"person": "director"})
    assert answer.status_code == 422
    assert "Dana Whitfield has no hours this week. Enter hours first." in answer.content.decode()


def test_planning_again_keeps_what_people_did(as_: ClientFactory, planned: Cast):
    client = as_("technician")
    client.post("/plan/leaver-account/done", {"minutes": "30"})
    client.post("/plan/again")
    assert "30 min (estimate:" in get_page_text(client)
    assert "leaver-account" not in list_item_ids(client)


def test_today_and_the_plan_have_one_order_and_today_marks_what_the_plan_leaves_out(as_: ClientFactory, planned: Cast):
    client = as_("technician")
    page, morning = client.get("/plan").content.decode(), client.get("/").content.decode()
    planned_titles = list_headings(page)
    titles = list_headings(morning)
    shared = [title for title in titles if title in planned_titles]
    assert shared == planned_titles[: len(shared)]
    assert shared
    assert morning.count("not in this week’s plan") == len(titles) - len(shared)


def test_each_item_says_why_it_has_its_place(as_: ClientFactory, planned: Cast):
    client = as_("technician")
    for page in (client.get("/plan").content.decode(), client.get("/").content.decode()):
        places = re.findall(r'<p class="place">(.+?)</p>', page)
        assert len(places) == len(list_headings(page)) > 2
        assert all(place.startswith(("Critical, due", "By risk: ")) for place in places)


def test_an_item_is_pinned_unpinned_and_dropped_from_this_week(as_: ClientFactory, planned: Cast):
    client = as_("technician")
    last = list_item_ids(client)[-1]
    client.post(f"/plan/{last}/pin")
    assert list_item_ids(client)[0] == last
    client.post(f"/plan/{last}/unpin")
    assert list_item_ids(client)[0] != last
    assert client.post(f"/plan/{last}/not-this-week", {"reason": " "}).status_code == 422
    client.post(f"/plan/{last}/not-this-week", {"reason": "The cabinet is locked."})
    assert last not in list_item_ids(client)
    assert "The cabinet is locked." in get_page_text(client)
    assert as_("auditor").post(f"/plan/{last}/pin").status_code == 403


def list_headings(page: str) -> list[str]:
    """Return the titles of the items of a page, in order."""
    return [re.sub(r"<[^>]+>", "", heading).strip() for heading in re.findall(r"<h3>(.+?) <span", page)]


def test_today_puts_deferred_work_last(as_: ClientFactory, planned: Cast):
    client = as_("technician")
    client.post("/plan/staff-second-factor/defer", {"until": "2026-02-02", "reason": "The keys come in February."})
    later = client.get("/").content.decode().split('<details class="later no-print">')[1]
    assert re.search(r">\d+ staff accounts have no MFA</a>", later)


def test_nothing_open_is_a_quiet_week(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    publish_assessments(cast.district, store, findings=())
    assert "Nothing to plan" in get_page_text(as_("technician"))


def test_where_nobody_was_judged_the_page_says_so_and_wishes_no_good_week(
    as_: ClientFactory, cast: Cast, store: EvidenceStore
):
    publish_assessments(cast.district, store, findings=())
    ControlResult.objects.of(cast.district).update(population=0, passing=0, failing=0, cannot_tell=0, excepted=0)
    text = get_page_text(as_("technician"))
    assert "Nothing to check yet" in text
    assert "No open finding needs your hours this week" not in text


def test_the_auditor_reads_and_has_no_form(as_: ClientFactory, planned: Cast):
    client = as_("auditor")
    page = client.get("/plan").content.decode().split('<main id="main"')[1]
    assert "<form" not in page
    for address in ("again", "hours", "leaver-account/done", "leaver-account/note"):
        assert client.post(f"/plan/{address}").status_code == 403


def test_the_stranger_sees_and_changes_nothing_of_the_next_district(as_: ClientFactory, planned: Cast):
    stranger, before = as_("stranger"), Work.objects.of(planned.district).count()
    assert "No scan yet" in get_page_text(stranger)
    assert "Okafor" not in get_page_text(stranger)
    assert stranger.get("/d/maple-valley/plan").status_code == 404
    for address in (
        "/plan/leaver-account/done",
        "/d/maple-valley/plan/leaver-account/done",
        "/d/maple-valley/plan/again",
    ):
        assert stranger.post(address, {"minutes": "5"}).status_code == 404
    assert Work.objects.of(planned.district).count() == before


@pytest.mark.parametrize("groups", [10, 100])
def test_the_queries_do_not_grow_with_the_findings(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, groups: int, django_assert_max_num_queries: Any
):
    publish_assessments(cast.district, store, findings=[("chromeos-silent", f"Cart {n}", 3) for n in range(groups)])
    client = as_("technician")
    with django_assert_max_num_queries(21):
        page = client.get("/plan").content.decode()
    assert f"in {groups} findings" in page
    assert page.count("<li id=") == 1


def test_the_week_by_person_and_day_marks_when_each_item_can_be_done(as_: ClientFactory, planned: Cast):
    page = as_("technician").get("/plan").content.decode()
    table = page.split('<table class="week-days"')[1].split("</table>")[0]
    assert re.findall(r'<th scope="col"[^>]*>(\w{3})<', table.replace("Item", "")) == [
        "Mon",
        "Tue",
        "Wed",
        "Thu",
        "Fri",
    ]
    assert re.findall(r'<th scope="rowgroup"[^>]*>([^<]+)<', table) == ["Dana Whitfield", "Tomás Okafor"]
    lines = [re.findall(r'<td class="(can)?"', line) for line in table.split("<tr>")[2:] if "<td" in line]
    assert {len(line) for line in lines} == {5}
    assert {tuple(line[:3]) for line in lines} == {("", "", "")}, "it is Thursday"
    assert all("can" in line for line in lines)


def test_a_deadline_that_passed_is_called_overdue(as_: ClientFactory, planned: Cast):
    assert "overdue since Jan 10" in get_page_text(as_("technician"))


def test_today_tells_the_minutes_that_the_plan_tells(as_: ClientFactory, planned: Cast):
    client = as_("technician")
    item = (
        client.get("/")
        .content.decode()
        .split("accounts of former staff or students are still active")[1]
        .split("</li>")[0]
    )
    assert "about 45\N{NO-BREAK SPACE}min this week" in item
    assert "about 45\N{NO-BREAK SPACE}min, 20 min setup" in client.get("/plan").content.decode()


def test_where_only_usual_weeks_are_known_the_page_says_what_its_times_rest_on(
    as_: ClientFactory, planned: Cast, store: EvidenceStore
):
    as_("director").post("/plan/hours", HOURS | {"hours-technician": "40"})
    client = as_("technician")
    assert "usual bell schedule" not in get_page_text(client)
    old = [{"date": TODAY - timedelta(days=365), "org_key": "", "kind": "school"}]
    publish_load(store, "district", "district.facts", "calendar_days", old, at=ASSESSED_AT + timedelta(hours=1))
    assert "No school calendar covers this week" in get_page_text(client)
    days = ("mon", "tue", "wed", "thu", "fri")
    weeks = [{"org_key": "High", "weekday": day, "kind": "school", "first_bell": "08:20"} for day in days]
    publish_load(store, "bell", "bell.calendar", "bell_weeks", weeks, at=ASSESSED_AT)
    page = get_page_text(client)
    assert "usual bell schedule" in page
    assert "No school calendar covers this week" not in page
