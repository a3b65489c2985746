"""Work on a finding and its rows from the finding's page: each act shows first what it does."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.test import Client

from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.protect.exceptions.models import RiskException
from homeroom.apps.protect.finding_work.models import FindingWork, FindingWorkEntry
from homeroom.apps.protect.posture.rows.unknown_reasons import MissingValue
from tests.cast import Cast
from tests.web.protect.test_posture import get_public_id

ClientFactory = Callable[[str], Client]
CONTROL = "chromeos-expired"


@pytest.fixture
def address(judged_district: Cast) -> str:
    return f"/findings/{get_public_id(judged_district, CONTROL)}"


def list_rows(client: Client, address: str) -> list[str]:
    """Return the values of the checkboxes of the finding's rows."""
    return re.findall(r'name="row" value="(\d+)" form="finding-rows"', client.get(address).content.decode())


def read_text(client: Client, address: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(address).content.decode()))


def test_start_assigns_the_finding_to_who_starts_and_marks_it_in_progress(
    as_: ClientFactory, judged_district: Cast, address: str
) -> None:
    client = as_("technician")
    assert "Not started" in read_text(client, address)
    client.post(f"{address}/work", {"act": "start"})
    name = judged_district.technician.get_full_name()
    assert f"In progress, {name}" in read_text(client, address)
    assert "start finding" in [line.action for line in list_audit_entries(district=judged_district.district).lines]


def test_chosen_rows_are_snoozed_after_a_preview_that_changes_nothing(
    as_: ClientFactory, judged_district: Cast, address: str
) -> None:
    client = as_("technician")
    rows = list_rows(client, address)[:3]
    preview = client.get(f"{address}/work", {"act": "snooze", "row": rows})
    assert "Hides 3 rows from Today and the Plan" in preview.content.decode()
    assert not FindingWork.objects.of(judged_district.district).exists()
    refused = client.post(f"{address}/work", {"act": "snooze", "row": rows, "until": "2026-01-15"})
    assert refused.status_code == 422
    assert "Choose a day from tomorrow" in refused.content.decode()
    client.post(f"{address}/work", {"act": "snooze", "row": rows, "until": "2026-02-02", "note": "Parts come then."})
    text = read_text(client, address)
    assert text.count("Snoozed until Feb 2, 2026") == 3
    assert "3 rows snoozed" in text
    assert "Parts come then." in text
    entry = FindingWorkEntry.objects.of(judged_district.district).get()
    assert (entry.act, entry.open_then, sorted(map(str, entry.subjects))) == ("snooze", 3, sorted(rows))


def test_a_preview_says_whose_work_the_rows_are(as_: ClientFactory, judged_district: Cast, address: str) -> None:
    client = as_("technician")
    rows = list_rows(client, address)[:2]
    client.post(f"{address}/work", {"act": "assign", "row": rows, "person": "director"})
    preview = client.get(f"{address}/work", {"act": "start", "row": rows}).content.decode()
    assert f"2 are assigned to {judged_district.director.get_full_name()} now." in preview


def test_the_risk_of_chosen_rows_is_accepted_with_a_reason(
    as_: ClientFactory, judged_district: Cast, address: str
) -> None:
    client, form = as_("director"), {"act": "accept", "owner": "director", "expires_on": "2026-06-30"}
    rows = list_rows(client, address)[:2]
    assert client.post(f"{address}/work", {**form, "row": rows}).status_code == 422
    client.post(f"{address}/work", {**form, "row": rows, "reason": "The lab is replaced this summer."})
    accepted = RiskException.objects.of(judged_district.district).values_list("subject", flat=True)
    assert sorted(map(str, accepted)) == sorted(rows)


def test_who_only_reads_chooses_no_row_and_changes_nothing(
    as_: ClientFactory, judged_district: Cast, address: str
) -> None:
    client = as_("auditor")
    assert list_rows(client, address) == []
    assert client.post(f"{address}/work", {"act": "start"}).status_code == 403
    assert not FindingWork.objects.of(judged_district.district).exists()


def test_a_row_of_another_finding_and_an_unknown_act_change_nothing(
    as_: ClientFactory, judged_district: Cast, address: str
) -> None:
    client = as_("technician")
    assert client.post(f"{address}/work", {"act": "done", "row": ["999999999"]}).status_code == 302
    assert "1 of these rows is not open any more" in read_text(client, address)
    assert client.post(f"{address}/work", {"act": "explode"}).status_code == 404
    assert not FindingWork.objects.of(judged_district.district).exists()


