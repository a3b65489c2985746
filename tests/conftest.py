"""Shared by all tests: a data folder of their own, set before Django reads its settings, and how properties are tried."""

import atexit
import os
import shutil
import tempfile
from typing import Any

import django
import pytest
from hypothesis import settings

# Always a new folder: the one that the caller's environment names may be a real district's.
os.environ["HOMEROOM_DATA"] = tempfile.mkdtemp(prefix="homeroom-tests-")
atexit.register(shutil.rmtree, os.environ["HOMEROOM_DATA"], ignore_errors=True)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
django.setup()

SHARED = ("module", "session")

# Timing decides no test. Where a change lands, the same examples are tried each time; everywhere else new ones are.
settings.register_profile("new", deadline=None)
settings.register_profile("same", deadline=None, derandomize=True)
settings.load_profile("same" if os.environ.get("CI") else "new")


@pytest.hookimpl(
    tryfirst=True
)  # pytest-xdist reads the marks in this very hook, and was there before most of our files
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a file or a folder makes once is made once: the tests that share it stay in one process (`--dist loadgroup`)."""
    for item in items:
        if shared := _shared(item):
            item.add_marker(pytest.mark.xdist_group(shared))


def _shared(item: pytest.Item) -> str:
    """The file, or the folder, whose own fixture the test shares with others; empty where it shares none."""
    every: dict[str, Any] = item._fixtureinfo.name2fixturedefs
    ours = [found for found in every.values() if found[0].baseid.startswith("tests/")]  # not a plugin's, said anew here
    return min((one.baseid for found in ours for one in found if one.scope in SHARED), key=len, default="")
