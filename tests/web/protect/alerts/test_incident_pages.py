"""A technician works on an incident on its page, the auditor only reads, and the stranger finds none of it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.incidents.commands import make_incident, open_incident
from homeroom.apps.protect.incidents.contacts import record_print
from homeroom.apps.protect.incidents.open_tasks import share_minutes
from homeroom.apps.protect.incidents.queries import find_incident, list_tasks
from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.engines.protect.incidents import propose_incidents
from homeroom.web.protect.alerts.readiness import READINESS
from tests.apps.protect.incidents.test_reach import make_drive_row, publish_rows
from tests.cast import Cast
from tests.unit.protect.incidents.alert_cases import ANA, MONDAY, make_incident_alert
from tests.web.conftest import MORNING
from tests.web.protect.alerts.alert_rows import create_alert

ClientFactory = Callable[[str], Client]


@pytest.fixture
def incident(cast: Cast, empty_folder: None) -> str:
    proposed = propose_incidents([make_incident_alert("odd-sign-in", ANA, why=("<b>Never seen</b> from RO.",))])[0]
    return open_incident(
        district=cast.district, proposed=proposed, read_rows=lambda _: {}, actor="technician", at=MORNING
    )


def _post_act(client: Client, incident: str, act: str, **values: Any):
    return client.post(f"/alerts/incidents/{incident}/act", {"act": act, **values})


def test_from_the_first_note_to_a_closed_incident(as_: ClientFactory, cast: Cast, incident: str) -> None:
    client = as_("technician")
    assert _post_act(client, incident, "playbook", playbook="lost-laptop").status_code == 302
    _post_act(client, incident, "note", text="Ana called.", happened_at="2026-01-15T06:00")
    _post_act(client, incident, "decision", text="Lock it.", reason="It may come back.")
    _post_act(client, incident, "moment", moment="contained", reason="Signed out.")
    _post_act(client, incident, "details", title="Ana's mailbox", owner="technician", severity="critical")
    page = client.get(f"/alerts/incidents/{incident}").content.decode()
    for text in ("Ana called.", "Lock it.", "It may come back.", "Contained", "ana@maple.example"):
        assert text in page
    assert "&lt;b&gt;Never seen" in page
    for task in list_tasks(district=cast.district, public=incident):
        _post_act(client, incident, "task", task=task.number, state="done", owner="", minutes="5")
    _post_act(client, incident, "close", reason="Password reset; nothing was read.")
    view = find_incident(district=cast.district, public=incident)
    assert view is not None
    assert (view.state, view.title, view.severity) == ("closed", "Ana's mailbox", "critical")
    assert "Open it again" in client.get(f"/alerts/incidents/{incident}").content.decode()


def test_all_open_tasks_are_done_at_once_with_one_entry_that_names_each(
    as_: ClientFactory, cast: Cast, incident: str
) -> None:
    client = as_("technician")
    _post_act(client, incident, "playbook", playbook="lost-laptop")
    first, *_, last = list_tasks(district=cast.district, public=incident)
    _post_act(client, incident, "task", task=first.number, state="done", owner="", minutes="7")
    refused = _post_act(client, incident, "all-tasks", minutes="60", not_needed=str(last.number))
    assert refused.status_code == 302
    tasks = list_tasks(district=cast.district, public=incident)
    assert {task.state for task in tasks[1:]} == {"open"}, "what was not needed has its reason"
    before = Entry.objects.of(cast.district).count()
    _post_act(client, incident, "all-tasks", minutes="60", not_needed=str(last.number), reason="It was found.")
    tasks = list_tasks(district=cast.district, public=incident)
    assert [task.state for task in tasks] == ["done"] * (len(tasks) - 1) + ["not_applicable"]
    assert (tasks[0].actual, sum(task.actual or 0 for task in tasks[1:]), tasks[-1].reason) == (7, 60, "It was found.")
    assert Entry.objects.of(cast.district).count() == before + 1
    entry = Entry.objects.of(cast.district).latest("pk")
    assert entry.detail["done"] == [task.title for task in tasks[1:-1]]
    assert entry.detail["not_applicable"] == [last.title]
    assert "Done (60 min in total): " in client.get(f"/alerts/incidents/{incident}").content.decode()
    assert "no task is open any more" in _post_act_and_read(client, incident, "all-tasks")


def test_the_list_is_paged_and_its_state_stays_in_the_address(
    as_: ClientFactory, cast: Cast, empty_folder: None
) -> None:
    for number in range(101):
        make_incident(
            district=cast.district, title=f"Call number {number:03}.", severity="low", text="Somebody called.",
            playbook="", actor="technician", at=MORNING + timedelta(minutes=number),
        )  # fmt: skip
    create_alert(cast.district, 1)
    client = as_("auditor")
    pages = [list_links(client, "/alerts/incidents")]
    while pages[-1][1]:
        pages.append(list_links(client, pages[-1][1]))
    titles = [title for shown, _later in pages for title in shown]
    assert titles[0].startswith("Mail is forwarded"), "proposed ones are on top"
    assert titles[1:] == [f"Call number {number:03}." for number in reversed(range(101))]
    assert [len(shown) for shown, _later in pages] == [25, 25, 25, 25, 2]
    opened, later = list_links(client, "/alerts/incidents?state=open")
    assert (opened[0], later) == ("Call number 100.", "/alerts/incidents?state=open&after=25")
    assert list_links(client, "/alerts/incidents?state=proposed")[0] == titles[:1]
    assert list_links(client, "/alerts/incidents?state=closed") == ([], "")


def list_links(client: Client, address: str) -> tuple[list[str], str]:
    """Return the titles of the incidents of a page, and the address of the next one."""
    page = client.get(address).content.decode()
    later = re.search(r'rel="next" href="([^"]+)"', page)
    titles = re.findall(r'<th scope="row"><a href="/alerts/incidents/[^"]+">([^<]+)</a>', page)
    return titles, html.unescape(later[1]) if later else ""


@pytest.mark.parametrize(("total", "planned", "shares"), [
    (60, [10, 20, 30], [10, 20, 30]), (10, [5, 5, 5], [3, 3, 4]), (0, [5, 0], [0, 0]), (3, [0, 0, 0], [1, 1, 1]),
])  # fmt: skip
def test_minutes_are_shared_by_those_planned_and_add_up(total: int, planned: list[int], shares: list[int]) -> None:
    assert share_minutes(total, planned) == shares


def _post_act_and_read(client: Client, incident: str, act: str, **values: Any) -> str:
    _post_act(client, incident, act, **values)
    return client.get(f"/alerts/incidents/{incident}").content.decode()


def test_a_refused_act_gives_its_reason_and_an_unknown_one_is_not_there(as_: ClientFactory, incident: str) -> None:
    client = as_("technician")
    page = client.post(f"/alerts/incidents/{incident}/act", {"act": "declare", "declared_as": "x"}, follow=True)
    assert "counsel: a sentence would fit" in page.content.decode()
    for values in (
        {"moment": "contained", "happened_at": "soon"},
        {"moment": "contained", "happened_at": "2031-01-01T00:00"},
    ):
        page = client.post(f"/alerts/incidents/{incident}/act", {"act": "moment", "reason": "x", **values}, follow=True)
        assert "would fit" in page.content.decode()
    assert _post_act(client, incident, "destroy").status_code == 404
    assert _post_act(client, "incident-0", "note", text="x").status_code == 404


def test_containment_leads_to_a_fix_file_and_its_rows_to_paste(as_: ClientFactory, incident: str) -> None:
    client = as_("technician")
    answer = _post_act(
        client, incident, "contain", action="google.sign-out-user", account=["ana@maple.example", "x@y.example"]
    )
    fix = answer["Location"]
    assert client.get(fix).status_code == 200
    assert "gam user" not in client.get(f"/alerts/incidents/{incident}").content.decode()
    client.post(f"{fix}/review", {"looked": "1"})
    assert client.post(f"{fix}/take").status_code == 403, "a colleague or a director takes what one person reviewed"
    assert as_("director").post(f"{fix}/take").getvalue()[:2] == b"PK"
    page = client.get(f"/alerts/incidents/{incident}").content.decode()
    assert "gam user ana@maple.example signout" in page
    assert "Cannot be undone" in page
    assert "gam user" not in as_("auditor").get(f"/alerts/incidents/{incident}").content.decode()


def test_a_file_is_attached_and_comes_back_as_it_was(as_: ClientFactory, incident: str) -> None:
    client = as_("technician")
    client.post(f"/alerts/incidents/{incident}", {"file": SimpleUploadedFile("note.eml", b"From: x")})
    page = client.get(f"/alerts/incidents/{incident}").content.decode()
    address = page.partition(f"/alerts/incidents/{incident}/files/")[2].partition('"')[0]
    answer = client.get(f"/alerts/incidents/{incident}/files/{address}")
    assert answer.getvalue() == b"From: x"
    assert answer["Content-Disposition"] == 'attachment; filename="note.eml"'
    assert as_("auditor").get(f"/alerts/incidents/{incident}/files/{address}").status_code in (403, 404)


def test_a_phone_call_becomes_an_incident_and_a_wrong_form_keeps_what_was_written(
    as_: ClientFactory, empty_folder: None
) -> None:
    client = as_("director")
    answer = client.post("/alerts/incidents", {"title": "A call", "severity": "grave", "text": "Odd mail."})
    assert (answer.status_code, "Odd mail." in answer.content.decode()) == (422, True)
    answer = client.post("/alerts/incidents", {"title": "A call", "severity": "high", "text": "Odd mail."}, follow=True)
    assert "Odd mail." in answer.content.decode()
    assert "A call" in client.get("/alerts/incidents").content.decode()
    assert "A call" not in as_("stranger").get("/alerts/incidents").content.decode()


def test_the_stranger_and_the_auditor(as_: ClientFactory, incident: str) -> None:
    assert as_("stranger").get(f"/alerts/incidents/{incident}").status_code == 404
    assert _post_act(as_("stranger"), incident, "note", text="Mine.").status_code == 404
    auditor = as_("auditor")
    page = auditor.get(f"/alerts/incidents/{incident}").content.decode()
    assert "Odd sign in" in page
    assert "<form" not in page.partition("<main")[2].partition("</main>")[0]
    assert _post_act(auditor, incident, "note", text="Mine.").status_code == 403


def test_the_director_fills_in_the_contact_tree_and_prints_the_sheet(as_: ClientFactory, empty_folder: None) -> None:
    client = as_("director")
    client.post("/alerts/first-hour", {"kind": "insurer", "name": "Harbor Mutual", "phone": "1-555-010-0199"})
    assert "Harbor Mutual" in client.get("/alerts/first-hour").content.decode()
    assert "Harbor Mutual" not in as_("stranger").get("/alerts/first-hour").content.decode()
    sheet = client.post("/alerts/first-hour/print")
    assert (sheet["Content-Type"], sheet.content[:4]) == ("application/pdf", b"%PDF")
    assert "Jan 15, 2026" in client.get("/alerts/first-hour").content.decode()


def test_readiness_has_controls_that_exist_and_asks_for_a_new_sheet(as_: ClientFactory, judged_district: Cast) -> None:
    page = as_("auditor").get("/alerts/readiness").content.decode()
    assert "Nobody printed the first-hour sheet yet." in page
    assert all(load_all_controls()[name].title in html.unescape(page) for _, names in READINESS for name in names)
    record_print(district=judged_district.district, actor="director", at=MORNING - timedelta(days=91))
    assert "more than 90 days ago" in as_("auditor").get("/alerts/readiness").content.decode()


def test_today_begins_with_what_is_open_and_asks_for_a_new_sheet(as_: ClientFactory, cast: Cast, incident: str) -> None:
    record_print(district=cast.district, actor="director", at=MORNING - timedelta(days=91))
    page = as_("technician").get("/").content.decode()
    assert page.index("1 incident is open") < page.index("<h1>")
    assert "Print the first-hour sheet again" in page
    stranger = as_("stranger").get("/").content.decode()
    assert "incident is open" not in stranger
    assert "first-hour sheet again" not in stranger
    record_print(district=cast.district, actor="director", at=MORNING)
    assert "first-hour sheet again" not in as_("technician").get("/").content.decode()


def test_an_alert_becomes_an_incident_with_a_button(as_: ClientFactory, cast: Cast, empty_folder: None) -> None:
    alert = create_alert(cast.district)
    client = as_("technician")
    assert "Open an incident" in client.get(f"/alerts/{alert.public}").content.decode()
    opened = _post_act(client, alert.public, "open-from-alert")
    page = client.get(opened["Location"]).content.decode()
    assert alert.title in html.unescape(page)
    assert "Open an incident" not in client.get(f"/alerts/{alert.public}").content.decode()
    assert _post_act(as_("auditor"), alert.public, "open-from-alert").status_code == 403


def test_the_reach_of_an_incident_is_on_its_page_and_all_of_it_in_a_file(
    as_: ClientFactory, cast: Cast, incident: str, settings: Any
) -> None:
    settings.NOW = MONDAY + timedelta(hours=5)
    publish_rows(
        cast.district,
        make_drive_row("download", minutes=2, doc="=HYPERLINK(1)"),
        *(make_drive_row("view", minutes=1, doc=f"doc{number}", number=number) for number in range(60)),
    )
    page = as_("auditor").get(f"/alerts/incidents/{incident}").content.decode()
    assert "Documents (61)" in page
    assert "11 more are in the CSV file." in page
    assert "Title of doc1" in page
    response = as_("auditor").get(f"/alerts/incidents/{incident}/reach.csv")
    lines = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 1 + 61 + 1  # the headings, the documents, and the address
    assert any(",'=HYPERLINK(1),downloaded," in line for line in lines)
    entry = Entry.objects.of(cast.district).filter(action="export reach of incident").get()
    assert (entry.actor, entry.subject) == ("auditor", incident)
    assert as_("stranger").get(f"/alerts/incidents/{incident}/reach.csv").status_code == 404
