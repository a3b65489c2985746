"""No text is nested so deep that a decoder overflows its stack: it is refused by its bytes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeroom.connectors.endoflife.readers import read_products
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.json_files.nesting import NestedTooDeep, NestingGuard, check_nesting, decode_json
from homeroom.ingest.remote.api_spec import Response
from homeroom.library.know.mappings import parse_yaml
from tests.unit.ingest.detection_helpers import write_and_detect

SERVER_STACK = 2 << 20
"""Bytes of stack that a thread of the server has: a decoder overflows it at some thousand levels."""
DEEP = (
    b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    b"[" * 100_000 + b"]" * 100_000,
    b'{"a":' * 100_000,
    b'{"value":' + b'[{"b":' * 50_000 + b"1" + b"}]" * 50_000 + b"}",
    b'["\\"",' + b"[" * 1_000 + b"]" * 1_000 + b"]",
)


def run_in_small_thread[T](task: Callable[[], T]) -> T:
    results: list[T] = []
    before = threading.stack_size(SERVER_STACK)
    try:
        thread = threading.Thread(target=lambda: results.append(task()))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    return results[0]


@pytest.mark.parametrize("content", DEEP, ids=["objects", "lists", "never closed", "rows", "after an escaped quote"])
def test_what_no_export_has_is_refused_before_it_is_decoded(content: bytes) -> None:
    def decode() -> str:
        with pytest.raises(NestedTooDeep, match="deeper than 256"):
            decode_json(content)
        with pytest.raises(ValueError, match="deeper than 256"):
            _ = Response(status=200, body=content).document
        return "refused"

    assert run_in_small_thread(decode) == "refused"


@pytest.mark.parametrize("content", DEEP, ids=["objects", "lists", "never closed", "rows", "after an escaped quote"])
def test_a_file_that_is_nested_too_deep_costs_itself_alone(tmp_path: Path, content: bytes) -> None:
    good = json.dumps([{"id": "1", "name": "A"}]).encode()
    for name, text in (("deep.json", content), ("lines.ndjson", b'{"id": 1}\n' + content), ("good.json", good)):
        (tmp_path / name).write_bytes(text)
    detected = run_in_small_thread(lambda: write_and_detect(tmp_path, {}))
    reasons = {problem.file: problem.reason for problem in detected.problems}
    assert "nested deeper than 256 levels" in reasons["deep.json"]
    assert reasons["lines.ndjson"].endswith("it has id"), "the deep line is lost, and no other"
    assert "nested" not in reasons.get("good.json", "")


def test_yaml_and_other_texts_that_are_nested_too_deep_are_refused_in_a_sentence() -> None:
    for text in ("[" * 1_000, "{a: " * 3_000):
        with pytest.raises(FileRefused, match="not YAML"):
            parse_yaml(text, file="deep.yaml")
    with pytest.raises(FileRefused, match="not JSON"):
        read_products({"deep.json": "[" * 100_000})


def test_brackets_in_strings_are_no_levels() -> None:
    text = json.dumps({"note": "[" * 1_000, "path": 'C:\\"{' * 400, "rows": [{"a": ["]" * 500]}]}).encode()
    check_nesting(text, max_levels=4)
    assert decode_json(text) == json.loads(text)


def test_a_text_with_half_a_letter_or_none_at_all_is_no_json() -> None:
    for text in (b"", b"\xff", b'{"a":', '"\ud800"'):
        with pytest.raises(ValueError, match=r".*") as error:
            decode_json(text)
        assert isinstance(error.value, msgspec.DecodeError | UnicodeError | ValueError)


_VALUES = st.recursive(
    st.none() | st.integers(0, 9) | st.text(alphabet='ab[]{}"\\ é', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='a[{"\\', max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


def measure_depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(measure_depth, inner), default=0)


def is_within(pieces: list[bytes], *, max_levels: int) -> bool:
    guard = NestingGuard(max_levels=max_levels)
    try:
        for piece in pieces:
            guard.check(piece)
    except NestedTooDeep:
        return False
    return True


@given(value=_VALUES, cuts=st.lists(st.integers(0, 60), max_size=4))
def test_the_levels_of_any_text_are_those_of_its_value_however_it_is_cut(value: Any, cuts: list[int]) -> None:
    text = json.dumps(value, ensure_ascii=False).encode()
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(places)]
    depth = measure_depth(value)
    assert is_within(pieces, max_levels=depth)
    assert not depth or not is_within(pieces, max_levels=depth - 1)
