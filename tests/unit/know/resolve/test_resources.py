"""Test resources built from records, such as backups, apps and units: sources, derived values and stable ids."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pyarrow as pa
import pytest

from homeroom.engines.know.resolve import LEDGER_SCHEMA
from homeroom.evidence.tables import RESOURCE_TABLES
from tests.unit.know.resolve.partial_resolution import PartialResult
from tests.unit.know.resolve.source_records import build_record, build_role_record, get_only_row, resolve_records

pytestmark = pytest.mark.scale

YESTERDAY = datetime(2026, 1, 14, 22, tzinfo=UTC)
DRIVE = "drive_and_docs_external_sharing"


def build_list_row(**values: Any) -> dict[str, Any]:
    """Build a row of a table that has no key of its own."""
    return {name: value for name, value in build_record("csv", "", **values).items() if name != "key"}


def build_google_row(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in build_record("google", "", **values).items() if name != "key"}


def test_a_system_has_what_any_of_its_jobs_has_and_a_cell_that_says_none_is_no_job() -> None:
    result = resolve_records(
        backup_records=[
            build_list_row(system="Gradebook", job="nightly", tool="Disk", last_success=YESTERDAY, offsite=False),
            build_list_row(system="gradebook ", job="weekly", tool="Cloud", offsite=True),
            build_list_row(system="Bells", job="", tool="none", critical=True),
            build_list_row(system="Library", job="", tool="Disk", offsite=None),
        ]
    )
    book = get_only_row(result, "systems", name="Gradebook")
    assert (book["jobs"], book["tools"], book["offsite"], book["backed_up"]) == (2, ["Cloud", "Disk"], True, True)
    assert get_only_row(result, "systems", name="Bells")["backed_up"] is False
    assert (
        get_only_row(result, "systems", name="Library")["backed_up"],
        get_only_row(result, "systems", name="Library")["offsite"],
    ) == (
        None,
        None,
    )
    assert {entry["system"] for entry in result.tables["backups"].to_pylist()} == {"Gradebook", "gradebook", "Library"}


def test_a_resource_keeps_its_id_whatever_else_changes_and_comes_back_with_it() -> None:
    jobs = [
        build_list_row(system="Gradebook", job="nightly", tool="Disk"),
        build_list_row(system="Library", job="", tool="Disk"),
    ]
    first = resolve_records(backup_records=jobs)
    ledger = pa.concat_tables([LEDGER_SCHEMA.empty_table(), first.ledger_added])
    without = resolve_records(ledger=ledger, backup_records=jobs[:1])
    again = resolve_records(ledger=ledger, backup_records=[build_list_row(system="Annex", job="", tool="Disk"), *jobs])
    assert {entry["name"] for entry in without.tables["systems"].to_pylist()} == {"Gradebook"}
    for name in ("Gradebook", "Library"):
        assert get_only_row(again, "systems", name=name)["id"] == get_only_row(first, "systems", name=name)["id"]
    assert {entry["key"] for entry in again.ledger_added.to_pylist()} == {"Annex"}


def test_every_kind_of_resource_is_linked_to_its_records() -> None:
    result = resolve_records(mail_domains=[build_list_row(domain="b.example"), build_google_row(domain="B.example")])
    links = [(link["connector"], link["key"], link["rule"]) for link in result.tables["links"].to_pylist()]
    assert result.tables["domains"].num_rows == 1
    assert links == [("csv", "b.example", "anchor"), ("google", "b.example", "the same name")]


@pytest.mark.parametrize(
    ("spf", "everybody_else", "lookups"),
    [
        ("v=spf1 include:_spf.google.com ~all", "softfail", 1),
        ("v=spf1 a mx include:one.example include:two.example -all", "fail", 4),
        ("v=spf1 ip4:192.0.2.1 ?all", "neutral", 0),
        ("v=spf1 all", "pass", 0),
        ("v=spf1 a:mail.example", "neutral", 1),
        ("v=spf1 redirect=_spf.example", None, 1),
        ("none", None, None),
    ],
)
def test_an_spf_record_is_read_term_by_term(spf: str, everybody_else: str | None, lookups: int | None) -> None:
    domain = get_only_row(resolve_records(mail_domains=[build_list_row(domain="a.example", spf=spf)]), "domains")
    assert (domain["spf_all"], domain["spf_lookups"]) == (everybody_else, lookups)


def test_a_domain_without_a_dmarc_record_has_the_subdomain_policy_of_the_one_above_it() -> None:
    result = resolve_records(
        mail_domains=[
            build_list_row(
                domain="a.example", dmarc="v=DMARC1; p=reject; sp=quarantine; pct=50; rua=mailto:d@a.example"
            ),
            build_list_row(domain="news.a.example", dmarc="none"),
            build_list_row(domain="looked.example", dmarc="none"),
            build_list_row(domain="other.example"),
        ]
    )
    below = get_only_row(result, "domains", domain="news.a.example")
    assert (below["dmarc_from"], below["dmarc_policy"], below["dmarc_percent"]) == ("a.example", "quarantine", 50)
    assert get_only_row(result, "domains", domain="looked.example")["dmarc"] == ""
    assert get_only_row(result, "domains", domain="other.example")["dmarc"] is None


def test_an_app_folds_its_grants_and_finds_its_agreement_and_its_use_by_name() -> None:
    result = resolve_records(
        account_records=[
            build_record("google", "u1", email="p@a.example", suspended=False),
            build_record("google", "u2", email="t@a.example", suspended=False, super_admin=True),
        ],
        person_records=[build_record("oneroster", "s1", email="p@a.example", given_name="P", family_name="Q")],
        role_records=[build_role_record("oneroster", "s1", "student")],
        app_grants=[
            build_google_row(
                account_key="u1", app_key="c", app_name="Quizzy", kind="delegated", scopes=["https://mail.google.com/"]
            ),
            build_google_row(account_key="u2", app_key="c", app_name="Quizzy", kind="delegated", scopes=["openid"]),
        ],
        agreement_records=[
            build_record(
                "csv",
                "1",
                vendor="Quizzy, Inc.",
                product="Quizzy",
                kind="privacy",
                signed_on=date(2024, 1, 1),
                ends_on=date(2026, 1, 14),
            ),
        ],
        app_use_records=[build_list_row(app="QUIZZY", until=date(2026, 1, 9), users=12)],
    )
    app = get_only_row(result, "apps")
    assert (app["users"], app["students"], app["administrators"], app["reach"]) == (2, 1, 1, ["mail"])
    assert (app["agreement"], app["last_used"]) == ("ended", date(2026, 1, 9))
    assert (get_only_row(result, "agreements")["apps"], get_only_row(result, "agreements")["app_users"]) == (1, 2)


REACH: dict[str, list[str]] = {
    "https://www.googleapis.com/auth/drive": ["files"],
    "https://www.googleapis.com/auth/drive.file": [],
    "https://www.googleapis.com/auth/gmail.send": [],
    "https://www.googleapis.com/auth/gmail.readonly": ["mail"],
    "https://www.googleapis.com/auth/admin.directory.user.readonly": ["directory"],
    "https://www.googleapis.com/auth/admin.directory.user": ["administration"],
    "https://www.googleapis.com/auth/classroom.rosters.readonly": ["roster"],
    "Mail.ReadBasic": [],
    "Mail.ReadWrite.Shared": ["mail"],
    "Directory.ReadWrite.All": ["administration"],
    "User.Read": [],
}


@cache
def resolve_scopes() -> PartialResult:
    """Resolve one district in which each scope is that of an app of its own."""
    grants = [
        build_google_row(account_key="u1", app_key=f"c{n}", app_name=scope, kind="delegated", scopes=[scope])
        for n, scope in enumerate(REACH)
    ]
    return resolve_records(app_grants=grants)


@pytest.mark.parametrize(("scope", "reach"), REACH.items())
def test_what_a_scope_reaches(scope: str, reach: list[str]) -> None:
    assert get_only_row(resolve_scopes(), "apps", name=scope)["reach"] == reach


def test_a_replaced_agreement_says_so_and_words_tell_one_that_is_only_asked_for() -> None:
    result = resolve_records(
        agreement_records=[
            build_record("csv", "old", vendor="V", product="P", kind="privacy", signed_on=date(2022, 1, 1)),
            build_record("csv", "new", vendor="V Inc.", product="P", kind="privacy", signed_on=date(2025, 1, 1)),
            build_record("csv", "ask", vendor="W", product="R", status_word="Requested 11/3"),
            build_record("csv", "no", vendor="X", product="S", status_word="Vendor declined", signed_on=None),
        ]
    )
    states = {
        agreement["vendor"]: (agreement["state"], agreement["replaced"])
        for agreement in result.tables["agreements"].to_pylist()
    }
    assert states == {
        "V": ("signed", True),
        "V Inc.": ("signed", False),
        "W": ("asked", False),
        "X": ("refused", False),
    }


def test_a_group_counts_strangers_and_owners_who_can_still_act() -> None:
    result = resolve_records(
        account_records=[
            build_record("google", "u1", email="t@a.example", suspended=False),
            build_record("google", "u2", email="gone@a.example", suspended=True),
        ],
        groups=[build_record("google", "g@a.example", email="g@a.example", name="G", who_can_post="ANYONE_CAN_POST")],
        group_members=[
            build_google_row(group_key="g@a.example", member_key="u1", email="t@a.example", kind="user", role="member"),
            build_google_row(
                group_key="g@a.example", member_key="u2", email="gone@a.example", kind="user", role="owner"
            ),
            build_google_row(
                group_key="g@a.example", member_key="x", email="o@else.example", kind="user", role="member"
            ),
            build_google_row(
                group_key="g@a.example", member_key="y", email="n@else.example", kind="group", role="member"
            ),
        ],
    )
    group = get_only_row(result, "directory_groups")
    assert (group["members"], group["owners"], group["owners_here"], group["outsiders"]) == (4, 1, 0, 1)
    assert (group["anyone_posts"], group["anyone_joins"]) == (True, None)


def test_a_unit_has_its_own_setting_else_that_of_the_nearest_unit_above_it() -> None:
    def build_setting(unit: str, **value: Any) -> dict[str, Any]:
        return build_google_row(suite="google", tenant="t", unit=unit, group="", name=DRIVE, value=json.dumps(value))

    result = resolve_records(
        org_units=[
            build_record("google", f"id:{n}", path=path)
            for n, path in enumerate(("/Staff", "/Students", "/Students/HS", "/StudentsX"))
        ],
        setting_records=[
            build_setting("", externalSharingMode="ALLOWED", allowPublishingFiles=True),
            build_setting("1", externalSharingMode="DISALLOWED"),
            build_setting("2", externalSharingMode="ALLOWED"),
        ],
    )
    shares = {
        unit_row["path"]: (unit_row["shares_outside"], unit_row["publishes_files"])
        for unit_row in result.tables["units"].to_pylist()
    }
    assert shares == {
        "/Staff": (True, True),
        "/Students": (False, False),
        "/Students/HS": (True, True),
        "/StudentsX": (True, True),
    }


def test_of_a_person_whom_no_list_of_training_carries_nobody_knows() -> None:
    result = resolve_records(
        person_records=[
            build_record("hr", key, email=f"{key}@a.example", given_name=key, family_name=key) for key in ("e1", "e2")
        ],
        role_records=[build_role_record("hr", key, "teacher", begin_date=date(2025, 11, 1)) for key in ("e1", "e2")],
        training_records=[
            build_list_row(
                email="e1@a.example", course="Basics", kind="training", due_on=date(2025, 12, 1), done_on=None
            ),
            build_list_row(
                email="e1@a.example",
                course="Drill",
                kind="phishing",
                assigned_on=date(2025, 12, 3),
                status_word="Clicked",
            ),
        ],
    )
    listed, unlisted = (get_only_row(result, "people", email=f"{key}@a.example") for key in ("e1", "e2"))
    assert (listed["training_listed"], listed["trained_this_year"], listed["training_overdue"]) == (True, False, 1)
    assert (listed["trained_in_time"], listed["drills_missed"], listed["helped_since"]) == (False, 1, False)
    assert (unlisted["training_listed"], unlisted["trained_this_year"], unlisted["drills_missed"]) == (
        False,
        None,
        None,
    )


MISSED = {"Opened": 0, "Email opened": 0, "Data submitted": 1, "Failed": 1}


@cache
def resolve_drill_words() -> PartialResult:
    """Resolve one district in which each word is the outcome of one person's drill."""
    emails = {word: f"e{n}@a.example" for n, word in enumerate(MISSED)}
    return resolve_records(
        person_records=[
            build_record("hr", email, email=email, given_name=word, family_name=word) for word, email in emails.items()
        ],
        role_records=[
            build_role_record("hr", email, "teacher", begin_date=date(2025, 11, 1)) for email in emails.values()
        ],
        training_records=[
            build_list_row(
                email=email, course="Drill", kind="phishing", assigned_on=date(2025, 12, 3), status_word=word
            )
            for word, email in emails.items()
        ],
    )


