"""SigmaHQ's own cases: the rule has to fire on the log that was recorded for it."""

from __future__ import annotations

import json
import os
import tarfile
from collections import Counter
from pathlib import Path

import pytest

from homeroom.engines.protect.detect import detect_events
from homeroom.library.protect.sigma_rules import load_sigma_rules
from tests.unit.protect.detections.log_events import read_evtx

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[5] / "shared")) / "data"
MANIFEST = SHARED / "logs-sigma" / "sigma_regression_give_manifest.json"
CASES = SHARED / "logs-sigma" / "sigma_regression_give.tar.xz"
needs_shared_data = pytest.mark.skipif(not MANIFEST.is_file(), reason="the shared data is not beside the repository")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sigma-cases")
    with tarfile.open(CASES) as archive:
        archive.extractall(folder, filter="data")
    return folder


@needs_shared_data
def test_each_recorded_attack_fires_its_rule(unpacked: Path) -> None:
    silent = []
    for case in json.loads(MANIFEST.read_text(encoding="utf-8")):
        rules, not_run = load_sigma_rules([unpacked / file for file in case["rule_files"]])
        assert not_run == ()
        fired = [detection.rule.id for detection in detect_events(rules, read_evtx(unpacked / case["data"]))]
        if not set(case["rule_ids"]) <= set(fired) or len(fired) < (case["match_count"] or 1):
            silent.append((case["data"], case["match_count"], len(fired)))
    assert silent == []


@needs_shared_data
@pytest.mark.thorough
def test_all_published_rules_run_but_those_of_logs_that_nobody_reads(tmp_path: Path) -> None:
    with tarfile.open(SHARED / "sigma-rules" / "sigma_rules.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    rules, not_run = load_sigma_rules([tmp_path])
    reasons = Counter(" ".join(entry.reason.split()[:5]) for entry in not_run)
    assert len(rules) + len(not_run) == 3138
    assert reasons == {
        "no log of the category": 113,
        "no log of the product": 127,
        "no log of the service": 16,
        "unresolved placeholder %known_cdcs%": 2,
    }
