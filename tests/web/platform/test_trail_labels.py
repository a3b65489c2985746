"""The audit trail as people read it: empty values are left out, and no page shows its stored form."""

from __future__ import annotations

import pytest

from homeroom.web.templatetags.trails import action_words, done_to, told_details


def test_details_are_words_and_what_says_nothing_is_left_out():
    detail = {"asked": {}, "count": 1689, "masked": False, "stream": "nmap.scan", "scope": "networks:192.0.2.0/24"}
    assert told_details(detail) == [
        ("count", "1,689"), ("masked", "no"), ("stream", "Devices and services"),
        ("scope", "Only the networks 192.0.2.0/24"),
    ]  # fmt: skip


def test_a_detail_called_items_is_one_like_any_other():
    assert told_details({"items": 3, "expires_on": "2026-03-31"}) == [("items", "3"), ("expires on", "Mar 31, 2026")]


def test_a_question_within_a_detail_is_read_out():
    assert told_details({"asked": {"school": "Lincoln", "left": True}}) == [("asked", "school: Lincoln, left: yes")]


@pytest.mark.parametrize(("subject", "words"), [
    ("holder-gone/not_applicable", "holder-gone, Does not apply"),
    ("000007-e4dcd2decfc0", "000007-e4dcd2decfc0"),
])  # fmt: skip
def test_a_state_of_a_control_is_written_in_words(subject: str, words: str):
    assert done_to(subject) == words


def test_an_action_is_written_without_hyphens():
    assert action_words("opened-student") == "opened student"
