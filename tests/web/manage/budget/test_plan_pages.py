"""Refresh plans on their pages: files and loaded devices become plans, a changed budget beside the old."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django_ox.models import OxTask

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.manage.budget.models import BudgetPlan
from homeroom.apps.manage.budget.plan_runs import run_planner
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.engines.manage.refresh.planner import plan_refresh
from tests.apps.manage.budget.budget_files import build_files
from tests.apps.manage.budget.evidence_lists import ASSETS, CHROMEBOOKS
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
pytestmark = pytest.mark.django_db(databases="__all__")


def upload(client: Client, title: str = "Our fleet", **changes: str) -> Any:
    files = [SimpleUploadedFile(name, content) for name, content in build_files(**changes).items()]
    return client.post("/budget/upload", {"title": title, "files": files})


def save_plan(client: Client, **changes: str) -> str:
    answer = upload(client, **changes)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"]).rpartition("/")[2]


def plan_at_once(cast: Cast, public: str) -> None:
    row = BudgetPlan.objects.of(cast.district).get(public=public)
    run_planner(
        district=cast.district,
        public=public,
        number=row.run_number,
        seconds=5,
        level=row.run_request["level"],
        plan=plan_refresh,
        now=timezone.now,
    )


def read_text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_uploaded_files_are_planned_by_the_worker_and_the_page_polls(as_: ClientFactory, cast: Cast):
    client = as_("technician")
    public = save_plan(client)
    assert "Not planned yet" in read_text(client, f"/budget/plans/{public}")
    client.post(f"/budget/plans/{public}/run", {"seconds": "15", "level": "general"})
    assert OxTask.objects.get().args == [cast.district.slug, public, 1, 15, "general"]
    page = read_text(client, f"/budget/plans/{public}")
    assert "Waiting for the worker" in page
    assert f'hx-get="/budget/plans/{public}?part=1"' in page
    client.post(f"/budget/plans/{public}/run", {})
    assert OxTask.objects.count() == 1, "it is being planned already"
    plan_at_once(cast, public)
    assert client.get(f"/budget/plans/{public}?part=1")["HX-Refresh"] == "true"
    page = read_text(client, f"/budget/plans/{public}")
    for words in (
        "Device-years past support", "no plan has fewer", "general", "$800", "money for chromebook is used up",
        "general: $", "a year is enough", "1 has no last good day",
    ):  # fmt: skip
        assert words in page, words


def test_a_changed_budget_is_a_plan_of_its_own_beside_the_old_one(as_: ClientFactory, cast: Cast):
    client = as_("director")
    old = save_plan(client)
    client.post(f"/budget/plans/{old}/run", {})
    plan_at_once(cast, old)
    answer = client.post(f"/budget/plans/{old}/change", {"amount:general": ["$6,000", "0", "0"], "title": "More"})
    new = str(answer["Location"]).rpartition("/")[2]
    assert new != old
    plan_at_once(cast, new)
    page = read_text(client, f"/budget/plans/{new}")
    for words in ("This plan beside the one before", "Our fleet", "general, before", "W before", "the plan before"):
        assert words in page, words
    figures = {row.public: row.figures for row in BudgetPlan.objects.of(cast.district)}
    assert figures[new]["weighted"] < figures[old]["weighted"]
    assert "More" in read_text(client, f"/budget/plans/{old}")
    entry = Entry.objects.of(cast.district).filter(action="save budget plan").order_by("-pk")[0]
    assert entry.detail["general"] == "900, 0, 0 to 6000, 0, 0"
    assert entry.detail["changes"] == old


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        (["many", "0", "0"], "many is no number; a number of 0 or more"),
        (["-5", "0", "0"], "-5 is no number"),
        (["", "0", "0"], "blank is no number"),
        (["nan", "0", "0"], "nan is no number"),
        (["900", "0", "0"], "nothing is changed"),
        (["900", "0"], "nothing is changed"),
    ],
)
def test_an_amount_that_does_not_fit_is_refused_and_stays_in_the_form(
    as_: ClientFactory, cast: Cast, amounts: list[str], words: str
):
    client = as_("technician")
    public = save_plan(client)
    answer = client.post(f"/budget/plans/{public}/change", {"amount:general": amounts})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert words in text
    assert f'value="{amounts[0]}"' in text
    assert BudgetPlan.objects.of(cast.district).count() == 1


def test_files_that_do_not_fit_are_refused_with_file_line_and_field(as_: ClientFactory, cast: Cast):
    client = as_("technician")
    answer = upload(client, fleet="group,school,kind,count,last_good\na,Oak,chromebook,half,2026-06-30\n")
    assert answer.status_code == 422
    assert "our fleet.csv, line 2, count" in answer.content.decode()
    for name in ("/etc/passwd", "../prices.csv", "missing.csv"):
        plan = build_files()["our plan.yml"].decode().replace("our fleet.csv", name)
        answer = upload(client, plan=plan)
        assert answer.status_code == 422
        assert "is not among the uploaded files" in answer.content.decode()
        assert "root:" not in answer.content.decode()
    assert client.post("/budget/upload", {}).status_code == 422
    assert not BudgetPlan.objects.of(cast.district).exists()


def test_a_price_that_is_missing_is_asked_for_and_the_run_is_refused_until_it_is_there(as_: ClientFactory, cast: Cast):
    client = as_("technician")
    public = save_plan(client)
    row = BudgetPlan.objects.of(cast.district).get()
    row.prices = row.prices.replace("switch,1000", "switch,")
    row.save()
    client.post(f"/budget/plans/{public}/run", {})
    plan_at_once(cast, public)
    page = read_text(client, f"/budget/plans/{public}")
    assert "This cannot be planned yet" in page
    assert "prices.csv, line 3, price" in page
    assert "(needed)" in page
    answer = client.post(f"/budget/plans/{public}/change", {"price:switch": "1200", "price:chromebook": "300"})
    new = str(answer["Location"]).rpartition("/")[2]
    plan_at_once(cast, new)
    assert BudgetPlan.objects.of(cast.district).get(public=new).run_state == "done"


def test_all_rows_are_a_csv_file(as_: ClientFactory, cast: Cast):
    client = as_("technician")
    public = save_plan(client)
    assert client.get(f"/budget/plans/{public}/rows.csv").status_code == 404
    client.post(f"/budget/plans/{public}/run", {})
    plan_at_once(cast, public)
    content = b"".join(client.get(f"/budget/plans/{public}/rows.csv").streaming_content).decode()  # type: ignore[attr-defined]
    rows = list(csv.DictReader(StringIO(content)))
    assert sum(int(row["count"]) for row in rows if row["what"] == "replace") == 2
    assert [row["group"] for row in rows if row["what"] == "unknown"] == ["oak-odd"]


def test_a_plan_of_the_loaded_devices_shows_what_it_rests_on_and_support_to_be_had(
    as_: ClientFactory, cast: Cast, tmp_path: Path, settings: Any
):
    settings.DATA = tmp_path / "data"
    exports = {"assets.csv": ASSETS, "chromebooks.csv": CHROMEBOOKS}
    for name, text in exports.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    store, at = get_evidence_store(district=cast.district), datetime(2026, 1, 5, 12, tzinfo=UTC)
    load_files([tmp_path / name for name in exports], district=cast.district, store=store, at=at, actor="technician")
    resolve(district=cast.district, store=store, today=at.date(), at=at)
    client = as_("technician")
    answer = client.post("/budget/from-evidence", {"title": "Our devices"})
    assert answer.status_code == 302, answer.content.decode()
    page = read_text(client, answer["Location"])
    for words in (
        "Left out without a price: Other.", "no end of support is known, so years after the purchase count",
        "Extended updates of ChromeOS", "Android apps and the Play Store are removed",
    ):  # fmt: skip
        assert words in page, words
    public = save_plan(client)
    assert "What it rests on" not in read_text(client, f"/budget/plans/{public}"), "files rest on themselves"


def test_who_only_reads_sees_plans_and_no_form(as_: ClientFactory, cast: Cast):
    public = save_plan(as_("technician"))
    page = read_text(as_("auditor"), f"/budget/plans/{public}")
    assert "Change the budget" not in page
    assert "New plan" not in read_text(as_("auditor"), "/budget")
    assert as_("stranger").get(f"/d/maple-valley/budget/plans/{public}").status_code == 404


def test_a_removed_plan_is_gone_and_what_changed_it_stays(as_: ClientFactory, cast: Cast):
    client = as_("technician")
    public = save_plan(client)
    client.post(f"/budget/plans/{public}/change", {"amount:general": ["1", "2", "3"]})
    client.post(f"/budget/plans/{public}/remove", {})
    assert BudgetPlan.objects.of(cast.district).count() == 2
    client.post(f"/budget/plans/{public}/remove", {"sure": "1"})
    (left,) = BudgetPlan.objects.of(cast.district)
    assert (left.base_id, left.public == public) == (None, False)
    assert Entry.objects.of(cast.district).filter(action="remove budget plan").count() == 1
