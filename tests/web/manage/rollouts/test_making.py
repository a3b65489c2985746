"""Making a rollout on the pages: four steps, what is rejected with line and field, and who may do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from homeroom.apps.manage.rollouts.models import Rollout, TargetRoom
from homeroom.apps.platform.audit.models import Entry
from homeroom.domain.ids import format_public_id, hash_finding_id
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.manage.rollouts.rollout_cases import ROOMS, RULES, TEAM, publish_bells
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
WHAT = {"title": "Swap every cart", "kind": "swap", "noun": "Chromebooks", "noun_es": "", "finding": ""}


def get_text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.mark.usefixtures("store")
def test_a_rollout_is_made_in_four_steps(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    publish_bells(store)
    client = as_("technician")
    assert "No rollout yet" in get_text(client.get("/rollouts"))
    answer = client.post("/rollouts/new", WHAT)
    row = Rollout.objects.of(cast.district).get()
    assert answer["Location"] == f"/rollouts/{row.public}/rooms"
    file = SimpleUploadedFile("rooms.csv", ROOMS.encode())
    assert client.post(answer["Location"], {"file": file}).status_code == 302
    assert "4 rooms, 70 devices." in get_text(client.get(f"/rollouts/{row.public}/rooms"))
    assert "Tomás Okafor, mon-fri, 07:30-15:30" in get_text(client.get(f"/rollouts/{row.public}/team"))
    assert client.post(f"/rollouts/{row.public}/team", TEAM)["Location"] == f"/rollouts/{row.public}/rules"
    assert 'value="*final*' in get_text(client.get(f"/rollouts/{row.public}/rules"))
    assert client.post(f"/rollouts/{row.public}/rules", RULES)["Location"] == f"/rollouts/{row.public}"
    row.refresh_from_db()
    assert (row.rules["until"], row.rules["team"][0]["id"], row.state) == ("2026-02-13", "Kim", "draft")
    assert "Rooms, team and rules are ready" in get_text(client.get(f"/rollouts/{row.public}"))
    client.post(f"/rollouts/{row.public}/what", WHAT | {"title": "Swap the carts"})
    assert "Swap the carts" in get_text(client.get("/rollouts"))
    actors = set(Entry.objects.of(cast.district).values_list("actor", "subject"))
    assert actors == {("technician", row.public)}


def test_a_finding_becomes_a_rollout_of_its_name(as_: ClientFactory, judged_district: Cast):
    client, finding = as_("technician"), format_public_id("finding", hash_finding_id("windows-10", ""))
    assert f"/rollouts/new?finding={finding}" in get_text(client.get(f"/findings/{finding}"))
    form = get_text(client.get(f"/rollouts/new?finding={finding}"))
    assert f'name="finding" value="{finding}"' in form
    assert 'name="title" value=""' not in form
    answer = client.post("/rollouts/new", WHAT | {"finding": finding})
    row = Rollout.objects.of(judged_district.district).get()
    assert row.finding == finding
    assert f'href="/findings/{finding}"' in get_text(client.get(f"/rollouts/{row.public}"))
    assert client.post(f"/rollouts/{row.public}/what", WHAT | {"finding": "a/b"}).status_code == 302
    assert client.get(f"/rollouts/{row.public}").status_code == 200, "the finding stays"
    assert client.post("/rollouts/new", WHAT | {"finding": "a/b"}).status_code == 404
    assert answer["Location"] == f"/rollouts/{row.public}/rooms"


def test_bad_lines_are_named_and_the_good_ones_are_read(as_: ClientFactory, cast: Cast, rollout: str):
    client = as_("director")
    lines = "school,room,minutes\nCedar Middle,201,15\nOak,1,15\nCedar Middle,202,long\n"
    answer = client.post(f"/rollouts/{rollout}/rooms", {"lines": lines})
    text = get_text(answer)
    assert answer.status_code == 422
    assert "1 room read" in text
    assert "line 3, school: is no school of the district (Oak). Use: Cedar Middle, Maple High" in text
    assert "line 4, minutes" in text
    assert TargetRoom.objects.of(cast.district).count() == 5
    answer = client.post(f"/rollouts/{rollout}/rooms", {"lines": "room\n1\n"})
    assert "Nothing was read" in get_text(answer)
    answer = client.post(f"/rollouts/{rollout}/rooms", {"file": SimpleUploadedFile("a.csv", b"school\xff\x81")})
    assert "is not UTF-8" in get_text(answer)
    assert client.post(f"/rollouts/{rollout}/rooms", {}).status_code == 422
    assert TargetRoom.objects.of(cast.district).count() == 5


def test_the_rooms_of_a_rollout_are_filled_in_to_change_or_remove_some(as_: ClientFactory, cast: Cast, rollout: str):
    client, page = as_("technician"), f"/rollouts/{rollout}/rooms"
    odd = 'Maple High,"Gym, ""old"" =wing",50,2,Period 1; Period 2,2026-01-20,2026-01-22; 2026-02-02..2026-02-04'
    client.post(page, {"lines": f"school,room,minutes,hands,free,after,not_on\n{odd}"})
    rooms = TargetRoom.objects.of(cast.district).order_by("pk")
    before = list(rooms.values())
    answer = client.get(f"{page}?rooms=1")
    lines = answer.context["given"]["lines"]
    assert 'name="replace" value="1" checked' in answer.content.decode()
    assert client.post(page, {"lines": lines, "replace": "1"}).status_code == 302
    assert list(rooms.values()) == before
    without = "".join(line for line in lines.splitlines(keepends=True) if "Library" not in line)
    client.post(page, {"lines": without.replace("Maple High,B 7,20,", "Maple High,B 7,25,"), "replace": "1"})
    assert not rooms.filter(name="Library")
    assert rooms.get(name="B 7").minutes == 25
    assert rooms.count() == len(before) - 1


@pytest.mark.parametrize(
    ("step", "form", "shown"),
    [
        ("what", WHAT | {"title": " "}, "A title is missing"),
        ("what", WHAT | {"kind": "x"}, "is no kind"),
        ("team", {"team": "Kim"}, "lacks weekdays or hours"),
        ("rules", RULES | {"until": "2026-01-01"}, "a later day would fit"),
    ],
)
def test_what_does_not_fit_is_shown_beside_its_field(
    as_: ClientFactory, cast: Cast, rollout: str, step: str, form: dict[str, str], shown: str
):
    before = Rollout.objects.of(cast.district).get().rules
    answer = as_("director").post(f"/rollouts/{rollout}/{step}", form)
    assert answer.status_code == 422
    assert shown in get_text(answer)
    assert Rollout.objects.of(cast.district).get().rules == before


def test_an_auditor_reads_and_changes_nothing_and_a_stranger_finds_nothing(
    as_: ClientFactory, cast: Cast, planned: str
):
    auditor, stranger = as_("auditor"), as_("stranger")
    assert "Plan again" not in get_text(auditor.get(f"/rollouts/{planned}"))
    for step in ("what", "rooms", "team", "rules"):
        assert auditor.get(f"/rollouts/{planned}/{step}").status_code == 403
        assert auditor.post(f"/rollouts/{planned}/{step}", WHAT).status_code == 403
        for method in (stranger.get, stranger.post):
            answer = method(f"/rollouts/{planned}/{step}", {"lines": ROOMS})
            assert answer.status_code == 404
    assert planned not in get_text(stranger.get("/rollouts"))
