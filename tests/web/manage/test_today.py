"""Today: at most five items, the reason first, the age of the evidence, and recent changes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.know.connections.models import Connection
from homeroom.apps.platform.backups.status import record_failure, record_made
from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.apps.protect.posture.models import Assessment, ControlResult, Finding
from homeroom.apps.protect.posture.published.queries import OpenFinding
from homeroom.domain.protect.controls import Effort
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.web.templatetags.homeroom import work
from tests.assessed_district import FIRST_NAMES, change_members, publish_assessments
from tests.cast import Cast
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]


def get_page_text(client: Client, page: str = "/") -> str:
    response = client.get(page)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_before_anything_is_loaded_the_page_says_what_to_do(as_: ClientFactory, empty_folder: None):
    assert "No data yet" in get_page_text(as_("director"))


def test_an_old_or_missing_backup_is_shown_to_who_can_do_something_about_it(
    as_: ClientFactory, empty_folder: None, settings: Any, tmp_path: Path
):
    settings.DATA, settings.DEMO, settings.BACKUP_MAX_HOURS = tmp_path, False, 50
    (tmp_path / "store.json").write_text("{}")
    assert "backup" not in get_page_text(as_("director"))
    record_made(tmp_path, at=datetime(2026, 1, 9, 16, 0, tzinfo=UTC), path=tmp_path / "b", size=1)
    assert "Homeroom’s last good backup is too old: Jan 9, 2026" in get_page_text(as_("director"))
    assert "backup" not in get_page_text(as_("auditor"))
    record_failure(tmp_path, at=datetime(2026, 1, 10, 16, 0, tzinfo=UTC), problem="/mnt/backups: no space left")
    page = get_page_text(as_("technician"))
    assert "Homeroom’s last backup failed." in page
    assert "/mnt/backups" not in page
    (tmp_path / "backups.json").unlink()
    os.utime(tmp_path / "store.json", (0, 0))
    assert "Homeroom has no backup." in get_page_text(as_("director"))


def test_five_items_come_first_and_the_others_later(as_: ClientFactory, judged_district: Cast):
    page = as_("technician").get("/").content.decode()
    assert page.count("<li>\n  <div><h3>") == 5
    assert "Other findings (3)" in page


def test_every_item_says_why_who_how_long_and_leads_to_one_action(as_: ClientFactory, judged_district: Cast):
    page = as_("technician").get("/").content.decode()
    items = page.split('<ol class="items"')[1].split("</ol>")[0].split("<li>")[1:]
    for item in items:
        assert item.count('class="button"') == 1
        assert re.search(r'href="/findings/f-\w{13}"', item)
        assert "Technician" in item or "Technology director" in item
        assert re.search(r"\d+\s(min|h|day)", item)


def test_every_item_has_its_number_which_opens_its_rows(as_: ClientFactory, judged_district: Cast):
    page = as_("technician").get("/").content.decode()
    assert "Accounts: 17 of 814 affected · 214 unknown · updated 5:10 AM" in re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", "", page)
    )
    assert re.search(r'<a href="/findings/f-\w{13}#rows">17</a>', page)
    assert 'href="/posture/staff-second-factor/cannot_tell"' in page


@pytest.mark.parametrize(("once", "members", "words"), [
    (0, 1, "about 5 min"),
    (0, 15, "about 1 h"),
    (120, 3, "about 2 h 10 min"),
    (500, 17, "4 min each, about 2 days in all"),
    (0, 9_000, "4 min each, about 20 weeks of one person in all"),
])  # fmt: skip
def test_work_is_told_as_a_person_would(once: int, members: int, words: str):
    effort = Effort(minutes_per_subject=4, minutes_once=once)
    control = replace(load_all_controls()["staff-second-factor"], effort=effort)
    finding = OpenFinding(
        id=1, public="f", control=control, group="", subject_kind="account", first_opened=1, members=members
    )
    assert work(finding).replace("\N{NO-BREAK SPACE}", " ") == words


def list_first_items(client: Client) -> list[str]:
    items = client.get("/").content.decode().split('<ol class="items"')[1].split("</ol>")[0]
    return [title.strip() for title in re.findall(r"<h3>(.+?) <span", items)]


def test_other_faults_give_another_order(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    mostly_expired, mostly_second_factor = [("chromeos-expired", "", 250), ("staff-second-factor", "", 1)], [
        ("chromeos-expired", "", 1),
        ("staff-second-factor", "", 250),
        ("windows-10", "", 5),
    ]  # fmt: skip
    publish_assessments(cast.district, store, findings=mostly_expired)
    before = list_first_items(as_("technician"))
    for rows in (Finding, Assessment, ControlResult):
        rows.objects.of(cast.district).delete()
    publish_assessments(cast.district, store, findings=mostly_second_factor)
    after = list_first_items(as_("technician"))
    assert before == [
        "250 Chromebooks in use are past their auto-update expiration date",
        "1 staff account has no MFA",
    ]
    assert after == [
        "250 staff accounts have no MFA",
        "5 computers run Windows 10 without security updates",
        "1 Chromebook in use is past its auto-update expiration date",
    ]


def _list_source_rows(page: str) -> list[str]:
    """Return the text of each row of the picture of data freshness."""
    section = page.split('<section class="card freshness"')[1].split("</section>")[0]
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', section, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]


def test_each_source_has_its_age_against_what_is_expected_and_the_latest_is_first(
    as_: ClientFactory, judged_district: Cast
):
    page = as_("technician").get("/").content.decode()
    assert "Thursday, January 15" in page
    rows = _list_source_rows(page)
    assert rows[0] == "Snipe-IT 12 days old every 7 days"
    assert "Google today every 7 days" in rows
    assert '<rect class="value past"' in page
    assert "<strong>1 source</strong> is older than expected; 2 are fresh" in page


def test_a_source_that_is_synced_each_night_is_old_after_a_day(as_: ClientFactory, judged_district: Cast):
    district = judged_district.district
    Connection.objects.create(district=district, name="google", client="google", every_hours=24, made_at=MORNING)
    assert "Google today daily" in _list_source_rows(as_("technician").get("/").content.decode())


def test_what_is_fresh_is_folded_below_what_is_late(as_: ClientFactory, judged_district: Cast):
    page = as_("technician").get("/").content.decode()
    shown, _, folded = page.split('<section class="card freshness"')[1].partition("<details")
    assert "Snipe-IT" in shown
    assert "Google" not in shown
    assert "2 other sources" in folded
    assert "Google" in folded


def test_the_week_shows_its_school_days(as_: ClientFactory, judged_district: Cast):
    text = get_page_text(as_("technician"))
    assert "4 school days this week" in text
    assert "Staff day" in text


def test_the_page_counts_what_was_fixed_what_is_new_and_what_came_back(as_: ClientFactory, judged_district: Cast):
    change_members(judged_district.district)
    text = get_page_text(as_("technician"))
    assert "Since Jan 14, 5:10 AM 3 fixed 2 new 1 came back" in text


def test_no_persons_name_stands_on_the_page(as_: ClientFactory, judged_district: Cast):
    text = get_page_text(as_("technician"))
    assert not [name for name in FIRST_NAMES if name in text]


def test_on_a_quiet_day_nothing_needs_you_before_first_bell(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    publish_assessments(cast.district, store, findings=())
    assert "You’re all caught up" in get_page_text(as_("technician"))


def test_where_nobody_was_judged_the_page_says_so_and_wishes_no_good_day(
    as_: ClientFactory, cast: Cast, store: EvidenceStore
):
    publish_assessments(cast.district, store, findings=())
    ControlResult.objects.of(cast.district).update(population=0, passing=0, failing=0, cannot_tell=0, excepted=0)
    text = get_page_text(as_("technician"))
    assert "Nothing to check yet" in text
    assert "You’re all caught up" not in text


def test_the_first_judgment_compares_with_nothing(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    publish_assessments(cast.district, store, first_only=True)
    assert "This is the first scan" in get_page_text(as_("technician"))


def test_the_stranger_sees_their_own_empty_morning(as_: ClientFactory, judged_district: Cast):
    text = get_page_text(as_("stranger"))
    assert "No data yet" in text
    assert "Maple" not in text


@pytest.mark.parametrize("groups", [10, 100])
def test_the_queries_do_not_grow_with_the_findings(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, groups: int, django_assert_num_queries: Any
):
    findings = [("chromeos-silent", f"Cart {n}", 3) for n in range(groups)]
    publish_assessments(cast.district, store, findings=findings)
    client = as_("technician")
    # One counts the open alerts, one the incidents, one reads the facts for duties, one the grants of permissions, and
    # one what the district requires at sign-in. What an assessment alone decides is read once.
    with django_assert_num_queries(25):
        client.get("/")
    with django_assert_num_queries(19):
        client.get("/")
