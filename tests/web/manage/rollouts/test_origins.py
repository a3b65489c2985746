"""A rollout from what one sees: devices of a list or a finding, a room, and the rooms of rosters with free periods."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.manage.rollouts.models import Rollout, TargetRoom
from homeroom.domain.ids import format_public_id, hash_finding_id
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.web.protect.posture import findings
from tests.apps.manage.rollouts.rollout_cases import AT, TODAY, publish_bells
from tests.assessed_district import publish_load
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
WHAT = {"title": "Swap them", "kind": "swap", "noun": "Chromebooks", "noun_es": ""}
PLACES = [
    ("Cedar Middle", "Room 101, Cart B"), ("Cedar Middle", "rm. 101"), ("Cedar Middle", "Cedar Middle Lab 2"),
    ("Cedar Middle", "Cedar Middle"), ("Cedar Middle", None), (None, "Room 5"),
    ("Maple High", "Maple High Cart 3"), ("Maple High", "Library"),
]  # fmt: skip


def get_text(answer: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(unescape(text).replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.fixture
def inventory(cast: Cast, tmp_path: Path, settings: Any) -> EvidenceStore:
    """Load two schools with bells and periods, classes in two rooms, and eight devices; and resolve them."""
    settings.DATA = tmp_path
    store = EvidenceStore(tmp_path / "evidence", district=cast.district.slug)
    publish_bells(store)
    orgs = [
        {"key": "S1", "kind": "school", "name": "Cedar Middle"},
        {"key": "S2", "kind": "school", "name": "Maple High"},
    ]
    classes = [
        {"key": f"{number}", "org_key": "S1", "location": room, "periods": periods, "status": "active"}
        for number, (room, periods) in enumerate([("Room 101", ["1", "2"]), ("Room 102", ["3"]), ("TBA", ["4"])])
    ]
    periods = [
        {"org_key": "Cedar Middle", "type": "normal", "starts": starts, "ends": ends, "name": name, "is_class": True}
        for starts, ends, name in (
            ("08:20", "09:10", "Period 1"), ("09:15", "10:00", "Period 2"), ("10:05", "11:00", "Period 3"),
            ("11:00", "11:40", "Lunch"), ("11:40", "12:30", "Advisory"),
        )
    ]  # fmt: skip
    weeks = [
        {"org_key": "Cedar Middle", "weekday": day, "kind": "school", "type": "normal"}
        for day in ("mon", "tue", "wed", "thu", "fri")
    ]
    devices = [
        {
            "key": f"{number}",
            "serial": f"SN{number:04}",
            "school_name": school,
            "location": location,
            "kind": "chromebook",
        }
        for number, (school, location) in enumerate(PLACES)
    ]
    publish_load(store, "cedar", "bell.calendar", "bell_periods", periods, at=AT)
    publish_load(store, "cedar-weeks", "bell.calendar", "bell_weeks", weeks, at=AT)
    publish_load(store, "oneroster", "oneroster.orgs", "orgs", orgs, at=AT)
    publish_load(store, "oneroster", "oneroster.classes", "classes", classes, at=AT)
    publish_load(store, "snipeit", "snipeit.assets", "device_records", devices, at=AT)
    resolve(district=cast.district, store=store, today=TODAY, at=AT)
    return store


def get_rollout(cast: Cast) -> Rollout:
    return Rollout.objects.of(cast.district).order_by("-pk")[0]


def list_rooms(cast: Cast) -> dict[str, tuple[int, list[str]]]:
    rows = TargetRoom.objects.of(cast.district).filter(rollout=get_rollout(cast))
    return {row.room: (row.devices, row.free) for row in rows}


def test_devices_of_a_list_and_its_filter_become_rooms_and_those_without_one_are_named(
    as_: ClientFactory, cast: Cast, inventory: EvidenceStore
):
    client = as_("technician")
    page = client.get("/devices/selected?act=rollout&all=1").content.decode()
    link = unescape(re.search(r'href="(/rollouts/new[^"]*)"', page)[1])  # type: ignore[index]
    assert "/rollouts/new" not in as_("auditor").get("/devices/selected?act=rollout&all=1").content.decode()
    form = client.get(link)
    assert "It begins with the rooms of 8 devices" in get_text(form)
    answer = client.post("/rollouts/new", WHAT | {"devices": parse_qs(urlsplit(link).query)["devices"][0]})
    assert list_rooms(cast) == {
        "Cedar Middle: Room 101": (2, ["Period 3"]),
        "Cedar Middle: Lab 2": (1, []),
        "Maple High: Cart 3": (1, []),
        "Maple High: Library": (1, []),
    }
    assert get_rollout(cast).unplaced == {"": 1, "Cedar Middle": 2}
    text = get_text(client.get(answer["Location"]))
    assert "Devices without a room" in text
    assert "Cedar Middle : 2 devices" in text
    assert "No school: 1 device" in text
    assert "Cedar Middle 2 1 3 1 h" in text
    assert "All schools 4 1 5 2 h" in text
    page = unescape(client.get("/devices/selected?act=rollout&all=1&asked=school%3DMaple%2BHigh").content.decode())
    link = re.search(r'href="(/rollouts/new[^"]*)"', page)[1]  # type: ignore[index]
    assert "It begins with the rooms of 2 devices" in get_text(client.get(link))
    client.post("/rollouts/new", WHAT | {"devices": "school=Maple+High&at=nonsense"})
    assert set(list_rooms(cast)) == {"Maple High: Cart 3", "Maple High: Library"}
    answer = client.post("/rollouts/new", WHAT | {"title": " ", "devices": "school=Maple+High"})
    assert answer.status_code == 422
    assert 'name="devices" value="school=Maple+High"' in answer.content.decode(), "what it is made from stays"


def test_a_room_and_the_rooms_of_rosters_come_with_their_devices_and_free_periods(
    as_: ClientFactory, cast: Cast, inventory: EvidenceStore
):
    client = as_("technician")
    derived = inventory.get_latest_derived()
    assert derived is not None
    rooms = [public for public in list_room_ids(inventory) if "Room 102" in get_text(client.get(f"/things/{public}"))]
    assert len(rooms) == 1
    assert f"/rollouts/new?room={rooms[0]}" in client.get(f"/things/{rooms[0]}").content.decode()
    assert "the room Room 102 of Cedar Middle" in get_text(client.get(f"/rollouts/new?room={rooms[0]}"))
    client.post("/rollouts/new", WHAT | {"room": rooms[0]})
    assert list_rooms(cast) == {"Cedar Middle: Room 102": (0, ["Period 1", "Period 2"])}
    assert client.get("/rollouts/new?room=room-nonsense").status_code == 404
    stranger = as_("stranger")
    assert stranger.get(f"/rollouts/new?room={rooms[0]}").status_code == 404
    assert stranger.post("/rollouts/new", WHAT | {"room": rooms[0]}).status_code == 404
    assert not Rollout.objects.of(cast.next_district).exists()
    public = client.post("/rollouts/new", WHAT)["Location"].split("/")[2]
    page = client.get(f"/rollouts/{public}/rooms?classes=1")
    lines = unescape(page.content.decode().split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0])
    assert lines == (
        "school,room,minutes,devices,free\n"
        "Cedar Middle,Room 101,30,2,Period 3\n"
        "Cedar Middle,Room 102,30,0,Period 1; Period 2\n"
    )
    assert client.post(f"/rollouts/{public}/rooms", {"lines": lines}).status_code == 302
    assert list_rooms(cast)["Cedar Middle: Room 102"] == (0, ["Period 1", "Period 2"])


def list_room_ids(store: EvidenceStore) -> list[str]:
    derived = store.get_latest_derived()
    assert derived is not None
    rows = open_session(store.pin_snapshot(derived=derived.id)).execute("SELECT id FROM rooms").fetchall()
    return [format_public_id("room", row[0]) for row in rows]


def test_devices_of_a_finding_that_the_inventory_lost_are_counted_too(as_: ClientFactory, judged_district: Cast):
    finding = format_public_id("finding", hash_finding_id("windows-10", ""))
    client = as_("technician")
    assert "It begins with the rooms of 5 devices" in get_text(client.get(f"/rollouts/new?finding={finding}"))
    client.post("/rollouts/new", WHAT | {"finding": finding})
    assert get_rollout(judged_district).unplaced == {"": 5}


def test_a_finding_about_what_is_in_no_room_offers_no_rollout(
    as_: ClientFactory, judged_district: Cast, monkeypatch: pytest.MonkeyPatch
):
    page = f"/findings/{format_public_id('finding', hash_finding_id('windows-10', ''))}"
    assert "Plan a rollout for it" in get_text(as_("technician").get(page))
    assert not {"domain", "app", "unit", "agreement"} & set(findings.PLACED_KINDS)
    monkeypatch.setattr(findings, "PLACED_KINDS", ("account",))
    assert "Plan a rollout for it" not in get_text(as_("technician").get(page))


def test_an_auditor_starts_no_rollout(as_: ClientFactory, cast: Cast):
    auditor = as_("auditor")
    assert auditor.get("/rollouts/new?devices=all%3D1").status_code == 403
    assert auditor.post("/rollouts/new", WHAT | {"devices": "all=1"}).status_code == 403
    assert not Rollout.objects.of(cast.district).exists()
