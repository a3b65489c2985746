"""The wheel has every file that the program needs, and nothing else of the repository."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.repository_files import ROOT, list_tracked_files

PACKAGE = ROOT / "src"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel as `./run install` does."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return zipfile.ZipFile(next(folder.glob("homeroom-*.whl")))


def test_the_wheel_has_each_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    tracked = {path.relative_to(PACKAGE).as_posix() for path in list_tracked_files() if path.is_relative_to(PACKAGE)}
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert tracked - inside == set()
    assert {Path(name).parts[0] for name in inside} == {"homeroom"}


@pytest.mark.parametrize(
    "pattern",
    ["content/controls/*.yaml", "web/templates/*.html", "web/static/*.css", "locale/es/*.mo", "connectors/*.yaml"],
)
def test_the_wheel_has_content_templates_static_files_and_translations(wheel: zipfile.ZipFile, pattern: str) -> None:
    folder, _, ending = pattern.partition("*")
    assert any(name.startswith(f"homeroom/{folder}") and name.endswith(ending) for name in wheel.namelist())


def test_the_wheel_names_its_command_license_and_dependencies(wheel: zipfile.ZipFile) -> None:
    texts = {Path(name).name: wheel.read(name).decode() for name in wheel.namelist() if ".dist-info/" in name}
    assert "homeroom = homeroom.cli.main:run" in texts["entry_points.txt"]
    assert "Apache License" in texts["LICENSE"]
    assert "Requires-Dist: django" in texts["METADATA"]
    assert "Provides-Extra: ldap" in texts["METADATA"]
