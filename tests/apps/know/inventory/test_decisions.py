"""Decisions about uncertain matches: stored with an audit entry, applied by the next resolve, and revoked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client

from homeroom.apps.know.inventory import commands
from homeroom.apps.know.inventory.decisions import UnknownDecision, UnknownMatchReview, record_decision, revoke_decision
from homeroom.apps.know.inventory.match_review import MatchReview, load_review_queue
from homeroom.apps.know.inventory.models import Device
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore
from tests.apps.know.inventory.resolve_process import AT, TODAY, publish
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.differs_by_database("bulk writes, SQL of the ledger")


@pytest.fixture
def cast(db: Any) -> Cast:
    return create_cast()


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> EvidenceStore:
    """Load a console and an asset list whose serials differ by two swapped characters."""
    settings.DATA = tmp_path
    for connector, serial, managed in (("microsoft", "5CD04820KX", True), ("snipeit", "5CD08420KX", False)):
        frame = pl.DataFrame(
            {
                "key": [f"{connector}-1"],
                "serial": [serial],
                "managed": [managed],
                "asset_tag": [None if managed else "10482"],
            },
            schema_overrides={"asset_tag": pl.String},
        )
        publish(tmp_path, connector, f"{connector}.devices", {"device_records": frame}, 1, district="maple-valley")
    return EvidenceStore(tmp_path / "evidence", district="maple-valley")


def resolve_and_count(district: District, store: EvidenceStore) -> int:
    return commands.resolve(district=district, store=store, today=TODAY, at=AT).devices


def get_only_review(district: District, store: EvidenceStore) -> MatchReview:
    (review,) = load_review_queue(district=district, store=store).reviews
    return review


def test_a_yes_makes_one_device_and_taking_it_back_makes_two_with_the_ids_they_had(
    cast: Cast, store: EvidenceStore
) -> None:
    assert resolve_and_count(cast.district, store) == 2
    before = set(Device.objects.of(cast.district).filter(closed=None).values_list("public", flat=True))
    review = get_only_review(cast.district, store)
    decision = record_decision(
        district=cast.district, store=store, review_id=review.id, same=True, actor="technician", at=AT
    )
    assert resolve_and_count(cast.district, store) == 1
    review_queue = load_review_queue(district=cast.district, store=store)
    assert (review_queue.reviews, [past_decision.same for past_decision in review_queue.decisions]) == ((), [True])
    revoke_decision(district=cast.district, decision=decision, actor="director", at=AT)
    assert resolve_and_count(cast.district, store) == 2
    after = set(Device.objects.of(cast.district).filter(closed=None).values_list("public", flat=True))
    assert len(before & after) == 1  # ids are never reused: the one that was merged away stays an address of the other
    assert get_only_review(cast.district, store).id == review.id
    audit_rows = list(Entry.objects.of(cast.district).order_by("pk").values_list("actor", "action"))
    assert audit_rows == [("technician", "said the same"), ("director", "took back a decision")]


def test_a_no_closes_the_question_and_nothing_else_changes(cast: Cast, store: EvidenceStore) -> None:
    resolve_and_count(cast.district, store)
    review = get_only_review(cast.district, store)
    record_decision(district=cast.district, store=store, review_id=review.id, same=False, actor="technician", at=AT)
    assert resolve_and_count(cast.district, store) == 2
    assert load_review_queue(district=cast.district, store=store).reviews == ()


def test_an_unknown_question_and_anothers_decision_are_refused(cast: Cast, store: EvidenceStore) -> None:
    resolve_and_count(cast.district, store)
    review = get_only_review(cast.district, store)
    decision = record_decision(
        district=cast.district, store=store, review_id=review.id, same=True, actor="technician", at=AT
    )
    with pytest.raises(UnknownMatchReview):
        record_decision(district=cast.district, store=store, review_id="0", same=True, actor="technician", at=AT)
    with pytest.raises(UnknownDecision):
        revoke_decision(district=cast.next_district, decision=decision, actor="stranger", at=AT)


def test_the_page_asks_one_question_and_keeps_the_answer(cast: Cast, store: EvidenceStore) -> None:
    resolve_and_count(cast.district, store)
    technician, auditor, stranger = (_sign_in(user) for user in (cast.technician, cast.auditor, cast.stranger))
    review = get_only_review(cast.district, store)
    body = technician.get("/inventory/review").content.decode()
    assert "Are these the same device?" in body
    assert "5CD04820KX" in body
    assert "namesake" not in body  # only people and accounts have the chance of one taken off
    assert "5CD08420KX" in body
    answer = {"same": "yes"}
    assert "Yes, one device" not in auditor.get("/inventory/review").content.decode()
    assert auditor.post(f"/inventory/review/{review.id}/answer", answer).status_code == 403
    assert "5CD0" not in stranger.get("/inventory/review").content.decode()
    assert stranger.post(f"/inventory/review/{review.id}/answer", answer).status_code == 404
    assert technician.post(f"/inventory/review/{review.id}/answer", answer).status_code == 302
    body = technician.get("/inventory/review").content.decode()
    assert "No duplicates to review" in body
    assert "Take back" in body


def test_only_what_the_two_sides_say_against_each_other_is_marked(
    cast: Cast, store: EvidenceStore, tmp_path: Path
) -> None:
    device_columns = {
        "key": ["fleet-1"],
        "serial": ["5CD04820KX"],
        "managed": [True],
        "name": ["LAB-1"],
        "cost_minor": [89900],
    }
    publish(
        tmp_path, "fleet", "fleet.devices", {"device_records": pl.DataFrame(device_columns)}, 1, district="maple-valley"
    )
    resolve_and_count(cast.district, store)
    body = _sign_in(cast.technician).get("/inventory/review").content.decode()
    marked_rows = [row.partition("</th>")[0] for row in body.split('<tr class="differs">')[1:]]
    assert [text.partition(">")[2].partition(" <span")[0] for text in marked_rows] == ["Serial number", "Managed"]
    assert "<td>899.00</td>" in body


def _sign_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client
