"""Names are searched in the lines alone in which one may begin, and the same are found as in all of the text."""

import random

import pytest

from homeroom.domain.protect.loose.recognizers import Roster, RosterStudent
from homeroom.engines.comply.privacy.recognizing.roster_index import RosterIndex

NAMES = [
    ("Maria", "Elena", "Lopez-Ruiz"),
    ("Siobhan", "", "O'Brien"),
    ("José", "", "Núñez"),
    ("Anna-Lee", "", "Park"),
    ("Daniel", "", "Okafor"),
]
INDEX = RosterIndex(
    Roster(
        students=tuple(RosterStudent(id=number, names=(name,)) for number, name in enumerate(NAMES, 1)),
        staff=(("Daniel", "Park"),),
    )
)
PIECES = (
    *("Maria", "MARIA", "Elena", "E.", "Lopez-Ruiz", "Ruiz", "Lopez-Ruiz's", "Siobhan", "O'Brien", "O’Brien's"),
    *("José", "Jose", "Núñez", "Nunez", "Anna-Lee", "Lee", "Park", "Daniel's", "Okafor,", "Okafor`s", "''Daniel"),
    *("Ms.", "Coach", "and", "the", "report", "of", "5", "x@example.org", "\n", "\n", "\n\n", "\t", ",", ", "),
)


@pytest.mark.parametrize("seed", range(6))
def test_names_in_lines_are_the_names_in_the_text(seed: int):
    rng = random.Random(seed)
    count = 0
    for _ in range(300):
        text = " ".join(rng.choice(PIECES) for _ in range(rng.randint(3, 40)))
        if rng.random() < 0.5:
            text = text.encode("ascii", "ignore").decode()
        for cells in (False, True):
            expected = list(INDEX._iter_mentions(text, cells)) if INDEX.may_hold_names(INDEX.split_words(text)) else []
            assert list(INDEX.iter_mentions(text, cells=cells)) == expected, text
            count += len(expected)
    assert count > 100
