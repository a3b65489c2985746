"""What people typed into a form of a drill is taken out of an export while it arrives, in chunks of any size."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import Any

import pytest

from homeroom.ingest.drills.gophish import strip_details
from homeroom.ingest.drills.typed_text import MAX_DETAILS, TypedTextRemover

SECRETS = ["hunter2", 'a"b\\"},"browser":{"x', "pässwörd ☃", "{}[]\n,", "\\\\", '""']
BROWSER = {"address": "203.0.113.7", "user-agent": "Mozilla/5.0"}


def build_details(secret: str | None) -> str:
    payload: dict[str, list[str]] = {"rid": ["x7Kq2"]}
    if secret is not None:
        payload |= {"email": ["t1@maple.example"], "password": [secret, "again " + secret]}
    return json.dumps({"payload": payload, "browser": BROWSER})


def build_entries() -> list[dict[str, Any]]:
    details: list[Any] = [build_details(secret) for secret in SECRETS]
    details += [build_details(None), "", None, "no JSON", json.dumps({"browser": BROWSER})]
    entry = {"campaign_id": 42, "email": "t1@maple.example", "time": "2026-10-06T14:00:00Z"}
    return [{**entry, "message": "Submitted Data", "details": item} for item in details]


def remove(content: bytes, *, seed: int) -> tuple[bytes, int]:
    """Feed content in chunks of random sizes."""
    draw, remover, stored, place = random.Random(seed), TypedTextRemover(), [], 0
    while place < len(content):
        size = draw.choice([1, 3, 40, 300, 5_000])
        stored.append(remover.receive(content[place : place + size]))
        place += size
    return b"".join([*stored, remover.finish()]), remover.removed


def check_entries(entries: list[dict[str, Any]]) -> None:
    """Check that the typed text is gone, that its events still count, and that all others are as they were."""
    typed = [strip_details(entry["details"]) for entry in entries[: len(SECRETS)]]
    assert typed == [({"browser": BROWSER}, True)] * len(SECRETS)
    assert "again" not in json.dumps(entries)
    assert "hunter2" not in json.dumps(entries)
    originals = [entry["details"] or "" for entry in build_entries()[len(SECRETS) :]]
    assert [entry["details"] or "" for entry in entries[len(SECRETS) :]] == originals


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("indent", [None, 2])
def test_a_campaign_loses_what_was_typed_alone(seed: int, indent: int | None) -> None:
    campaign = {"id": 42, "name": "October", "results": [], "timeline": build_entries()}
    stored, removed = remove(json.dumps(campaign, indent=indent).encode(), seed=seed)
    document = json.loads(stored)
    check_entries(document["timeline"])
    assert removed == len(SECRETS)
    assert {**document, "timeline": []} == {**campaign, "timeline": []}


@pytest.mark.parametrize("seed", range(5))
def test_the_csv_of_events_loses_what_was_typed_alone(seed: int) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ["campaign_id", "email", "time", "message", "details"])
    writer.writeheader()
    writer.writerows(build_entries())
    stored, removed = remove(text.getvalue().encode(), seed=seed)
    check_entries([dict(row) for row in csv.DictReader(io.StringIO(stored.decode(), newline=""))])
    assert removed == len(SECRETS)


@pytest.mark.parametrize("end", range(30, 400, 7))
def test_a_file_that_is_cut_has_no_typed_text(end: int) -> None:
    content = json.dumps({"results": [], "timeline": build_entries()[:1]}).encode()
    stored, _ = remove(content[:end], seed=end)
    assert b"hunter2" not in stored
    assert b"hunter" not in stored


def test_details_beyond_all_measure_are_dropped_as_a_whole() -> None:
    entries = build_entries()[:1]
    entries[0]["details"] = build_details("hunter2 " * MAX_DETAILS)
    content = json.dumps({"results": [], "timeline": [*entries, *build_entries()[-1:]]}).encode()
    remover = TypedTextRemover()
    pieces = [remover.receive(content[place : place + 65_536]) for place in range(0, len(content), 65_536)]
    stored = b"".join([*pieces, remover.finish()])
    assert b"hunter2" not in stored
    timeline = json.loads(stored)["timeline"]
    assert strip_details(timeline[0]["details"]) == (None, True)
    assert timeline[1] == build_entries()[-1]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'email,details\nada@maple.example,"{""payload"": {""a"": [""b""]}}"\n',
        b'{"details": "plain words", "n": 1}',
        b'[{"details": {"payload": 1}}]',
        b"PK\x03\x04 payload details",
        "é".encode("utf-16"),
    ],
)
def test_other_files_pass_byte_for_byte(content: bytes) -> None:
    assert remove(content, seed=1) == (content, 0)
