"""Whole JSON objects: enveloped, in lines, single; what is dropped is never held; what is broken is told with its line."""

from __future__ import annotations

import io
import json
import random
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from homeroom.ingest.alike import Alike
from homeroom.ingest.documents import Document, document_of
from homeroom.ingest.jsontext import Text
from homeroom.ingest.limits import STANDARD
from homeroom.ingest.origins import Origin, surveyed
from homeroom.ingest.problems import Notes, Refused
from tests.unit.ingest.forms import objects_of, recognised, the_file

HOST: dict[str, Any] = {"hostname": "lab-1", "os": {"name": "macOS"}, "software": [{"name": "vim", "version": "9"}]}
RESULT: dict[str, Any] = {"MetaData": {"Tool": "x"}, "Results": {"aad": [{"id": "1"}]}}


def _json(value: object) -> str:
    return json.dumps(value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_objects_come_whole_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = _json({"hosts": [{**HOST, "hostname": "Núñez"}, HOST]})
    file = the_file(recognised(tmp_path, {"h.json": text.encode(encoding)}))
    assert file.kind.id == "hosts"
    assert objects_of(file) == [{"#": 1, **HOST, "hostname": "Núñez"}, {"#": 2, **HOST}]
    assert list(file.chunks()) == []


def test_an_object_with_thousands_of_programs_is_known_by_its_first_levels(tmp_path: Path) -> None:
    many = {**HOST, "software": [{"name": f"p{n}", "a": 1, "b": 2, "c": 3} for n in range(5000)]}
    (found,) = objects_of(the_file(recognised(tmp_path, {"h.json": _json([many])})))
    assert len(found["software"]) == 5000


def test_a_list_that_another_kind_calls_its_envelope_stays_in_its_object(tmp_path: Path) -> None:
    file = the_file(recognised(tmp_path, {"h.json": _json({**HOST, "users": [{"login": None}, {"uid": "5"}]})}))
    assert file.kind.id == "hosts"
    assert objects_of(file)[0]["users"] == [{"login": None}, {"uid": "5"}]


def test_a_list_of_plain_values_is_no_envelope(tmp_path: Path) -> None:
    file = the_file(recognised(tmp_path, {"h.json": _json({**HOST, "users": ["a", "b"]})}))
    assert objects_of(file)[0]["users"] == ["a", "b"]


def test_pages_say_by_a_name_of_two_levels_that_more_follows(tmp_path: Path) -> None:
    pages: dict[str, str | bytes] = {
        f"{number}.json": _json({"hosts": [{**HOST, "hostname": f"h{number}"}], "meta": {"has_next_results": more}})
        for number, more in ((1, True), (2, True), (3, False))
    }
    (package,) = recognised(tmp_path, pages).packages
    assert package.complete
    assert [file.name for file in package.files] == ["1.json", "2.json", "3.json"]
    (tmp_path / "3.json").unlink()
    (half,) = recognised(tmp_path, {}).packages
    assert half.incomplete == "the last page is missing"


def test_lines_are_objects_and_a_broken_one_is_refused_with_its_line(tmp_path: Path) -> None:
    alert = _json({"rule": {"level": 3}, "agent": {"name": "lab-1"}})
    file = the_file(recognised(tmp_path, {"a.json": f"{alert}\n{alert}\r\n\n{alert}\n"}))
    assert [one["#"] for one in objects_of(file)] == [1, 2, 3]
    (problem,) = recognised(tmp_path, {"a.json": f"{alert}\n{alert}\n{alert[:-4]}\n{alert}\n"}).problems
    assert problem.line in (3, 4)


def test_batches_are_bounded_and_lose_nothing(tmp_path: Path) -> None:
    hosts = [{**HOST, "hostname": f"h{n}", "note": "x" * 2000} for n in range(5000)]
    file = the_file(recognised(tmp_path, {"h.json": _json({"hosts": hosts})}))
    assert next(len(batch) for batch, _ in file.objects()) < 3000
    assert [one["hostname"] for one in objects_of(file)] == [f"h{n}" for n in range(5000)]


def test_what_a_manifest_drops_is_counted_and_not_kept(tmp_path: Path) -> None:
    raw = {"users": [{"mail": "x@y.example", "odd": '}]"\\"{['}], "deep": [[[{"a": []}]]]}
    file = the_file(recognised(tmp_path, {"r.json": _json({"Raw": raw, **RESULT})}))
    assert file.kind.id == "results"
    assert objects_of(file) == [{"#": 1, **RESULT}]
    assert file.dropped == {"Raw": 1}


def test_another_kind_keeps_what_one_kind_drops(tmp_path: Path) -> None:
    file = the_file(recognised(tmp_path, {"h.json": _json({**HOST, "Raw": {"a": ["1"]}})}))
    assert objects_of(file)[0]["Raw"] == {"a": ["1"]}
    assert not file.dropped


def test_what_is_dropped_may_be_larger_than_an_object_and_is_never_held(tmp_path: Path) -> None:
    limits = replace(STANDARD, row=1 << 20)
    with (tmp_path / "r.json").open("w", encoding="utf-8") as stream:
        stream.write('{"MetaData": {"Tool": "x"}, "Raw": {"list": [')
        entry = _json({"mail": "x@y.example", "quoted": 'a "word" and \\', "inner": [{"a": [1, 2, 3]}]}) + ","
        for _ in range(20):
            stream.write(entry * 10_000)
        stream.write('{}]}, "Results": {"aad": []}}')
    assert (tmp_path / "r.json").stat().st_size > 16 << 20
    tracemalloc.start()
    try:
        file = the_file(recognised(tmp_path, {}, limits=limits))
        assert objects_of(file) == [{"#": 1, "MetaData": {"Tool": "x"}, "Results": {"aad": []}}]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 24 << 20


class _Watched(io.BytesIO):
    """A file that knows how much of it was read."""

    read_so_far = 0

    def read(self, size: int | None = -1) -> bytes:
        """As of any file."""
        block = super().read(size)
        self.read_so_far += len(block)
        return block


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_was_dropped_once_is_not_read_again_and_leaves_all_else_in_its_place(encoding: str) -> None:
    raw = {"Núñez": ['a ]}" word\n'] * 200_000}
    text = f'{{"é": "ü", "Raw": {json.dumps(raw, indent=1, ensure_ascii=False)}, "Results": {{"aad": [}}}}'
    whole = text.replace("[}}", "[]}}")
    opened: list[_Watched] = []

    def origin(of: str) -> Origin:
        def watched() -> _Watched:
            opened.append(_Watched(of.encode(encoding)))
            return opened[-1]

        return Origin(name="r.json", folder="", size=0, open=watched)

    survey = surveyed(origin(whole), limits=STANDARD)
    dropping = Alike(
        envelopes=frozenset(), drops=frozenset(("Raw",)), most=STANDARD.columns, is_flat=lambda _name, _names: False
    )
    made = document_of(origin(whole), survey=survey, limits=STANDARD, notes=Notes(), alike=dropping)
    dropped: Counter[str] = Counter()

    def objects(document: Document) -> list[Mapping[str, Any]]:
        found = document.objects(notes=Notes(), under="", drops=frozenset(("Raw",)), dropped=dropped)
        return [one for batch, _ in found for one in batch]

    assert objects(made) == [{"é": "ü", "Results": {"aad": []}}]
    assert dropped == {"Raw": 1}
    assert (opened[-1].read_so_far < 100) == (encoding != "utf-16")
    with pytest.raises(Refused) as refusal:
        objects(replace(made, origin=origin(text)))
    assert refusal.value.problems[0].line == text.count("\n") + 1
    (kept,) = made.objects(notes=Notes(), under="", drops=frozenset(), dropped=Counter())
    assert kept[0][0]["Raw"] == raw


def test_an_object_that_is_too_large_by_what_it_keeps_is_refused(tmp_path: Path) -> None:
    text = _json({**RESULT, "a": "x" * 700, "b": "x" * 700})
    found = recognised(tmp_path, {"r.json": text}, limits=replace(STANDARD, row=1000))
    (file,) = found.packages[0].files
    with pytest.raises(Refused, match="one object of more than"):
        objects_of(file)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"Raw": {"a": [1, 2}', "brackets that cross"),
        ('{"Raw": {"a": [1, 2', "never ends"),
        ('{"Raw": "abc', "never ends"),
        ('{"Raw": {"a": "abc', "never ends"),
        ('{"Raw": ' + "[" * 300 + "]" * 300 + "}", "nested deeper"),
        ('{"Raw": {"a": 1}, "Raw": 2}', "stands twice"),
    ],
)
def test_what_is_dropped_must_end(tmp_path: Path, text: str, reason: str) -> None:
    (problem,) = recognised(tmp_path, {"r.json": text}).problems
    assert reason in problem.reason
    assert problem.line == 1


def _pieces(text: str, size: int) -> Iterator[str]:
    yield from (text[start : start + size] for start in range(0, len(text), size))


def _any(dice: random.Random, depth: int = 0) -> Any:
    pick = dice.randrange(6 if depth < 5 else 4)
    if pick < 4:
        return [dice.randrange(10**6), "".join(dice.choices('ab"\\{}[],:é\n', k=dice.randrange(9))), None, True][pick]
    if pick == 4:
        return [_any(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {str(n) + '"{': _any(dice, depth + 1) for n in range(dice.randrange(4))}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 4096])
def test_a_value_that_is_passed_over_ends_where_a_parser_says(size: int) -> None:
    dice = random.Random(size)
    for _ in range(300):
        value = json.dumps(_any(dice), ensure_ascii=dice.random() < 0.5)
        reader = Text(_pieces(f" {value} , 7 ", size), file="x", limits=STANDARD)
        reader.skip()
        reader.take(",")
        assert reader.value() == "7"
        assert reader.peek() == ""
