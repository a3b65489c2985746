"""What reports say of patching: by remedy, past which day, how fast; and what nobody could tell is never a zero."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.posture.commands import assess
from homeroom.apps.reports.queries import report
from homeroom.apps.reports.report import Report
from homeroom.apps.vulnerabilities.models import Fixed
from homeroom.apps.vulnerabilities.reviewing import review
from homeroom.apps.vulnerabilities.suppressing import suppress
from homeroom.evidence.store import Store
from tests.apps.vulnerabilities.days import NEWER, OLD, chrome, laptop, lived, player
from tests.cast import Cast, gather
from tests.scene import JUDGED

MONDAY = date(2026, 1, 26)
"""Six days after the day that the catalogue names for Chrome's first flaw."""


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    """Four devices: two lack Chrome's exploited fix, one the other, and of the last nobody says what it runs."""
    settings.DATA = tmp_path
    made, store = gather(), Store(tmp_path / "evidence", district="maple-valley")
    devices = [laptop(n, os_version=None) for n in range(1, 5)]
    software = [chrome(1, OLD), chrome(2, OLD), chrome(3, NEWER), player(1)]
    lived(made.district, store, MONDAY, devices=devices, software=software)
    judge(made, store)
    return made


def judge(cast: Cast, store: Store) -> None:
    assess(district=cast.district, store=store, today=MONDAY, at=JUDGED, controls=[])
    review(district=cast.district, store=store, today=MONDAY, at=JUDGED)


def made(cast: Cast, name: str = "vulnerabilities") -> Report:
    return report(district=cast.district, name=name, today=MONDAY)


def figures(told: Report) -> dict[str, str]:
    return {one.label: one.number for one in told.figures}


def test_each_device_and_flaw_is_counted_once_beside_what_cannot_be_told(cast: Cast) -> None:
    told = made(cast)
    assert figures(told) == {
        "Devices with a known flaw that nobody let stand": "3 of 4; 1 cannot tell",
        "Devices with a flaw past its day": "2 of 4; 1 cannot tell",
        "Devices with something out of support": "0 of 4; 1 cannot tell",
        "Open flaws that are known to be exploited": "1",
        "Open exploited flaws past the day of CISA's catalogue": "1",
        "Devices with an exploited flaw past the day of CISA's catalogue": "2 of 4; 1 cannot tell",
    }
    assert all(one.sources for one in told.figures)
    assert "no mean time to fix" in " ".join(told.notes)


def test_lines_are_things_to_do_the_heaviest_first(cast: Cast) -> None:
    remedies = made(cast).sections[0]
    assert [row[:2] for row in remedies.rows] == [
        ("Google Chrome", "Update to 141.0.7390.54: closes 2 flaws"),
        ("VLC media player", "No version that closes it is named"),
    ]
    assert "Known to be exploited" in remedies.rows[0][-1]


def test_what_is_let_stand_leaves_the_figures_and_is_listed_without_a_private_reason(
    cast: Cast, tmp_path: Path
) -> None:
    store, reason = Store(tmp_path / "evidence", district="maple-valley"), "The lab's lock is broken until March."
    suppress(
        district=cast.district, store=store, at=JUDGED, today=MONDAY, actor="director", thing="google-chrome", justification="accepted",
        reason=reason, owner="director", expires_on=MONDAY + timedelta(days=30), private=True,
    )  # fmt: skip
    judge(cast, store)
    told = made(cast)
    assert figures(told)["Open exploited flaws past the day of CISA's catalogue"] == "0"
    assert figures(told)["Devices with a known flaw that nobody let stand"] == "1 of 4; 1 cannot tell"
    (line,) = next(one for one in told.sections if one.name == "let-stand").rows
    assert line[0] == "google-chrome"
    assert reason not in str(line)


def test_the_board_and_the_insurer_read_what_is_late_and_how_long_a_fix_takes(cast: Cast) -> None:
    assert "Cannot tell" in _answer(made(cast, "insurance"), "How long does it take")
    for took, many in ((4, 3), (20, 1)):
        Fixed.objects.create(district=cast.district, review=1, on=MONDAY, kind="laptop", took=took, many=many)
    for name in ("board", "insurance"):
        told = figures(made(cast, name))
        assert told["Open exploited flaws past the day of CISA's catalogue"] == "1"
        assert told["Mean days from first sight to fix, over 4 updates of a year"] == "8"
    assert _answer(made(cast, "insurance"), "How long does it take").endswith(": 8")
    assert ("Laptops", 4, 8.0, 4.0) in next(one for one in made(cast).sections if one.name == "time-to-fix").rows


def _answer(told: Report, begins: str) -> str:
    return str(next(row[1] for row in told.sections[0].rows if row[0].startswith(begins)))
