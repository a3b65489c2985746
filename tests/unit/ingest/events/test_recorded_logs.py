"""The logs that others recorded, where they are: each record is read, with the fields that rules name."""

from __future__ import annotations

import io
import json
import random
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.domain.protect.detections.events import LogEvent
from homeroom.ingest.events.evtx_files import iter_evtx_records
from homeroom.ingest.events.records import Broken, Record
from tests.amounts import choose_amount
from tests.unit.ingest.events.log_folder import find_shared_logs, format_lines, read_path, read_text

CLOUD_LOGS = ("GSuite", "Azure", "Microsoft365", "MicrosoftIntune", "MicrosoftGraph", "Windows")


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = find_shared_logs("logs-sigma/sigma_regression_give.tar.xz")
    folder = tmp_path_factory.mktemp("cases")
    with tarfile.open(archive) as members:
        members.extractall(folder, filter="data")
    return folder


def _check_windows(events: list[LogEvent]) -> None:
    for event in events:
        assert event.source.product == "windows"
        assert isinstance(event.fields["EventID"], int)
        assert event.time is not None
        assert event.time.utcoffset() is not None
        for name in ("Channel", "Provider_Name", "Computer"):
            assert isinstance(event.fields[name], str), (event.file, event.record, name)


def test_each_regression_case_has_the_same_events_as_evtx_and_as_json(cases: Path) -> None:
    files = sorted(cases.rglob("*.evtx"))
    assert len(files) == 101
    for path in files:
        events, rejects = read_path(path)
        assert rejects == []
        assert events
        _check_windows(events)
        assert [event.record for event in events] == [event.fields["EventRecordID"] for event in events]
        printed, rejects = read_path(path.with_suffix(".json"))
        assert rejects == []
        _check_windows(printed)
        names = {(event.fields["EventRecordID"], event.fields["EventID"], *sorted(event.fields)) for event in printed}
        assert names & {(event.record, event.fields["EventID"], *sorted(event.fields)) for event in events}


def test_each_capture_is_read_to_its_last_line() -> None:
    counts = Counter[str]()
    for path in sorted(find_shared_logs("logs-sigma/otrf").glob("*.zip")):
        events, rejects = read_path(path)
        assert rejects == []
        assert {event.file for event in events} == {f"{path.name}/{events[0].file.partition('/')[2]}"}
        assert [event.record for event in events] == list(range(1, len(events) + 1))
        for event in events:
            assert isinstance(event.fields["EventID"], int)
            assert (event.source.product, event.time is None) == ("windows", False)
        counts.update(event.source.service for event in events)
    assert counts["sysmon"] > 1900
    assert counts["security"] > 500


def test_each_cloud_record_is_read(tmp_path: Path) -> None:
    text = find_shared_logs("logs-cloud/panther_events_give.jsonl").read_text(encoding="utf-8")
    cases = [json.loads(line) for line in text.splitlines()]
    chosen = [case for case in cases if case["log_types"][0].partition(".")[0] in CLOUD_LOGS]
    events, rejects = read_text(tmp_path, format_lines(*(case["event"] for case in chosen)))
    assert len(chosen) > 200
    assert rejects == []
    assert [event.record for event in events] == list(range(1, len(chosen) + 1))
    products = {"GSuite": "google_workspace", "Microsoft365": "m365", "Azure": "azure", "Windows": "windows"}
    for case, event in zip(chosen, events, strict=True):
        vendor = case["log_types"][0].partition(".")[0]
        assert event.source.product == products.get(vendor, event.source.product)
        if vendor == "GSuite":
            assert event.fields["eventName"] == case["event"]["name"]
            assert event.fields["eventService"] == f"{case['event']['id']['applicationName']}.googleapis.com"
        if vendor == "Microsoft365":
            assert event.fields["eventSource"] == case["event"]["Workload"]


def test_the_records_of_one_incident_in_four_sources_are_read() -> None:
    folder = find_shared_logs("logs-sigma/otrf/GoldenSAMLADFSMailAccess")
    events, rejects = read_path(folder)
    assert rejects == []
    assert Counter(event.source.product for event in events).keys() == {"", "azure", "m365", "windows"}
    audits = [event for event in events if event.source.product == "azure"]
    assert all(event.fields["properties.message"] and event.user for event in audits)


def _iter_damaged(data: bytes, *, rounds: int, seed: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    for _ in range(rounds):
        damaged = bytearray(data[:24_576])
        for _ in range(chance.randint(1, 6)):
            at, size = chance.randrange(len(damaged)), chance.choice((1, 2, 4, 8, 64, 600))
            damaged[at : at + size] = chance.randbytes(size) if chance.random() < 0.7 else bytes(size)
        yield bytes(damaged[: chance.randrange(4096, len(damaged))] if chance.random() < 0.3 else damaged)


def test_a_damaged_file_never_ends_the_process(cases: Path) -> None:
    rounds = choose_amount(brief=3, thorough=60)
    outcomes = Counter[type]()
    for seed, path in enumerate(sorted(cases.rglob("*.evtx"))[:: choose_amount(brief=5, thorough=1)]):
        for data in _iter_damaged(path.read_bytes(), rounds=rounds, seed=seed):
            outcomes.update(type(item) for item in iter_evtx_records(io.BytesIO(data)))
    assert outcomes.keys() == {Record, Broken}


def test_a_torn_record_costs_only_itself(cases: Path) -> None:
    path = max(sorted(cases.rglob("*.evtx")), key=lambda path: len(read_path(path)[0]))
    data = path.read_bytes()
    numbers = [item.number for item in iter_evtx_records(io.BytesIO(data))]
    second = data.find(b"\x2a\x2a\0\0", data.find(b"\x2a\x2a\0\0", 4096 + 512) + 4)
    torn = data[:second] + b"\xff" * 8 + data[second + 8 :]
    items = list(iter_evtx_records(io.BytesIO(torn)))
    assert [item.number for item in items] == numbers
    assert [item.number for item in items if isinstance(item, Broken)] == numbers[1:2]
    changed = data[: second + 300] + b"\xff" * 8 + data[second + 308 :]
    assert any(isinstance(item, Broken) for item in iter_evtx_records(io.BytesIO(changed)))


def test_a_torn_chunk_costs_only_itself(cases: Path) -> None:
    data = next(iter(sorted(cases.rglob("*.evtx")))).read_bytes()
    count = len(list(iter_evtx_records(io.BytesIO(data))))
    chunk = data[4096:]
    three = data[:42] + b"\x03\0" + data[44:4096] + chunk + b"x" * 8 + chunk[8:] + chunk
    items = list(iter_evtx_records(io.BytesIO(three)))
    assert sum(isinstance(item, Record) for item in items) == 2 * count
    assert [item.reason for item in items if isinstance(item, Broken)] == ["chunk 2 is torn: it does not begin as one"]
    cut = list(iter_evtx_records(io.BytesIO(three[: 4096 + len(chunk) + 100])))
    assert [item.reason for item in cut if isinstance(item, Broken)][-1].startswith("the file is cut off")
