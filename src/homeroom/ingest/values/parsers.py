"""Parsing of exported text into values: expressions over whole columns that every reader shares.

All expressions are pure and work on whole columns. If parsing takes several attempts, each attempt sees only the
rows that the one before left over. An expression gives null both for no value and for a value that cannot be read;
`homeroom.ingest.rows.field_table` distinguishes the two and reports the second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise

import polars as pl

from homeroom.ingest.values.datetimes import BLANKS, FormatReporter, map_distinct, parse_days, parse_times

NULL_WORDS = ("n/a", "na", "none", "null", "nil", "-", "--", "never", "unknown", "tbd", "0000-00-00", "00/00/0000")
TRUE = ("true", "yes", "y", "1", "t", "on", "enabled")
FALSE = ("false", "no", "n", "0", "f", "off", "disabled")
GOOGLE_NEVER = ("never", "1970-01-01t00:00:00.000z", "1970-01-01t00:00:00z", "0")
"""The last sign-in that Google's directory and GAM write for an account that nobody ever used."""
_BETWEEN = "\x1f"  # the unit separator, which hardly any value holds
_MAX_MERGED_COLUMNS = 6
_BARE_MAC = r"^[0-9a-f]{12}$"


def strip_text(column: pl.Expr) -> pl.Expr:
    """Strip blanks around the value; null if nothing is left."""
    stripped = column.str.strip_chars(BLANKS)
    return pl.when(stripped != "").then(stripped)


def normalize_text(column: pl.Expr) -> pl.Expr:
    """Strip as `strip_text` does, and replace runs of blanks inside by one blank."""
    return strip_text(column).str.replace_all(r"\s\s+|[\t\r\n\u{a0}]", " ")


def lower_text(column: pl.Expr) -> pl.Expr:
    """Strip as `strip_text` does, in lower case."""
    return strip_text(column).str.to_lowercase()


def parse_email(column: pl.Expr) -> pl.Expr:
    """Return an address in lower case; null unless there is an @ between two texts."""
    address = strip_text(column)
    # In lower case last, since polars would compute that twice.
    return pl.when(address.str.contains(r"^[^@\s]+@[^@\s]+$")).then(address).str.to_lowercase()


def map_words(column: pl.Expr, *, words: Mapping[str, str | bool | None]) -> pl.Expr:
    """Return the value of `words` for the text in lower case; null for a text that is not among them."""
    kind: pl.DataType = pl.Boolean() if any(isinstance(value, bool) for value in words.values()) else pl.String()
    return parse_distinct(
        column, lambda text: lower_text(text).replace_strict(dict(words), default=None, return_dtype=kind), kind=kind
    )


def parse_boolean(column: pl.Expr) -> pl.Expr:
    """Return true or false for the words that exports use, in any case."""
    return parse_distinct(column, _parse_boolean, kind=pl.Boolean())


def _parse_boolean(column: pl.Expr) -> pl.Expr:
    stripped = strip_text(column)
    common = (
        pl.when(stripped.is_in(["true", "True", "TRUE"])).then(True).when(stripped.is_in(["false", "False", "FALSE"]))
    )
    return common.then(False).otherwise(
        pl.coalesce(_match_any(stripped, TRUE, value=True), _match_any(stripped, FALSE, value=False))
    )


def _match_any(column: pl.Expr, words: tuple[str, ...], *, value: bool) -> pl.Expr:
    return pl.when(column.str.contains(rf"^(?i:{'|'.join(words)})$")).then(pl.lit(value))


def is_null_word(column: pl.Expr) -> pl.Expr:
    """Check whether the text is one of the ways in which people write that there is no value."""
    return lower_text(column).is_in(list(NULL_WORDS)) | column.str.contains(r"^\s*0001-01-01|9999")


def parse_date(column: pl.Expr, report: FormatReporter | None = None) -> pl.Expr:
    """Parse a day in any form that US exports use.

    The forms are ISO 8601, M/D/YYYY, YYYYMMDD, DD-Mon-YYYY, epoch milliseconds and timestamps. If day and month are
    ambiguous, the month comes first, as in the United States; 25/12/2025 can only be the day first. The day of a
    timestamp is taken as written. Years before 1900 and after 9000 are null. `report` receives the formats that the
    values have.
    """
    return column.map_batches(partial(parse_days, report=report), return_dtype=pl.Date())


