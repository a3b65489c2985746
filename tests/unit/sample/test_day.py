"""The day of the sample that the command makes."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from homeroom.cli.know.sources import choose_sample_day


@pytest.mark.parametrize(("option", "day"), [(None, date(2026, 11, 27)), ("2026-02-10", date(2026, 2, 10))])
def test_the_command_makes_a_district_of_today_unless_a_day_is_named(option: str | None, day: date) -> None:
    evening = datetime(2026, 11, 27, 23, 30, tzinfo=ZoneInfo("America/Los_Angeles"))
    assert choose_sample_day(option, now=evening) == day
