"""Terms of an erasure are found as whole words, in every spelling, and never inside of somebody else's."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.evidence.erasing.person_terms import ERASED, PersonTerms, TermMatcher, build_broad_pattern, fold_term
from homeroom.evidence.erasing.row_eraser import RowEraser
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables import TABLES

TERMS = PersonTerms(
    subjects=frozenset({4711}),
    records=frozenset({("sis", "person", "k-1")}),
    ids=frozenset({"7700431", "bela.vex@students.example", "bela.vex", "k-1", "77"}),
    shared_ids=frozenset({"home@mail.example"}),
    names=frozenset({"bela vexworth", "vexworth, bela", "inez peña".replace("ñ", "n")}),
    spellings=frozenset({"bela vexworth", "vexworth, bela", "inez peña"}),
    shared_names=frozenset({"ilka twinham"}),
)
MATCHER = TermMatcher(TERMS)


@pytest.mark.parametrize(
    "text",
    [
        "7700431",
        "wrote to Bela.Vex@Students.example.",
        "BELA VEXWORTH came",
        "Béla  Vexworth",
        "Vexworth, Bela",
        "PC-7700431",
        "Inez Pen\u0303a and Inez Peña",
        "(bela.vex)",
    ],
)
def test_a_term_is_found_in_every_spelling(text: str):
    assert MATCHER.is_in(text)
    assert not MATCHER.is_in(MATCHER.replace_in(text))


@pytest.mark.parametrize(
    "text",
    [
        "77004310",
        "S7700431",
        "anna-bela.vex@students.example",
        "bela.vex@students.example.org",
        "x.bela.vex@students.example",
        "bela.vexworthy",
        "Isabela Vexworth",
        "Bela Vexworths",
        "77",
        "Ilka Twinham",
        "home@mail.example",
    ],
)
def test_what_only_contains_a_term_or_is_somebody_elses_stays(text: str):
    assert MATCHER.replace_in(text) == text


def test_in_a_text_that_names_the_person_shared_terms_go_as_well():
    assert MATCHER.replace_in("Ilka Twinham, home@mail.example", linked=True) == f"{ERASED}, {ERASED}"


def test_numbers_and_escaped_letters_of_a_document_are_found():
    document = {"id": 7700431, "who": "Inez Pe\u00f1a", "subject": 4711, "rows": [{"bela.vex": 1}], "n": 77004310}
    cleaned = MATCHER.replace_in_value(document)
    assert cleaned == {"id": None, "who": ERASED, "subject": None, "rows": [{ERASED: 1}], "n": 77004310}


@given(st.text(), st.sampled_from(sorted(TERMS.ids - {"77", "k-1"} | TERMS.names)), st.text())
def test_a_term_between_any_texts_is_replaced_or_part_of_another_word(before: str, term: str, after: str):
    text = f"{before} {term} {after}"
    assert term not in fold_term(MATCHER.replace_in(text)) or term in fold_term(before) or term in fold_term(after)


def build_rows(name: str, *rows: dict[str, object]) -> pl.DataFrame:
    empty = pl.DataFrame(pl.from_arrow(build_arrow_schema(TABLES[name]).empty_table()))
    return pl.concat([empty, pl.DataFrame(rows, schema_overrides=empty.schema)], how="diagonal")


def test_a_row_of_the_person_goes_and_one_with_the_same_key_of_another_source_stays():
    rows = build_rows("person_records", {"key": "k-2"}, {"key": "k-1"}, {"key": "k-3", "identifier": "7700431"})
    eraser = RowEraser(MATCHER)
    erased = eraser.erase(rows, table=TABLES["person_records"], instance="sis")
    assert erased is not None
    assert erased.rows["key"].to_list() == ["k-2"]
    other = eraser.erase(rows, table=TABLES["person_records"], instance="staff list")
    assert other is not None
    assert other.rows["key"].to_list() == ["k-2", "k-1"]


def test_an_address_that_siblings_share_takes_no_sibling():
    rows = build_rows("person_records", {"key": "k-5", "email": "home@mail.example"})
    assert RowEraser(MATCHER).erase(rows, table=TABLES["person_records"], instance="sis") is None


def test_a_device_loses_its_holder_and_one_of_a_namesake_stays():
    details = {
        "holder_name": "Bela Vexworth",
        "holder_number": "12",
        "recent_emails": ["a@x", "bela.vex@students.example"],
    }
    rows = build_rows(
        "device_records",
        {"key": "1", "serial": "S1", "holder_email": "bela.vex@students.example", **details},
        {"key": "2", "serial": "S2", "holder_name": "Ilka Twinham"},
    )
    erased = RowEraser(MATCHER).erase(rows, table=TABLES["device_records"], instance="mdm")
    assert erased is not None
    first, second = erased.rows.iter_rows(named=True)
    assert (first["serial"], first["holder_email"], first["holder_name"], first["holder_number"]) == ("S1",) + (
        None,
    ) * 3
    assert first["recent_emails"] == ["a@x"]
    assert (second["serial"], second["holder_name"]) == ("S2", "Ilka Twinham")


def test_a_log_entry_keeps_its_event_and_loses_who_and_where():
    entry = {"key": "e1", "event": "login", "actor_email": "bela.vex@students.example", "address": "198.51.100.7"}
    details = json.dumps(
        {"ipAddress": "198.51.100.7", "actor": {"email": "bela.vex@students.example"}, "name": "login"}
    )
    rows = build_rows("audit_events", {**entry, "details": details}, {"key": "e2", "address": "198.51.100.7"})
    erased = RowEraser(MATCHER).erase(rows, table=TABLES["audit_events"], instance="google")
    assert erased is not None
    first, second = erased.rows.iter_rows(named=True)
    assert (first["event"], first["actor_email"], first["address"]) == ("login", None, None)
    assert json.loads(first["details"]) == {"ipAddress": ERASED, "actor": {"email": ERASED}, "name": "login"}
    assert second["address"] == "198.51.100.7"


@pytest.mark.parametrize(
    "text",
    [
        "7700431",
        "SIS: 7700431.",
        '{"note":"line\\n7700431"}',
        '{"note":"\\u00e97700431"}',
        "student_7700431",
        "Zoë7700431é x 7700431",
    ],
)
def test_the_broad_pattern_finds_words_after_what_is_no_letter_and_after_escapes(text: str) -> None:
    assert pl.Series([text]).str.contains(build_broad_pattern(["7700431"])).to_list() == [True]


def test_the_broad_pattern_leaves_parts_of_words_alone() -> None:
    texts = pl.Series(["17700431", "77004312", "family1", "a.family12@x.example"])
    pattern = build_broad_pattern(["7700431", "family1"])
    assert texts.str.contains(pattern).to_list() == [False, False, True, False]
