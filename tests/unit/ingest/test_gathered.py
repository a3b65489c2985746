"""Several rows of one record stay together, however the file is cut."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from homeroom.connectors.google.reading import users
from homeroom.ingest.limits import STANDARD
from homeroom.ingest.looking import looked_at
from homeroom.ingest.packages import gathered
from homeroom.ingest.problems import Notes
from tests.unit.ingest.reading import origin_of

GAM = (
    b"primaryEmail,id,aliases.0\n"
    b"a@x.example,1,a1@x.example\na@x.example,1,a2@x.example\na@x.example,1,a3@x.example\n"
    b"b@x.example,2,b1@x.example\nc@x.example,3,c1@x.example\nc@x.example,3,c2@x.example\n"
)


@pytest.mark.parametrize("block", [16, 30, 64, 90, 1024])
def test_a_user_on_several_rows_is_one_record_wherever_a_block_ends(block: int) -> None:
    csv = looked_at(origin_of(GAM), limits=replace(STANDARD, block=block)).csv
    assert csv is not None
    frames = gathered(csv.chunks(notes=Notes()), by="primaryEmail")
    records = [record for frame in frames for record in users(frame).tables["account_records"].to_dicts()]
    assert [(record["key"], record["aliases"]) for record in records] == [
        ("1", ["a1@x.example", "a2@x.example", "a3@x.example"]),
        ("2", ["b1@x.example"]),
        ("3", ["c1@x.example", "c2@x.example"]),
    ]


def test_a_record_without_end_is_not_waited_for() -> None:
    chunks = [pl.DataFrame({"key": ["a"] * 3}), pl.DataFrame({"key": ["a"] * 3})]
    assert [frame.height for frame in gathered(iter(chunks), by="key", most=2)] == [3, 3]


def test_a_file_without_rows_still_gives_its_columns() -> None:
    frames = list(gathered(iter([pl.DataFrame({"key": []}, schema={"key": pl.String})]), by="key"))
    assert [(frame.height, frame.columns) for frame in frames] == [(0, ["key"])]
