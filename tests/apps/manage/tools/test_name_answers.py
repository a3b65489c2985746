"""Answers about likely pairs of tools: asked once, applied by the next resolve, taken back, and of one district."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.tool_names.answers import UnknownAnswer, UnknownPair, record_answer, revoke_answer
from homeroom.apps.know.tool_names.likely_pairs import load_pair_queue
from homeroom.apps.manage.tools.queries import load_portfolio
from homeroom.apps.platform.districts.commands import create_district
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import create_cast

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("an answer is recorded in a transaction")]
AT, TODAY = datetime(2026, 11, 24, 6, tzinfo=UTC), date(2026, 11, 24)
CONTRACTS = """\
Contract,Product,Seats,Price,First Day,Last Day
C-1,Finchlab,100,"$3,000.00",2026-07-01,2027-06-30
C-2,Finch Lab Site License,50,"$900.00",2026-07-01,2027-06-30
C-3,Nearpods District,50,"$700.00",2026-07-01,2027-06-30
"""
MAPPING = """\
homeroom: mapping
name: contracts
connector: contracts
table: contract_records
columns:
  key: {from: Contract}
  product: {from: Product}
  seats: {from: Seats}
  cost_minor: {from: Price}
  starts_on: {from: First Day}
  ends_on: {from: Last Day}
"""


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path, district: District) -> EvidenceStore:
    return load_contracts(tmp_path, district)


def load_contracts(tmp_path: Path, district: District) -> EvidenceStore:
    """Load the contracts into an evidence store below the folder."""
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "contracts.csv").write_text(CONTRACTS, encoding="utf-8")
    (folder / "contracts.mapping.yaml").write_text(MAPPING, encoding="utf-8")
    store = EvidenceStore(tmp_path / "evidence", district=district.slug)
    assert load_files([folder], district=district, store=store, at=AT).clean
    return store


def resolve_tools(district: District, store: EvidenceStore) -> dict[str, tuple[str, ...]]:
    """Resolve, and return the contracts of each tool by its id."""
    resolve(district=district, store=store, today=TODAY, at=AT)
    return {tool.id: tuple(sorted(tool.contracts)) for tool in load_portfolio(store=store).tools}


def answer_pair(district: District, store: EvidenceStore, *, name: str, same: bool) -> int:
    queue = load_pair_queue(district=district, store=store)
    (pair,) = [pair for pair in queue.pairs if name in (pair.first, pair.second)]
    return record_answer(district=district, store=store, pair_id=pair.id, same=same, actor="mara", at=AT)


def test_names_that_look_alike_are_asked_and_joined_only_by_an_answer(district: District, store: EvidenceStore) -> None:
    tools = resolve_tools(district, store)
    assert {"finchlab": ("C-1",), "finch-lab": ("C-2",)}.items() <= tools.items()
    answer_pair(district, store, name="Finchlab", same=True)
    answer_pair(district, store, name="Nearpods District", same=True)
    tools = resolve_tools(district, store)
    assert sorted(tools.values()) == [("C-1", "C-2"), ("C-3",)]
    assert tools["nearpod"] == ("C-3",)
    queue = load_pair_queue(district=district, store=store)
    assert queue.pairs == ()
    assert {answer.actor for answer in queue.answers} == {"mara"}


def test_a_no_is_remembered_and_an_answer_that_is_taken_back_asks_again(
    district: District, store: EvidenceStore
) -> None:
    before = resolve_tools(district, store)
    number = answer_pair(district, store, name="Finchlab", same=False)
    assert len(load_pair_queue(district=district, store=store).pairs) == 1
    assert resolve_tools(district, store) == before
    revoke_answer(district=district, answer=number, actor="mara", at=AT)
    assert len(load_pair_queue(district=district, store=store).pairs) == 2
    number = answer_pair(district, store, name="Finchlab", same=True)
    assert resolve_tools(district, store) != before
    revoke_answer(district=district, answer=number, actor="mara", at=AT)
    assert resolve_tools(district, store) == before


def test_another_district_has_neither_the_pairs_nor_the_answers(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    resolve_tools(district, store)
    number = answer_pair(district, store, name="Finchlab", same=True)
    other = create_district(slug="birch", name="Birch Hollow")
    other_store = EvidenceStore(tmp_path / "evidence", district=other.slug)
    queue = load_pair_queue(district=other, store=other_store)
    assert (queue.pairs, queue.answers) == ((), ())
    with pytest.raises(UnknownAnswer):
        revoke_answer(district=other, answer=number, actor="mara", at=AT)
    with pytest.raises(UnknownPair):
        record_answer(district=other, store=other_store, pair_id="000000000000", same=True, actor="mara", at=AT)


def test_the_page_shows_pairs_to_all_and_takes_answers_from_those_who_may_change(tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    cast = create_cast()
    store = load_contracts(tmp_path, cast.district)
    resolve_tools(cast.district, store)
    pair = load_pair_queue(district=cast.district, store=store).pairs[0]
    technician, auditor, stranger = (Client() for _ in range(3))
    for client, user in ((technician, cast.technician), (auditor, cast.auditor), (stranger, cast.stranger)):
        client.force_login(user)
    page, answer = "/inventory/review/tools", f"/inventory/review/tools/{pair.id}/answer"
    assert "Nearpods District" in auditor.get(page).content.decode()
    assert "One tool" not in auditor.get(page).content.decode()
    assert auditor.post(answer, {"same": "yes"}).status_code == 403
    assert "Nearpods" not in stranger.get(page).content.decode()
    assert stranger.post(answer, {"same": "yes"}).status_code == 404
    assert technician.post(answer, {"same": "perhaps"}).status_code == 404
    assert technician.post(answer, {"same": "yes"}).status_code == 302
    body = technician.get(page).content.decode()
    assert "Your answers" in body
    (stored_answer,) = load_pair_queue(district=cast.district, store=store).answers
    back = f"/inventory/review/tools/answers/{stored_answer.id}/take-back"
    assert stranger.post(back).status_code == 404
    assert technician.post(back).status_code == 302
    assert "Your answers" not in technician.get(page).content.decode()
