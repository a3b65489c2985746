"""Bytes are complete UTF-8 exactly where Python decodes them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from homeroom.ingest.files.byte_source import is_utf8_text
from homeroom.ingest.files.encodings import is_utf8

PIECES = (
    b"a",
    b"\n",
    b"\xc3\xa9",
    b"\xe2\x82\xac",
    b"\xf0\x9f\x8e\x92",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xff",
)


@given(st.one_of(st.binary(max_size=40), st.lists(st.sampled_from(PIECES)).map(b"".join)))
def test_bytes_are_text_exactly_where_they_can_be_decoded(data: bytes) -> None:
    assert is_utf8_text(data) is is_utf8(data)
