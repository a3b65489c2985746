"""A trial over real loads: staff of a list, events of a tool, judged and resolved; and the commands of the program."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from homeroom.apps.comply.erasing.commands import erase_people
from homeroom.apps.platform.districts.models import District
from homeroom.apps.teach.awareness.lot_files import redraw_file
from homeroom.apps.teach.trials.arm_files import list_arm_lines
from homeroom.apps.teach.trials.commands import end_trial, plan_trial, start_trial
from homeroom.apps.teach.trials.queries import find_trial, list_arms
from homeroom.cli.main import build_app
from homeroom.domain.spreadsheets import iterate_csv_lines
from homeroom.domain.teach.awareness.trial_plans import TrialForm
from tests.apps.program import run_homeroom
from tests.apps.teach.awareness.drill_district import (
    SENT,
    build_events,
    get_email,
    load_events,
    load_staff,
    open_store,
    resolve_on,
)
from tests.data_folders import prepare_data_folder

PEOPLE = range(60)
START = SENT.date() - timedelta(days=10)
END = START + timedelta(days=30)
AFTER = END + timedelta(days=1)


@pytest.fixture
def district(db: Any) -> District:
    return District.objects.create(slug="maple", name="Maple", timezone="America/Chicago")


def _build_step(district: District, day: Any) -> dict[str, Any]:
    at = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
    return {"district": district, "today": day, "actor": "director", "at": at}


def test_who_was_held_out_and_clicked_makes_the_verdict(district: District, tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    store = open_store(tmp_path)
    load_staff(store, people=PEOPLE)
    resolve_on(district, store, START)
    form = TrialForm(question="Does it help?", courses=("Parcels",), ends_on=END.isoformat(), drills="1")
    public = plan_trial(form=form, **_build_step(district, START))
    start_trial(public=public, **_build_step(district, START))
    look = {name: value for name, value in _build_step(district, START).items() if name != "today"}
    arms = {row.email: row.arm for row in list_arms(public=public, **look)}
    assert len(arms) == 60

    clicks = [n for n in PEOPLE if arms[f"t{n}@maple.example"] == "held_out" and n % 2]
    load_events(store, build_events(people=PEOPLE, clicks=clicks), at=SENT + timedelta(days=3))
    resolve_on(district, store, AFTER)
    end_trial(public=public, **_build_step(district, AFTER))
    view = find_trial(district=district, public=public, today=AFTER)
    assert view is not None
    assert view.line.result is not None
    assert view.line.result["verdict"] == "lower"
    assert view.line.result["estimate"] == pytest.approx(-len(clicks) / 30, abs=0.02)
    assert view.line.result["people"] == {"trained": 30, "held_out": 30}


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_an_erased_member_leaves_a_score_by_which_the_lot_is_drawn_again(tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    district = District.objects.create(slug="maple", name="Maple", timezone="America/Chicago")
    store = open_store(tmp_path)
    load_staff(store, people=PEOPLE)
    resolve_on(district, store, START)
    form = TrialForm(question="Does it help?", courses=("Parcels",), ends_on=END.isoformat(), strata="school")
    public = plan_trial(form=form, **_build_step(district, START))
    start_trial(public=public, **_build_step(district, START))
    by: dict[str, Any] = {"actor": "privacy officer", "at": SENT, "reason": "Asked for.", "though_listed": True}
    erase_people(district=district, store=store, wanted=[get_email(7)], **by)
    view = find_trial(district=district, public=public, today=START)
    assert view is not None
    assert (view.erased, view.can_redraw) == (1, True)
    look = {name: value for name, value in _build_step(district, START).items() if name != "today"}
    lines = list_arm_lines(public=public, **look)
    assert [line[:3] for line in lines if not line[4]] == [("", "", "")]
    (tmp_path / "arms.csv").write_text("".join(iterate_csv_lines(lines)), encoding="utf-8")
    lot = redraw_file(tmp_path / "arms.csv", seed=view.seed, percent=50)
    assert (lot.units, lot.held_out, lot.different) == (60, 30, ())


def test_the_program_plans_shows_and_cancels_and_says_what_is_missing(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    plan = ("--question", "Does it help?", "--course", "Parcels", "--ends", "2026-12-31")
    shared = ("--today", "2026-10-01", "--json")
    planned = run_homeroom("awareness", "trial", "plan", *plan, *shared, data=data)
    assert planned.returncode == 0, planned.stderr
    document = json.loads(planned.stdout)
    assert (document["state"], document["result"], document["seed"]) == ("planned", None, None)
    assert "too few to hold out 50%" in document["cannot_start"]
    refused = run_homeroom("awareness", "trial", "start", document["id"], *shared, data=data)
    assert (refused.returncode, "percent:" in refused.stderr) == (2, True)
    missing = run_homeroom("awareness", "trial", "arms", document["id"], "--to", str(tmp_path / "a.csv"), data=data)
    assert (missing.returncode, (tmp_path / "a.csv").exists()) == (2, False)
    reason = ("--reason", "The course was withdrawn.")
    canceled = run_homeroom("awareness", "trial", "cancel", document["id"], *reason, *shared, data=data)
    assert json.loads(canceled.stdout)["canceled_because"] == "The course was withdrawn."
    lines = json.loads(run_homeroom("awareness", "trial", "show", "--json", data=data).stdout)
    assert [(line["id"], line["state"], line["verdict"]) for line in lines] == [(document["id"], "canceled", None)]


def test_a_plan_without_a_course_is_refused_by_the_program() -> None:
    result = CliRunner().invoke(build_app(), ["awareness", "trial", "plan", "--question", "?", "--ends", "2026-12-31"])
    assert result.exit_code == 2
