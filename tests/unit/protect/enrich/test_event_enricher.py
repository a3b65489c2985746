"""An event gets what the district knows: whose account it is, whether a place is usual, what is a canary."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from homeroom.domain.protect.detections.alerts import Part, Role
from homeroom.domain.protect.detections.events import LogEvent, LogSource
from homeroom.engines.protect.enrich.detection_entities import list_entities
from homeroom.engines.protect.enrich.district_knowledge import AccountFacts, Canary, DeviceFacts, DistrictKnowledge
from homeroom.engines.protect.enrich.event_enricher import EventEnricher
from homeroom.engines.protect.enrich.learned_behavior import Aspect, DistrictHabits, LearnedBehavior, Observation
from homeroom.engines.protect.enrich.observations import iter_sign_ins, iter_tools
from homeroom.engines.protect.enrich.sentences import list_sentences

FIRST = date(2026, 9, 1)
ZONE = "America/Chicago"
SCHOOL, ABROAD = "198.51.100.7", "203.0.113.9"


def _make_account(name: str, kind: str, **values: Any) -> AccountFacts:
    return AccountFacts(
        id=f"a-{name}", directory="google", name=f"{name}@maple.example", kind=kind, person=name,
        names=(name, f"{name}@maple.example"), **values,
    )  # fmt: skip


KNOWLEDGE = DistrictKnowledge(
    accounts=[
        _make_account("ana", "staff", administrator=False, super_administrator=False),
        _make_account("root", "staff", administrator=True, super_administrator=True),
        _make_account("pupil", "student", administrator=False, super_administrator=False),
        _make_account("gone", "staff", state="departed"),
    ],
    devices=[DeviceFacts(id="d-1", name="dc01", role="domain_controller")],
    own_networks=["192.0.2.0/25"],
    canaries=[
        Canary(kind="account", value="svc-print-old", name="svc-print-old"),
        Canary(kind="document", value="1abc", name="Passwords 2024"),
        Canary(kind="file", value="office\\payroll\\accounts.xlsx", name="accounts.xlsx"),
    ],
)


def _list_history(days: int = 20) -> list[Observation]:
    """Return what ten staff did on so many days: they sign in from the school and from home in the United States."""
    staff = ["ana", "root", "pupil", *(f"staff{n}" for n in range(7))]
    history = []
    for name in staff:
        for number in range(days):
            day, subject = FIRST + timedelta(days=number), f"{name}@maple.example"
            history += [
                Observation(aspect=Aspect.COUNTRY, subject=subject, value="US", day=day),
                Observation(aspect=Aspect.NETWORK, subject=subject, value="198.51.100.0/24", day=day),
                Observation(aspect=Aspect.NETWORK, subject=subject, value=f"100.64.{len(name)}.0/24", day=day),
            ]
    return history


def _make_enricher(history: list[Observation]) -> EventEnricher:
    learned = LearnedBehavior()
    learned.learn(history)
    return EventEnricher(
        knowledge=KNOWLEDGE, learned=learned, habits=DistrictHabits(learned), timezone=ZONE, tools=("anydesk",)
    )


def _make_login(actor: str, *, address: str = SCHOOL, country: str = "US", day: int = 19, **fields: Any) -> LogEvent:
    values = {"actor.email": actor, "ipAddress": address, "networkInfo.regionCode": country, **fields}
    return LogEvent(
        file="google/login", record=0, time=datetime(2026, 9, 1, 15, tzinfo=UTC) + timedelta(days=day),
        source=LogSource(product="google_workspace", service="login"), host="", user=actor, fields=values, raw={},
    )  # fmt: skip


def _make_windows(fields: dict[str, Any], *, day: int = 19) -> LogEvent:
    return LogEvent(
        file="windows/security", record=0, time=datetime(2026, 9, 1, 15, tzinfo=UTC) + timedelta(days=day),
        source=LogSource(product="windows", service="security"), host="DC01.maple.example", user="", fields=fields,
        raw={},
    )  # fmt: skip


def _list_district(enricher: EventEnricher, event: LogEvent) -> dict[str, Any]:
    fields = enricher.enrich(event).fields
    return {name.removeprefix("district."): value for name, value in fields.items() if name.startswith("district.")}


def test_an_event_says_whose_account_acts_and_whether_the_target_is_outside():
    enricher = _make_enricher([])
    fields = _list_district(enricher, _make_login("Root@Maple.example", **{
        "parameters.email_forwarding_destination_address": "eve@evil.example",
    }))  # fmt: skip
    assert fields == {
        "actor.kind": "staff", "actor.state": "active", "actor.in_directory": True, "actor.administrator": True,
        "actor.super_administrator": True, "target.outside": True, "address.network": "198.51.100.0/24",
        "address.own": False,
    }  # fmt: skip
    gone = _list_district(enricher, _make_login("gone@maple.example"))
    assert (gone["actor.state"], "actor.administrator" in gone) == ("departed", False)
    assert _list_district(enricher, _make_login("nobody@maple.example"))["actor.in_directory"] is False


def test_a_country_is_judged_from_the_third_day_and_told_with_what_was_usual():
    event = _make_login("ana@maple.example", address=ABROAD, country="MX")
    young = _make_enricher(_list_history())
    assert "country.usual" not in _list_district(young, _make_login("ana@maple.example", country="MX", day=1))
    assert _list_district(young, _make_login("ana@maple.example", country="MX", day=2))["country.usual"] is False
    enriched = young.enrich(event)
    sentences = list_sentences(
        title="Sign-in from abroad", event=enriched, matched={}, enricher=young,
        entities=list_entities(enriched, knowledge=KNOWLEDGE),
    )  # fmt: skip
    assert sentences == (
        "“Sign-in from abroad” on Sep 20, 2026, 10:00 AM by ana@maple.example from 203.0.113.9 (Mexico).",
        "ana@maple.example signed in from Mexico for the first time; before: the United States on 18 days.",
    )


def test_who_never_signed_in_is_at_home_where_the_district_is():
    enricher = _make_enricher(_list_history())
    new = _list_district(enricher, _make_login("new@maple.example", address="100.70.1.1"))
    assert (new["country.usual"], "network.usual" in new) == (True, False)
    assert _list_district(enricher, _make_login("new@maple.example", country="NG"))["country.usual"] is False


def test_a_network_of_many_accounts_is_the_districts_own_and_a_carriers_is_not():
    enricher = _make_enricher(_list_history())
    assert _list_district(enricher, _make_login("ana@maple.example"))["address.own"] is True
    assert _list_district(enricher, _make_login("ana@maple.example", address=ABROAD))["address.own"] is False
    assert _list_district(enricher, _make_login("ana@maple.example", address="192.0.2.9"))["address.own"] is True
    assert _list_district(enricher, _make_login("ana@maple.example", address="192.0.2.200"))["address.own"] is False
    carrier = [
        Observation(aspect=Aspect.NETWORK, subject=f"staff{n}@maple.example", value="203.0.113.0/24", day=FIRST)
        for n in range(5)
    ]
    crowd = [replace(item, subject=f"more-{item.subject}") for item in _list_history()]
    others = [replace(item, subject=f"x{item.subject}") for item in crowd]
    phones = _make_enricher([*_list_history(), *crowd, *others, *carrier])
    assert _list_district(phones, _make_login("ana@maple.example", address=ABROAD))["address.own"] is False


def test_no_address_is_called_another_until_an_own_one_is_known():
    enricher = replace(_make_enricher(_list_history()), knowledge=DistrictKnowledge())
    assert "address.own" not in _list_district(enricher, _make_login("ana@maple.example", day=1))
    assert _list_district(enricher, _make_login("ana@maple.example", day=2))["address.own"] is True
    few = [item for item in _list_history() if item.subject < "staff1" or item.aspect == Aspect.COUNTRY]
    few_people = replace(_make_enricher(few[:4]), knowledge=DistrictKnowledge())
    assert "address.own" not in _list_district(few_people, _make_login("ana@maple.example"))


def test_canaries_are_seen_as_accounts_documents_and_files_of_a_share():
    enricher = _make_enricher([])
    touched = [
        _make_login("ana@maple.example", **{"parameters.doc_id": "1ABC"}),
        _make_windows({"EventID": 4624, "TargetUserName": "SVC-Print-Old"}),
        _make_windows({"EventID": 4771, "TargetUserName": "svc-print-old@MAPLE.LOCAL"}),
        _make_windows({"EventID": 5145, "ShareName": "\\\\*\\Office", "RelativeTargetName": "Payroll\\accounts.xlsx"}),
        _make_windows({"EventID": 4663, "ObjectName": "D:\\shares\\office\\payroll\\Accounts.xlsx"}),
    ]
    names = [_list_district(enricher, event).get("canary") for event in touched]
    assert names == ["Passwords 2024", "svc-print-old", "svc-print-old", "accounts.xlsx", "accounts.xlsx"]
    near = _make_windows({"EventID": 5145, "ShareName": "\\\\*\\Office", "RelativeTargetName": "Payroll\\other.xlsx"})
    assert "canary" not in _list_district(enricher, near)


def test_who_asks_for_a_ticket_of_a_canary_touches_it():
    request = _make_windows({"EventID": 4769, "TargetUserName": "ana@MAPLE.EXAMPLE", "ServiceName": "svc-print-old"})
    assert _list_district(_make_enricher([]), request)["canary"] == "svc-print-old"
    other = _make_windows({"EventID": 4769, "TargetUserName": "ana@MAPLE.EXAMPLE", "ServiceName": "FILE01$"})
    assert "canary" not in _list_district(_make_enricher([]), other)


def _watch(*canaries: Canary) -> EventEnricher:
    bait = AccountFacts(
        id="a-bait", directory="activedirectory", name="svc-bait", names=("svc-bait", "svc-bait@maple.example", "1001"),
        kind="service",
    )  # fmt: skip
    knowledge = DistrictKnowledge(accounts=[bait], canaries=canaries)
    return EventEnricher(
        knowledge=knowledge, learned=LearnedBehavior(), habits=DistrictHabits(LearnedBehavior()), timezone=ZONE
    )


def test_a_canary_account_is_touched_by_any_name_that_logs_call_it():
    enricher = _watch(Canary(kind="account", value="svc-bait", name="svc-bait"))
    assert _list_district(enricher, _make_login("svc-bait@maple.example"))["canary"] == "svc-bait"
    assert "canary" not in _list_district(enricher, _make_login("1001"))


def test_a_touch_counts_from_when_a_canary_is_planted_until_it_is_retired():
    noon = datetime(2026, 9, 10, 12, tzinfo=UTC)
    planted = Canary(kind="document", value="1abc", name="Bait", since=noon, until=noon + timedelta(days=2))
    events = [_make_login("ana@maple.example", day=day, **{"parameters.doc_id": "1ABC"}) for day in (8, 10, 12)]
    assert [_list_district(_watch(planted), event).get("canary") for event in events] == [None, "Bait", None]
    in_file_too = Canary(kind="document", value="1abc", name="1AbC")
    for both in ((planted, in_file_too), (in_file_too, planted)):
        assert all("canary" in _list_district(_watch(*both), event) for event in events)


def test_entities_have_ids_roles_and_parts_and_a_student_is_named_by_id():
    event = _make_windows({"EventID": 4728, "SubjectUserName": "pupil", "TargetUserName": "root"})
    entities = list_entities(event, knowledge=KNOWLEDGE)
    assert [(item.name, item.id, item.part, item.role) for item in entities] == [
        ("pupil", "a-pupil", Part.ACTOR, Role.STUDENT), ("root", "a-root", Part.VICTIM, Role.SUPER_ADMINISTRATOR),
        ("DC01", "d-1", Part.VICTIM, Role.DOMAIN_CONTROLLER),
    ]  # fmt: skip
    lines = list_sentences(
        title="Member added", event=event, matched={"TargetUserName": "root", "SubjectUserName": "pupil"},
        entities=entities, enricher=_make_enricher([]),
    )  # fmt: skip
    assert lines[0] == "“Member added” on Sep 20, 2026, 10:00 AM by student a-pupil on DC01."
    assert not any("pupil " in line.replace("a-pupil", "") for line in lines)


def test_a_rules_own_fields_name_its_entities():
    event = _make_login("ana@maple.example", **{"clientName": "Free Grader", "who": ["root@maple.example", ""]})
    entities = list_entities(
        event, knowledge=KNOWLEDGE, fields={"app": ["clientName"], "account": ["actor.email"], "victim": ["no", "who"]}
    )
    assert [(item.kind.value, item.name) for item in entities] == [
        ("account", "ana@maple.example"), ("account", "root@maple.example"), ("address", SCHOOL),
        ("app", "Free Grader"),
    ]  # fmt: skip


def test_a_mailbox_rule_is_of_its_mailbox_and_an_address_has_no_port():
    event = _make_login("ana@maple.example", where="203.0.113.9:4711", what="ana@maple.example\\While I am away")
    entities = list_entities(event, knowledge=KNOWLEDGE, fields={"victim": ["what"], "address": ["where"]})
    assert [(item.name, item.id) for item in entities] == [("ana@maple.example", "a-ana"), (ABROAD, "")]


def test_who_forwards_mail_to_the_own_address_sends_nothing_outside():
    event = _make_login("ana@maple.example", **{
        "parameters.email_forwarding_destination_address": "ana@maple.example",
    })  # fmt: skip
    assert _list_district(_make_enricher([]), event)["target.outside"] is False


def test_only_sign_ins_that_succeeded_teach_by_the_day_of_the_district():
    rows = pa.RecordBatch.from_pylist([
        {"at": datetime(2026, 9, 2, 3, tzinfo=UTC), "log": log, "event": event, "outcome": outcome,
         "actor_email": "Ana@maple.example", "address": SCHOOL, "country": "us", "asn": None}
        for log, event, outcome in (
            ("login", "login_success", "success"), ("login", "login_failure", "failure"),
            ("audit", "UserLoggedIn", "success"), ("drive", "download", "success"),
        )
    ], schema=pa.schema([
        ("at", pa.timestamp("us", tz="UTC")), *((name, pa.string()) for name in ("log", "event", "outcome")),
        *((name, pa.string()) for name in ("actor_email", "address", "country")), ("asn", pa.int64()),
    ]))  # fmt: skip
    assert sorted((item.aspect, item.subject, item.value, item.day) for item in iter_sign_ins(rows, timezone=ZONE)) == [
        (Aspect.COUNTRY, "ana@maple.example", "US", FIRST),
        (Aspect.NETWORK, "ana@maple.example", "198.51.100.0/24", FIRST),
    ]


def test_servers_teach_all_their_programs_and_other_computers_their_remote_tools():
    details = ['{"NewProcessName": "C:\\\\Tools\\\\AnyDesk.exe"}', '{"NewProcessName": "C:\\\\Windows\\\\notepad.exe"}']
    rows = pa.RecordBatch.from_pylist([
        {"at": datetime(2026, 9, 2, 15, tzinfo=UTC), "computer": computer, "event_id": 4688, "details": text}
        for computer in ("DC01.maple.example", "LAB-1.maple.example") for text in details
    ], schema=pa.schema([
        ("at", pa.timestamp("us", tz="UTC")), ("computer", pa.string()), ("event_id", pa.int64()),
        ("details", pa.string()),
    ]))  # fmt: skip
    tools = iter_tools(rows, timezone=ZONE, tools=("anydesk",), is_server=lambda host: host == "dc01")
    assert {(item.subject, item.value) for item in tools} == {
        ("dc01", "anydesk"), ("dc01", "notepad"), ("lab-1", "anydesk"), ("", ""),
    }  # fmt: skip


OBSERVATIONS = st.lists(
    st.builds(
        Observation,
        aspect=st.sampled_from([Aspect.COUNTRY, Aspect.NETWORK]),
        subject=st.sampled_from(["a", "b", "c", "d", "e", "f"]),
        value=st.sampled_from(["US", "MX"]),
        day=st.dates(min_value=FIRST, max_value=FIRST + timedelta(days=9)),
    ),
    max_size=40,
)


@given(OBSERVATIONS, st.randoms(use_true_random=False))
def test_learning_is_the_same_in_any_order_any_portions_and_when_done_twice(observations, chance):
    at_once = LearnedBehavior()
    at_once.learn(observations)
    shuffled = [*observations, *observations[: len(observations) // 2]]
    chance.shuffle(shuffled)
    first, second = LearnedBehavior(), LearnedBehavior()
    first.learn(shuffled[: len(shuffled) // 2])
    second.learn(shuffled[len(shuffled) // 2 :])
    for row in first.iter_rows():
        second.add_row(*row)
    assert sorted(second.iter_rows()) == sorted(at_once.iter_rows())
    assert second.starts == at_once.starts


@given(OBSERVATIONS, st.dates(min_value=FIRST, max_value=FIRST + timedelta(days=9)))
def test_what_comes_a_day_late_changes_nothing_that_was_judged(observations, day):
    in_time = [item for item in observations if item.day < day - timedelta(days=1)]
    before, after = LearnedBehavior(), LearnedBehavior()
    before.learn(in_time)
    after.learn(observations)
    for subject in "abcdef":
        for value in ("US", "MX"):
            if before.starts.get(Aspect.COUNTRY) == after.starts.get(Aspect.COUNTRY):
                answers = [item.is_usual(Aspect.COUNTRY, subject, value, day=day) for item in (before, after)]
                assert answers[0] == answers[1]
    own = [DistrictHabits(item).is_own_network("US", day=day) for item in (before, after)]
    assert own[0] == own[1]


def test_more_files_than_on_any_day_like_it_are_unusual_by_the_school_calendar():
    enricher = _make_enricher([])
    for number in range(14):
        day = FIRST + timedelta(days=number)
        enricher.learned.add_volume("ana@maple.example", day=day, count=30 if day.weekday() < 5 else 2)

    def take(day: date) -> Any:
        event = _make_login("ana@maple.example", day=(day - FIRST).days, name="download")
        return _list_district(enricher, event).get("volume.unusual")

    saturday, monday = date(2026, 9, 19), date(2026, 9, 21)
    assert take(FIRST + timedelta(days=1)) is None
    enricher.learned.add_volume("ana@maple.example", day=saturday, count=20)
    enricher.learned.add_volume("ana@maple.example", day=monday, count=20)
    assert (take(saturday), take(monday)) == (True, False)
    enricher.learned.add_volume("ana@maple.example", day=monday, count=11)
    assert take(monday) is True


def test_an_entry_about_an_account_in_the_unified_log_says_whose_it_is():
    def list_targets(**fields: Any) -> dict[str, Any]:
        event = LogEvent(
            file="microsoft/unified", record=0, time=datetime(2026, 9, 1, 15, tzinfo=UTC), host="", raw={},
            user="root@maple.example", source=LogSource(product="m365", service="audit"),
            fields={"UserId": "root@maple.example", **fields},
        )  # fmt: skip
        district = _list_district(_make_enricher([]), event)
        return {name: value for name, value in district.items() if name.startswith("target.")}

    gone = {"Operation": "Enable account.", "ObjectId": "gone@maple.example"}
    assert list_targets(Workload="AzureActiveDirectory", **gone)["target.state"] == "departed"
    assert list_targets(Workload="Exchange", Operation="Set-Mailbox", ObjectId="gone@maple.example") == {}
