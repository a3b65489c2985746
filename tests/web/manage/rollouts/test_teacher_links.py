"""A teacher without an account opens the link of a room and refuses its day; nobody else learns or changes anything."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.runs.plan_runs import request_plan
from homeroom.apps.manage.rollouts.teachers.teacher_links import MAX_REFUSALS, list_link_tokens
from homeroom.apps.platform.audit.models import Entry
from homeroom.web.manage.rollouts import teachers
from homeroom.web.shared.secret_addresses import MAX_COST, MISS_COST, WINDOW
from tests.apps.manage.rollouts.rollout_cases import AT, TODAY, make_ready_rollout, plan_at_once
from tests.cast import Cast
from tests.web.manage.rollouts.test_making import get_text

ClientFactory = Callable[[str], Client]
ROOM = "Cedar Middle: 101"


@pytest.fixture
def link(cast: Cast, planned: str, morning: datetime) -> str:
    """Return the address of the link of room 101."""
    return get_link(cast, planned)


def get_link(cast: Cast, public: str, room: str = ROOM) -> str:
    return f"/d/maple-valley/not-then/{list_link_tokens(district=cast.district, public=public, today=TODAY)[room]}"


def get_room(cast: Cast, room: str = ROOM) -> TargetRoom:
    return TargetRoom.objects.of(cast.district).get(room=room)


def get_visit(cast: Cast, room: str = ROOM) -> RolloutVisit:
    return RolloutVisit.objects.of(cast.district).get(room=room)


def refuse(link: str, day: date | str, client: Client | None = None) -> Any:
    return (client or Client()).post(link, {"day": str(day)}, follow=True)


def test_a_teacher_reads_the_visit_of_the_room_and_nothing_else(cast: Cast, link: str):
    answer = Client().get(link)
    text = get_text(answer)
    assert "Monday, January 19, 7:00 to 7:30, before school: Kim swaps the 30 Chromebooks of Room 101." in text
    assert "Lunes 19 de enero, de 7:00 a 7:30, antes de clases: Kim cambia 30 Chromebooks en el salón 101." in text
    assert "Not then" in text
    assert "Ese día no" in text
    for other in ("Room 102", "Library", "Lee", "Maple High", "Swap every cart", "rollout-", "/rollouts", "/sign-in"):
        assert other not in text
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies


def test_opening_the_link_changes_nothing_however_often_mail_scanners_do(cast: Cast, link: str):
    entries = Entry.objects.of(cast.district).count()
    for method in (Client().get, Client().head, Client().options):
        for address in (link, f"{link}?day=2026-01-19"):
            method(address)
    assert get_room(cast).not_on == []
    assert Entry.objects.of(cast.district).count() == entries


def test_one_tap_refuses_the_day_and_the_next_plan_moves_the_visit(cast: Cast, planned: str, link: str):
    day = get_visit(cast).day
    RolloutVisit.objects.of(cast.district).update(locked=True)
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "null"})
    text = get_text(refuse(link, day, strict))
    assert "Noted: not on this day. What happens next" in text
    assert "Anotado: ese día no." in text
    assert 'name="day"' not in text
    assert (get_room(cast).not_on, get_room(cast).refused_by_link) == ([day.isoformat()], [day.isoformat()])
    assert not get_visit(cast).locked
    entry = Entry.objects.of(cast.district).get(action="refuse day of visit")
    assert (entry.actor, entry.detail["room"], entry.detail["not on"]) == ("teacher by link", ROOM, day.isoformat())
    assert "Noted" in get_text(refuse(link, day)), "a second tap"
    assert Entry.objects.of(cast.district).filter(action="refuse day of visit").count() == 1
    plan_at_once(cast.district, planned, keep=True)
    moved = get_visit(cast).day
    assert moved != day
    assert f"January {moved.day}" in get_text(Client().get(link))


@pytest.mark.parametrize("day", ["2026-01-20", "2026-01-19..2026-02-13", "monday", "", "9999-99-99"])
def test_only_the_day_that_the_teacher_saw_can_be_refused(cast: Cast, link: str, day: str):
    assert "Tap the button once" in get_text(refuse(link, day))
    assert get_room(cast).not_on == []


def test_a_tap_counts_while_the_rollout_is_being_planned(cast: Cast, planned: str, link: str):
    request_plan(district=cast.district, public=planned, seconds=5, keep=True, actor="director", at=AT)
    refuse(link, get_visit(cast).day)
    assert get_room(cast).not_on == ["2026-01-19"]


def test_a_link_that_refused_often_asks_to_call(cast: Cast, link: str):
    days = [f"2026-02-0{number}" for number in range(1, MAX_REFUSALS + 1)]
    TargetRoom.objects.of(cast.district).filter(room=ROOM).update(refused_by_link=days, not_on=days)
    assert "Please call the technology team" in get_text(refuse(link, get_visit(cast).day))
    assert get_room(cast).not_on == days


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"outcome": "done"}, "The visit is done."),
        ({"day": date(2026, 1, 14)}, "This day is over."),
        ({"outcome": "no_entry"}, "No visit is planned for this room right now."),
    ],
)
def test_what_is_over_or_not_planned_is_said_and_cannot_be_refused(
    cast: Cast, link: str, values: dict[str, Any], text: str
):
    RolloutVisit.objects.of(cast.district).filter(room=ROOM).update(**values)
    answer = get_text(refuse(link, get_visit(cast).day))
    assert text in answer
    assert "Tap the button" not in answer
    assert get_room(cast).not_on == []


def test_a_link_ends_with_the_rollout_or_when_a_technician_ends_it(
    as_: ClientFactory, cast: Cast, planned: str, link: str, settings: Any
):
    client, page = as_("technician"), f"/rollouts/{planned}/teachers"
    client.post(f"{page}/links", {"links": "off"})
    assert Client().get(link).status_code == 404
    assert "not-then" not in get_text(client.get(page))
    client.post(f"{page}/links", {"links": "on"})
    assert Client().get(link).status_code == 200
    client.post(f"{page}/links", {"links": "replace"})
    assert Client().get(link).status_code == 404
    newer = get_link(cast, planned)
    assert Client().get(newer).status_code == 200
    settings.NOW = datetime(2026, 2, 14, 5, 59, tzinfo=UTC)
    assert Client().get(newer).status_code == 200, "the last day, in the district"
    settings.NOW = datetime(2026, 2, 14, 6, 1, tzinfo=UTC)
    assert Client().get(newer).status_code == 404
    settings.NOW = AT
    Rollout.objects.of(cast.district).update(state="stopped")
    assert Client().get(newer).status_code == 404
    actions = set(Entry.objects.of(cast.district).values_list("action", flat=True))
    assert {"turn off teacher links", "turn on teacher links", "replace teacher links"} <= actions


def test_no_part_of_a_link_can_be_changed(cast: Cast, planned: str, link: str):
    other = get_link(cast, planned, "Maple High: Library")
    signature = link.rpartition("/")[2].partition("-")[2]
    second = make_ready_rollout(cast.district)
    plan_at_once(cast.district, second)
    number = other.rpartition("/")[2].partition("-")[0]
    wrong = (
        link[:-1], f"{link}A", link.lower(), link.replace("maple-valley", "next-door"),
        link.removeprefix("/d/maple-valley"), f"/d/maple-valley/not-then/{number}-{signature}",
        f"/d/maple-valley/not-then/{signature}", f"/d/maple-valley/not-then/{'9' * 40}-{signature}",
        "/d/maple-valley/not-then/1-é", "/d/maple-valley/not-then/١-x",
    )  # fmt: skip
    pages = [Client().get(address) for address in wrong if address != link]
    assert {page.status_code for page in pages} == {404}
    assert {Client().post(address, {"day": "2026-01-19"}).status_code for address in wrong if address != link} == {404}
    alike = {re.sub(r'nonce="[^"]+', "", page.content.decode()) for page in pages}
    assert len(alike) == 1, "a link that was never one looks like one that ended"
    assert get_link(cast, second) not in (link, other)
    assert get_room_days(cast) == []


def get_room_days(cast: Cast) -> list[str]:
    return [day for room in TargetRoom.objects.of(cast.district) for day in room.not_on]


def test_a_network_that_guesses_has_to_wait_and_others_do_not(cast: Cast, link: str, settings: Any):
    guesser = Client(REMOTE_ADDR="203.0.113.9")
    statuses = [guesser.get(f"{link}{number}").status_code for number in range(MAX_COST // MISS_COST + 1)]
    assert statuses[0] == 404
    assert statuses[-1] == 429
    assert guesser.get(link).status_code == 429
    assert Client(REMOTE_ADDR="203.0.113.10").get(link).status_code == 200
    settings.NOW = settings.NOW + WINDOW
    assert guesser.get(link).status_code == 200
    assert timedelta(minutes=1) < WINDOW


@pytest.mark.differs_by_database("lists compared as JSON, and rows that are locked")
def test_a_technician_sees_what_was_refused_and_takes_it_back(as_: ClientFactory, cast: Cast, planned: str, link: str):
    day, page = get_visit(cast).day, f"/rollouts/{planned}/teachers"
    refuse(link, day)
    client = as_("technician")
    text = get_text(client.get(page))
    assert "1 visit is on a day that its teacher refused." in text
    assert "Take it back" in text
    allow = f"{page}/rooms/{get_room(cast).pk}/allow"
    assert client.post(allow, {"day": "2026-01-20"}).status_code == 404
    assert as_("auditor").post(allow, {"day": str(day)}).status_code == 403
    client.post(allow, {"day": str(day)})
    assert (get_room(cast).not_on, get_room(cast).refused_by_link) == ([], [])
    assert Entry.objects.of(cast.district).filter(action="allow day of visit", actor="technician").count() == 1
    assert "Tap the button once" in get_text(Client().get(link))


def test_links_are_in_the_list_the_text_and_the_pages_of_those_who_may_change_the_rollout(
    as_: ClientFactory, cast: Cast, planned: str, link: str
):
    address = f"http://testserver{link}"
    pages = {name: f"/rollouts/{planned}/{name}" for name in ("teachers", "room-pages", "teachers.csv")}
    technician, auditor = as_("technician"), as_("auditor")
    for name in ("teachers", "room-pages"):
        assert address in get_text(technician.get(pages[name])), name
        assert "not-then" not in get_text(auditor.get(pages[name])), name
    rows = read_csv(technician.get(pages["teachers.csv"]))
    assert rows[0]["link"] == address
    assert {row["link"] for row in read_csv(auditor.get(pages["teachers.csv"]))} == {""}


def read_csv(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_a_room_has_a_page_in_two_languages_with_its_code(as_: ClientFactory, cast: Cast, planned: str):
    RolloutVisit.objects.of(cast.district).filter(room=ROOM).update(class_minutes=20, slot="class", period="Period 3")
    client, visit = as_("technician"), get_visit(cast)
    text = get_text(client.get(f"/rollouts/{planned}/room-pages?visit={visit.pk}"))
    assert "Have work on paper ready for 20 minutes. The Chromebooks cannot be used then." in text
    assert "Tenga listo trabajo en papel para 20 minutos." in text
    assert "Let Kim in." in text
    assert "Deje entrar a Kim." in text
    assert text.count('class="room-page"') == 1
    assert text.count('<svg class="code"') == 1
    text = get_text(client.get(f"/rollouts/{planned}/room-pages"))
    assert text.count('class="room-page"') == 4


def test_the_pages_of_a_school_come_as_one_tagged_pdf(as_: ClientFactory, cast: Cast, planned: str):
    client = as_("technician")
    answer = client.get(f"/rollouts/{planned}/room-pages.pdf?school=Maple+High")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert b"pdfuaid" in answer.content
    RolloutVisit.objects.of(cast.district).all().delete()
    assert client.get(f"/rollouts/{planned}/room-pages.pdf").status_code == 404


def test_more_pages_than_one_pdf_has_come_in_parts(
    as_: ClientFactory, cast: Cast, planned: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(teachers, "MAX_PAGES", 3)
    client, page = as_("technician"), f"/rollouts/{planned}/room-pages.pdf"
    text = get_text(client.get(page))
    assert "Part 1: Cedar Middle, 101 to Maple High, B 7" in text
    assert "Part 2: Maple High, Library to Maple High, Library" in text
    assert client.get(f"{page}?part=2").content.startswith(b"%PDF-")
    assert client.get(f"{page}?part=3")["Content-Type"].startswith("text/html")


def test_a_cell_that_a_spreadsheet_would_run_is_escaped(as_: ClientFactory, cast: Cast, planned: str):
    TargetRoom.objects.of(cast.district).filter(room=ROOM).update(name="=1+1")
    rows = read_csv(as_("technician").get(f"/rollouts/{planned}/teachers.csv"))
    assert "'=1+1" in {row["room"] for row in rows}
