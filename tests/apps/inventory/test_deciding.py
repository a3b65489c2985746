"""What somebody says about a doubtful pair: kept with an audit entry, obeyed by the next resolve, and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client

from homeroom.apps.audit.models import Entry
from homeroom.apps.districts.models import District
from homeroom.apps.inventory import commands
from homeroom.apps.inventory.decisions import NoSuchDecision, NoSuchQuestion, decide, take_back
from homeroom.apps.inventory.models import Device
from homeroom.apps.inventory.reviewing import Question, queue
from homeroom.evidence.store import Store
from tests.apps.inventory.morning import AT, TODAY, publish
from tests.cast import Cast, gather


@pytest.fixture
def cast(db: Any) -> Cast:
    return gather()


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> Store:
    """A console and an asset list that may mean the same machine: their serials differ by two swapped signs."""
    settings.DATA = tmp_path
    for connector, serial, managed in (("microsoft", "5CD04820KX", True), ("snipeit", "5CD08420KX", False)):
        frame = pl.DataFrame(
            {"key": [f"{connector}-1"], "serial": [serial], "managed": [managed], "asset_tag": [None if managed else "10482"]},
            schema_overrides={"asset_tag": pl.String},
        )  # fmt: skip
        publish(tmp_path, connector, f"{connector}.devices", {"device_records": frame}, 1, district="maple-valley")
    return Store(tmp_path / "evidence", district="maple-valley")


def resolved(district: District, store: Store) -> int:
    return commands.resolve(district=district, store=store, today=TODAY, at=AT).devices


def only_question(district: District, store: Store) -> Question:
    (asked,) = queue(district=district, store=store).questions
    return asked


def test_a_yes_makes_one_device_and_taking_it_back_makes_two_with_the_ids_they_had(cast: Cast, store: Store) -> None:
    assert resolved(cast.district, store) == 2
    before = set(Device.objects.of(cast.district).filter(closed=None).values_list("public", flat=True))
    asked = only_question(cast.district, store)
    made = decide(district=cast.district, store=store, question=asked.id, same=True, actor="technician", at=AT)
    assert resolved(cast.district, store) == 1
    waiting = queue(district=cast.district, store=store)
    assert (waiting.questions, [one.same for one in waiting.said]) == ((), [True])
    take_back(district=cast.district, decision=made, actor="director", at=AT)
    assert resolved(cast.district, store) == 2
    after = set(Device.objects.of(cast.district).filter(closed=None).values_list("public", flat=True))
    assert len(before & after) == 1  # ids are never reused: the one that was merged away stays an address of the other
    assert only_question(cast.district, store).id == asked.id
    told = list(Entry.objects.of(cast.district).order_by("pk").values_list("actor", "action"))
    assert told == [("technician", "said the same"), ("director", "took back a decision")]


def test_a_no_closes_the_question_and_nothing_else_changes(cast: Cast, store: Store) -> None:
    resolved(cast.district, store)
    asked = only_question(cast.district, store)
    decide(district=cast.district, store=store, question=asked.id, same=False, actor="technician", at=AT)
    assert resolved(cast.district, store) == 2
    assert queue(district=cast.district, store=store).questions == ()


def test_an_unknown_question_and_anothers_decision_are_refused(cast: Cast, store: Store) -> None:
    resolved(cast.district, store)
    asked = only_question(cast.district, store)
    made = decide(district=cast.district, store=store, question=asked.id, same=True, actor="technician", at=AT)
    with pytest.raises(NoSuchQuestion):
        decide(district=cast.district, store=store, question="0", same=True, actor="technician", at=AT)
    with pytest.raises(NoSuchDecision):
        take_back(district=cast.next_district, decision=made, actor="stranger", at=AT)


def test_the_page_asks_one_question_and_keeps_the_answer(cast: Cast, store: Store) -> None:
    resolved(cast.district, store)
    technician, auditor, stranger = (_as(user) for user in (cast.technician, cast.auditor, cast.stranger))
    asked = only_question(cast.district, store)
    body = technician.get("/inventory/review").content.decode()
    assert "Are these the same device?" in body
    assert "5CD04820KX" in body
    assert "namesake" not in body  # only people and accounts have the chance of one taken off
    assert "5CD08420KX" in body
    answer = {"same": "yes"}
    assert "Yes, one device" not in auditor.get("/inventory/review").content.decode()
    assert auditor.post(f"/inventory/review/{asked.id}/answer", answer).status_code == 403
    assert "5CD0" not in stranger.get("/inventory/review").content.decode()
    assert stranger.post(f"/inventory/review/{asked.id}/answer", answer).status_code == 404
    assert technician.post(f"/inventory/review/{asked.id}/answer", answer).status_code == 302
    body = technician.get("/inventory/review").content.decode()
    assert "Nothing to ask" in body
    assert "Take back" in body


def test_only_what_the_two_sides_say_against_each_other_is_marked(cast: Cast, store: Store, tmp_path: Path) -> None:
    said = {"key": ["fleet-1"], "serial": ["5CD04820KX"], "managed": [True], "name": ["LAB-1"], "cost_minor": [89900]}
    publish(tmp_path, "fleet", "fleet.devices", {"device_records": pl.DataFrame(said)}, 1, district="maple-valley")
    resolved(cast.district, store)
    body = _as(cast.technician).get("/inventory/review").content.decode()
    marked = [row.partition("</th>")[0] for row in body.split('<tr class="differs">')[1:]]
    assert [text.partition(">")[2].partition(" <span")[0] for text in marked] == ["Serial number", "Managed"]
    assert "<td>899.00</td>" in body


def _as(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client
