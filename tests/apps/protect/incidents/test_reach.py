"""Reach is read from the logs of the incident's time, of the district's own store, with students by their ids."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.incidents import reach as reach_module
from homeroom.apps.protect.incidents.cases import find_case
from homeroom.apps.protect.incidents.commands import mark_moment
from homeroom.apps.protect.incidents.reach import get_complete_reach, get_reach
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.protect.incidents.reach import Reach, ReachItem, ReachKind
from homeroom.evidence.events.publish_events import publish_event_load
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables import TABLES
from tests.apps.protect.detection.event_loads import make_row
from tests.apps.protect.incidents.conftest import open_proposed
from tests.cast import Cast
from tests.unit.evidence.event_loads import write_load
from tests.unit.protect.incidents.alert_cases import MONDAY, make_address, make_incident_alert
from tests.unit.protect.triage.stories import make_account

HOME, AWAY = "198.51.100.7", "203.0.113.9"
ANA = make_account("ana@maple.example", id=format_public_id("account", 1))
BO_ID = format_public_id("account", 3)
DAY = 60 * 24


def _build_table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=build_arrow_schema(TABLES[name]))


def publish_people(district: District) -> None:
    """Publish ana with two accounts and a laptop, and the student bo."""
    accounts = [
        {"id": 1, "person": 11, "directory": "google", "email": "ana@maple.example", "kind": "staff"},
        {"id": 2, "person": 11, "directory": "activedirectory", "email": "ana@maple.local", "kind": "staff"},
        {"id": 3, "person": 12, "directory": "google", "email": "bo@maple.example", "kind": "student"},
    ]
    people = [{"id": 11, "kind": "staff", "title": "Bookkeeper", "school": "Elm School", "opens": ["Payroll"]}]
    devices = [{"id": 5, "holder": 11, "name": "LT-5"}]
    get_evidence_store(district=district).publish_derived(
        {
            "accounts": _build_table("accounts", [{"identifiers": [], **row} for row in accounts]),
            "people": _build_table("people", people),
            "devices": _build_table("devices", devices),
        },
        inputs="x",
        today=MONDAY.date(),
        at=MONDAY,
    )


def publish_rows(district: District, *rows: dict[str, Any]) -> None:
    """Publish events of Google's logs."""
    store = get_evidence_store(district=district)
    with store.lock_for_writing():
        publish_event_load(store, write_load(store, pl.DataFrame(list(rows)).drop("source").to_dicts()))


def make_drive_row(event: str, *, owner: str = "ana@maple.example", doc: str = "1doc", **values: Any) -> dict[str, Any]:
    """Return a row about a document; its target is the document, as the connector writes it."""
    row = make_row(event, log="drive", doc_id=doc, doc_title=f"Title of {doc}", owner=owner, **values)
    return {**row, "target": doc}


@pytest.fixture
def taken_over(cast: Cast) -> str:
    """Return an incident about ana, who was let in from a new address."""
    publish_people(cast.district)
    alert = make_incident_alert("odd-sign-in", ANA, make_address(AWAY))
    return open_proposed(cast, [alert], at=MONDAY + timedelta(hours=2))


def read(cast: Cast, incident: str, *, complete: bool = False, hours: float = 30) -> Reach:
    """Return the reach of an incident so many hours after Monday morning."""
    view = find_case(district=cast.district, public=incident)
    assert view is not None
    ask = get_complete_reach if complete else get_reach
    return ask(district=cast.district, incident=view, at=MONDAY + timedelta(hours=hours))


def find(reach: Reach, kind: ReachKind) -> tuple[ReachItem, ...]:
    """Return the things of a kind."""
    return next((section.items for section in reach.sections if section.kind == kind), ())


