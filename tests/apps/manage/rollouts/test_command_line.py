"""`homeroom rollout spec` as a person runs it: what it refuses, in a sentence."""

from __future__ import annotations

from pathlib import Path

from tests.apps.program import run_homeroom


def test_a_rollout_that_the_district_has_not_is_refused_and_nothing_is_written(tmp_path: Path):
    out = tmp_path / "SPEC.yaml"
    refused = run_homeroom("rollout", "spec", "rollout-1", "--out", str(out), data=tmp_path / "data")
    assert refused.returncode == 2
    assert "there is no rollout rollout-1" in refused.stderr
    assert not out.exists()
