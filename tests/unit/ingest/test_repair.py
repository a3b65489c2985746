"""Repair of JSON: whatever byte is cut or wrong, no row is lost without a word, and none is made up."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from homeroom.ingest.contract.errors import FileRefused, Notes
from homeroom.ingest.contract.limits import STANDARD, Limits
from homeroom.ingest.detection.sniffer import sniff_file
from tests.amounts import choose_amount
from tests.unit.ingest.strict_reader import ENVELOPE_CONNECTOR, SMALL_BLOCKS, build_source

ROWS = [{"a": f"n{number}", "b": {"c": ["x", "é"]}, "d": "}, {"} for number in range(4)]
TEXTS = {
    "a list": json.dumps(ROWS, ensure_ascii=False),
    "an indented list": json.dumps(ROWS, indent=1, ensure_ascii=False),
    "an envelope": json.dumps({"x": "1", "value": ROWS, "y": {"z": 1}}, ensure_ascii=False),
    "a list with a mark": "\ufeff" + json.dumps(ROWS),
    "lines": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS),
    "lines with a mark": "\ufeff" + "\r\n".join(map(json.dumps, ROWS)),
}
ALL = tuple(row["a"] for row in ROWS)


@dataclass(frozen=True)
class _Outcome:
    """The ids that were read, their ordinals, how many rows are reported as lost, and whether rows may be missing."""

    ids: tuple[str, ...]
    ordinals: tuple[int, ...]
    lost: int
    is_incomplete: bool


def _read(data: bytes, limits: Limits = STANDARD) -> _Outcome | None:
    """Read a file; None if it is refused."""
    try:
        sniffed = sniff_file(build_source(data), limits=limits, connectors=(ENVELOPE_CONNECTOR,))
        if sniffed.document is None:
            return None
        envelope = next((name for name in sniffed.document.rows if name), "")
        frames = list(sniffed.document.iter_chunks(notes=Notes(), envelope=envelope, required=("a",)))
    except FileRefused:
        return None
    damage = sniffed.document.damage
    return _Outcome(
        ids=tuple(str(name) for frame in frames for name in frame["a"]),
        ordinals=tuple(line for frame in frames for line in frame["_line"]),
        lost=len(damage.lost_objects) if damage else 0,
        is_incomplete=bool(sniffed.document.incomplete),
    )


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize("limits", [STANDARD, SMALL_BLOCKS], ids=["large blocks", "small blocks"])
def test_a_file_cut_anywhere_has_its_whole_rows_or_is_refused(form: str, limits: Limits) -> None:
    data = TEXTS[form].encode()
    for end in range(len(data.rstrip()) - 1, 0, -7 if limits is SMALL_BLOCKS else -choose_amount(brief=2, thorough=1)):
        outcome = _read(data[:end], limits)
        if outcome is None:
            continue
        assert outcome.ids == ALL[: len(outcome.ids)]
        assert outcome.is_incomplete or ("lines" in form and outcome.ids == ALL[: data[: end + 1].count(b"d")]), end


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize("wrong", [b'"', b"{", b"}", b"]", b",", b"\\", b"\xe9", b"7"])
def test_a_wrong_byte_anywhere_loses_no_row_silently(form: str, wrong: bytes) -> None:
    data = TEXTS[form].encode()
    for at in range(1, len(data) - 1, choose_amount(brief=5, thorough=1)):
        outcome = _read(data[:at] + wrong + data[at + 1 :])
        if outcome is None or outcome.ids == ("None",):  # the envelope has another name
            continue
        assert outcome.is_incomplete or len(outcome.ids) == len(ALL), data[:at]
        assert bool(outcome.lost) <= outcome.is_incomplete
        assert len(set(outcome.ids) - set(ALL)) <= 1, data[:at]
