"""Codes of authenticator apps are those of the specification, and each is accepted once, near its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from homeroom.domain.platform.one_time_codes import compute_code, compute_step, find_matching_step

CODES_BY_COUNTER = (
    "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
)  # fmt: skip
SECRET = b"12345678901234567890"
AT = datetime(2026, 1, 15, 12, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("step", "code"),
    list(enumerate(CODES_BY_COUNTER)),
)
def test_codes_by_counter_are_those_of_rfc_4226(step: int, code: str) -> None:
    assert compute_code(SECRET, step) == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_by_time_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    step = compute_step(datetime.fromtimestamp(seconds, tz=UTC))
    assert compute_code(SECRET, step, digits=8) == code


@pytest.mark.parametrize(("seconds", "is_accepted"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_is_accepted_one_step_before_and_after_its_own(seconds: int, is_accepted: bool) -> None:
    code = compute_code(SECRET, compute_step(AT))
    step = find_matching_step(SECRET, code, at=AT + timedelta(seconds=seconds))
    assert step == (compute_step(AT) if is_accepted else None)


def test_a_code_of_a_step_that_was_used_matches_no_more() -> None:
    step = compute_step(AT)
    code = compute_code(SECRET, step)
    assert find_matching_step(SECRET, code, at=AT, after=step) is None
    assert find_matching_step(SECRET, compute_code(SECRET, step + 1), at=AT, after=step) == step + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "\ud800", "\uff11\uff12\uff13\uff14\uff15\uff16"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert find_matching_step(SECRET, code, at=AT) is None
