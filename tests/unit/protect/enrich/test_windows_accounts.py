"""Windows writes an account in five ways; alerts, stories and what the district knows of it need it to be one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.domain.protect.detections.alerts import EntityKind, FoldedDetection, Role
from homeroom.domain.protect.detections.events import LogEvent, LogSource
from homeroom.engines.protect.enrich.detection_entities import EntityFields, list_entities
from homeroom.engines.protect.enrich.district_knowledge import AccountFacts, DistrictKnowledge
from homeroom.engines.protect.triage.fold import iter_story_keys
from tests.unit.protect.triage.stories import make_detection

SID = "S-1-5-21-11-22-33-1104"
KNOWLEDGE = DistrictKnowledge(
    accounts=[
        AccountFacts(
            id="a-ana", directory="activedirectory", name="ana.lund@maple.example", kind="staff", administrator=True,
            person="1", names=("alund", "ana.lund@maple.example", SID.lower()), logon_name="alund",
        )
    ]
)  # fmt: skip
RULE: EntityFields = {"account": ["SubjectUserName", "TargetUserName"], "victim": ["MemberSid", "MemberName"]}


def _make_event(**fields: Any) -> LogEvent:
    return LogEvent(
        file="windows/Security", record=0, time=datetime(2026, 9, 1, 15, tzinfo=UTC),
        source=LogSource(product="windows", service="security"), host="DC01.maple.local", user="", fields=fields,
        raw={}, key="k",
    )  # fmt: skip


def _list_accounts(knowledge: DistrictKnowledge = KNOWLEDGE, **fields: Any) -> list[tuple[str, str, Role]]:
    entities = list_entities(_make_event(**fields), knowledge=knowledge, fields=RULE)
    return [(item.name, item.id, item.role) for item in entities if item.kind == EntityKind.ACCOUNT]


@pytest.mark.parametrize(
    "fields",
    [
        {"EventID": 4728, "SubjectUserName": "alund"},
        {"EventID": 1116, "SubjectUserName": "MAPLE\\ALund"},
        {"EventID": 4769, "TargetUserName": "alund@MAPLE.LOCAL"},
        {"EventID": 4728, "MemberSid": SID, "MemberName": "CN=Ana Lund,OU=Staff,DC=maple,DC=local"},
        {"EventID": 4624, "TargetUserName": "ana.lund@maple.example"},
    ],
)
def test_an_account_is_one_however_windows_writes_it(fields: dict[str, Any]):
    assert _list_accounts(**fields) == [("alund", "a-ana", Role.ADMINISTRATOR)]


def test_an_account_that_nobody_knows_is_called_by_its_logon_name():
    empty = DistrictKnowledge()
    assert _list_accounts(empty, EventID=4769, TargetUserName="ben@MAPLE.LOCAL") == [("ben", "", Role.UNKNOWN)]
    member = {"MemberSid": "S-1-5-21-1-2-3-9", "MemberName": r"CN=Lund\, Ben,OU=Staff,DC=maple,DC=local"}
    assert _list_accounts(empty, EventID=4728, **member) == [("Lund, Ben", "", Role.UNKNOWN)]
    assert _list_accounts(empty, EventID=4732, MemberSid="S-1-5-21-1-2-3-9", MemberName="-")[0][0] == (
        "S-1-5-21-1-2-3-9"
    )


def test_a_ticket_and_a_process_of_one_account_are_one_story():
    def list_keys(**fields: Any) -> set[Any]:
        entities = list_entities(_make_event(**fields), knowledge=DistrictKnowledge(), fields=RULE)
        detection: FoldedDetection = make_detection("rule", *entities)
        return {key for key in iter_story_keys(detection) if key[0] == EntityKind.ACCOUNT}

    ticket, process = (
        {"EventID": 4769, "TargetUserName": "ben@MAPLE.LOCAL"},
        {"EventID": 4688, "SubjectUserName": "ben"},
    )
    assert list_keys(**ticket) == list_keys(**process) == {(EntityKind.ACCOUNT, "ben")}
