"""Shared by all tests: a separate data folder, set before Django reads its settings, and Hypothesis profiles."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import django
import pytest
import typer.testing
from _pytest import runner
from hypothesis import settings

from bench.support import program
from homeroom.evidence.call_stack import call_with_reserved_stack
from tests import amounts, prepared_folders
from tests.scheduling import SplitFileScheduling, sort_longest_first
from tests.warm_program import CAN_FORK, run_for_bench

# Always a new folder: the one that the caller's environment names may be a real district's.
os.environ["HOMEROOM_DATA"] = tempfile.mkdtemp(prefix="homeroom-tests-")
atexit.register(shutil.rmtree, os.environ["HOMEROOM_DATA"], ignore_errors=True)
# The worker processes of pytest-xdist inherit it from the process that starts them.
os.environ.setdefault(prepared_folders.VARIABLE, str(Path(os.environ["HOMEROOM_DATA"]) / "prepared"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
django.setup()
# To build the command line takes a tenth of a second of a processor; each call of it in a test would do so.
typer.testing._get_command = cache(typer.testing._get_command)
if CAN_FORK:
    program.runners.append(run_for_bench)

# As the program does (`homeroom.cli`): most objects of a process are modules and tests, which no collector frees.
gc.set_threshold(50_000, 10, 10)

# No test depends on timing. CI tries the same examples each time; everywhere else new ones are tried.
settings.register_profile("new", deadline=None)
settings.register_profile("same", deadline=None, derandomize=True)
settings.load_profile("same" if os.environ.get("CI") and not amounts.THOROUGH else "new")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests with the mark `thorough`, unless this run is thorough; sort those that processes share."""
    if config.getoption("loadscopereorder", default=True) is False:
        sort_longest_first(items)
    left_out = [item for item in items if item.get_closest_marker("thorough") is not None]
    if left_out and not amounts.THOROUGH:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_collection_finish() -> None:
    """Exempt all modules and tests from the garbage collector, which would look through them time and again."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run each test as pytest does, with reserved call stack, as commands and requests have it."""
    return call_with_reserved_stack(runner.pytest_runtest_protocol, item, nextitem)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Schedule by file, as `--dist loadfile` does, but for the files that are split."""
    return SplitFileScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Create the tests' databases without migrating them."""
    from tests.prepared_databases import create_test_databases

    with create_test_databases():
        yield
