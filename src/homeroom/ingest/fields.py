"""Text as exports write it, turned into values: expressions over whole columns that every reader shares.

All expressions are pure and work on whole columns. Where parsing takes several attempts, each attempt sees only the
rows that the one before left over. An expression gives null both for no value and for a value that cannot be read;
`homeroom.ingest.rows` tells the two apart and reports the second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise

import polars as pl

from homeroom.ingest.headings import hearing
from homeroom.ingest.moments import BLANKS, Made, by_word, days_of, times_of

NOTHING = ("n/a", "na", "none", "null", "nil", "-", "--", "never", "unknown", "tbd", "0000-00-00", "00/00/0000")
TRUE = ("true", "yes", "y", "1", "t", "on", "enabled")
FALSE = ("false", "no", "n", "0", "f", "off", "disabled")
GOOGLE_NEVER = ("never", "1970-01-01t00:00:00.000z", "1970-01-01t00:00:00z", "0")
"""What Google's directory and GAM write as the last sign-in of an account that nobody ever used."""
_BETWEEN = "\x1f"  # the unit separator, which hardly any value holds
_FEW = 6
_BARE_MAC = r"^[0-9a-f]{12}$"


def plain(column: pl.Expr) -> pl.Expr:
    """Blanks around the value cut off; null where nothing is left."""
    cut = column.str.strip_chars(BLANKS)
    return pl.when(cut != "").then(cut)


def text(column: pl.Expr) -> pl.Expr:
    """As `plain`, and runs of blanks inside become one."""
    return plain(column).str.replace_all(r"\s\s+|[\t\r\n\u{a0}]", " ")


def lower(column: pl.Expr) -> pl.Expr:
    """As `plain`, in lower case."""
    return plain(column).str.to_lowercase()


def email(column: pl.Expr) -> pl.Expr:
    """An address in lower case; null where there is no @ between two texts."""
    address = lower(column)
    return pl.when(address.str.contains(r"^[^@\s]+@[^@\s]+$")).then(address)


def word(column: pl.Expr, *, words: Mapping[str, str | bool | None]) -> pl.Expr:
    """The value that `words` gives for the text in lower case; null for a text that is not among them."""
    kind: pl.DataType = pl.Boolean() if any(isinstance(value, bool) for value in words.values()) else pl.String()
    return _each_once(
        column, lambda one: lower(one).replace_strict(dict(words), default=None, return_dtype=kind), kind=kind
    )


def truth(column: pl.Expr) -> pl.Expr:
    """True or false from the words that exports use, in any case."""
    return _each_once(column, _truth, kind=pl.Boolean())


def _truth(column: pl.Expr) -> pl.Expr:
    found = plain(column)
    common = pl.when(found.is_in(["true", "True", "TRUE"])).then(True).when(found.is_in(["false", "False", "FALSE"]))
    return common.then(False).otherwise(pl.coalesce(_one_of(found, TRUE, then=True), _one_of(found, FALSE, then=False)))


def _one_of(column: pl.Expr, words: tuple[str, ...], *, then: bool) -> pl.Expr:
    return pl.when(column.str.contains(rf"^(?i:{'|'.join(words)})$")).then(pl.lit(then))


def says_nothing(column: pl.Expr) -> pl.Expr:
    """Whether the text is one of the ways in which people write that there is no value."""
    return lower(column).is_in(list(NOTHING)) | column.str.contains(r"^\s*0001-01-01|9999")


def date(column: pl.Expr) -> pl.Expr:
    """A day from any form that US exports use: ISO 8601, M/D/YYYY, YYYYMMDD, DD-Mon-YYYY, epoch milliseconds, timestamps.

    Where day and month can be told apart only by custom, the month comes first, as in the United States; 25/12/2025
    can only be the day first. Of a timestamp the day is taken as written. Years before 1900 and after 9000 are null.
    """
    return column.map_batches(_telling(days_of), return_dtype=pl.Date())


def time(column: pl.Expr) -> pl.Expr:
    """A UTC time from RFC 3339 with Z or offset, epoch milliseconds or seconds, `M/D/YYYY h:mm AM`, or a bare day.

    A time without an offset is taken as UTC. Microsoft's 0001-01-01T00:00:00Z (not known) is null.
    """
    return column.map_batches(_telling(times_of), return_dtype=pl.Datetime("us", "UTC"))


def _telling(parse: Callable[..., pl.Series]) -> Made:
    """The parser, which tells who listens now in which forms it found the values."""
    heard = hearing()
    return partial(parse, told=heard.dated) if heard else parse


def never(column: pl.Expr) -> pl.Expr:
    """Whether a time says that it never happened, in Google's words."""
    return lower(column).is_in(list(GOOGLE_NEVER))


def money(column: pl.Expr) -> pl.Expr:
    """Minor units (cents) of an amount such as `$1,234.50`, `1234.5` or `USD 1,234`; null for other text."""
    bare = plain(column).str.replace_all(r"^(USD|US\$|\$)\s*|\s*(USD|\$)$", "")
    fits = bare.str.contains(r"^-?\d+(\.\d*)?$|^-?\d{1,3}(,\d{3})+(\.\d*)?$|^-?\.\d+$")
    amount = pl.when(fits).then(bare.str.replace_all(",", "", literal=True))
    return (amount.cast(pl.Float64, strict=False) * 100).round().cast(pl.Int64, strict=False)


