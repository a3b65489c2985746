"""A district in New York that stated its facts, on a January morning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.comply.laws.facts import enter_facts
from tests.assessed_district import TODAY, publish_assessments, publish_evidence
from tests.cast import Cast, create_cast
from tests.web.conftest import MORNING

NEW_YORK = {"state": "NY", "city": "Albany", "kind": "district", "enrollment": "2000", "e_rate": "yes"}
WHEN = {"today": TODAY, "at": MORNING}
BY = {"actor": "director", "at": MORNING}


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA, settings.NOW = tmp_path, MORNING
    cast = create_cast()
    publish_assessments(cast.district, publish_evidence(tmp_path / "evidence", district="maple-valley"))
    return cast


@pytest.fixture
def new_york(cast: Cast) -> Cast:
    enter_facts(district=cast.district, texts=NEW_YORK, **BY)
    return cast
