"""Test that conditions evaluate to true, false or unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from homeroom.domain.matching import InvalidPattern
from homeroom.engines.protect.baselines.conditions import evaluate_condition
from homeroom.engines.protect.baselines.explanations import explain_failures
from homeroom.engines.protect.baselines.parsing import parse_condition
from homeroom.engines.protect.baselines.paths import DocumentScope

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
DOCUMENT: dict[str, Any] = {
    "mail": {"imap": False, "length": "12", "words": [], "nothing": None, "every": "604800s"},
    "domains": ["a.example.org", "b.example.org"],
    "records": [
        {"domain": "a.example.org", "rdata": ["v=spf1 -all", "other"]},
        {"domain": "b.example.org", "rdata": []},
    ],
    "rules": [{"name": "one", "state": "ACTIVE"}, {"name": "two", "state": "INACTIVE"}, {"name": "three"}],
    "only": {"state": "ACTIVE"},
    "odd.name": {"@odata.type": "x"},
    "enforced": "2025-08-18T06:00:00Z",
    "span": "90.00:00:00",
    "iso": "P180D",
    "admins": [{"mail": "a"}, {"mail": "a"}, {"mail": "b"}],
    "spare": ["b"],
}


def evaluate(condition: object, document: Any = None) -> bool | None:
    root = DOCUMENT if document is None else document
    return evaluate_condition(parse_condition(condition), DocumentScope(item=root, root=root), at=NOW)


@pytest.mark.parametrize(
    ("answer", "conditions"),
    [
        (
            True,
            [
                {"mail.imap": False},
                {"mail.length|gte": 12, "mail.length|lt": 12.5},
                {"mail.words|empty": True},
                {"mail.nothing|empty": True},
                {"mail.gone|exists": False},
                {"mail.nothing|exists": False},
                {"mail.every|duration|lte": "7d"},
                {"span|duration": "90d"},
                {"iso|duration|lte": "P180D", "iso|duration|gt": "4319h"},
                {"enforced|before": "now", "enforced|after": "1970-01-01T00:00:00Z"},
                {"enforced|after": "now-365d"},
                {"domains": "a.example.org"},
                {"domains|count": 2},
                {"domains|all": ["a.example.org", "b.example.org"]},
                {"domains|only": ["a.example.org", "b.example.org", "c.example.org"]},
                {"mail.words|only": ["anything"]},
                {r"odd\.name.@odata\.type": "x"},
                {"odd*.*": "x"},
                {"only.state|lower": "active"},
                {"some only": {"state": "ACTIVE"}},
                {"some rules": {"state": "ACTIVE"}},
                {"every records": {"domain|endswith": ".example.org"}},
                {"no mail.words": {"name": "x"}},
                {"no gone?": {"name": "x"}},
                {"every gone?": {"name": "x"}},
                {"count rules": {"where": {"name|exists": True}, "gte": 3, "lte": 3}},
                {"count admins": {"distinct": "mail", "eq": 2}},
                {
                    "count admins": {
                        "where": {"mail|not": {"from": "/spare", "else": []}},
                        "distinct": "mail",
                        "eq": 1,
                    }
                },
                {
                    "some domains": {
                        "some /records": {"domain": {"from": "^"}, "some rdata": {".|startswith": "v=spf1"}}
                    }
                },
                [{"mail.imap": True}, {"mail.length": "12"}],
                {"any": [{"mail.imap": True}, {"mail.imap": False}], "not": {"mail.imap": True}},
                {"mail.gone|maybe": True},
                {"mail.gone|not|maybe": True},
                {"domains|re": "^b[.]"},
            ],
        ),
        (
            False,
            [
                {"mail.imap": True},
                {"mail.length": 12},
                {"mail.imap|not": False},
                {"mail.every|duration|lt": "7d"},
                {"domains|only": ["a.example.org"]},
                {"domains|all": ["a.example.org", "c.example.org"]},
                {"mail.words": "x"},
                {"every rules": {"state": "ACTIVE"}},
                {"no rules": {"state": "ACTIVE"}},
                {"some mail.words": {"name": "x"}},
                {"some gone?": {"name": "x"}},
                {"every domains": {"some /records": {"domain": {"from": "^"}, "rdata|startswith": "v=spf1"}}},
                {"count gone?": {"gte": 1}},
                {"mail.imap": False, "domains|count": 3},
            ],
        ),
        (
            None,
            [
                {"mail.gone": True},
                {"mail.gone|not": True},
                {"mail.nothing": "x"},
                {"gone|empty": True},
                {"mail.imap|duration|lte": "7d"},
                {"only.state|before": "now"},
                {"some gone": {"name": "x"}},
                {"every gone": {"name": "x"}},
                {"every only": {"size|gte": 1}},
                {"count rules": {"where": {"state": "ACTIVE"}, "gte": 2}},
                {"mail.imap": {"from": "/gone"}},
                {"mail.imap": False, "mail.gone": True},
                [{"mail.imap": True}, {"mail.gone": True}],
            ],
        ),
    ],
)
def test_what_holds_and_what_cannot_be_told(answer: bool | None, conditions: list[Any]) -> None:
    assert {repr(condition): evaluate(condition) for condition in conditions} == {
        repr(condition): answer for condition in conditions
    }


def test_a_truth_is_no_number_and_no_word() -> None:
    document = {"a": 1, "b": True, "c": "true"}
    assert evaluate([{"a": True}, {"b": 1}, {"c": True}, {"b": "true"}], document) is False
    assert evaluate({"b|text": "true", "a": 1.0}, document) is True


@pytest.mark.parametrize(
    ("condition", "fits"),
    [
        ({}, "a mapping of path to value"),
        ([], "one or more mappings"),
        ({"a|likes": 1}, "no such word as likes"),
        ({"a|lt|gt": 1}, "one of them would fit"),
        ({"a": None}, "exists: false"),
        ({"a": []}, "empty: true"),
        ({"a|exists": "yes"}, "true or false"),
        ({"a|duration": "soon"}, "12h"),
        ({"a|re": "("}, "unterminated"),
        ({"a": {"of": "b"}}, "from and else"),
        ({"count a": {"where": {"b": 1}}}, "numbers for"),
        ({"is": "unheard"}, "there is no term"),
        ({"any": {"a": 1}}, "a list of conditions"),
    ],
)
def test_a_condition_that_does_not_fit_is_refused_with_what_would(condition: Any, fits: str) -> None:
    with pytest.raises(InvalidPattern, match=fits):
        parse_condition(condition)


def test_a_term_holds_where_its_condition_does() -> None:
    terms = {"quiet": parse_condition({"mail.imap": False})}
    root = DocumentScope(item=DOCUMENT, root=DOCUMENT)
    assert evaluate_condition(parse_condition({"is": ["quiet"]}, terms=terms), root, at=NOW) is True


def test_what_was_found_and_what_would_fit_is_said_in_words() -> None:
    root = DocumentScope(item=DOCUMENT, root=DOCUMENT)

    def explain(condition: Any) -> list[tuple[str, str, str]]:
        return [
            (failure.setting, failure.actual, failure.expected)
            for failure in explain_failures(parse_condition(condition), root, at=NOW)
        ]

    assert explain({"mail.imap": False}) == []
    assert explain({"mail.imap": True, "mail.length": "12"}) == [("mail.imap", "false", "true")]
    assert explain({"mail.gone": ["A", "B"]}) == [("mail.gone", "not set", "A or B")]
    assert explain({"mail.imap|not": False}) == [("mail.imap", "false", "anything but false")]
    assert explain({"mail.every|duration|lte": "12h"}) == [("mail.every", "604800s", "at most 43200 seconds")]
    assert explain({"enforced|after": "now"}) == [("enforced", "2025-08-18T06:00:00Z", "after now")]
    assert explain({"every rules": {"state": "ACTIVE"}}) == [
        ("rules (two): state", "INACTIVE", "ACTIVE"),
        ("rules (three): state", "not set", "ACTIVE"),
    ]
    assert explain({"no rules": {"state": "ACTIVE"}}) == [("rules", "one, three", "none")]
    assert explain({"count rules": {"gte": 5}}) == [("rules", "3 in all", "at least 5")]
