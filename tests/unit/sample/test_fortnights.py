"""Test the invented fortnights: the same by seed, readable by vendors' readers, and true about their own records."""

from __future__ import annotations

import ipaddress
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from homeroom.domain.protect.detections.events import EventReject
from homeroom.ingest.events.reader import read_events
from homeroom.sample.fortnights import generate_fortnight
from homeroom.sample.fortnights.district.plan import plan_fortnight
from homeroom.sample.fortnights.intrusions.catalog import INTRUSIONS, choose_intrusions
from homeroom.sample.fortnights.logs.log_book import LogBook
from homeroom.sample.fortnights.logs.vendors import VendorLogs
from homeroom.sample.fortnights.look_alikes.catalog import LOOK_ALIKES, choose_look_alikes
from homeroom.sample.fortnights.story import Scene, Story
from tests.amounts import choose_amount

STAFF, STUDENTS = 60, 110
INVENTED = tuple(
    ipaddress.ip_network(text)
    for text in ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24", "198.18.0.0/15", "10.0.0.0/8", "127.0.0.1/32")
)
ADDRESS = re.compile(r'(?:ip|IP|Ip)(?:Address)?":"(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)')
DOMAIN = re.compile(r"@(?!odata)([A-Za-z][\w.-]+)")


class Fortnight:
    """A written fortnight, read back plainly."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.truth: dict[str, Any] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        self.times = dict(_iter_keys(folder / "logs"))

    @property
    def stories(self) -> list[dict[str, Any]]:
        return [*self.truth["intrusions"], *self.truth["look_alikes"]]


def _iter_keys(folder: Path) -> Iterator[tuple[str, datetime]]:
    """Yield the key and the time of each event, from the records themselves."""
    for path in sorted(folder.rglob("*.json*")):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".jsonl" or path.parent.name == "intune":
            documents = [json.loads(line) for line in text.split("\n") if line]
        else:
            page = json.loads(text)
            documents = page if isinstance(page, list) else page.get("items", page.get("value"))
        for record in documents:
            for key, time in _list_record_keys(record):
                yield key, datetime.fromisoformat(time[:26].rstrip("Z") + "+00:00")


def _list_record_keys(record: dict[str, Any]) -> list[tuple[str, str]]:
    if "events" in record:
        identity = record["id"]
        base = f"{identity['time']}/{identity['applicationName']}/{identity['uniqueQualifier']}"
        return [(f"{base}/{number}", identity["time"]) for number in range(len(record["events"]))]
    if "Event" in record:
        system = record["Event"]["System"]
        key = f"{system['Computer']}/{system['Channel']}/{system['EventRecordID']}"
        return [(key, system["TimeCreated"]["#attributes"]["SystemTime"])]
    if "Workload" in record:
        return [(record["Id"], record["CreationTime"])]
    if "properties" in record:
        return [(f"{record['correlationId']}/{record['time']}/{record['operationName']}", record["time"])]
    return [(record["id"], record.get("createdDateTime") or record["activityDateTime"])]


@pytest.fixture(scope="session", params=choose_amount(brief=[2], thorough=list(range(24))))
def fortnight(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Fortnight:
    folder: Path = tmp_path_factory.mktemp(f"fortnight-{request.param}")
    generate_fortnight(folder, seed=request.param, staff=STAFF, students=STUDENTS)
    return Fortnight(folder)


def _read_files(folder: Path) -> dict[str, bytes]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_a_seed_is_one_fortnight_and_another_seed_another(fortnight: Fortnight, tmp_path: Path) -> None:
    generate_fortnight(tmp_path / "again", seed=fortnight.truth["seed"], staff=STAFF, students=STUDENTS)
    assert _read_files(tmp_path / "again") == _read_files(fortnight.folder)
    others = [plan_fortnight(seed=seed, staff=STAFF, students=STUDENTS) for seed in range(50, 60)]
    assert len({(other.town, other.own_addresses, other.calendar.first) for other in others}) == len(others)


def test_without_intrusions_the_same_look_alikes_remain(fortnight: Fortnight, tmp_path: Path) -> None:
    quiet = generate_fortnight(
        tmp_path / "quiet", seed=fortnight.truth["seed"], staff=STAFF, students=STUDENTS, with_intrusions=False
    )
    truth = json.loads(quiet.truth.read_text(encoding="utf-8"))
    assert truth["intrusions"] == []
    assert [_drop_windows_keys(story) for story in truth["look_alikes"]] == [
        _drop_windows_keys(story) for story in fortnight.truth["look_alikes"]
    ]


def _drop_windows_keys(story: dict[str, Any]) -> dict[str, Any]:
    """Drop the keys that count the records before them, which differ, and those that are drawn in turn."""
    stages = [{**stage, "events": [event["time"] for event in stage["events"]]} for stage in story["stages"]]
    return {**story, "stages": stages}


def test_every_event_of_the_truth_is_in_the_logs_once_at_its_time(fortnight: Fortnight) -> None:
    events = [event for story in fortnight.stories for stage in story["stages"] for event in stage["events"]]
    assert len(events) > 500
    assert max(Counter(event["key"] for event in events).values()) == 1
    for event in events:
        difference = abs(fortnight.times[event["key"]] - datetime.fromisoformat(event["time"]))
        assert difference < timedelta(seconds=1), event


def test_an_intrusion_has_stages_in_order_and_begins_on_the_fifth_day(fortnight: Fortnight) -> None:
    start, end = (datetime.fromisoformat(fortnight.truth[name]) for name in ("from", "until"))
    assert len(fortnight.truth["intrusions"]) == 4
    for story in fortnight.truth["intrusions"]:
        first_times = [datetime.fromisoformat(stage["first"]) for stage in story["stages"]]
        assert len(first_times) >= 2
        assert first_times == sorted(first_times)
        assert start + timedelta(days=4) <= first_times[0]
        assert datetime.fromisoformat(story["last"]) < end
        assert all(stage["events"] for stage in story["stages"])
        assert story["actors"] or story["victims"] or story["hosts"] or story["apps"]


def test_all_kinds_appear_in_a_few_seeds_in_a_row() -> None:
    assert len(INTRUSIONS) >= 10
    assert len(LOOK_ALIKES) >= 14
    for first in (0, 5, 1000):
        assert {tell for seed in range(first, first + 5) for tell in choose_intrusions(seed)} == set(INTRUSIONS)
        assert {tell for seed in range(first, first + 5) for tell in choose_look_alikes(seed)} == set(LOOK_ALIKES)


def _write_all_stories(seed: int) -> tuple[list[Story], list[Story]]:
    """Write each kind of story once into one district, without the ordinary days."""
    district = plan_fortnight(seed=seed, staff=STAFF, students=STUDENTS)
    book = LogBook(end=district.calendar.end)
    logs = VendorLogs(district, book)
    intrusions, look_alikes = (
        [tell(Scene(district=district, logs=logs, dice=district.create_dice(tell.__name__))) for tell in tellers]
        for tellers in (INTRUSIONS, LOOK_ALIKES)
    )
    book.close()
    return intrusions, look_alikes


@pytest.mark.parametrize("seed", choose_amount(brief=range(100, 108), thorough=range(100, 200)))
def test_each_kind_of_story_is_complete_within_the_fortnight(seed: int) -> None:
    intrusions, look_alikes = _write_all_stories(seed)
    kinds = [story.kind for story in (*intrusions, *look_alikes)]
    assert len(kinds) == len(set(kinds)) == len(INTRUSIONS) + len(LOOK_ALIKES)
    for story in (*intrusions, *look_alikes):
        assert all(entry.keys for entry in story.entries), story.kind
    for story in intrusions:
        assert len(story.stages) >= 2
        starts = [min(entry.time for entry in stage.entries) for stage in story.stages]
        assert starts == sorted(starts), story.kind
        assert starts[-1] - starts[0] > timedelta(minutes=20), story.kind


def test_homeroom_reads_every_record(fortnight: Fortnight) -> None:
    logs = fortnight.folder / "logs"
    records = list(read_events([logs]))
    assert [record for record in records if isinstance(record, EventReject)] == []
    assert len(records) == len(fortnight.times)
    sources = Counter(record.source.product for record in records if not isinstance(record, EventReject))
    assert sources.keys() >= {"google_workspace", "azure", "m365", "windows"}
    assert all(record.time is not None for record in records if not isinstance(record, EventReject))


def test_nothing_in_it_is_anybodys(fortnight: Fortnight) -> None:
    """Each address is of a range for documentation or of a private one, each mail domain ends in .example."""
    addresses, domains = set[str](), set[str]()
    for path in (fortnight.folder / "logs").rglob("*.json*"):
        text = path.read_text(encoding="utf-8")
        addresses |= set(ADDRESS.findall(text))
        domains |= set(DOMAIN.findall(text))
    assert {domain for domain in domains if not domain.lower().endswith(".example")} == set()
    assert len(addresses) > 100
    for address in addresses:
        assert any(ipaddress.ip_address(address) in network for network in INVENTED), address


def test_it_refuses_a_folder_with_files_and_too_few_people(tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(FileExistsError):
        generate_fortnight(tmp_path, seed=1)
    with pytest.raises(ValueError, match="50 employees"):
        generate_fortnight(tmp_path / "new", seed=1, staff=10)


def test_a_fortnight_by_day_has_the_same_records_in_a_folder_a_day(fortnight: Fortnight, tmp_path: Path) -> None:
    generate_fortnight(tmp_path, seed=fortnight.truth["seed"], staff=STAFF, students=STUDENTS, by_day=True)
    days = sorted((tmp_path / "logs").iterdir())
    assert len(days) == 14
    assert sorted(key for day in days for key, _time in _iter_keys(day)) == sorted(fortnight.times)
    zone = ZoneInfo(fortnight.truth["timezone"])
    dates = {time.astimezone(zone).date().isoformat() for _key, time in _iter_keys(days[3])}
    assert dates == {days[3].name}
