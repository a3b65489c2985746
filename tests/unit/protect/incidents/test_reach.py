"""Reach has each document once, separates an intruder from the owner, and accuses nobody behind a school's address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from homeroom.domain.protect.detections.alerts import Entity, EntityKind, Part
from homeroom.domain.protect.detections.events import LogEvent, LogSource
from homeroom.domain.protect.incidents.reach import ReachItem, ReachKind, ReachQuestion
from homeroom.engines.protect.incidents.reach import (
    SHARED_BY,
    AddressUse,
    ReachCollector,
    ReachEvent,
    choose_foreign_addresses,
    find_other_accounts,
)
from homeroom.engines.protect.incidents.reach_rules import find_reach_rule
from homeroom.engines.protect.incidents.touches import list_subjects
from tests.unit.protect.incidents.alert_cases import ANA, MONDAY, make_address, make_incident_alert
from tests.unit.protect.triage.stories import make_account

HOME, AWAY = "198.51.100.7", "203.0.113.9"
GOOGLE, OFFICE, ENTRA, WINDOWS = "google_workspace", "m365", "azure", "windows"


def make_event(
    name: str, product: str, service: str, *, minutes: float = 0, host: str = "", **values: Any
) -> ReachEvent:
    """Return an event of ana's, with the fields that the log gives."""
    at = MONDAY + timedelta(minutes=minutes)
    fields = values.pop("fields", {})
    source = LogSource(product=product, service=service)
    log = LogEvent(
        file=f"x/{service}", record=0, time=at, source=source, host=host, user="ana", fields=fields, raw={}, key=""
    )
    return ReachEvent(**{"at": at, "event": name, "actor": "ana@maple.example", "address": HOME, **values}, log=log)


def make_document(event: str, number: int = 1, *, minutes: float = 0, **values: Any) -> ReachEvent:
    """Return an event of Google Drive about a document."""
    fields = {
        "parameters.doc_id": f"1doc{number}",
        "parameters.doc_title": f"Payroll {number}",
        "parameters.owner": "bo@maple.example",
        **values.pop("fields", {}),
    }
    return make_event(event, GOOGLE, "drive", minutes=minutes, fields=fields, **values)


def collect(*events: ReachEvent, foreign: frozenset[str] = frozenset({AWAY})) -> dict[ReachKind, tuple[ReachItem, ...]]:
    """Return the things that events reached, by kind."""
    collector = ReachCollector(foreign=foreign)
    for event in events:
        collector.add(event)
    return {section.kind: section.items for section in collector.build_sections()}


def test_a_document_is_one_thing_with_all_that_was_done_to_it():
    events = [
        make_document("view", minutes=5, count=3, first=MONDAY),
        make_document("download", minutes=9, address=AWAY),
        make_document("change_user_access", minutes=7, fields={"parameters.target_user": "eve@evil.example"}),
        make_document("view", 2, minutes=1),
    ]
    for order in (events, events[::-1]):
        first, second = collect(*order)[ReachKind.DOCUMENT]
        assert (first.id, first.name, first.owner, first.events, first.foreign) == (
            *("1doc1", "Payroll 1", "bo@maple.example"),
            *(5, 1),
        )
        assert set(first.words) == {"opened", "downloaded", "sharing changed"}
        assert (first.notes, first.first, first.last) == (("eve@evil.example",), MONDAY, MONDAY + timedelta(minutes=9))
        assert (second.id, second.events, second.foreign) == ("1doc2", 1, 0)


@pytest.mark.parametrize(
    ("visibilities", "outside"),
    [
        (("private",), False),
        (("private", "shared_externally"), True),
        (("people_with_link", "private"), True),
        (("something new",), None),
        ((), None),
    ],
)
def test_whether_a_document_was_open_to_outside_is_yes_no_or_unknown(visibilities, outside):
    events = [make_document("view", fields={"parameters.visibility": text}) for text in visibilities]
    (item,) = collect(*(events or [make_document("view")]))[ReachKind.DOCUMENT]
    assert item.outside is outside


def test_what_failed_reached_nothing():
    collector = ReachCollector()
    collector.add(make_document("view", outcome="failure", count=4))
    assert (collector.build_sections(), collector.events, collector.failed) == ((), 0, 4)


