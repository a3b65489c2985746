"""Pages from the finding to the zip: permissions, contents, refusals, and entries of the audit trail."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.permissions.commands import grant_permission
from homeroom.apps.protect.fixes.models import FixFile, FixRow
from homeroom.apps.protect.posture.catalog.controls import get_control
from homeroom.web.templatetags.fixes import ready_actions
from tests.apps.protect.fixes.desk import FixDesk, load_first_morning, parse_csv, read_zip
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
SUSPEND = {"action": "google.suspend-user"}


@pytest.fixture
def desk(db: None, tmp_path: Path, settings: Any) -> FixDesk:
    settings.DATA = tmp_path
    return load_first_morning(tmp_path)


@pytest.fixture
def cast(desk: FixDesk) -> Cast:
    """Return the cast of that desk."""
    return desk.cast


def create_fix_file(client: Client, desk: FixDesk, **form: str) -> str:
    """Create a fix file and return its address."""
    finding = desk.get_finding("leaver-account").public
    response = client.post(f"/findings/{finding}/fix", SUSPEND | form)
    assert response.status_code == 302, response.content.decode()
    return str(response["Location"])


def test_a_technician_goes_from_the_finding_to_the_zip(as_: ClientFactory, desk: FixDesk):
    client, finding = as_("technician"), desk.get_finding("leaver-account")
    page = client.get(f"/findings/{finding.public}").content.decode()
    assert f'href="/findings/{finding.public}/fix"' in page
    form = client.get(f"/findings/{finding.public}/fix").content.decode()
    assert "Suspend the users in Google" in form
    assert "Block sign-in in Microsoft Entra" in form
    address = create_fix_file(client, desk)
    page = client.get(address).content.decode()
    assert "Needs review" in page
    assert "gam csv fix.csv gam update user &quot;~primaryEmail&quot; suspended" in page
    assert client.post(f"{address}/take").status_code == 403, "not before the review"
    client.post(f"{address}/review", {})
    assert FixFile.objects.of(desk.district).get().state == "prepared", "a review without a look is none"
    client.post(f"{address}/review", {"looked": "1"})
    page = client.get(address).content.decode()
    assert "the same person" in page
    assert "You prepared and reviewed this file" in page
    assert f'action="{address}/take"' not in page
    assert b"nobody else reviewed it" in client.post(f"{address}/take").content
    zipped = as_("director").post(f"{address}/take")
    assert zipped["Content-Type"] == "application/zip"
    files = read_zip(b"".join(zipped.streaming_content))  # type: ignore[attr-defined]
    assert len(parse_csv(files["fix.csv"])) == FixRow.objects.of(desk.district).filter(dropped=False).count()
    assert client.post(f"{address}/discard").status_code == 302
    assert FixFile.objects.of(desk.district).get().state == "handed out", "what left cannot be discarded"
    actions = [line.action for line in list_audit_entries(district=desk.district).lines]
    assert [action for action in actions if "fix file" in action] == [
        "hand out fix file",
        "review fix file",
        "prepare fix file",
    ]
    assert "not verified yet" in client.get("/fixes").content.decode()


def test_only_ticked_rows_of_the_page_are_in_the_file(as_: ClientFactory, desk: FixDesk):
    client = as_("technician")
    address = create_fix_file(client, desk)
    places = list(FixRow.objects.of(desk.district).order_by("place").values_list("place", flat=True))
    FixRow.objects.of(desk.district).update(dropped=False)
    shown = [str(place) for place in places]
    client.post(f"{address}/rows", {"shown": shown, "place": [*shown[1:], "x", "999999"]})
    assert list(FixRow.objects.of(desk.district).filter(dropped=True).values_list("place", flat=True)) == [0]
    assert "1 left out" in client.get(address).content.decode()
    client.post(f"{address}/rows", {"shown": shown[:1], "place": shown[:1]})
    assert not FixRow.objects.of(desk.district).filter(dropped=True).exists()
    client.post(f"{address}/review", {"looked": "1", "shown": shown, "place": shown[2:]})
    assert FixFile.objects.of(desk.district).get().state == "reviewed"
    assert FixRow.objects.of(desk.district).filter(dropped=True).count() == 2, "what is unticked stays out"


def test_rows_used_lately_and_administrators_start_unticked(
    as_: ClientFactory, desk: FixDesk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("homeroom.apps.protect.fixes.collect.RECENT_DAYS", 400)
    client = as_("director")
    address = create_fix_file(client, desk)
    rows = FixRow.objects.of(desk.district)
    assert rows.filter(flags__contains="recent").exists()
    unticked = {row.place for row in rows if {"administrator", "recent"} & set(row.flags.split(","))}
    assert {row.place for row in rows if row.dropped} == unticked
    assert "start unticked" in client.get(address).content.decode()


def test_an_auditor_reads_and_neither_prepares_nor_takes(as_: ClientFactory, desk: FixDesk):
    address = create_fix_file(as_("technician"), desk)
    auditor, finding = as_("auditor"), desk.get_finding("leaver-account").public
    page = auditor.get(address)
    assert page.status_code == 200
    assert b"Save the ticked rows" not in page.content
    assert f"/findings/{finding}/fix" not in auditor.get(f"/findings/{finding}").content.decode()
    assert auditor.get(f"/findings/{finding}/fix").status_code == 403
    for step in ("rows", "review", "take", "discard"):
        assert auditor.post(f"{address}/{step}", {"looked": "1", "place": "0"}).status_code == 403
    assert FixFile.objects.of(desk.district).get().state == "prepared"


def test_the_stranger_sees_nothing(as_: ClientFactory, desk: FixDesk):
    address = create_fix_file(as_("technician"), desk)
    stranger, finding = as_("stranger"), desk.get_finding("leaver-account").public
    assert stranger.get(address).status_code == 404
    assert stranger.get(f"/findings/{finding}/fix").status_code == 404
    assert stranger.get(f"/d/{desk.district.slug}{address}").status_code == 404
    assert b"No fix file yet" in stranger.get("/fixes").content
    for step in ("rows", "review", "take", "discard"):
        assert stranger.post(f"{address}/{step}", {"looked": "1"}).status_code == 404
        assert FixFile.objects.of(desk.district).get().state == "prepared"
    assert stranger.post(f"/findings/{finding}/fix", SUSPEND).status_code == 404


def test_what_does_not_fit_is_said_and_nothing_is_prepared(as_: ClientFactory, desk: FixDesk):
    client, finding = as_("technician"), desk.get_finding("leaver-account").public
    answer = client.post(f"/findings/{finding}/fix", {"action": "google.wipe"})
    assert answer.status_code == 422
    assert b"google.suspend-user" in answer.content
    answer = client.post(f"/findings/{finding}/fix", SUSPEND | {"school": "Nowhere"})
    assert answer.status_code == 422
    assert not FixFile.objects.of(desk.district).exists()
    without = desk.get_finding("windows-10").public
    assert client.get(f"/findings/{without}/fix").status_code == 404
    assert f"/findings/{without}/fix" not in client.get(f"/findings/{without}").content.decode()


def test_a_list_with_students_is_logged_and_only_who_reads_students_sees_their_addresses(
    as_: ClientFactory, desk: FixDesk
):
    client, finding = as_("director"), desk.get_finding("dormant-account").public
    address = client.post(f"/findings/{finding}/fix", SUSPEND)["Location"]
    students = FixRow.objects.of(desk.district).filter(flags__contains="student")
    first = students.order_by("place").first()
    assert first
    assert first.handle in client.get(f"{address}?only=student").content.decode()
    newest = list_audit_entries(district=desk.district).lines[0]
    assert (newest.action, newest.detail) == ("list subjects", {"students": min(25, students.count())})
    page = as_("auditor").get(f"{address}?only=student").content.decode()
    assert not any(handle in page for handle in students.values_list("handle", flat=True))


def test_a_technician_takes_a_file_that_they_alone_reviewed_once_the_director_grants_it(
    as_: ClientFactory, desk: FixDesk
):
    client = as_("technician")
    address = create_fix_file(client, desk)
    client.post(f"{address}/review", {"looked": "1"})
    assert client.post(f"{address}/take").status_code == 403
    grant_permission(
        district=desk.district, role="technician", permission="fixes.take_alone", actor="director", at=desk.at
    )
    assert f'action="{address}/take"' in client.get(address).content.decode()
    assert b"".join(client.post(f"{address}/take").streaming_content)  # type: ignore[attr-defined]


def test_outcomes_open_their_rows(as_: ClientFactory, desk: FixDesk):
    client = as_("director")
    address = create_fix_file(client, desk)
    client.post(f"{address}/review", {"looked": "1"})
    assert b"".join(client.post(f"{address}/take").streaming_content)  # type: ignore[attr-defined]
    FixRow.objects.of(desk.district).filter(place=0).update(outcome="worked")
    FixRow.objects.of(desk.district).filter(place=1).update(outcome="did not")
    count = FixRow.objects.of(desk.district).count()
    assert f"1 confirmed, 1 failed, {count - 2} not verified yet" in client.get("/fixes").content.decode()
    for outcome, number in (("worked", 1), ("did+not", 1), ("", count - 2)):
        page = client.get(f"{address}?outcome={outcome}").content.decode()
        assert len(re.findall(r'<th scope="row">', page)) == number


def test_pages_ask_as_many_questions_for_many_rows_as_for_few(
    as_: ClientFactory, desk: FixDesk, django_assert_max_num_queries: Any
):
    client = as_("auditor")
    address = create_fix_file(as_("technician"), desk)
    with django_assert_max_num_queries(14):
        client.get(address)
    with django_assert_max_num_queries(10):
        client.get("/fixes")


def test_who_may_take_a_file_alone_approves_and_gets_it_at_once(as_: ClientFactory, desk: FixDesk):
    director = as_("director")
    address = create_fix_file(director, desk)
    assert "Approve and download" in director.get(address).content.decode()
    answer = director.post(f"{address}/review", {"download": "1"})
    assert answer.status_code == 302, "nobody looked"
    assert FixFile.objects.of(desk.district).get().state == "prepared"
    files = read_zip(b"".join(director.post(f"{address}/review", {"looked": "1", "download": "1"}).streaming_content))  # type: ignore[attr-defined]
    assert parse_csv(files["fix.csv"])
    assert FixFile.objects.of(desk.district).get().state == "handed out"


def test_approving_with_a_download_gives_no_file_to_who_may_not_take_it_alone(as_: ClientFactory, desk: FixDesk):
    technician = as_("technician")
    address = create_fix_file(technician, desk)
    assert "Approve and download" not in technician.get(address).content.decode()
    answer = technician.post(f"{address}/review", {"looked": "1", "download": "1"})
    assert (answer.status_code, answer["Location"]) == (302, address)
    assert FixFile.objects.of(desk.district).get().state == "reviewed"


def test_a_finding_offers_its_actions_for_which_nothing_is_chosen(as_: ClientFactory, desk: FixDesk):
    finding = desk.get_finding("leaver-account").public
    page = as_("technician").get(f"/findings/{finding}").content.decode()
    assert f'action="/findings/{finding}/fix"' in page
    assert 'name="action" value="google.suspend-user"' in page
    assert 'name="action"' not in as_("auditor").get(f"/findings/{finding}").content.decode()
    assert [action.id for action in ready_actions(get_control("student-in-staff-unit"))] == [], "it asks for a unit"