def parse_time(column: pl.Expr, report: FormatReporter | None = None) -> pl.Expr:
    """Parse a UTC time in any form that exports use.

    The forms are RFC 3339 with Z or offset, epoch milliseconds or seconds, `M/D/YYYY h:mm AM`, and a bare day. A time
    without an offset is taken as UTC. Microsoft's 0001-01-01T00:00:00Z (not known) is null. `report` receives the
    formats that the values have.
    """
    return column.map_batches(partial(parse_times, report=report), return_dtype=pl.Datetime("us", "UTC"))


def is_never(column: pl.Expr) -> pl.Expr:
    """Check whether a time is one of Google's words for an event that never happened."""
    return lower_text(column).is_in(list(GOOGLE_NEVER))


def parse_money(column: pl.Expr) -> pl.Expr:
    """Return the minor units (cents) of an amount such as `$1,234.50`, `1234.5` or `USD 1,234`; null for other text."""
    bare = strip_text(column).str.replace_all(r"^(USD|US\$|\$)\s*|\s*(USD|\$)$", "")
    fits = bare.str.contains(r"^-?\d+(\.\d*)?$|^-?\d{1,3}(,\d{3})+(\.\d*)?$|^-?\.\d+$")
    amount = pl.when(fits).then(bare.str.replace_all(",", "", literal=True))
    return (amount.cast(pl.Float64, strict=False) * 100).round().cast(pl.Int64, strict=False)


def parse_integer(column: pl.Expr) -> pl.Expr:
    """Return the first whole number in a text such as `36 months`."""
    return column.str.extract(r"(\d+)").cast(pl.Int64, strict=False)


def parse_whole_number(column: pl.Expr) -> pl.Expr:
    """Return a whole number such as `1,200` that is all of the text; null for other text."""
    text = strip_text(column)
    fits = text.str.contains(r"^\d{1,12}$|^\d{1,3}(,\d{3}){1,3}$")
    return pl.when(fits).then(text.str.replace_all(",", "", literal=True)).cast(pl.Int64, strict=False)


def parse_fiscal_year(column: pl.Expr) -> pl.Expr:
    """Return the year in which a fiscal year ends, from `2028`, `FY28`, `FY 2028` or `2027-28`; null for other text.

    Of two years, the second has to follow the first.
    """
    text = strip_text(column).str.to_lowercase().str.replace(r"^fy\s*'?", "")
    first = text.str.extract(r"^(20\d\d)\s*[-–/]\s*(?:20)?\d\d$").cast(pl.Int64)
    last = 2000 + text.str.extract(r"^20\d\d\s*[-–/]\s*(?:20)?(\d\d)$").cast(pl.Int64)
    short = 2000 + text.str.extract(r"^(\d\d)$").cast(pl.Int64)
    plain = text.str.extract(r"^(20\d\d)$").cast(pl.Int64)
    is_short = strip_text(column).str.contains(r"(?i)^fy")
    return pl.coalesce(plain, pl.when(is_short).then(short), pl.when(last == first + 1).then(last))


def parse_percent(column: pl.Expr) -> pl.Expr:
    """Return a whole percent from 1 to 100, from `80`, `80%` or `80.0 %`; null for other text."""
    percent = strip_text(column).str.extract(r"^(\d{1,3})(?:\.0+)?\s*%?$").cast(pl.Int64, strict=False)
    return pl.when(percent.is_between(1, 100)).then(percent)


def parse_mac(column: pl.Expr) -> pl.Expr:
    """Return a MAC address as twelve lower-case hex digits; null for other text and for all zeros."""

    def normalize_series(series: pl.Series) -> pl.Series:
        if series.str.contains(_BARE_MAC).all():  # as Google writes them: three times as fast
            return series.set(series == "0" * 12, None)
        bare = series.str.replace_all(r"[\s:.\-]", "").str.to_lowercase()
        return bare.set(~bare.str.contains(_BARE_MAC) | (bare == "0" * 12), None)

    return column.map_batches(normalize_series, return_dtype=pl.String)


def normalize_org_unit(column: pl.Expr) -> pl.Expr:
    """Return an organizational unit path that begins with one / and ends without, except the root."""
    return parse_distinct(column, _normalize_org_unit, kind=pl.String())


def _normalize_org_unit(column: pl.Expr) -> pl.Expr:
    parts = strip_text(column).str.replace_all(r"\s*/+\s*", "/").str.strip_chars("/")
    return pl.concat_str(pl.lit("/"), parts)


