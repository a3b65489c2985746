"""Test the simulated drills: the same by seed, of the tools' forms, true about their own events, with near-misses."""

from __future__ import annotations

import csv
import ipaddress
import json
from collections import Counter
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from homeroom.sample.drills import build_world, list_worlds, write_world
from homeroom.sample.drills.events import DrillWorld

SCALE = 0.35
INVENTED = tuple(
    ipaddress.ip_network(text)
    for text in ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24", "198.18.0.0/15", "2001:db8::/32")
)
LOG_KEYS = {"drill", "person", "event", "at", "ip", "agent", "link", "method", "script"}
KINDS = {"sent", "delivered", "bounced", "opened", "clicked", "posted", "reported", "replied"}
MESSAGES = {
    "Email Opened": "opened",
    "Clicked Link": "clicked",
    "Submitted Data": "posted",
}


@cache
def build_small(name: str, seed: int = 5) -> DrillWorld:
    return build_world(name, seed=seed, scale=SCALE)


def load_world(name: str, folder: Path) -> tuple[dict[str, Any], dict[str, Path]]:
    """Return the truth by the name of each file, and the paths of the files."""
    written = write_world(build_small(name), folder)
    truth = json.loads(written.truth.read_text(encoding="utf-8"))
    return {drill["file"]: drill for drill in truth["drills"]}, {path.name: path for path in written.logs.iterdir()}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for folder, seed in (("first", 3), ("again", 3), ("other", 4)):
        for name in ("safe-links", "reports-and-forwards", "first-times-only"):
            write_world(build_world(name, seed=seed, scale=0.2), tmp_path / folder / name)
    first, again, other = (
        {str(path.relative_to(tmp_path / folder)): path.read_bytes() for path in (tmp_path / folder).rglob("*.*")}
        for folder in ("first", "again", "other")
    )
    assert first == again
    assert first.keys() == other.keys()
    assert not any(first[name] == other[name] for name in first)


@pytest.mark.parametrize("name", list_worlds())
def test_a_world_has_two_to_four_drills_of_schools_and_who_missed_is_who_clicked(name: str) -> None:
    world = build_small(name)
    assert 2 <= len(world.drills) <= 4
    assert len({person.school for person in world.people}) >= 5
    for drill, _ in world.drills:
        own_clicks = {
            event.person for event in drill.events if event.kind in {"clicked", "posted"} and event.origin == "own"
        }
        assert drill.missed == own_clicks
        assert drill.missed | drill.reported.keys() <= drill.delivered_at.keys()
        assert len(drill.delivered_at) + sum(event.kind == "bounced" for event in drill.events) == len(drill.people)
        assert 0.02 <= drill.chance <= 0.32


@pytest.mark.parametrize("name", list_worlds())
def test_events_are_in_order_and_none_precedes_its_sending_or_follows_the_end(name: str) -> None:
    for drill, _ in build_small(name).drills:
        sent = {event.person: event.at for event in drill.events if event.kind == "sent"}
        times = [event.at for event in drill.events]
        assert times == sorted(times)
        assert all(sent[event.person] <= event.at <= drill.ends for event in drill.events)


@pytest.mark.parametrize("name", list_worlds())
def test_the_truth_names_the_events_of_each_file_by_their_rows(name: str, tmp_path: Path) -> None:
    truth, paths = load_world(name, tmp_path)
    assert truth.keys() == paths.keys()
    for file, drill in truth.items():
        expected = Counter((event["row"], event["event"]) for event in drill["events"])
        assert expected == Counter(_list_rows(paths[file]))
        assert {event["whose"] for event in drill["events"]} <= {"own", "machine", "other"}


