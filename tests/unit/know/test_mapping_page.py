"""Test that the examples on the page about mapping files are valid mappings of the lists they describe."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from homeroom.library.know.mappings import parse_mapping

PAGE = Path(__file__).resolve().parents[3] / "docs" / "know" / "mapping-files.md"


def test_the_example_reads_a_list_of_bus_drivers() -> None:
    text = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert text is not None
    connector = parse_mapping(text[1], file="bus-drivers.yaml")
    [kind] = connector.kinds
    raw = pl.DataFrame(
        {
            "Driver No": ["7", "8"],
            "First": ["Ann", "Bo"],
            "Last": ["Oak", "Elm"],
            "E-mail": ["Ann@Maple.example", None],
            "Through": ["30.06.2026", None],
            "State": ["current", "on leave"],
            "_line": [2, 3],
        }
    )
    result = connector.readers[kind.reader](raw)
    people = result.tables["person_records"].to_dicts()
    assert [(row["key"], row["email"], row["end_date"], row["status"], row["employment"]) for row in people] == [
        ("7", "ann@maple.example", date(2026, 6, 30), "active", "contract"),
        ("8", None, None, None, "contract"),
    ]
    assert result.tables["role_records"]["job"].to_list() == ["Bus Driver"] * 2
    assert [(row["line"], row["field"], row["row_lost"]) for row in result.rejects.to_dicts()] == [(3, "State", False)]


def _read_coverage_example(name: str, columns: dict[str, list[str | None]]) -> pl.DataFrame:
    """Return the rows that the page's example with this name reads from a list."""
    examples = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    [text] = [example for example in examples if f"\nname: {name}\n" in example]
    connector = parse_mapping(text, file="coverage.yaml")
    [kind] = connector.kinds
    assert set(kind.needs) == set(columns), "the example is known by every heading that it takes"
    raw = pl.DataFrame({name: pl.Series(values, dtype=pl.String) for name, values in columns.items()})
    result = connector.readers[kind.reader](raw.with_columns(pl.Series("_line", range(2, 2 + raw.height))))
    assert not result.rejects.height
    return result.tables["coverage_records"]


def test_the_example_of_a_filter_reads_what_it_covers() -> None:
    rows = _read_coverage_example(
        "content-filter",
        {
            "Device ID": ["d-1", "d-2"],
            "Serial Number": ["5CD1", None],
            "Asset Tag": [None, "MV-002"],
            "User": ["Ada@Maple.example", None],
            "School": ["Lincoln", "Lincoln"],
            "Filtering": ["On", "off"],
            "Last Seen": ["2026-11-02T13:05:06Z", None],
        },
    ).to_dicts()
    assert [(row["purpose"], row["key"], row["serial"], row["asset_tag"], row["covered"]) for row in rows] == [
        ("filter", "d-1", "5CD1", None, True),
        ("filter", "d-2", None, "MV-002", False),
    ]
    assert (rows[0]["email"], rows[0]["last_seen"]) == (
        "ada@maple.example",
        datetime(2026, 11, 2, 13, 5, 6, tzinfo=UTC),
    )


def test_the_example_of_an_antivirus_reads_what_it_covers() -> None:
    rows = _read_coverage_example(
        "antivirus",
        {
            "Endpoint ID": ["a", "b", "c"],
            "Hostname": ["LAB-7", "LAB-8", "LAB-9"],
            "Serial": [None, None, None],
            "State": ["Protected", "Expired", None],
            "Agent Version": ["7.26.0", None, None],
            "Last Check-In": ["11/2/2026 8:05 AM", None, None],
        },
    ).to_dicts()
    assert [(row["purpose"], row["name"], row["covered"], row["status_word"]) for row in rows] == [
        ("antivirus", "LAB-7", True, "Protected"),
        ("antivirus", "LAB-8", False, "Expired"),
        ("antivirus", "LAB-9", None, None),
    ]