@pytest.mark.parametrize(
    ("event", "kind", "name", "word"),
    [
        (
            make_event(
                "authorize", GOOGLE, "token", fields={"parameters.app_name": "Mail Helper", "parameters.client_id": "9"}
            ),
            *(ReachKind.APP, "Mail Helper", "let in"),
        ),
        (
            make_event("CHANGE_PASSWORD", GOOGLE, "admin", fields={"parameters.USER_EMAIL": "bo@maple.example"}),
            *(ReachKind.ACCOUNT, "bo@maple.example", "CHANGE PASSWORD"),
        ),
        (
            make_event(
                "email_forwarding_out_of_domain",
                *(GOOGLE, "user_accounts"),
                fields={"parameters.email_forwarding_destination_address": "eve@evil.example"},
            ),
            *(ReachKind.MAIL, "eve@evil.example", "forwards mail"),
        ),
        (
            make_event(
                "New-InboxRule", OFFICE, "audit", fields={"Parameters.Name": "..", "Parameters.DeleteMessage": "True"}
            ),
            *(ReachKind.MAIL, "..", "mail rule made"),
        ),
        (
            make_event("Consent to application.", OFFICE, "audit", fields={"ObjectId": "Mail Helper"}),
            *(ReachKind.APP, "Mail Helper", "let in"),
        ),
        (
            make_event(
                "Reset user password",
                ENTRA,
                "auditlogs",
                fields={"targetResources.userPrincipalName": ["bo@x.example"]},
            ),
            *(ReachKind.ACCOUNT, "bo@x.example", "password reset"),
        ),
        (
            make_event("4720", WINDOWS, "security", host="DC1.maple.local", fields={"TargetUserName": "svc2"}),
            *(ReachKind.ACCOUNT, "svc2", "made"),
        ),
        (
            make_event("7045", WINDOWS, "system", host="SRV1.maple.local", fields={"ServiceName": "PSEXESVC"}),
            *(ReachKind.COMPUTER, "SRV1", "service installed"),
        ),
        (
            make_event(
                "AnonymousLinkCreated",
                OFFICE,
                "audit",
                fields={"ObjectId": "https://x/a.docx", "SourceFileName": "a.docx"},
            ),
            *(ReachKind.DOCUMENT, "a.docx", "opened to everybody with the link"),
        ),
        (make_event("brand_new_thing", GOOGLE, "chat"), ReachKind.REST, "brand new thing", None),
    ],
)
def test_each_product_says_what_was_reached(event, kind, name, word):
    (item,) = collect(event)[kind]
    assert (item.name, item.words) == (name, (word,) if word else ())


def test_of_an_incidents_computer_only_what_happened_on_it_counts_as_reach():
    sign_in = {"LogonType": 10}
    values = {"is_actor": False, "actor": "bo", "host": "SRV1"}
    reached = collect(
        make_event("4624", WINDOWS, "security", fields=sign_in, **values),
        make_event("4624", WINDOWS, "security", fields={"LogonType": 3}, **values),
        make_event("5145", WINDOWS, "security", fields={"ShareName": "s", "RelativeTargetName": "bo.txt"}, **values),
    )
    assert set(reached) == {ReachKind.COMPUTER}
    assert [(item.name, item.accounts, item.events) for item in reached[ReachKind.COMPUTER]] == [("SRV1", ("bo",), 1)]


def test_every_rule_has_a_word_and_a_name():
    rule = find_reach_rule(GOOGLE, "drive", "never heard of")
    assert rule is not None
    assert (rule.word, rule.kind) == ("", ReachKind.DOCUMENT)
    assert find_reach_rule(ENTRA, "signinlogs", "sign-in") is None


# Other accounts


QUESTION = ReachQuestion(
    since=MONDAY - timedelta(hours=1),
    began_at=MONDAY,
    until=MONDAY + timedelta(days=1),
    accounts={"ana@maple.example": "ana@maple.example"},
)


def make_use(account: str, address: str = AWAY, *, minutes: float = 10) -> AddressUse:
    """Return one use of an address, so many minutes after the incident began."""
    at = MONDAY + timedelta(minutes=minutes)
    return AddressUse(address=address, account=account, events=1, first=at, last=at)


def test_an_address_is_new_only_if_the_account_did_not_use_it_before():
    uses = [
        make_use("ana@maple.example", HOME, minutes=-2000),
        make_use("ana@maple.example", HOME),
        make_use("ANA@maple.example"),
    ]
    assert choose_foreign_addresses(QUESTION, uses, is_own={}) == {AWAY}
    assert choose_foreign_addresses(QUESTION, uses, is_own={AWAY: True}) == frozenset()


def test_accounts_from_the_same_new_address_are_shown_but_not_those_of_the_incident():
    uses = [make_use("bo@maple.example"), make_use("ana@maple.example"), make_use("cy@maple.example", HOME)]
    (item,) = find_other_accounts(QUESTION, uses, foreign=frozenset({AWAY}))
    assert (item.name, item.notes, item.events) == ("bo@maple.example", (AWAY,), 1)


def test_nobody_is_shown_for_an_address_that_many_share():
    uses = [make_use(f"u{number}@maple.example") for number in range(SHARED_BY + 1)]
    assert find_other_accounts(QUESTION, uses[1:], foreign=frozenset({AWAY})) != []
    assert find_other_accounts(QUESTION, uses, foreign=frozenset({AWAY})) == []


def test_who_acts_is_asked_about_first_and_a_crowd_of_victims_not_at_all():
    victims = [make_account(f"v{number}", id="", part=Part.VICTIM) for number in range(5)]
    alerts = [
        make_incident_alert("one", make_account("bo", id="", part=Part.VICTIM), make_address(AWAY)),
        make_incident_alert("two", ANA, *victims, Entity(kind=EntityKind.HOST, name="SRV1.maple.local")),
        make_incident_alert("three", make_account("SYSTEM", id="")),
    ]
    accounts, hosts = list_subjects(alerts, shared_names=frozenset({"system"}))
    assert [entity.name for entity in accounts] == ["ana@maple.example", "bo"]
    assert hosts == {"srv1"}
