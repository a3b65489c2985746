"""My work: everything that the visitor has, most urgent first, and the same of a colleague and of everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.manage.planning.commands import plan_week, set_hours
from homeroom.apps.protect.finding_work.models import FindingWork
from homeroom.apps.protect.fixes.models import FixFile
from tests.cast import Cast
from tests.web.conftest import MORNING
from tests.web.protect.test_finding_work import list_rows, read_text
from tests.web.protect.test_posture import get_public_id

ClientFactory = Callable[[str], Client]
EXPIRED, LEAVERS = "chromeos-expired", "leaver-account"


def get_address(cast: Cast, control: str) -> str:
    return f"/findings/{get_public_id(cast, control)}"


def list_titles(client: Client, address: str = "/my-work") -> list[str]:
    """Return the titles of the lines, in their order."""
    page = client.get(address).content.decode()
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', page)


def test_what_is_started_is_on_the_page_of_who_started_it_and_of_nobody_else(
    as_: ClientFactory, judged_district: Cast
) -> None:
    technician, director = as_("technician"), as_("director")
    assert "Nothing to do" in read_text(technician, "/my-work")
    technician.post(f"{get_address(judged_district, EXPIRED)}/work", {"act": "start"})
    (title,) = list_titles(technician)
    assert "ChromeOS" in title or "Chromebook" in title
    assert "In progress" in read_text(technician, "/my-work")
    assert list_titles(director) == []
    assert list_titles(director, "/my-work?person=technician") == [title]
    text = read_text(director, "/my-work?person=all")
    assert judged_district.technician.get_full_name() in text.split("To do")[1]
    assert list_titles(director, "/my-work?person=somebody-else") == []


def test_rows_and_snoozed_work_have_lines_of_their_own(as_: ClientFactory, judged_district: Cast) -> None:
    client, address = as_("technician"), get_address(judged_district, EXPIRED)
    rows = list_rows(client, address)
    client.post(f"{address}/work", {"act": "start", "row": rows[:2]})
    client.post(f"{address}/work", {"act": "assign", "row": rows[2:3], "person": "technician"})
    client.post(f"{address}/work", {"act": "snooze", "row": rows[2:3], "until": "2026-02-02"})
    text = read_text(client, "/my-work")
    assert "work=in+progress#rows" in client.get("/my-work").content.decode()
    assert "(2 rows of it)" in text.split("Waiting")[0]
    assert "(1 row of it)" in text.split("Waiting")[1]
    assert "Snoozed until Feb 2, 2026" in text


def test_what_somebody_finished_without_having_it_waits_on_their_page(
    as_: ClientFactory, judged_district: Cast
) -> None:
    client = as_("technician")
    client.post(f"{get_address(judged_district, EXPIRED)}/work", {"act": "done", "minutes": "20"})
    assert "Done, not confirmed yet" in read_text(client, "/my-work").split("Waiting")[1]
    assert "Waiting" not in read_text(as_("director"), "/my-work")


def test_the_most_urgent_is_first_whatever_was_taken_up_last(as_: ClientFactory, judged_district: Cast) -> None:
    client = as_("technician")
    for control in (LEAVERS, EXPIRED):
        client.post(f"{get_address(judged_district, control)}/work", {"act": "start"})
    first_order = list_titles(client)
    assert len(first_order) == 2
    for control in (LEAVERS, EXPIRED):
        client.post(f"{get_address(judged_district, control)}/work", {"act": "start"})
    assert list_titles(client) == first_order


def test_items_of_the_plan_are_those_of_who_has_them(as_: ClientFactory, judged_district: Cast) -> None:
    set_hours(district=judged_district.district, at=MORNING, actor="director", hours={"technician": 20})
    plan_week(district=judged_district.district, at=MORNING, today=MORNING.date(), actor="director")
    client = as_("technician")
    assert list_titles(client)
    assert "in this week’s plan" in read_text(client, "/my-work")
    assert list_titles(as_("director")) == []


def test_fix_files_that_are_not_confirmed_are_there(as_: ClientFactory, judged_district: Cast) -> None:
    for public, state in (("x-0000000000001", "prepared"), ("x-0000000000002", "proved")):
        FixFile.objects.create(
            district_id=judged_district.district.pk,
            public=public,
            finding=get_public_id(judged_district, LEAVERS),
            control=LEAVERS,
            action="google-suspend-account",
            state=state,
            made_by="technician",
            made_at=MORNING,
        )
    page = as_("technician").get("/my-work").content.decode()
    assert "/fixes/x-0000000000001" in page
    assert "/fixes/x-0000000000002" not in page
    assert "/fixes/x-0000000000001" not in as_("director").get("/my-work").content.decode()


def test_who_does_no_work_on_findings_has_no_such_page(as_: ClientFactory, judged_district: Cast) -> None:
    assert as_("auditor").get("/my-work").status_code == 403
    assert "/my-work" not in as_("auditor").get("/plan").content.decode()
    assert as_("technician").get("/plan").content.decode().count('href="/my-work"') == 2


@pytest.mark.parametrize("rows", [1, 20])
def test_the_queries_do_not_grow_with_the_work(
    as_: ClientFactory, judged_district: Cast, rows: int, django_assert_max_num_queries: Any
) -> None:
    client, address = as_("technician"), get_address(judged_district, EXPIRED)
    chosen = list_rows(client, address)[:rows]
    client.post(f"{address}/work", {"act": "start", "row": chosen})
    for control in (LEAVERS, *(["staff-second-factor"] if rows > 1 else [])):
        client.post(f"{get_address(judged_district, control)}/work", {"act": "done"})
    assert FindingWork.objects.of(judged_district.district).count() > rows
    client.get("/my-work")
    with django_assert_max_num_queries(34):
        assert client.get("/my-work").status_code == 200
