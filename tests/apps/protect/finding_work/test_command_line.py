"""`homeroom work` as a person runs it: the acts of a finding's page, and a sentence when it refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.apps.program import run_homeroom
from tests.sample_server import TODAY, prepare_assessed_sample

DAY = ("--today", TODAY.isoformat())
CONTROL = "leaver-account"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work") / "data"
    shutil.copytree(prepare_assessed_sample() / "data", folder)
    return folder


def run_work(data: Path, *arguments: str) -> dict[str, Any]:
    done = run_homeroom("work", *arguments, "--json", *DAY, data=data)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def list_states(data: Path) -> dict[str, str]:
    return {line["control"]: line["state"] for line in run_work(data, "list")["work"]}


def test_each_verb_sets_the_state_of_a_finding(data: Path) -> None:
    done = run_work(data, "done", CONTROL, "--note", "Suspended by hand.")
    assert (done["act"], done["entire"]) == ("done", True)
    assert list_states(data) == {CONTROL: "done"}
    run_work(data, "note", CONTROL, "The list came from HR.")
    run_work(data, "reopen", CONTROL)
    assert list_states(data) == {CONTROL: "open"}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("assign", CONTROL, "--to", "nobody"), "somebody of your team"),
        (("start", CONTROL, "--by", "nobody"), "somebody of your team"),
        (("snooze", CONTROL, "--until", TODAY.isoformat()), "from tomorrow"),
        (("done", "no-such-control"), "no open finding"),
        (("done", CONTROL, "--row", "d-0000000000000"), "is the id of a device"),
        (("done", CONTROL, "--row", "a-0000000000000"), "not open any more"),
    ],
)
def test_what_is_not_possible_is_refused(data: Path, arguments: tuple[str, ...], problem: str) -> None:
    refused = run_homeroom("work", *arguments, *DAY, data=data)
    assert refused.returncode == 2
    assert problem in " ".join(refused.stderr.split())