def _list_rows(path: Path) -> list[tuple[int, str]]:
    """Return row and kind of each open, click and post, read plainly."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            records = list(csv.DictReader(file))
        return [
            (row, MESSAGES[record["message"]]) for row, record in enumerate(records, 1) if record["message"] in MESSAGES
        ]
    if path.suffix == ".jsonl":
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return [(row, line["event"]) for row, line in enumerate(lines, 1) if line["event"] in MESSAGES.values()]
    document = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(document, list):
        names = {"opened_at": "opened", "clicked_at": "clicked", "data_entered_at": "posted"}
        return [(row, kind) for row, item in enumerate(document, 1) for key, kind in names.items() if item[key]]
    if "timeline" in document:
        return [
            (row, MESSAGES[entry["message"]])
            for row, entry in enumerate(document["timeline"], 1)
            if entry["message"] in MESSAGES
        ]
    names = {"MessageRead": "opened", "EmailLinkClicked": "clicked", "CredSupplied": "posted"}
    return [
        (row, names[event["eventName"]])
        for row, user in enumerate(document["value"], 1)
        for event in user["simulationEvents"]
        if event["eventName"] in names
    ]


def test_each_line_of_a_drill_log_has_the_keys_that_are_documented(tmp_path: Path) -> None:
    _, paths = load_world("bait-taken", tmp_path)
    lines = [json.loads(line) for path in paths.values() for line in path.read_text(encoding="utf-8").splitlines()]
    assert {line["event"] for line in lines} <= KINDS
    for line in lines:
        assert {"drill", "person", "event", "at"} <= line.keys() <= LOG_KEYS
        assert datetime.fromisoformat(line["at"]).tzinfo is not None
        assert line.get("link", "main") in {"main", "hidden"}
    assert {line.get("method") for line in lines} >= {"HEAD", "GET", "POST"}


def test_a_gophish_campaign_has_its_details_as_json_in_text(tmp_path: Path) -> None:
    _, paths = load_world("safe-links", tmp_path)
    campaign = json.loads(paths["1-gophish.json"].read_text(encoding="utf-8"))
    assert {"results", "timeline"} <= campaign.keys()
    assert campaign["send_by_date"] == "0001-01-01T00:00:00Z"
    for entry in campaign["timeline"]:
        assert entry.keys() == {"campaign_id", "email", "time", "message", "details"}
        if entry["message"] in MESSAGES:
            details = json.loads(entry["details"])
            assert details.keys() == {"payload", "browser"}
            assert ("password" in details["payload"]) == (entry["message"] == "Submitted Data")


def test_knowbe4_has_the_first_time_of_each_kind_and_the_address_of_the_click(tmp_path: Path) -> None:
    world = build_small("first-times-only")
    _, paths = load_world("first-times-only", tmp_path)
    drill, _ = world.drills[0]
    recipients = json.loads(paths["1-knowbe4.json"].read_text(encoding="utf-8"))
    assert [recipient["user"]["email"] for recipient in recipients] == [person.email for person in drill.people]
    for recipient in recipients:
        clicks = [
            event for event in drill.events
            if event.kind == "clicked" and event.person == recipient["user"]["email"]
        ]  # fmt: skip
        assert (recipient["clicked_at"] is None) == (not clicks)
        if clicks:
            assert recipient["ip"] == clicks[0].address
            assert recipient["clicked_at"][:19] == clicks[0].at.isoformat()[:19]


def test_graph_names_a_report_beside_the_events(tmp_path: Path) -> None:
    _, paths = load_world("people-only", tmp_path)
    users = json.loads(paths["4-graph.json"].read_text(encoding="utf-8"))["value"]
    drill = build_small("people-only").drills[3][0]
    reported = {user["simulationUser"]["email"] for user in users if user["reportedPhishDateTime"]}
    assert reported == drill.reported.keys()


def test_a_world_of_people_has_no_machine_and_the_image_proxy_only_opens() -> None:
    people_only = [event for drill, _ in build_small("people-only").drills for event in drill.events]
    assert {event.origin for event in people_only} == {"own"}
    proxied = [
        event for drill, _ in build_small("image-proxy").drills for event in drill.events if event.origin != "own"
    ]
    assert {event.kind for event in proxied} == {"opened"}
    assert all(event.browser and "GoogleImageProxy" in event.browser.agent for event in proxied)


@pytest.mark.parametrize(
    ("name", "stories"),
    [
        ("safe-links", {"faster than most", "in the scanner's cloud", "address like a home's", "double click"}),
        ("bait-taken", {"faster than most", "in the scanner's cloud", "screen reader"}),
        ("sandbox", {"faster than most", "in the scanner's cloud", "address like a home's"}),
        ("web-filter", {"faster than most"}),
        ("people-only", {"faster than most", "double click", "back button"}),
        ("reports-and-forwards", {"forwarded to the technician", "forwarded to a colleague"}),
    ],
)
def test_a_world_holds_its_near_misses(name: str, stories: set[str]) -> None:
    seen = {event.story for drill, _ in build_small(name).drills for event in drill.events}
    assert stories <= seen


def test_schools_homes_and_phones_have_addresses_of_documentation() -> None:
    for name in list_worlds():
        for person in build_small(name).people:
            assert person.email.endswith("@district.example")
            for address in (person.home_address, person.phone_address):
                assert any(ipaddress.ip_address(address) in network for network in INVENTED)
            assert name == "web-filter" or any(ipaddress.ip_address(person.work_address) in net for net in INVENTED)


def test_many_people_share_an_exit_with_many_browsers() -> None:
    for drill, _ in build_small("people-only").drills:
        work = [event for event in drill.events if event.address and event.address.startswith("203.0.113.")]
        assert len({event.address for event in work}) <= 2
        assert len({event.browser for event in work}) >= 6
