"""Arrow times and dates are written to SQLite exactly as Django writes and compares them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pyarrow as pa
import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from homeroom.apps.platform.districts.bulk_write import iter_row_tuples

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="elsewhere the driver takes times as they are")
MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))
DAYS = st.none() | st.dates()


@given(st.lists(st.tuples(MOMENTS, DAYS), max_size=20))
def test_a_time_and_a_day_are_written_as_django_writes_them(pairs: list[tuple[datetime | None, date | None]]) -> None:
    moments, days = [moment for moment, _ in pairs], [day for _, day in pairs]
    table = pa.table({"moment": pa.array(moments, pa.timestamp("us", "UTC")), "day": pa.array(days, pa.date32())})
    ops = connection.ops
    assert list(iter_row_tuples(table, size=7)) == [
        (ops.adapt_datetimefield_value(moment), ops.adapt_datefield_value(day)) for moment, day in pairs
    ]


def test_a_whole_second_has_no_fraction_and_another_has_all_six_digits() -> None:
    moments = [datetime(2026, 3, 2, 7, 30, tzinfo=UTC), datetime(2026, 3, 2, 7, 30, 0, 1_000, tzinfo=UTC)]
    table = pa.table({"moment": pa.array(moments, pa.timestamp("us", "UTC"))})
    assert list(iter_row_tuples(table)) == [("2026-03-02 07:30:00",), ("2026-03-02 07:30:00.001000",)]
