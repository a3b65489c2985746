"""Test the scoring of judged drills with events files written by hand, and the published rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.drills import drills
from bench.drills.drills import GOALS, WorldScore, apply_rules, score_world, summarize
from bench.drills.large_log import write_large_log
from bench.drills.published_rules import remove_bursts, remove_early_clicks, remove_shared_addresses
from bench.drills.scores import DrillIntervals, compute_wilson, match_judgments
from bench.support.program import ProcessCost
from homeroom.sample.drills import WrittenWorld, build_world, list_worlds, write_world
from homeroom.sample.drills.events import Drill, DrillEvent, WrittenFile

AT = datetime(2026, 10, 6, 15, tzinfo=UTC)
CLICK = DrillEvent(person="ana@district.example", kind="clicked", at=AT, address="203.0.113.10")
Verdict = Callable[[DrillEvent], str]


def write_file(*events: DrillEvent, name: str = "1.jsonl") -> WrittenFile:
    drill = Drill(name="Drill", lure="Drill", launched=AT, ends=AT + timedelta(days=7), people=[])
    drill.delivered_at = {event.person: AT for event in events}
    return WrittenFile(name=name, drill=drill, shown=list(enumerate(events, start=1)))


def answer_world(written: WrittenWorld, folder: Path, verdict: Verdict) -> tuple[Path, dict[str, Any]]:
    """Write an events file with a verdict on each event; intervals are Wilson's over the truth."""
    path = folder / "events.jsonl"
    drills = []
    with path.open("w", encoding="utf-8") as out:
        for file in written.files:
            for row, event in file.shown:
                line = {"file": file.name, "row": row, "event": event.kind, "whose": verdict(event), "rules": []}
                out.write(json.dumps(line) + "\n")
            low, high = compute_wilson(len(file.drill.missed), len(file.drill.delivered_at))
            drills.append({"file": file.name, "missed": {"cannot_tell": 0, "low": low, "high": high}})
    return path, {"drills": drills}


def score(name: str, folder: Path, verdict: Verdict) -> dict[str, float | None]:
    written = write_world(build_world(name, seed=2, scale=0.25), folder)
    world_score, intervals = WorldScore(), DrillIntervals()
    events, answers = answer_world(written, folder, verdict)
    score_world(written, events, answers, world_score, intervals)
    apply_rules(written, world_score)
    return summarize({name: world_score}, {name: intervals})


@pytest.mark.parametrize("name", list_worlds())
def test_who_knows_the_truth_scores_full_marks(name: str, tmp_path: Path) -> None:
    figures = score(name, tmp_path, lambda event: event.origin)
    key = name.replace("-", "_")
    if name != "people-only":
        assert figures[f"{key}_precision"] == figures[f"{key}_recall"] == 1
    assert figures[f"{key}_own_removed"] == figures[f"{key}_cannot_tell"] == figures[f"{key}_without_judgment"] == 0
    assert figures["true_share_inside"] == 1
    assert figures["width_over_wilson"] == pytest.approx(1)


def test_who_believes_each_click_finds_no_machine_and_who_believes_none_has_low_precision(tmp_path: Path) -> None:
    believing = score("safe-links", tmp_path / "first", lambda event: "own")
    assert (believing["safe_links_precision"], believing["safe_links_recall"]) == (None, 0)
    doubting = score("web-filter", tmp_path / "second", lambda event: "machine")
    assert doubting["web_filter_recall"] == doubting["web_filter_own_removed"] == 1
    assert (doubting["web_filter_precision"] or 0) < 0.6


def test_cannot_tell_is_neither_removed_nor_own(tmp_path: Path) -> None:
    figures = score("sandbox", tmp_path, lambda event: "cannot tell")
    assert (figures["sandbox_cannot_tell"], figures["sandbox_recall"]) == (1, 0)


def test_an_event_without_a_line_is_counted() -> None:
    file = write_file(CLICK, replace(CLICK, kind="posted"))
    pairs = match_judgments(file, [{"row": 2, "event": "posted", "whose": "own"}])
    assert [verdict for _, verdict in pairs] == [None, "own"]