def split_list(column: pl.Expr, *, separator: str = ",") -> pl.Expr:
    """Split a joined text into a list: each part stripped, empty parts left out, order preserved.

    Null if there is none.
    """

    def split(series: pl.Series) -> pl.Series:
        stripped = series.str.strip_chars(f"{separator}{BLANKS}")
        if stripped.str.contains(rf"\s{separator}|{separator}[\s{separator}]").any():
            stripped = stripped.str.replace_all(rf"\s*{separator}[\s{separator}]*", separator)
        is_empty = stripped == ""
        return (stripped.set(is_empty, None) if is_empty.any() else stripped).str.split(separator)

    return column.map_batches(split, return_dtype=pl.List(pl.String))


def collect_list(columns: list[pl.Expr]) -> pl.Expr:
    """Return one list a row from several text columns, sorted, without repeats and nulls; null if all are null."""
    if not columns:
        return pl.lit(None, dtype=pl.List(pl.String))
    return pl.map_batches(columns, _merge_columns, return_dtype=pl.List(pl.String))


def _merge_columns(columns: Sequence[pl.Series]) -> pl.Series:
    """Return a list a row.

    For few filled columns neighbors are put in order, at a fifth of the cost of sorting lists.
    """
    height = max(map(len, columns))
    filled = [column for column in columns if column.null_count() < len(column)]
    plain = [column for column in filled if column.dtype == pl.String and len(column) == height]
    frame = pl.DataFrame({f"{number}": column for number, column in enumerate(plain)})
    if not filled:
        return pl.Series([None], dtype=pl.List(pl.String)).new_from_index(0, height)
    if (
        len(plain) < len(filled)
        or len(plain) > _MAX_MERGED_COLUMNS
        or any(item.str.contains(_BETWEEN, literal=True).any() for item in plain)
    ):
        full_columns = [column if len(column) == height else column.new_from_index(0, height) for column in filled]
        rows = pl.DataFrame({f"{number}": column for number, column in enumerate(full_columns)})
        return _normalize_lists(rows.select(pl.concat_list(pl.all()).list.drop_nulls()).to_series())
    names = frame.columns
    for last in range(len(names) - 1, 0, -1):
        for left, right in pairwise(
            names[: last + 1]
        ):  # a null beside a value becomes that value, and goes as a repeat
            frame = frame.with_columns(
                pl.min_horizontal(left, right).alias(left), pl.max_horizontal(left, right).alias(right)
            )
    distinct = [
        pl.col(names[0]),
        *(
            pl.when(pl.col(following) != pl.col(item)).then(following).alias(following)
            for item, following in pairwise(names)
        ),
    ]
    texts = frame.select(distinct).select(pl.concat_str(pl.all(), separator=_BETWEEN, ignore_nulls=True))
    return texts.select(pl.when(frame[names[0]].is_not_null()).then(pl.first().str.split(_BETWEEN))).to_series()


def normalize_list(column: pl.Expr) -> pl.Expr:
    """Return lists sorted and without repeats, as canonical lists are; an empty list becomes null."""
    return column.map_batches(_normalize_lists, return_dtype=pl.List(pl.String))


def _normalize_lists(lists: pl.Series) -> pl.Series:
    # Sorting each list on its own costs a hundred times more than sorting all their items together.
    long = lists.list.len() > 1
    if not long.any():
        return lists.set(lists.list.len().fill_null(0) == 0, None) if (lists.list.len() == 0).any() else lists
    frame = pl.DataFrame({"row": pl.int_range(len(lists), eager=True), "item": lists})
    items = frame.filter(pl.col("item").list.len() > 0).explode("item").drop_nulls("item").sort("row", "item")
    changed = (pl.col("row") != pl.col("row").shift(1)) | (pl.col("item") != pl.col("item").shift(1))
    distinct_items = items.filter(changed.fill_null(True)).group_by("row", maintain_order=True).agg("item")
    return (
        frame.select("row").join(distinct_items, on="row", how="left", maintain_order="left")["item"].alias(lists.name)
    )


def parse_distinct(column: pl.Expr, parse: Callable[[pl.Expr], pl.Expr], *, kind: pl.DataType) -> pl.Expr:
    """Parse a column of text with `parse`.

    If the column is repetitive, each distinct text is parsed once.
    """

    def parse_series(series: pl.Series) -> pl.Series:
        texts = series.cast(pl.String)
        return map_distinct(texts, lambda distinct: distinct.to_frame().select(parse(pl.first())).to_series(), kind)

    return column.map_batches(parse_series, return_dtype=kind)
