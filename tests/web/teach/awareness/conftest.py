"""Fixtures of the pages of awareness."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import Cast
from tests.shared_states import share_cast_state
from tests.web.teach.awareness.drilled_district import assess_drilled_district, publish_drilled_evidence


@pytest.fixture
def drilled(cast: Cast, tmp_path: Path, settings: Any) -> Cast:
    """Return the cast, in a district whose people took part in two drills."""
    settings.DATA = tmp_path

    def build() -> None:
        store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
        publish_drilled_evidence(store)
        assess_drilled_district(cast.district, store)

    share_cast_state("drilled", cast, tmp_path, build)
    return cast