def number(column: pl.Expr) -> pl.Expr:
    """The first whole number in a text such as `36 months`."""
    return column.str.extract(r"(\d+)").cast(pl.Int64, strict=False)


def mac(column: pl.Expr) -> pl.Expr:
    """A network address as twelve lower-case hex digits; null for other text and for all zeros."""

    def bared(series: pl.Series) -> pl.Series:
        if series.str.contains(_BARE_MAC).all():  # as Google writes them: three times as fast
            return series.set(series == "0" * 12, None)
        bare = series.str.replace_all(r"[\s:.\-]", "").str.to_lowercase()
        return bare.set(~bare.str.contains(_BARE_MAC) | (bare == "0" * 12), None)

    return column.map_batches(bared, return_dtype=pl.String)


def org_unit(column: pl.Expr) -> pl.Expr:
    """An organisational unit path that begins with one / and ends without, except the root."""
    return _each_once(column, _org_unit, kind=pl.String())


def _org_unit(column: pl.Expr) -> pl.Expr:
    parts = plain(column).str.replace_all(r"\s*/+\s*", "/").str.strip_chars("/")
    return pl.concat_str(pl.lit("/"), parts)


def parts(column: pl.Expr, *, separator: str = ",") -> pl.Expr:
    """A list from a joined text: each part cut, empty parts left out, order kept; null where there is none."""

    def split(series: pl.Series) -> pl.Series:
        cut = series.str.strip_chars(f"{separator}{BLANKS}")
        if cut.str.contains(rf"\s{separator}|{separator}[\s{separator}]").any():
            cut = cut.str.replace_all(rf"\s*{separator}[\s{separator}]*", separator)
        return cut.set(cut == "", None).str.split(separator)

    return column.map_batches(split, return_dtype=pl.List(pl.String))


def listed(columns: list[pl.Expr]) -> pl.Expr:
    """One list a row from several text columns, sorted, without repeats and nulls; null where all are null."""
    if not columns:
        return pl.lit(None, dtype=pl.List(pl.String))
    return pl.map_batches(columns, _side_by_side, return_dtype=pl.List(pl.String))


def _side_by_side(columns: Sequence[pl.Series]) -> pl.Series:
    """A list a row. Where few columns hold anything, neighbours are put in order, which costs a fifth of sorting lists."""
    height = max(map(len, columns))
    filled = [column for column in columns if column.null_count() < len(column)]
    plain = [column for column in filled if column.dtype == pl.String and len(column) == height]
    frame = pl.DataFrame({f"{number}": column for number, column in enumerate(plain)})
    if not filled:
        return pl.Series([None], dtype=pl.List(pl.String)).new_from_index(0, height)
    if (
        len(plain) < len(filled)
        or len(plain) > _FEW
        or any(one.str.contains(_BETWEEN, literal=True).any() for one in plain)
    ):
        every = [column if len(column) == height else column.new_from_index(0, height) for column in filled]
        rows = pl.DataFrame({f"{number}": column for number, column in enumerate(every)})
        return _tidied(rows.select(pl.concat_list(pl.all()).list.drop_nulls()).to_series())
    names = frame.columns
    for last in range(len(names) - 1, 0, -1):
        for left, right in pairwise(
            names[: last + 1]
        ):  # a null beside a value becomes that value, and goes as a repeat
            frame = frame.with_columns(
                pl.min_horizontal(left, right).alias(left), pl.max_horizontal(left, right).alias(right)
            )
    once = [
        pl.col(names[0]),
        *(pl.when(pl.col(two) != pl.col(one)).then(two).alias(two) for one, two in pairwise(names)),
    ]
    texts = frame.select(once).select(pl.concat_str(pl.all(), separator=_BETWEEN, ignore_nulls=True))
    return texts.select(pl.when(frame[names[0]].is_not_null()).then(pl.first().str.split(_BETWEEN))).to_series()


def tidy(column: pl.Expr) -> pl.Expr:
    """Lists sorted and without repeats, as canonical lists are; an empty list becomes null."""
    return column.map_batches(_tidied, return_dtype=pl.List(pl.String))


def _tidied(lists: pl.Series) -> pl.Series:
    # Sorting each list on its own costs a hundred times more than sorting all their items together.
    long = lists.list.len() > 1
    if not long.any():
        return lists.set(lists.list.len().fill_null(0) == 0, None) if (lists.list.len() == 0).any() else lists
    frame = pl.DataFrame({"row": pl.int_range(len(lists), eager=True), "item": lists})
    items = frame.filter(pl.col("item").list.len() > 0).explode("item").drop_nulls("item").sort("row", "item")
    changed = (pl.col("row") != pl.col("row").shift(1)) | (pl.col("item") != pl.col("item").shift(1))
    kept = items.filter(changed.fill_null(True)).group_by("row", maintain_order=True).agg("item")
    return frame.select("row").join(kept, on="row", how="left", maintain_order="left")["item"].alias(lists.name)


def _each_once(column: pl.Expr, parse: Callable[[pl.Expr], pl.Expr], *, kind: pl.DataType) -> pl.Expr:
    """What `parse` makes of a column of text. Where it repeats itself, each text is looked at once."""

    def made(series: pl.Series) -> pl.Series:
        texts = series.cast(pl.String)
        return by_word(texts, lambda words: words.to_frame().select(parse(pl.first())).to_series(), kind)

    return column.map_batches(made, return_dtype=kind)
