"""Every setting of the environment is declared in one place, and nothing else reads one."""

from __future__ import annotations

import re

import pytest

from homeroom.config.environment import SETTINGS, Setting
from tests.architecture.repository_files import PACKAGE, format_path, list_modules

READS = re.compile(r"os\.environ\.get\(|os\.getenv\(|os\.environ\[[^\]]+\](?!\s*=)")
MAY_READ_ENVIRONMENT = {
    "config/environment.py",
    "evidence/files/data_folder.py",
}  # the folder is found before anything else is known


def test_nothing_else_reads_the_environment() -> None:
    reading = {
        path.relative_to(PACKAGE).as_posix()
        for path in list_modules()
        if READS.search(path.read_text(encoding="utf-8"))
    }
    assert reading <= MAY_READ_ENVIRONMENT, sorted(reading - MAY_READ_ENVIRONMENT)


def test_each_setting_says_what_it_means_and_stands_once() -> None:
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS) >= 9
    assert all(setting.meaning.endswith(".") for setting in SETTINGS)
    assert format_path(PACKAGE / "config" / "environment.py").endswith("environment.py")


def test_a_number_that_is_none_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    setting = Setting(name="HOMEROOM_TRIED", default="60", meaning="For this test.")
    monkeypatch.setenv("HOMEROOM_TRIED", "soon")
    with pytest.raises(ValueError, match="HOMEROOM_TRIED='soon' is no number; 60 would fit"):
        _ = setting.number


def test_a_limit_of_nothing_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    setting = Setting(name="HOMEROOM_TRIED", default="200", meaning="For this test.")
    assert setting.count == 200
    monkeypatch.setenv("HOMEROOM_TRIED", "0")
    with pytest.raises(ValueError, match="HOMEROOM_TRIED='0' is not above 0; 200 would fit"):
        _ = setting.count
