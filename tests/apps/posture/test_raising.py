"""What would raise the overall standing most for an hour: exactly what closing it adds, and never what nobody failed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from homeroom.apps.posture.overall import met, overall
from homeroom.apps.posture.queries import judgement, results
from homeroom.apps.posture.raising import raise_first, raises
from tests.cast import Cast, gather
from tests.scene import evidence, judged


@pytest.fixture
def cast(db: None, tmp_path: Any, settings: Any) -> Cast:
    settings.DATA = tmp_path
    made = gather()
    judged(made.district, evidence(tmp_path / "evidence", district="maple-valley"))
    return made


def test_closing_what_fails_of_a_control_adds_what_was_promised(cast: Cast) -> None:
    of = judgement(district=cast.district)
    assert of is not None
    found = results(district=cast.district, of=of)
    promised = raises(found)
    assert {one.check.id for one in promised} == {one.control.id for one in found if one.numbers.failing}
    for one in promised:
        closed = [
            replace(each, numbers=replace(each.numbers, failing=0, passing=each.numbers.passing + each.numbers.failing))
            if each.control.id == one.check.id
            else each
            for each in found
        ]
        assert met(closed).low - met(found).low == pytest.approx(one.gain)
    stood = overall(district=cast.district, of=of)
    assert stood is not None
    assert stood.low == pytest.approx(met(found).low)


def test_the_most_for_an_hour_comes_first_and_is_told_as_shares(cast: Cast) -> None:
    of = judgement(district=cast.district)
    assert of is not None
    told = raise_first(raises(results(district=cast.district, of=of)))
    assert [one["gain_per_hour"] for one in told] == sorted((one["gain_per_hour"] for one in told), reverse=True)
    assert all(0 < one["gain"] <= 1 and one["minutes"] > 0 for one in told)
