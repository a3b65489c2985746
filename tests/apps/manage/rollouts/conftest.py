"""The cast in a district whose evidence has bells, and a rollout that is ready to be planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from tests.apps.manage.rollouts.rollout_cases import make_ready_rollout, publish_bells
from tests.cast import Cast, create_cast


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    cast = create_cast()
    publish_bells(get_evidence_store(district=cast.district))
    return cast


@pytest.fixture
def rollout(cast: Cast) -> str:
    return make_ready_rollout(cast.district)