@pytest.mark.parametrize(("word", "missed"), MISSED.items())
def test_an_opened_mail_is_no_missed_drill(word: str, missed: int) -> None:
    assert get_only_row(resolve_drill_words(), "people", name=f"{word} {word}")["drills_missed"] == missed


def test_a_district_without_lists_has_every_table_of_resources_empty() -> None:
    result = resolve_records()
    tables = [table.name for table in RESOURCE_TABLES.values() if table.engine == "resolve"]
    assert all(result.tables[name].num_rows == 0 for name in tables)


def build_class(key: str, location: str | None, *, connector: str = "sis", **values: Any) -> dict[str, Any]:
    return build_record(connector, key, **{"org_key": "s1", "status": "active", "location": location, **values})


def build_school(key: str, name: str, connector: str = "sis") -> dict[str, Any]:
    return build_record(connector, key, name=name, kind="school")


def test_a_room_has_class_in_the_periods_of_its_classes_and_is_free_in_the_others() -> None:
    result = resolve_records(
        orgs=[build_school("s1", "Lincoln High"), build_school("s2", "Cedar Middle")],
        classes=[
            build_class("1", "Room 101", periods=["1"], grades=["09"]),
            build_class("2", "Room 101", periods=["2", "10"], grades=["09", "10"]),
            build_class("3", "rm. 101 ", periods=["1"], term_keys=["spring"]),
            build_class("4", "B 12", periods=["3"]),
            build_class("5", "Room 101", org_key="s2", periods=["7"]),
            build_class("6", "Room 101", status="tobedeleted", periods=["9"]),
            build_class("7", None, periods=["4"]),
        ],
    )
    rooms = {(row["school"], row["name"]): row for row in result.tables["rooms"].to_pylist()}
    assert set(rooms) == {("Lincoln High", "Room 101"), ("Lincoln High", "B 12"), ("Cedar Middle", "Room 101")}
    room = rooms["Lincoln High", "Room 101"]
    assert (room["classes"], room["periods"], room["free_periods"]) == (3, ["1", "2", "10"], ["3", "4"])
    assert (room["grades"], room["devices"], room["sources"]) == (["09", "10"], None, ["sis"])
    assert rooms["Lincoln High", "B 12"]["free_periods"] == ["1", "2", "4", "10"]
    assert rooms["Cedar Middle", "Room 101"]["free_periods"] == []
    links = [(link["connector"], link["key"]) for link in result.tables["links"].to_pylist()]
    assert links == [("sis", "s1 / 101"), ("sis", "s1 / b 12"), ("sis", "s2 / 101")]


def test_a_room_with_a_class_at_unknown_times_has_no_free_period_that_anybody_knows() -> None:
    classes = [
        build_class("1", "Room 1", periods=["1"]),
        build_class("2", "Room 1"),
        build_class("3", "2", periods=["2"]),
    ]
    row = get_only_row(resolve_records(orgs=[build_school("s1", "Oak")], classes=classes), "rooms", name="Room 1")
    assert (row["periods"], row["free_periods"], row["classes"]) == (["1"], None, 2)


def test_a_class_without_a_room_makes_none() -> None:
    locations = ["TBA", " n/a", "Online", "", "  ", None]
    classes = [build_class(str(n), location, periods=["1"]) for n, location in enumerate(locations)]
    result = resolve_records(classes=[*classes, build_class("of no school", "Room 1", org_key=None)])
    assert result.tables["rooms"].to_pylist() == []
