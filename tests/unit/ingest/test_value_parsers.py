"""Texts are parsed as exports write them; a text that does not fit is null."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from homeroom.ingest.contract import masking
from homeroom.ingest.values import locations, parsers


def _parse_texts(parse: Callable[[pl.Expr], pl.Expr], *texts: str | None) -> list[Any]:
    frame = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})
    return frame.select(parse(pl.col("text")).alias("value"))["value"].to_list()


def test_text_is_cut_and_collapsed_and_nothing_is_null() -> None:
    assert _parse_texts(parsers.normalize_text, "  Ada \t Okoro ", " ", None, "\u00a0x") == [
        "Ada Okoro",
        None,
        None,
        "x",
    ]


def test_truths_in_many_words() -> None:
    assert _parse_texts(parsers.parse_boolean, "TRUE", "yes", "1", "False", "N", "0", "maybe", "") == [
        *[True] * 3,
        *[False] * 3,
        *[None] * 2,
    ]


@pytest.mark.parametrize(
    "written",
    [
        "2024-05-01",
        "5/1/2024",
        "05/01/2024 12:00:00 AM",
        "20240501",
        "01-May-2024",
        "1 May 2024",
        "May 1, 2024",
        "2024/05/01",
        "5-1-2024",
        "5/1/24",
        "2024-05-01T23:00:00-05:00",
        "1714521600000",
    ],
)
def test_one_day_in_many_forms(written: str) -> None:
    assert _parse_texts(parsers.parse_date, written) == [date(2024, 5, 1)]


def test_forms_of_dates_may_be_mixed_in_one_column() -> None:
    assert _parse_texts(
        parsers.parse_date, "2024-05-01", None, "12/25/2025", "25/12/2025", "2/30/2025", "12/31/9999", "soon"
    ) == [
        date(2024, 5, 1),
        None,
        date(2025, 12, 25),
        date(2025, 12, 25),
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    "written",
    [
        "2024-05-01T15:00:00Z",
        "2024-05-01T15:00:00.000Z",
        "2024-05-01T10:00:00-05:00",
        "2024-05-01 15:00:00",
        "5/1/2024 3:00:00 PM",
        "5/1/2024 15:00",
        "5/1/24 3:00 PM",
        "5/1/24 15:00",
        "May 1, 2024 3:00 PM",
        "2024/05/01 15:00:00",
        "1714575600000",
        "1714575600",
    ],
)
def test_one_time_in_many_forms(written: str) -> None:
    assert _parse_texts(parsers.parse_time, written) == [datetime(2024, 5, 1, 15, tzinfo=UTC)]


def test_a_month_in_full_is_that_month() -> None:
    assert _parse_texts(parsers.parse_time, "November 20, 2026 2:03 PM") == [datetime(2026, 11, 20, 14, 3, tzinfo=UTC)]


def test_a_time_that_is_not_known_is_null() -> None:
    assert _parse_texts(parsers.parse_time, "0001-01-01T00:00:00Z", "Never", "x") == [None, None, None]
    assert _parse_texts(parsers.is_never, "Never", "1970-01-01T00:00:00.000Z", "2024-05-01T15:00:00Z", None) == [
        True,
        True,
        False,
        None,
    ]


@pytest.mark.parametrize(
    "written",
    ["2026-11-23T12:11:11Z", "2026-11-23 12:11:11Z", "2026-11-23T12:11:11.123456789Z", "1812-01-01T00:00:00Z",
     "2026-02-30T12:11:11Z", "2026-11-23T24:00:00Z", "2026-11-23T23:59:60Z", "2026-11-23t12:11:11Z", "2026-11-23T12:11:Z",
     "2026-11-23T12:11:11.Z", "2026-1-2T03:04:05Z", " 2026-11-23T12:11:11Z", "2026-11-23T12:11:11+05Z", None],
)  # fmt: skip
def test_a_time_is_the_same_alone_as_beside_others_in_utc(written: str | None) -> None:
    expected = _parse_texts(parsers.parse_time, written, "x")[0]
    assert _parse_texts(parsers.parse_time, written) == [expected]
    assert _parse_texts(parsers.parse_time, written, "2024-05-01T15:00:00Z")[0] == expected


def test_what_repeats_itself_is_read_as_what_does_not() -> None:
    texts = ["yes", "no", None, " /Students//Lincoln/", "ACTIVE", "maybe"]
    for parse in (
        parsers.parse_boolean,
        parsers.normalize_org_unit,
        lambda text: parsers.map_words(text, words={"active": "a", "no": None}),
    ):
        assert _parse_texts(parse, *(texts * 500)) == _parse_texts(parse, *texts) * 500


def test_money_is_minor_units() -> None:
    assert _parse_texts(parsers.parse_money, "$1,234.50", "1234.5", "USD 12", "-3", "1.234,5", "lots", "0.1") == [
        123450,
        123450,
        1200,
        -300,
        None,
        None,
        10,
    ]


def test_addresses_units_and_lists_have_one_form() -> None:
    assert _parse_texts(parsers.parse_mac, "B4:69:21:18:C6:76", "b469-2118-c676", "000000000000", "x") == [
        *["b4692118c676"] * 2,
        *[None] * 2,
    ]
    assert _parse_texts(parsers.parse_mac, "b4692118c676", "000000000000", None) == ["b4692118c676", None, None]
    assert _parse_texts(parsers.normalize_org_unit, "Students//Lincoln/", "/", None) == ["/Students/Lincoln", "/", None]
    assert _parse_texts(parsers.parse_email, " Ada@Maple.Example ", "ada at maple", "@x") == [
        "ada@maple.example",
        None,
        None,
    ]
    assert _parse_texts(parsers.split_list, "b , a,,b", ",", None) == [["b", "a", "b"], None, None]
    assert _parse_texts(lambda text: parsers.normalize_list(parsers.split_list(text)), "b,a,b", "c", None) == [
        ["a", "b"],
        ["c"],
        None,
    ]


def test_a_mask_keeps_the_shape_and_no_sign() -> None:
    assert _parse_texts(masking.build_mask, "Ünal 12-b", None, "X" * 40) == ["Xxxx 99-x", None, "X" * 24]


def test_a_cart_is_named_by_location_else_unit() -> None:
    frame = pl.DataFrame(
        {
            "place": ["Lincoln Cart 12, slot 4", "Room 4", None, "Descartes Hall"],
            "unit": [None, "/S/Media Cart B", "/S/Carts", "/"],
        },
        schema={"place": pl.String, "unit": pl.String},
    )
    carts = frame.select(locations.extract_cart(location=pl.col("place"), org_unit=pl.col("unit")).alias("cart"))
    assert carts["cart"].to_list() == ["Lincoln Cart 12", "Media Cart B", None, None]


def test_fiscal_years_are_named_by_the_year_in_which_they_end() -> None:
    written = ("2028", "FY28", "fy 2028", "FY'28", "2027-28", "2027-2028", "2027/28")
    assert _parse_texts(parsers.parse_fiscal_year, *written) == [2028] * len(written)
    near_misses = ("28", "2027-29", "2028-27", "1999", "FY28-29", "year 2028", "", None)
    assert _parse_texts(parsers.parse_fiscal_year, *near_misses) == [None] * len(near_misses)


def test_percents_and_whole_numbers_are_read_in_full_or_not_at_all() -> None:
    assert _parse_texts(parsers.parse_percent, "80", "80%", "80.0 %", "100", "0", "0.8", "85.5%", "101", "most") == [
        *[80] * 3,
        100,
        *[None] * 5,
    ]
    assert _parse_texts(parsers.parse_whole_number, "1,500", "36", "1,50", "36 months", "-3", "2.5") == [
        1500,
        36,
        *[None] * 4,
    ]
