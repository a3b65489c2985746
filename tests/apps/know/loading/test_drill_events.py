"""Exports of phishing drills are known by what they hold and become drill events; what was typed is nowhere."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.load_report import LoadReport
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
TYPED = "Hunter2-Maple"
BROWSER = {"address": "198.51.100.7", "user-agent": "Edg/131"}


def _build_entry(email: str, time: str, message: str, details: object = "") -> dict[str, Any]:
    text = details if isinstance(details, str) else json.dumps(details)
    return {"campaign_id": 7, "email": email, "time": time, "message": message, "details": text}


TIMELINE = [
    _build_entry("", "2026-10-06T12:59:00Z", "Campaign Created"),
    _build_entry("ana@maple.example", "2026-10-06T13:00:00.123456789Z", "Email Sent"),
    _build_entry("Bo@maple.example", "2026-10-06T08:00:01-05:00", "Email Sent"),
    _build_entry("ana@maple.example", "2026-10-06T13:30:00Z", "Clicked Link", {"payload": {"rid": ["x"]}, "browser": BROWSER}),
    _build_entry(
        "ana@maple.example",
        "2026-10-06T13:31:00Z",
        "Submitted Data",
        {"payload": {"rid": ["x"], "password": [TYPED]}, "browser": BROWSER},
    ),
]  # fmt: skip
CAMPAIGN: dict[str, Any] = {
    "id": 7,
    "name": "Parcel in October",
    "created_date": "2026-10-05T12:00:00Z",
    "launch_date": "2026-10-06T13:00:00Z",
    "completed_date": "0001-01-01T00:00:00Z",
    "template": {"id": 3, "name": "Parcel", "html": "<a href='{{.URL}}'>", "attachments": []},
    "page": {"id": 2, "name": "Sign in"},
    "status": "In progress",
    "results": [{"id": "a1", "email": "ana@maple.example", "status": "Submitted Data", "reported": False}],
    "timeline": TIMELINE,
    "smtp": {"id": 1, "name": "Relay", "username": "relay", "password": "Relay-Secret"},
    "url": "https://drills.maple.example",
}
RECIPIENT: dict[str, Any] = {
    "recipient_id": 3077742,
    "pst_id": 14240,
    "user": {"id": 264215, "active_directory_guid": None, "first_name": "Ana", "last_name": "Lee", "email": "Ana@maple.example"},
    "template": {"id": 2, "name": "Your order"},
    "scheduled_at": "2026-10-06T13:00:00.000Z",
    "delivered_at": "2026-10-06T13:00:12.000Z",
    "opened_at": "2026-10-06T13:05:00.000Z",
    "clicked_at": "2026-10-06T13:05:30.000Z",
    "replied_at": None,
    "data_entered_at": None,
    "reported_at": None,
    "bounced_at": None,
    "ip": "198.51.100.7",
    "browser": "Chrome",
    "browser_version": "141.0",
    "os": "ChromeOS",
}  # fmt: skip
GRAPH_USER: dict[str, Any] = {
    "isCompromised": True,
    "compromisedDateTime": "2026-10-06T13:31:00Z",
    "reportedPhishDateTime": None,
    "assignedTrainingsCount": 0,
    "simulationEvents": [
        {"eventName": "SuccessfullyDeliveredEmail", "eventDateTime": "2026-10-06T13:00:00Z", "ipAddress": "", "browser": ""},
        {
            "eventName": "EmailLinkClicked",
            "eventDateTime": "2026-10-06T13:30:00Z",
            "ipAddress": "198.51.100.7",
            "browser": "Edge",
            "osPlatformDeviceDetails": "Windows 11",
        },
    ],
    "trainingEvents": [],
    "simulationUser": {"userId": "u1", "displayName": "Ana Lee", "email": "ana@maple.example"},
}  # fmt: skip
LOG = [
    {"drill": "Parcel", "person": "ana@maple.example", "event": "delivered", "at": "2026-10-06T13:00:00Z"},
    {
        "drill": "Parcel",
        "person": "Ana@maple.example",
        "event": "clicked",
        "at": "2026-10-06T14:00:00Z",
        "ip": "2001:db8::7",
        "agent": "Edg/131",
        "link": "main",
        "method": "GET",
        "script": True,
    },
]


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


def _load(paths: list[Path], district: District, store: EvidenceStore, at: datetime = AT) -> LoadReport:
    return load_files(paths, district=district, store=store, at=at, actor="technician")


def _write(folder: Path, name: str, content: object) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def _write_log(folder: Path, lines: list[Any], name: str = "log.jsonl") -> Path:
    return _write(folder, name, "".join(f"{json.dumps(line) if isinstance(line, dict) else line}\n" for line in lines))


def _write_csv(folder: Path) -> Path:
    rows = ["campaign_id,email,time,message,details"]
    for entry in TIMELINE:
        details = entry["details"].replace('"', '""')
        rows.append(f'7,{entry["email"]},{entry["time"]},{entry["message"]},"{details}"')
    return _write(folder, "events.csv", "\n".join(rows) + "\n")


def _read_events(store: EvidenceStore, *columns: str) -> list[tuple[Any, ...]]:
    batches = [pl.DataFrame(batch) for batch in EventStore(store).iter_new_rows("drill_events", after=0)]
    return pl.concat(batches).sort("at", "email", "event").select(columns).rows() if batches else []


def _read_stored_bytes(folder: Path) -> bytes:
    """Return every byte below a folder, columns of Parquet as their values."""
    parts = []
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            parts.append(repr(pl.read_parquet(path).to_dicts()).encode())
        elif path.is_file():
            parts.append(path.read_bytes())
    return b"\n".join(parts)


def test_a_campaign_of_gophish_becomes_events_and_what_was_typed_is_dropped(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    report = _load([_write(tmp_path / "in", "campaign.json", CAMPAIGN)], district, store)
    (result,) = report.loaded
    assert (report.problems, result.outcome, result.connector, result.rejects) == ((), "new", "gophish", ())
    assert _read_events(store, "drill", "drill_name", "lure", "sent_on", "email", "event", "ip", "agent") == [
        ("7", "Parcel in October", "Parcel", date(2026, 10, 6), email, event, ip, agent)
        for email, event, ip, agent in (
            ("ana@maple.example", "sent", None, None),
            ("bo@maple.example", "sent", None, None),
            ("ana@maple.example", "clicked", "198.51.100.7", "Edg/131"),
            ("ana@maple.example", "posted", "198.51.100.7", "Edg/131"),
        )
    ]
    assert result.load is not None
    assert result.load.dropped == {"typed text": 1}
    stored = _read_stored_bytes(tmp_path / "evidence")
    assert b"ana@maple.example" in stored
    assert TYPED.encode() not in stored
    assert b"Relay-Secret" not in stored


def test_the_csv_of_a_campaign_has_the_same_events_once(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    _load([_write(tmp_path / "in", "campaign.json", CAMPAIGN)], district, store)
    report = _load([_write_csv(tmp_path / "csv")], district, store)
    assert [(result.connector, result.outcome, result.rejects) for result in report.loaded] == [("gophish", "new", ())]
    assert len(_read_events(store, "key")) == 4, "the same campaign in two exports is counted once"
    assert TYPED.encode() not in _read_stored_bytes(tmp_path / "evidence")


def test_several_campaigns_in_a_list_are_each_a_drill(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    other = json.loads(json.dumps(CAMPAIGN)) | {"id": 8, "name": "Parcel in November"}
    for entry in other["timeline"]:
        entry["campaign_id"] = 8
    report = _load([_write(tmp_path / "in", "campaigns.json", [CAMPAIGN, other])], district, store)
    assert (report.problems, {result.connector for result in report.loaded}) == ((), {"gophish"})
    assert set(_read_events(store, "drill", "drill_name")) == {("7", "Parcel in October"), ("8", "Parcel in November")}


def test_recipients_of_knowbe4_become_first_times_and_a_mail_that_waits_is_no_fault(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    times = dict.fromkeys(("delivered_at", "opened_at", "clicked_at"))
    waiting = {**RECIPIENT, "recipient_id": 2, "user": {"email": "cy@maple.example"}, "ip": None, **times}
    bad = {**RECIPIENT, "recipient_id": 3, "user": {"email": "dee@maple.example"}, "clicked_at": "noon"}
    report = _load([_write(tmp_path / "in", "recipients.json", [RECIPIENT, waiting, bad])], district, store)
    assert report.problems == ()
    (result,) = report.loaded
    assert result.connector == "knowbe4"
    assert [(reject.line, reject.field) for reject in result.rejects] == [(3, "clicked_at")]
    assert _read_events(store, "key", "drill", "lure", "email", "event", "ip", "agent", "first_only") == [
        ("14240/3077742/delivered", "14240", "Your order", "ana@maple.example", "delivered", None, None, True),
        ("14240/3077742/opened", "14240", "Your order", "ana@maple.example", "opened", None, None, True),
        (
            "14240/3077742/clicked", "14240", "Your order", "ana@maple.example", "clicked", "198.51.100.7",
            "Chrome 141.0 ChromeOS", True,
        ),
    ]  # fmt: skip


def test_a_page_by_cursor_of_knowbe4_is_the_same_list(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    page = {"data": [RECIPIENT], "_metadata": {"next_cursor": None}}
    report = _load([_write(tmp_path / "in", "page.json", page)], district, store)
    assert (report.problems, [result.connector for result in report.loaded]) == ((), ["knowbe4"])
    assert len(_read_events(store, "key")) == 3


def test_users_of_a_simulation_are_of_the_drill_that_the_answer_or_the_file_names(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    context = (
        "https://graph.microsoft.com/v1.0/$metadata#security/attackSimulation/simulations('f1b13829-aa')"
        "/report/simulationUsers"
    )
    _load([_write(tmp_path / "in", "users.json", {"@odata.context": context, "value": [GRAPH_USER]})], district, store)
    report = _load([_write(tmp_path / "more", "Payroll.json", {"value": [GRAPH_USER]})], district, store)
    assert (report.problems, [result.connector for result in report.loaded]) == ((), ["microsoft"])
    assert set(_read_events(store, "drill", "event", "ip", "agent")) == {
        (drill, event, ip, agent)
        for drill in ("f1b13829-aa", "Payroll")
        for event, ip, agent in (("delivered", None, None), ("clicked", "198.51.100.7", "Edge Windows 11"))
    }


def test_a_drill_log_of_homeroom_may_be_loaded_as_it_grows(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    _load([_write_log(tmp_path / "in", LOG[:1])], district, store)
    bad = [
        {**LOG[1], "event": "danced"},
        {**LOG[1], "script": "maybe"},
        {**LOG[1], "ip": "999.1.1.1"},
    ]
    report = _load([_write_log(tmp_path / "later", [*LOG, *bad])], district, store)
    (result,) = report.loaded
    assert (report.problems, result.connector) == ((), "drilllog")
    assert [(reject.line, reject.field) for reject in result.rejects] == [(3, "event"), (4, "script"), (5, "ip")]
    assert _read_events(store, "drill", "email", "event", "ip", "agent", "link", "method", "script") == [
        ("Parcel", "ana@maple.example", "delivered", None, None, None, None, None),
        ("Parcel", "ana@maple.example", "clicked", "2001:db8::7", "Edg/131", "main", "GET", True),
    ]


def test_a_log_that_is_cut_in_the_middle_costs_its_last_line(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    lines = [{**LOG[0], "person": f"person{number}@maple.example"} for number in range(20)]
    path = _write_log(tmp_path / "in", lines)
    path.write_bytes(path.read_bytes()[:-30])
    report = _load([path], district, store)
    assert report.problems == ()
    assert len(_read_events(store, "key")) == 19
    assert len(report.loaded[0].rejects) == 1


def test_bad_entries_cost_themselves_and_no_reject_shows_what_was_typed(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    entries = [
        *TIMELINE,
        _build_entry("ana@maple.example", "noon", "Clicked Link"),
        _build_entry("ana@maple.example", "2026-10-06T13:40:00Z", "Submitted Data", f"{{password: {TYPED}"),
        _build_entry("ana@maple.example", "2026-10-06T13:41:00Z", "Danced"),
        _build_entry("", "2026-10-06T13:42:00Z", "Clicked Link"),
        _build_entry("ana@maple.example", "2026-10-06T13:43:00Z", "Clicked Link", {"browser": {"address": "999.1.1.1"}}),
    ]  # fmt: skip
    report = _load([_write(tmp_path / "in", "campaign.json", {**CAMPAIGN, "timeline": entries})], district, store)
    (result,) = report.loaded
    assert [(reject.line, reject.field) for reject in result.rejects] == [
        (6, "time"), (7, "details"), (8, "message"), (9, "email"), (10, "details.browser.address"),
    ]  # fmt: skip
    assert len(_read_events(store, "key")) == 4
    assert TYPED.encode() not in _read_stored_bytes(tmp_path / "evidence")
    assert TYPED not in repr(report)


def test_lists_that_look_alike_are_not_taken_for_drills(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    folder = tmp_path / "in"
    _write(folder, "a.json", [{"drill": "Fire", "person": "Ana", "at": "2026-10-06"}])
    _write(folder, "b.json", [{"recipient_id": 4, "name": "Ana"}])
    _write(folder, "c.json", {"id": 1, "name": "Moves", "timeline": [{"when": "2026-10-06", "what": "moved"}]})
    _write(folder, "d.csv", "campaign_id,email,time\n7,ana@maple.example,2026-10-06\n")
    report = _load([folder], district, store)
    assert report.loaded == ()
    assert sorted(problem.file for problem in report.problems) == ["a.json", "b.json", "c.json", "d.csv"]


@pytest.mark.differs_by_database("ids of people come from the ledger")
def test_people_of_a_drill_and_of_a_training_are_met_by_their_address(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    staff = "Employee,First Name,Last Name,E-mail,Job Class Desc,Location,Hire Date,Employee Status\n"
    staff += "1,Ana,Lee,ana@maple.example,Teacher,Oak,8/15/2019,A\n2,Bo,Diaz,bo@maple.example,Clerk,Oak,8/15/2019,A\n"
    load_files(
        [_write(tmp_path / "staff", "staff.csv", staff)],
        district=district, store=store, at=AT, actor="technician", mapping="munis",
    )  # fmt: skip
    enrollments = [
        {
            "enrollment_id": number,
            "content_type": "Store Purchase",
            "module_name": "Security Awareness",
            "user": {"id": number, "email": email},
            "enrollment_date": "2026-08-03T15:02:38.000Z",
            "completion_date": done,
            "status": status,
            "policy_acknowledged": False,
        }
        for number, email, done, status in (
            (1, "ana@maple.example", None, "Past Due"),
            (2, "Bo@maple.example", "2026-08-14T15:02:38.000Z", "Passed"),
        )
    ]
    folder = tmp_path / "in"
    _write(folder, "campaign.json", CAMPAIGN)
    report = _load([folder, _write(tmp_path / "more", "enrollments.json", enrollments)], district, store)
    assert {(result.connector, result.outcome) for result in report.loaded} == {("gophish", "new"), ("knowbe4", "new")}
    resolve(district=district, store=store, today=date(2026, 11, 24), at=AT)
    snapshot = store.get_latest_derived()
    assert snapshot is not None
    query = open_session(store.pin_snapshot(derived=snapshot.id)).execute
    assert query(
        "SELECT p.name, r.drill_name, r.lure, r.delivered, r.missed FROM drill_results r JOIN people p ON p.id = r.person"
        " ORDER BY p.name"
    ).fetchall() == [
        ("Ana Lee", "Parcel in October", "Parcel", True, True),
        ("Bo Diaz", "Parcel in October", "Parcel", True, False),
    ]
    assert query("SELECT name, training_overdue, trained_on FROM people ORDER BY name").fetchall() == [
        ("Ana Lee", 1, None),
        ("Bo Diaz", 0, date(2026, 8, 14)),
    ]
