"""Tests of editing rows of a Parquet file while the rest of its bytes is copied."""

from __future__ import annotations

import io
import random
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.evidence.erasing.chunked_file import ChunkCache, ChunkedFile
from homeroom.evidence.erasing.compact_protocol import UnknownEncoding, read_struct, write_struct
from homeroom.evidence.erasing.file_splicer import ChunkMemory, FileSplicer, GroupEdits
from homeroom.evidence.files.blobs import open_parquet_writer

SCHEMA = pa.schema(
    [
        pa.field("id", pa.int64(), nullable=False),
        ("name", pa.string()),
        ("words", pa.list_(pa.string())),
        ("flag", pa.bool_()),
        ("day", pa.date32()),
        ("at", pa.timestamp("us", tz="UTC")),
        ("share", pa.float64()),
        ("nothing", pa.string()),
    ]
)


def build_rows(count: int, seed: int) -> pa.Table:
    """Return rows of every type: texts with accents, nulls, lists with nulls, the same values again and again."""
    chance = random.Random(seed)
    rows = [
        {
            "id": number,
            "name": chance.choice([None, "", "Zoë", f"secret-{number:06d}", "the same"]),
            "words": chance.choice([None, [], ["a", None], [f"secret-{number:06d}", "b"]]),
            "flag": chance.choice([None, True, False]),
            "day": chance.choice([None, 20_000 + number % 7]),
            "at": chance.choice([None, 1_700_000_000_000_000 + number]),
            "share": chance.choice([None, 0.5, float(number), float("nan")]),
            "nothing": None,
        }
        for number in range(count)
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def write_rows(rows: pa.Table, path: Path, *, group_rows: int, page_rows: int = 20_000) -> Path:
    """Write rows as blobs are written, with pages of other sizes."""
    with pq.ParquetWriter(
        path,
        rows.schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=False,
        max_rows_per_page=page_rows,
        write_batch_size=min(page_rows, 1024),
    ) as writer:
        writer.write_table(rows, row_group_size=group_rows)
    return path


def splice(path: Path, edits: dict[int, GroupEdits], memory: ChunkMemory | None = None) -> bytes:
    with ChunkedFile(path, ChunkCache()) as file:
        splicer = FileSplicer(
            memoryview(path.read_bytes()),
            schema=file.schema,
            read=file.read,
            get_digest=file.get_digest,
            memory=ChunkMemory() if memory is None else memory,
        )
        return bytes(splicer.splice(edits))


def apply_plainly(rows: pa.Table, edits: dict[int, GroupEdits], group_rows: int) -> pa.Table:
    """Return the rows with the edits, one row after the other."""
    remaining = []
    for number, row in enumerate(rows.to_pylist()):
        edit = edits.get(number // group_rows)
        position = number % group_rows
        if edit is not None:
            if position in edit.removed:
                continue
            row |= {name: values[position] for name, values in edit.changed.items() if position in values}
        remaining.append(row)
    return pa.Table.from_pylist(remaining, schema=rows.schema)


def draw_edits(rows: int, group_rows: int, chance: random.Random) -> dict[int, GroupEdits]:
    edits = {}
    for number in range(-(-rows // group_rows)):
        size = min(group_rows, rows - number * group_rows)
        if chance.random() < 0.3 or size < 3:
            continue
        removed = tuple(sorted(chance.sample(range(size), chance.randint(0, min(3, size - 1)))))
        remaining = [position for position in range(size) if position not in removed]
        places = chance.sample(remaining, min(len(remaining), 2))
        choices = {
            "name": {place: chance.choice([None, "[erased]", "zzz" * 200]) for place in places},
            "words": {places[0]: chance.choice([[], ["[erased]"], None])},
            "flag": {places[0]: None},
        }
        changed = {name: values for name, values in choices.items() if chance.random() < 0.5}
        if removed or changed:
            edits[number] = GroupEdits(removed=removed, changed=changed)
    return edits


def compare_values(left: pl.DataFrame, right: pl.DataFrame) -> bool:
    return left.equals(right, null_equal=True) and left.schema == right.schema


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(3, 400), group_rows=st.integers(3, 150), page_rows=st.integers(1, 60), seed=st.integers(0, 2**32)
)
def test_a_spliced_file_reads_in_all_readers_as_the_rows_with_the_edits(
    tmp_path_factory: pytest.TempPathFactory, count: int, group_rows: int, page_rows: int, seed: int
) -> None:
    path = tmp_path_factory.mktemp("splice") / "rows.parquet"
    write_rows(build_rows(count, seed), path, group_rows=group_rows, page_rows=page_rows)
    edits = draw_edits(count, group_rows, random.Random(seed))
    expected = apply_plainly(pq.read_table(path), edits, group_rows)
    content = splice(path, edits)
    spliced = path.with_name("spliced.parquet")
    spliced.write_bytes(content)
    frame = pl.from_arrow(expected)
    assert isinstance(frame, pl.DataFrame)
    assert compare_values(pl.DataFrame(pl.from_arrow(pq.read_table(spliced))), frame)
    assert compare_values(pl.read_parquet(spliced), frame)
    read = duckdb.sql(f"SELECT * FROM read_parquet('{spliced.as_posix()}')").to_arrow_table()
    assert read.to_pylist() == expected.to_pylist() or compare_values(pl.DataFrame(pl.from_arrow(read)), frame)
    check_statistics(spliced)


def check_statistics(path: Path) -> None:
    """Assert that the footer's counts and bounds are those of the values."""
    with pq.ParquetFile(path) as file:
        for number in range(file.metadata.num_row_groups):
            group, rows = file.metadata.row_group(number), file.read_row_group(number)
            assert group.num_rows == rows.num_rows
            for leaf in range(group.num_columns):
                column = group.column(leaf)
                if "." in column.path_in_schema or column.statistics is None:
                    continue
                values = pl.Series(rows.column(column.path_in_schema).to_pylist(), strict=False)
                assert column.statistics.null_count == values.null_count()
                if column.statistics.has_min_max:
                    assert column.statistics.min == (values.min() if values.dtype != pl.Float64 else _find_min(values))


def _find_min(values: pl.Series) -> object:
    return values.drop_nulls().drop_nans().min()


def test_no_byte_of_a_removed_row_and_no_bound_of_it_is_left(tmp_path: Path) -> None:
    """The row has the least and the greatest value of a column, which the footer names."""
    rows = pa.table({"key": [f"key-{number:05d}" for number in range(50_000)], "state": ["active"] * 50_000})
    path = tmp_path / "rows.parquet"
    with open_parquet_writer(path, rows.schema) as writer:
        writer.write_table(rows)
    edits = {0: GroupEdits(removed=(0, 25_000, 49_999), changed={})}
    content = splice(path, edits)
    left = pq.read_table(io.BytesIO(content))
    assert left.num_rows == 49_997
    statistics = pq.read_metadata(io.BytesIO(content)).row_group(0).column(0).statistics
    assert (statistics.min, statistics.max) == ("key-00001", "key-49998")
    assert not any(f"key-{number:05d}".encode() in content for number in (0, 49_999))


def test_the_chunks_of_other_row_groups_and_the_pages_of_other_rows_are_the_same_bytes(tmp_path: Path) -> None:
    rows = build_rows(3_000, 5)
    path = write_rows(rows, tmp_path / "rows.parquet", group_rows=1_000)
    content = splice(path, {1: GroupEdits(removed=(7,), changed={})})
    before, after = path.read_bytes(), content
    for group in (0, 2):
        columns = pq.read_metadata(path).row_group(group)
        start = columns.column(0).data_page_offset
        last = columns.column(columns.num_columns - 1)
        end = last.data_page_offset + last.total_compressed_size
        assert before[start:end] == after[start:end]


def test_the_same_bytes_with_the_same_edits_are_encoded_once(tmp_path: Path) -> None:
    rows = build_rows(500, 3)
    path = write_rows(rows, tmp_path / "rows.parquet", group_rows=500)
    memory, edits = ChunkMemory(), {0: GroupEdits(removed=(7,), changed={"flag": {9: None}})}
    first = splice(path, edits, memory)
    count = len(memory)
    assert splice(path, edits, memory) == first
    assert len(memory) == count == len(SCHEMA.names)


def test_erasing_twice_reads_as_erasing_at_once(tmp_path: Path) -> None:
    rows = build_rows(900, 11)
    path = write_rows(rows, tmp_path / "rows.parquet", group_rows=300)
    second = tmp_path / "second.parquet"
    second.write_bytes(splice(path, {1: GroupEdits(removed=(4,), changed={})}))
    twice = splice(second, {1: GroupEdits(removed=(4,), changed={})})
    once = splice(path, {1: GroupEdits(removed=(4, 5), changed={})})
    assert pl.read_parquet(twice).equals(pl.read_parquet(once))


@pytest.mark.parametrize(
    "options",
    [
        {"write_page_index": True},
        {"compression": "snappy"},
        {"data_page_version": "2.0", "use_dictionary": False},
        {"use_dictionary": False, "compression": "zstd", "bloom_filter_options": {"name": {}}},
    ],
)
def test_a_file_that_was_written_in_another_way_is_refused(tmp_path: Path, options: dict[str, object]) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(build_rows(100, 1).select(["id", "name"]), path, **options)
    with pytest.raises(UnknownEncoding):
        splice(path, {0: GroupEdits(removed=(3,), changed={})})


def test_dictionaries_are_encoded_again(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    rows = build_rows(100, 1).select(["id", "name"])
    pq.write_table(rows, path, compression="zstd")
    edits = {0: GroupEdits(removed=(3,), changed={})}
    assert pq.read_table(io.BytesIO(splice(path, edits))).equals(apply_plainly(rows, edits, 100))


def test_a_row_group_that_would_be_empty_is_refused(tmp_path: Path) -> None:
    path = write_rows(build_rows(4, 1), tmp_path / "rows.parquet", group_rows=2)
    with pytest.raises(UnknownEncoding, match="no row"):
        splice(path, {0: GroupEdits(removed=(0, 1), changed={})})


@given(st.binary(max_size=200))
def test_bytes_that_are_no_struct_are_refused_or_written_as_they_were(content: bytes) -> None:
    try:
        fields, end = read_struct(content)
        written = write_struct(fields)
    except UnknownEncoding:
        return
    again, _ = read_struct(written)
    assert again == fields
    assert end <= len(content)
