"""The cast in a district whose data folder is empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cast import Cast, create_cast


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    return create_cast()