def test_rows_of_a_csv_may_count_the_header() -> None:
    file = write_file(CLICK, CLICK, name="1.csv")
    lines = [{"row": 2, "event": "clicked", "whose": "own"}, {"row": 3, "event": "clicked", "whose": "machine"}]
    assert [verdict for _, verdict in match_judgments(file, lines)] == ["own", "machine"]


def test_more_than_three_clicks_in_three_seconds_are_a_burst() -> None:
    clicks = [replace(CLICK, at=AT + timedelta(seconds=second)) for second in (0, 1, 2, 3)]
    assert remove_bursts(write_file(*clicks), clicks) == [True] * 4
    slower = [replace(CLICK, at=AT + timedelta(seconds=second)) for second in (0, 1, 2, 3.1)]
    assert remove_bursts(write_file(*slower), slower) == [False] * 4


def test_an_address_that_clicks_for_three_people_is_shared() -> None:
    clicks = [replace(CLICK, person=f"{name}@district.example") for name in ("ana", "bo", "carla")]
    assert remove_shared_addresses(write_file(*clicks), clicks) == [True] * 3
    assert remove_shared_addresses(write_file(*clicks), clicks[:2]) == [False] * 2


def test_a_click_ten_seconds_after_delivery_is_early() -> None:
    clicks = [replace(CLICK, at=AT + timedelta(seconds=second)) for second in (10, 10.5)]
    assert remove_early_clicks(write_file(*clicks), clicks) == [True, False]


def test_wilsons_interval_is_that_of_the_literature() -> None:
    # Newcombe, Two-sided confidence intervals for the single proportion (1998), table I: 81 of 263, method 3.
    assert compute_wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    # The same table: 0 of 20.
    assert compute_wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_goals_are_those_that_the_issue_wants_of_each_world() -> None:
    assert {name for name in GOALS if name.endswith("_recall")} == {
        f"{name.replace('-', '_')}_recall" for name in list_worlds() if name != "people-only"
    }
    assert GOALS["people_only_own_removed"].at_most == 0.01
    assert "first_times_only_cannot_tell" not in GOALS


def test_a_large_log_has_as_many_events_as_wanted_under_names_of_their_own(tmp_path: Path) -> None:
    drills = write_large_log(tmp_path / "log.jsonl", count=3_000, seed=1)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 3_000
    assert len({line["drill"] for line in lines}) == drills


def test_the_bench_judges_through_the_command_and_measures_the_rules_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def judge_by_truth(*arguments: str, data: Path) -> ProcessCost:
        assert arguments[:2] == ("awareness", "judge")
        truth = json.loads((Path(arguments[2]).parent / "truth.json").read_text(encoding="utf-8"))
        with Path(arguments[arguments.index("--events") + 1]).open("w", encoding="utf-8") as out:
            for drill in truth["drills"]:
                out.writelines(json.dumps({"file": drill["file"], **event}) + "\n" for event in drill["events"])
        answers = [
            {"file": drill["file"], "missed": {"cannot_tell": 0, "low": 0.0, "high": 1.0}} for drill in truth["drills"]
        ]
        return ProcessCost(seconds=1, cpu=1, peak=1, code=0, out=json.dumps({"drills": answers}), err="")

    def refuse_command(*arguments: str, data: Path) -> ProcessCost:
        return ProcessCost(seconds=1, cpu=1, peak=1, code=2, out="", err="No such command 'awareness'.")

    monkeypatch.setattr(drills, "run_homeroom", judge_by_truth)
    figures = drills.measure(scale=0.15)

    assert all(figures[name] == 1 for name in GOALS if name.endswith(("_precision", "_recall")))
    assert figures["drills"] == 25
    monkeypatch.setattr(drills, "run_homeroom", refuse_command)
    figures = drills.measure(scale=0.15)
    assert all(figures[name] is None for name in GOALS)
    assert (figures["shared_address_rule_people_only_own_removed"] or 0) > 0.3
