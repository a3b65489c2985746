"""Which rows any rule could match, by the columns of the event's kind: all others need not become events.

Most entries of a log are of kinds that no rule is about: a document viewed, a ticket renewed. A rule about a kind names
it in a test that has to hold. Where some rule of a log names none, all of the log's rows are judged; and so are rows
that have a canary's name in them. A controller's log is mostly of few kinds that rules are about, such as accesses of a
share; there a row also needs a text without which none of these rules holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa

from homeroom.apps.protect.detection.judging.event_source import AUDIT_TABLE
from homeroom.domain.protect.detections.district_fields import is_district_field
from homeroom.domain.protect.detections.rules import (
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
from homeroom.engines.protect.detect.literals import MIN_LITERAL_LENGTH, Clues, find_necessary_clues

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
_AUDIT_COLUMNS = ["source", "log", "event", "details"]
_HOST_COLUMNS = ["channel", "event_id", "details"]


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
    needed_texts: dict[str, set[str] | None] = field(default_factory=dict)
    """By kind the texts that a row's details have at least one of if a rule about it holds; None without such texts."""

    def add(self, variant: LogVariant, *, fields: frozenset[str], foreign: frozenset[str]) -> None:
        """Add what a rule wants."""
        kinds = find_needed_values(variant.condition, fields, foreign=foreign)
        if kinds is None and variant.log.event_ids:
            kinds = frozenset(map(str, variant.log.event_ids))
        if kinds is not None:
            self.kinds |= {kind for kind in kinds if not kind.startswith(PART)}
            self.parts |= {kind.removeprefix(PART) for kind in kinds if kind.startswith(PART)}
            self._add_needed_texts(kinds, find_needed_texts(variant.condition, but=fields))
        elif logs := variant.log.services or variant.log.channels:
            self.whole |= logs
        else:
            self.all_rows = True

    def _add_needed_texts(self, kinds: Iterable[str], texts: frozenset[str] | None) -> None:
        for kind in kinds:
            before = self.needed_texts.setdefault(kind, set())
            self.needed_texts[kind] = None if before is None or texts is None else before | texts

    def list_kinds_without_texts(self) -> list[str]:
        """Return the kinds whose rows are all judged, whatever is in them."""
        return sorted(kind for kind in self.kinds if self.needed_texts.get(kind) is None)

    def list_texts(self) -> list[str]:
        """Return the texts that the other kinds' rows need at least one of."""
        return sorted({text for kind in self.kinds for text in self.needed_texts.get(kind) or ()})


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
        names = _AUDIT_COLUMNS if table == AUDIT_TABLE else _HOST_COLUMNS
        wanted = self._build_audit_filter() if table == AUDIT_TABLE else self._build_host_filter()
        if self._canaries:
            wanted |= pl.col("details").str.contains_any(self._canaries, ascii_case_insensitive=True)
        is_wanted = pl.DataFrame(rows.select(names)).select(wanted.fill_null(value=True)).to_series()
        if is_wanted.any():
            yield rows.filter(is_wanted.to_arrow())

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
        channel, number = pl.col("channel").str.to_lowercase(), pl.col("event_id")
        return (
            pl.lit(windows.all_rows or bool(windows.parts))
            | channel.is_in(sorted(windows.whole))
            | number.is_in(_list_numbers(windows.list_kinds_without_texts()))
            | (number.is_in(_list_numbers(windows.kinds)) & _has_text(windows.list_texts()))
        )


def _is_wanted(kind: pl.Expr, wanted: WantedKinds) -> pl.Expr:
    is_kind = kind.is_in(sorted(wanted.kinds))
    return is_kind | kind.str.contains_any(sorted(wanted.parts)) if wanted.parts else is_kind


def _list_numbers(kinds: Iterable[str]) -> list[int]:
    return sorted(int(kind) for kind in kinds if kind.isdigit())


def _has_text(texts: list[str]) -> pl.Expr:
    """Return whether the details have one of the texts, or letters or escapes that could be spellings of one."""
    details = pl.col("details")
    has_other_letters = details.str.contains(r"[^\x00-\x7F]|\\u")
    if not texts:
        return has_other_letters
    return details.str.contains_any(texts, ascii_case_insensitive=True) | has_other_letters


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


def find_needed_texts(condition: Condition, *, but: frozenset[str]) -> frozenset[str] | None:
    """Return texts that an event's JSON has at least one of if a condition holds; None without such texts.

    Tests of the fields `but`, and of what evidence adds to events, are left out.
    """
    parts = condition.parts if isinstance(condition, And) else (condition,)
    nested = [find_needed_texts(part, but=but) for part in parts if isinstance(part, And)]
    sets = [_cut_clues(find_necessary_clues(part), but=but) for part in parts if not isinstance(part, And)]
    return max((texts for texts in (*nested, *sets) if texts), key=lambda texts: min(map(len, texts)), default=None)


def _cut_clues(clues: Clues | None, *, but: frozenset[str]) -> frozenset[str] | None:
    """Return the longest parts of clues that JSON writes as they are; None if one clue has none."""
    if clues is None or any(clue.name in but or is_district_field(clue.name or "") for clue in clues):
        return None
    texts = {max(re.findall(r"[ -!#-\[\]-~]+", clue.text), key=len, default="") for clue in clues}
    return frozenset(texts) if min(map(len, texts)) >= MIN_LITERAL_LENGTH else None


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
