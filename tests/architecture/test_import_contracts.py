"""The import contracts hold, and each of them breaks when somebody does what it forbids."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.scale

ROOT = Path(__file__).resolve().parents[2]
LINTER = Path(sys.executable).parent / "lint-imports"

VIOLATIONS = {
    "Floors: every import points down": ("domain/wrong_floor.py", "import homeroom.evidence.tables\n"),
    "Django lives upstairs": ("ingest/wrong_django.py", "import django\n"),
    "The domain is the standard library": ("domain/wrong_package.py", "import polars\n"),
    "Engines compute": ("engines/wrong_socket.py", "import socket\n"),
    "Engines stand alone": ("engines/teach/wrong_friend.py", "import homeroom.engines.know.wrong_engine\n"),
    "Connectors stand alone": ("connectors/wrong_one.py", "import homeroom.connectors.wrong_two\n"),
    "The sample shares no code with what it tests": ("sample/wrong_share.py", "import homeroom.evidence.tables\n"),
    "An app's models are its own": (
        "apps/platform/audit/wrong_models.py",
        "import homeroom.apps.protect.posture.models\n",
    ),
    "Doors lead into apps": ("web/wrong_door.py", "import homeroom.apps.protect.posture.models\n"),
    "The platform knows no other wing": (
        "apps/platform/audit/wrong_wing.py",
        "import homeroom.apps.teach.courses.queries\n",
    ),
    "Know reads the platform alone": (
        "apps/know/inventory/wrong_wing.py",
        "import homeroom.apps.protect.posture.commands\n",
    ),
    "Protect is entered by its public modules": (
        "apps/teach/asks/wrong_protect.py",
        "import homeroom.apps.protect.detection.match_store\n",
    ),
    "Manage is entered by its public modules": (
        "apps/teach/asks/wrong_manage.py",
        "import homeroom.apps.manage.planning.visits\n",
    ),
    "Teach is entered by its public modules": (
        "apps/manage/planning/wrong_teach.py",
        "import homeroom.apps.teach.asks.own_asks\n",
    ),
    "Comply is entered by its public modules": (
        "apps/teach/asks/wrong_comply.py",
        "import homeroom.apps.comply.duties.proofs\n",
    ),
    "No circles within a wing": (
        "apps/manage/planning/wrong_circle.py",
        "import homeroom.apps.manage.planning.wrong_back\n",
    ),
    "No circles anywhere": ("evidence/wrong_circle.py", "import homeroom.evidence.wrong_back\n"),
}
HELPER_MODULES = {
    "engines/know/wrong_engine.py": "",
    "apps/manage/planning/wrong_back.py": "import homeroom.apps.manage.planning.wrong_circle\n",
    "connectors/wrong_two.py": "",
    "evidence/wrong_back.py": "import homeroom.evidence.wrong_circle\n",
}


def _run_linter(folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONUTF8": "1", "NO_COLOR": "1"}
    command = [str(LINTER), "--no-logo", "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False
    ).stdout


@pytest.fixture(scope="module")
def lint_output(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "src" / "homeroom", folder / "homeroom", ignore=shutil.ignore_patterns("__pycache__"))
    for file_name, text in [*VIOLATIONS.values(), *HELPER_MODULES.items()]:
        (folder / "homeroom" / file_name).write_text(text, encoding="utf-8")
    return _run_linter(folder)


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_contract_breaks_when_somebody_does_what_it_forbids(lint_output: str, contract: str) -> None:
    assert f"{contract} BROKEN" in lint_output


def test_every_contract_has_a_wrong_that_breaks_it(lint_output: str) -> None:
    contracts = re.findall(r"^(.+) (?:BROKEN|KEPT)\b", lint_output, flags=re.MULTILINE)
    assert sorted(contracts) == sorted(VIOLATIONS)
