"""Sample districts that the tests share: generated once and only read."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.sample import generate_sample
from tests.amounts import choose_amount
from tests.unit.sample.exports import SampleExports


@pytest.fixture(
    scope="session",
    params=choose_amount(
        brief=[(500, 1), (2500, 5)], thorough=[(500, 1), (500, 2), (500, 3), (500, 4), (2500, 5), (4000, 8)]
    ),
    ids=lambda p: f"{p[0]}-{p[1]}",
)
def district(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SampleExports:
    students, seed = request.param
    folder: Path = tmp_path_factory.mktemp(f"district-{students}-{seed}")
    generate_sample(folder, students=students, seed=seed)
    return SampleExports(folder)
