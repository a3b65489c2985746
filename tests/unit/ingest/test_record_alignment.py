"""Several rows of one record stay together, wherever the file is split into blocks."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from homeroom.connectors.google.readers import read_users
from homeroom.ingest.contract.errors import Notes
from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.detection.package import align_to_records
from homeroom.ingest.detection.sniffer import sniff_file
from tests.unit.ingest.strict_reader import build_source

GAM = (
    b"primaryEmail,id,aliases.0\n"
    b"a@x.example,1,a1@x.example\na@x.example,1,a2@x.example\na@x.example,1,a3@x.example\n"
    b"b@x.example,2,b1@x.example\nc@x.example,3,c1@x.example\nc@x.example,3,c2@x.example\n"
)


@pytest.mark.parametrize("block", [16, 30, 64, 90, 1024])
def test_a_user_on_several_rows_is_one_record_wherever_a_block_ends(block: int) -> None:
    csv = sniff_file(build_source(GAM), limits=replace(STANDARD, block=block)).csv
    assert csv is not None
    frames = align_to_records(csv.iter_chunks(notes=Notes()), column="primaryEmail")
    records = [record for frame in frames for record in read_users(frame).tables["account_records"].to_dicts()]
    assert [(record["key"], record["aliases"]) for record in records] == [
        ("1", ["a1@x.example", "a2@x.example", "a3@x.example"]),
        ("2", ["b1@x.example"]),
        ("3", ["c1@x.example", "c2@x.example"]),
    ]


def test_a_record_without_end_is_not_waited_for() -> None:
    chunks = [pl.DataFrame({"key": ["a"] * 3}), pl.DataFrame({"key": ["a"] * 3})]
    assert [frame.height for frame in align_to_records(iter(chunks), column="key", max_rows=2)] == [3, 3]


def test_a_file_without_rows_still_gives_its_columns() -> None:
    frames = list(align_to_records(iter([pl.DataFrame({"key": []}, schema={"key": pl.String})]), column="key"))
    assert [(frame.height, frame.columns) for frame in frames] == [(0, ["key"])]
