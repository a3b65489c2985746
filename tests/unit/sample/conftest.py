"""Districts that the tests of the sample share: made once, only read."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.sample import make
from tests.unit.sample.exports import Exports


@pytest.fixture(
    scope="session",
    params=[(500, 1), (500, 2), (500, 3), (500, 4), (2500, 5), (4000, 8)],
    ids=lambda p: f"{p[0]}-{p[1]}",
)
def district(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Exports:
    students, seed = request.param
    folder: Path = tmp_path_factory.mktemp(f"district-{students}-{seed}")
    make(folder, students=students, seed=seed)
    return Exports(folder)
