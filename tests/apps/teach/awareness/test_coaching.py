"""The coach of a district: a single row that is replaced, and requests for help that count once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from homeroom.apps.teach.awareness.coach_commands import ask_for_help, name_coach
from homeroom.apps.teach.awareness.coaching import find_coach, has_asked_for_help
from tests.cast import Cast, create_cast

AT = datetime(2026, 1, 15, 15, tzinfo=UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("a row is replaced under a constraint")]


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


def test_naming_another_coach_replaces_the_first_and_leaves_other_districts_alone(cast: Cast) -> None:
    for username in ("technician", "director"):
        name_coach(district=cast.district, username=username, actor="director", at=AT)
    coach = find_coach(district=cast.district)
    assert coach is not None
    assert coach.username == "director"
    assert find_coach(district=cast.next_district) is None


def test_asking_for_help_twice_is_a_single_request_of_the_person_in_that_district(cast: Cast) -> None:
    name_coach(district=cast.district, username="technician", actor="director", at=AT)
    for _ in range(2):
        ask_for_help(district=cast.district, person=7, at=AT)
    assert has_asked_for_help(district=cast.district, person=7)
    assert not has_asked_for_help(district=cast.district, person=8)
    assert not has_asked_for_help(district=cast.next_district, person=7)
