"""The unit of the service takes from it what it does not need, and is written as systemd reads it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.content.walkthrough import ROOT

UNIT = ROOT / "deploy" / "systemd" / "homeroom.service"
ANALYZE = shutil.which("systemd-analyze")
MAX_EXPOSURE = 1.5
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed")


def run_analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze and return its result."""
    command = [str(ANALYZE), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


@needs_systemd
def test_systemd_reads_the_unit_without_a_complaint(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name  # with a program that exists here
    unit.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/homeroom/bin/homeroom", "/bin/true"), "utf-8")
    result = run_analyze("verify", "--man=no", str(unit))
    assert [line for line in result.stderr.splitlines() if UNIT.name in line] == []
    unit.write_text(unit.read_text(encoding="utf-8") + "NoSuchSetting=yes\nProtectHome=perhaps\n", encoding="utf-8")
    assert "homeroom.service" in run_analyze("verify", "--man=no", str(unit)).stderr


@needs_systemd
def test_the_unit_is_exposed_little() -> None:
    result = run_analyze("security", "--offline=true", "--no-pager", str(UNIT))
    match = re.search(r"Overall exposure level for homeroom.service: ([\d.]+)", result.stdout)
    assert match is not None, result.stderr
    assert float(match[1]) <= MAX_EXPOSURE


def test_the_unit_runs_as_its_user_and_writes_data_and_backups_alone() -> None:
    lines = set(UNIT.read_text(encoding="utf-8").splitlines())
    wanted = {"User=homeroom", "ProtectSystem=strict", "StateDirectory=homeroom", "CapabilityBoundingSet="}
    assert wanted <= lines
    assert {line for line in lines if "Paths=" in line} == {"ReadWritePaths=-/var/backups/homeroom"}
