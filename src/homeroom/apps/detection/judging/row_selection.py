"""Which rows any rule could match, by the columns of the event's kind: all others need not become events.

Most entries of a log are of kinds that no rule is about: a document viewed, a ticket renewed. A rule about a kind names
it in a test that has to hold. Where some rule of a log names none, all of the log's rows are judged; and so are rows
that have a canary's name in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa

from homeroom.apps.detection.judging.event_source import AUDIT_TABLE
from homeroom.domain.detections.rules import (
    And,
    Condition,
    DetectionRule,
    Existence,
    FieldSearch,
    LogVariant,
    Null,
    Number,
    Or,
    Text,
)

PART = "*"
"""What a value begins with that stands for all that contain the rest."""
CANARY_FIELD = "district.canary"
_KIND_FIELDS = {
    "google_workspace": frozenset({"name", "eventName", "events.name"}),
    "m365": frozenset({"Operation"}),
    "windows": frozenset({"EventID"}),
}
_FOREIGN_FIELDS = {
    "google_workspace": frozenset({"createdDateTime", "Operation", "EventID", "activityDisplayName"}),
    "m365": frozenset({"createdDateTime", "EventID", "activityDisplayName"}),
    "windows": frozenset({"createdDateTime", "Operation", "activityDisplayName"}),
}
"""Fields by which other products' events are known: a test of one never holds for this product."""
_UNIFIED_LOG = "unified"


@dataclass(kw_only=True)
class WantedKinds:
    """Kinds of events of a product that rules name, in lower case, and `parts` of such kinds.

    All rows of the logs in `whole` are judged. `all_rows` is true if a rule about all logs of the product names no
    kind.
    """

    kinds: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    all_rows: bool = False

    def add(self, variant: LogVariant, *, fields: frozenset[str], foreign: frozenset[str]) -> None:
        """Add what a rule wants."""
        kinds = find_needed_values(variant.condition, fields, foreign=foreign)
        if kinds is None and variant.log.event_ids:
            kinds = frozenset(map(str, variant.log.event_ids))
        if kinds is not None:
            self.kinds |= {kind for kind in kinds if not kind.startswith(PART)}
            self.parts |= {kind.removeprefix(PART) for kind in kinds if kind.startswith(PART)}
        elif logs := variant.log.services or variant.log.channels:
            self.whole |= logs
        else:
            self.all_rows = True


class RowSelection:
    """The rows that rules, or canaries, could be about."""

    def __init__(self, rules: Iterable[DetectionRule], *, canaries: Sequence[str] = ()) -> None:
        self._products: Mapping[str, WantedKinds] = {product: WantedKinds() for product in _KIND_FIELDS}
        self._canaries = sorted({text.rpartition("\\")[2] for text in canaries if text})
        for rule in rules:
            for variant in rule.variants:
                if not _needs_field(variant.condition, CANARY_FIELD):
                    self._add(variant)

    def _add(self, variant: LogVariant) -> None:
        for product in _list_products(variant):
            self._products[product].add(variant, fields=_KIND_FIELDS[product], foreign=_FOREIGN_FIELDS[product])

    def select(self, table: str, rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        """Yield the rows of a batch that could match."""
        frame = pl.DataFrame(rows)
        wanted = self._build_audit_filter() if table == AUDIT_TABLE else self._build_host_filter()
        if self._canaries:
            wanted |= pl.col("details").str.contains_any(self._canaries, ascii_case_insensitive=True)
        chosen = frame.filter(wanted.fill_null(value=True))
        if len(chosen):
            yield from chosen.to_arrow().cast(rows.schema).to_batches()

    def _build_audit_filter(self) -> pl.Expr:
        google, unified = self._products["google_workspace"], self._products["m365"]
        log, kind = pl.col("log"), pl.col("event").str.to_lowercase()
        of_google = pl.lit(google.all_rows) | log.is_in(sorted(google.whole)) | _is_wanted(kind, google)
        of_unified = pl.lit(unified.all_rows or bool(unified.whole)) | _is_wanted(kind, unified)
        return (
            pl.when(pl.col("source") == "google")
            .then(of_google)
            .when(log == _UNIFIED_LOG)
            .then(of_unified)
            .otherwise(pl.lit(value=True))
        )

    def _build_host_filter(self) -> pl.Expr:
        windows = self._products["windows"]
        numbers = [int(kind) for kind in sorted(windows.kinds) if kind.isdigit()]
        channel = pl.col("channel").str.to_lowercase()
        return (
            pl.lit(windows.all_rows or bool(windows.parts))
            | channel.is_in(sorted(windows.whole))
            | pl.col("event_id").is_in(numbers)
        )


def _is_wanted(kind: pl.Expr, wanted: WantedKinds) -> pl.Expr:
    is_kind = kind.is_in(sorted(wanted.kinds))
    return is_kind | kind.str.contains_any(sorted(wanted.parts)) if wanted.parts else is_kind


def _list_products(variant: LogVariant) -> Iterator[str]:
    """Yield the products whose rows a variant could be about."""
    for product in _KIND_FIELDS:
        if variant.log.product in ("", product):
            yield product


def find_needed_values(
    condition: Condition, fields: frozenset[str], *, foreign: frozenset[str] = frozenset()
) -> frozenset[str] | None:
    """Return values for the fields, one of them necessary for a condition to hold; None if there is no such set.

    Values are in lower case, numbers as text. One that begins with `PART` fits all that contain the rest. Fields
    that are `foreign` have no value, so that a test of one needs what is not there.
    """
    match condition:
        case FieldSearch() if condition.name in foreign:
            is_absence = any(isinstance(test, Null) or test == Existence(exists=False) for test in condition.tests)
            return None if is_absence else frozenset()
        case FieldSearch() if condition.name in fields:
            texts = [_get_whole_value(test) for test in condition.tests]
            return frozenset(text for text in texts if text is not None) if None not in texts else None
        case And():
            sets = [find_needed_values(part, fields, foreign=foreign) for part in condition.parts]
            return min((values for values in sets if values is not None), key=len, default=None)
        case Or():
            alternatives = [find_needed_values(part, fields, foreign=foreign) for part in condition.parts]
            if any(values is None for values in alternatives):
                return None
            return frozenset(value for values in alternatives if values is not None for value in values)
        case _:
            return None


def _get_whole_value(test: object) -> str | None:
    if isinstance(test, Text):
        literals = [part.lower() for part in test.parts if isinstance(part, str)]
        if len(literals) == len(test.parts):
            return "".join(literals)
        return PART + max(literals, key=len) if literals else None
    return str(test.value) if isinstance(test, Number) else None


def _needs_field(condition: Condition, name: str) -> bool:
    """Return whether a condition can hold only where a field has a value."""
    match condition:
        case FieldSearch():
            return condition.name == name
        case And():
            return any(_needs_field(part, name) for part in condition.parts)
        case Or():
            return all(_needs_field(part, name) for part in condition.parts)
        case _:
            return False