def test_what_the_account_did_in_the_incidents_time_is_its_reach(cast: Cast, taken_over: str):
    publish_rows(
        cast.district,
        make_row("login_success", address=AWAY, country="RO"),
        make_row("login_success", minutes=-3 * DAY),
        *(make_drive_row("download", minutes=2, number=number, address=AWAY, country="RO") for number in range(3)),
        make_drive_row("view", minutes=3, actor="cy@maple.example", doc="2doc"),
        make_drive_row("view", minutes=-DAY, doc="3doc"),
        make_row("authorize", log="token", minutes=4, app_name="Mail Helper", client_id="9"),
    )
    reach = read(cast, taken_over)
    (document,) = find(reach, ReachKind.DOCUMENT)
    assert (document.id, document.name, document.words, document.events, document.foreign) == (
        *("1doc", "Title of 1doc", ("downloaded",)),
        *(3, 3),
    )
    assert [item.name for item in find(reach, ReachKind.APP)] == ["Mail Helper"]
    addresses = {item.name: (item.outside, item.notes) for item in find(reach, ReachKind.ADDRESS)}
    assert addresses == {AWAY: (True, ("Romania",)), HOME: (None, ("the United States",))}
    (owner,) = reach.owners
    assert (owner.role, owner.school, owner.opens) == ("Bookkeeper", "Elm School", ("Payroll",))
    assert [entity.name for entity in owner.devices] == ["LT-5"]
    assert [entity.name for entity in owner.accounts] == ["ana@maple.example", "ana@maple.local"]


def test_the_persons_other_account_is_asked_about_too(cast: Cast, taken_over: str):
    publish_rows(cast.district, make_drive_row("view", actor="ana@maple.local"))
    (document,) = find(read(cast, taken_over), ReachKind.DOCUMENT)
    assert document.accounts == ("ana@maple.example",)


def test_after_it_was_contained_nothing_more_is_reach(cast: Cast, taken_over: str):
    publish_rows(cast.district, make_drive_row("view", minutes=5), make_drive_row("view", minutes=90, doc="2doc"))
    assert [item.id for item in find(read(cast, taken_over), ReachKind.DOCUMENT)] == ["1doc", "2doc"]
    mark_moment(
        district=cast.district,
        public=taken_over,
        moment="contained",
        happened_at=MONDAY + timedelta(hours=1),
        reason="Signed out.",
        actor="technician",
        at=MONDAY + timedelta(hours=3),
    )
    assert [item.id for item in find(read(cast, taken_over), ReachKind.DOCUMENT)] == ["1doc"]


def test_who_else_came_from_the_new_address_is_shown_a_student_by_id(cast: Cast, taken_over: str):
    publish_rows(
        cast.district,
        make_row("login_success", address=AWAY),
        make_row("login_success", address=AWAY, minutes=5, actor="bo@maple.example"),
        make_row("login_failure", address=AWAY, minutes=6, actor="cy@maple.example"),
        make_row("login_success", minutes=7, actor="dee@maple.example"),
    )
    (other,) = find(read(cast, taken_over), ReachKind.OTHER_ACCOUNT)
    assert (other.name, other.account and other.account.id) == (f"student {BO_ID}", BO_ID)


def test_a_students_document_is_named_by_its_id_alone(cast: Cast, taken_over: str):
    publish_rows(cast.district, make_drive_row("view", owner="bo@maple.example", target_user="bo@maple.example"))
    reach = read(cast, taken_over, complete=True)
    (document,) = find(reach, ReachKind.DOCUMENT)
    assert (document.name, document.owner, document.notes) == ("1doc", f"student {BO_ID}", (f"student {BO_ID}",))
    assert "bo@maple.example" not in repr(reach)
    assert "Title of" not in repr(reach)


def test_all_is_counted_and_fifty_are_shown(cast: Cast, taken_over: str):
    publish_rows(cast.district, *(make_drive_row("view", doc=f"doc{n}", minutes=n / 60) for n in range(61)))
    shown, complete = read(cast, taken_over), read(cast, taken_over, complete=True)
    section = next(item for item in shown.sections if item.kind == ReachKind.DOCUMENT)
    assert (section.total, section.events, len(section.items), section.more) == (61, 61, 50, 11)
    assert len(find(complete, ReachKind.DOCUMENT)) == 61


def test_the_answer_is_remembered_until_more_events_are_loaded(cast: Cast, taken_over: str):
    publish_rows(cast.district, make_drive_row("view"))
    first = read(cast, taken_over)
    assert read(cast, taken_over) is first
    publish_rows(cast.district, make_drive_row("view", minutes=4))
    (document,) = find(read(cast, taken_over), ReachKind.DOCUMENT)
    assert document.events == 2


def test_another_district_has_none_of_it(cast: Cast, taken_over: str):
    publish_rows(cast.next_district, make_drive_row("view"))
    assert find(read(cast, taken_over), ReachKind.DOCUMENT) == ()


def test_an_incident_without_accounts_and_logs_has_no_reach(cast: Cast, incident: str):
    reach = read(cast, incident)
    assert (reach.sections, reach.events, reach_module.MAX_SHOWN) == ((), 0, 50)
