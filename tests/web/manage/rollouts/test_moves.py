"""Moving a visit: what it costs is shown first, a broken rule is named with what would fit, and a move is locked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.manage.rollouts.models import Rollout, RolloutVisit, TargetRoom
from homeroom.apps.manage.rollouts.queries import load_plan
from homeroom.apps.platform.audit.models import Entry
from homeroom.web.manage.rollouts.board import LETTER
from tests.cast import Cast
from tests.web.manage.rollouts.test_making import get_text

ClientFactory = Callable[[str], Client]


@pytest.fixture
def library(cast: Cast, planned: str) -> RolloutVisit:
    return RolloutVisit.objects.of(cast.district).get(room="Maple High: Library")


def get_address(public: str, visit: RolloutVisit) -> str:
    return f"/rollouts/{public}/visits/{visit.pk}/move"


def ask(client: Client, public: str, visit: RolloutVisit, **form: Any) -> Any:
    data = {"day": visit.day.isoformat(), "starts": "15:10", "person": visit.people}
    return client.get(get_address(public, visit), data | form)


def test_the_board_of_a_school_and_week_has_its_visits_and_their_bells(
    as_: ClientFactory, planned: str, library: RolloutVisit
):
    page = as_("technician").get(f"/rollouts/{planned}/board?school=Maple High&week={library.day}")
    text = get_text(page)
    assert "Maple High, week of January" in text
    assert "Library" in text
    assert page.content.count(b'class="class"') == 5, "each school day has a stretch of class"
    assert f'href="{get_address(planned, library)}"'.encode() in page.content
    for query in ("", "?school=Oak&week=2026-01-19", "?school=Maple High&week=soon"):
        assert as_("technician").get(f"/rollouts/{planned}/board{query}").status_code == 404


def test_the_names_of_rooms_stay_within_their_places_on_the_board(
    as_: ClientFactory, cast: Cast, planned: str, library: RolloutVisit
):
    names = ("Media Center (old wing)", "Gymnasium of the annex")
    visits = RolloutVisit.objects.of(cast.district)
    rooms = TargetRoom.objects.of(cast.district).filter(school="Maple High").order_by("pk")
    for room, name in zip(rooms, names, strict=True):
        rooms.filter(pk=room.pk).update(name=name)
        visits.filter(room=room.room).update(day=library.day, starts=480, ends=540, locked=True)
    page = as_("technician").get(f"/rollouts/{planned}/board?school=Maple High&week={library.day}")
    blocks = [block for day in page.context["board_days"] for block in day.blocks]
    texts = re.findall(r"<text[^>]*>([^<]*…)</text>", page.content.decode())
    assert len(texts) == len(blocks) == 2, "both at the same time, beside each other"
    assert all(len(text) * LETTER <= block.width for text, block in zip(texts, blocks, strict=True))


def test_a_visit_is_locked_on_the_board(as_: ClientFactory, cast: Cast, planned: str, library: RolloutVisit):
    client, address = as_("technician"), f"/rollouts/{planned}/board?school=Maple+High&week=2026-01-19"
    answer = client.post(address, {"number": str(library.pk), "locked": "1"})
    assert answer["Location"] == address
    library.refresh_from_db()
    assert library.locked
    assert "Unlock" in get_text(client.get(f"{address[:-10]}{library.day}"))
    assert client.post(address, {"number": "none"}).status_code == 404


def test_a_move_that_breaks_rules_is_refused_by_name_with_what_would_fit(
    as_: ClientFactory, planned: str, library: RolloutVisit
):
    client = as_("technician")
    text = get_text(ask(client, planned, library, starts="09:02"))
    for words in (
        "Library cannot be visited on",
        "It would disturb 45 minutes of class, and no class may be disturbed; a time without class would fit.",
        "Visits start every 5 minutes; 9:00 or 9:05 would fit.",
        "What fits on",
        "7:00 to 7:35",
        "The next days that fit",
    ):
        assert words in text
    assert "Move it, and lock it" not in text
    assert "A time would fit" in get_text(ask(client, planned, library, starts="late"))
    assert "is not in the team" in get_text(ask(client, planned, library, person=["Moss"]))


def confirm(client: Client, public: str, visit: RolloutVisit, page: Any, **changes: str) -> Any:
    context = page.context
    moved = context["verdict"].visit
    form = {"day": moved.day.isoformat(), "starts": context["form"].starts, "person": moved.people}
    return client.post(get_address(public, visit), form | {"cost": context["cost"]} | changes)


def test_a_move_shows_its_cost_first_then_it_is_locked_recorded_and_approved_again(
    as_: ClientFactory, cast: Cast, planned: str, library: RolloutVisit
):
    client = as_("director")
    for wave in load_plan(district=cast.district, public=planned).waves:
        form = {"ring": wave.ring, "week": wave.week.isoformat(), "digest": wave.digest}
        client.post(f"/rollouts/{planned}/approve", form)
    page = ask(client, planned, library)
    assert "It keeps every rule." in get_text(page)
    before = RolloutVisit.objects.of(cast.district).get(pk=library.pk)
    assert (before.starts, before.locked) == (library.starts, False), "asking changes nothing"
    answer = confirm(client, planned, library, page)
    assert answer["Location"].startswith(f"/rollouts/{planned}/board?school=Maple+High&week=")
    library.refresh_from_db()
    assert (library.starts, library.ends, library.locked, library.slot) == (910, 955, True, "after")
    text = get_text(client.get(answer["Location"]))
    assert "Moved, and locked: a new plan does not move it. 1 wave has to be approved again." in text
    waves = load_plan(district=cast.district, public=planned).waves
    assert [wave.was_changed for wave in waves].count(True) == 1
    entry = Entry.objects.of(cast.district).get(action="move visit")
    assert (entry.actor, entry.detail["room"]) == ("director", "Maple High: Library")
    assert entry.detail["is"] == "2026-01-21 15:10 Kim"


def test_what_was_not_shown_is_not_moved(as_: ClientFactory, cast: Cast, planned: str, library: RolloutVisit):
    client = as_("technician")
    page = ask(client, planned, library, starts="07:10")
    refused = confirm(client, planned, library, page, cost="340 2026-02-13 0")
    assert refused.status_code == 422
    assert "the plan changed since you saw what it costs" in get_text(refused)
    RolloutVisit.objects.of(cast.district).filter(pk=library.pk).update(outcome="done")
    assert "the visit is over" in get_text(confirm(client, planned, library, page))
    Rollout.objects.of(cast.district).update(rules={})
    assert "It cannot be moved now" in get_text(ask(client, planned, library))
    assert not Entry.objects.of(cast.district).filter(action="move visit").exists()


def test_the_page_tells_why_a_visit_is_not_earlier(as_: ClientFactory, cast: Cast, planned: str):
    latest = RolloutVisit.objects.of(cast.district).order_by("-day")[0]
    text = get_text(as_("auditor").get(get_address(planned, latest)))
    assert "Why it is not earlier" in text
    assert "its ring waits for the one before" in text


def test_an_auditor_moves_nothing_and_a_stranger_sees_no_board(as_: ClientFactory, planned: str, library: RolloutVisit):
    auditor, stranger = as_("auditor"), as_("stranger")
    page = ask(auditor, planned, library, starts="07:10")
    assert "It keeps every rule." in get_text(page)
    assert "Move it, and lock it" not in get_text(page)
    assert confirm(auditor, planned, library, page).status_code == 403
    board = f"/rollouts/{planned}/board?school=Maple High&week={library.day}"
    assert auditor.post(board, {"number": str(library.pk), "locked": "1"}).status_code == 403
    assert stranger.get(board).status_code == 404
    assert ask(stranger, planned, library).status_code == 404
