"""Everything that a load rejected can be had as a file, and says nothing of anybody."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from django.test import Client

from homeroom.apps.sources.commands import load
from homeroom.apps.sources.rejected import rejects_of
from homeroom.evidence.store import Store
from tests.cast import Cast
from tests.web.conftest import MORNING

As = Callable[[str], Client]
BAD = 25


def loaded(cast: Cast, store: Store, tmp_path: Path) -> str:
    """The id of a load in which so many dates cannot be read, and one row has no id."""
    rows = [f"T{n},SN10000{n:02d},no day {n}" for n in range(BAD)]
    path = tmp_path / "assets.csv"
    path.write_text("\n".join(["Asset Tag,Serial,Purchase Date", *rows, ",,5/1/2023", ""]), encoding="utf-8")
    (one,) = load([path], district=cast.district, store=store, at=MORNING).loaded
    assert one.load is not None
    assert (len(one.rejects), one.rejected) == (20, BAD + 1), "the first are told, all are counted"
    return one.load.id


def test_all_rejects_of_a_load_are_a_file_away(as_: As, cast: Cast, store: Store, tmp_path: Path) -> None:
    load_id = loaded(cast, store, tmp_path)
    page = as_("technician").get(f"/sources/loads/{load_id}").content.decode()
    assert f"The first 20 of {BAD + 1}" in page
    answer = as_("technician").get(f"/sources/loads/{load_id}/rejects.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == BAD + 1
    assert rows[0] == {
        "file": "assets.csv", "line": "2", "field": "Purchase Date", "value": "xx xxx 9",
        "reason": "not a date; 2026-05-01 and 5/1/2026 fit", "lost": "value",
    }  # fmt: skip
    assert [row["lost"] for row in rows].count("row") == 1


def test_the_stranger_gets_no_rejects_of_another_district(as_: As, cast: Cast, store: Store, tmp_path: Path) -> None:
    load_id = loaded(cast, store, tmp_path)
    assert as_("stranger").get(f"/sources/loads/{load_id}/rejects.csv").status_code == 404
    assert as_("technician").get("/sources/loads/no-such-load/rejects.csv").status_code == 404
    assert len(rejects_of(store=store, load_id=load_id)) == BAD + 1