def test_unknown_rows_say_which_value_is_missing_and_link_to_the_guide(
    as_: ClientFactory, judged_district: Cast
) -> None:
    address = "/posture/staff-second-factor/cannot_tell"
    page = as_("technician").get(address).content.decode()
    part = page.split("Why these are unknown")[1].split("</section>")[0]
    assert len(re.findall(r"<li>", part)) == len(re.findall(r'<th scope="row">', page))
    assert "/setup/exports" in part or "for others, and not for this one" in part


def test_a_value_that_no_record_has_leads_to_the_exports_of_its_system(as_: ClientFactory, cast: Cast) -> None:
    row = SimpleNamespace(kind="account", public="a-1", cells=("ada@example.org",))
    missing = MissingValue(title="Last sign-in", system="Google", guide="google", is_missing_everywhere=True)
    page = render_to_string(
        "posture/_unknown_rows.html", {"reasons": [(row, [missing])], "guide_url": "/setup/exports"}
    )
    (link,) = re.findall(r'href="(/setup[^"]*)"', page)
    assert link == "/setup/exports/google"
    assert "<h1>Google" in as_("technician").get(link).content.decode()


def test_done_takes_the_minutes_and_refuses_what_is_no_number(
    as_: ClientFactory, judged_district: Cast, address: str
) -> None:
    client = as_("technician")
    refused = client.post(f"{address}/work", {"act": "done", "minutes": "an hour"})
    assert refused.status_code == 422
    assert "Minutes must be a whole number from 1 to 3,600." in refused.content.decode()
    client.post(f"{address}/work", {"act": "done", "minutes": "50"})
    assert "marked done in 50 min" in read_text(client, address)
    plan = read_text(client, "/plan")
    assert re.search(r"50 min \(estimate: [\d,]+\)", plan)


def test_all_rows_of_a_filter_are_those_that_an_act_covers(
    as_: ClientFactory, judged_district: Cast, address: str
) -> None:
    client = as_("technician")
    rows = list_rows(client, address)
    client.post(f"{address}/work", {"act": "start", "row": rows[:3]})
    page = f"{address}?work=mine"
    assert sorted(list_rows(client, page)) == sorted(rows[:3])
    assert "3 rows fit." in read_text(client, page)
    assert "rows.csv?work=mine" in client.get(page).content.decode()
    lines = client.get(f"{address}/rows.csv", {"work": "mine"}).getvalue().decode().splitlines()
    assert len(lines) == 4
    preview = client.get(f"{address}/work", {"act": "snooze", "work": "mine", "all": "1"}).content.decode()
    assert "Hides 3 rows from Today and the Plan" in preview
    chosen = re.search(r'name="rows" value="([\d,]+)"', preview)
    assert chosen
    client.post(f"{address}/work", {"act": "snooze", "rows": chosen[1], "until": "2026-02-02"})
    assert sorted(list_rows(client, f"{address}?work=snoozed")) == sorted(rows[:3])
    assert "No row fits" in read_text(client, f"{address}?work=done")
    client.post(f"{address}/work", {"act": "done", "work": "done", "all": "1"})
    assert "No row fits this filter any more." in read_text(client, address)
    assert FindingWorkEntry.objects.of(judged_district.district).count() == 2


def test_posture_filters_controls_by_their_work(as_: ClientFactory, judged_district: Cast, address: str) -> None:
    client, colleague = as_("technician"), as_("director")
    client.post(f"{address}/work", {"act": "start", "row": list_rows(client, address)[:2]})

    def is_listed(reader: Client, work: str) -> bool:
        return f"/posture/{CONTROL}" in reader.get("/posture", {"work": work}).content.decode()

    assert is_listed(client, "mine")
    assert not is_listed(colleague, "mine")
    assert is_listed(colleague, "in progress")
    assert is_listed(client, "open")
    client.post(f"{address}/work", {"act": "done"})
    assert not is_listed(client, "open")
    assert not is_listed(client, "in progress")
    assert is_listed(client, "done")
    assert not is_listed(client, "accepted")
