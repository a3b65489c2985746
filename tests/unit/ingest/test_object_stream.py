"""Complete JSON objects, in envelopes, lines or alone: dropped parts use no memory, broken ones are refused at their
line.
"""

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

from homeroom.ingest.contract.connector import ADDED
from homeroom.ingest.contract.errors import FileRefused, Notes
from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.files.byte_source import ByteSource, survey_source
from homeroom.ingest.json_files.reader import JsonDocument, open_json
from homeroom.ingest.json_files.schema_cache import SchemaCache
from homeroom.ingest.json_files.tokenizer import JsonTokenizer
from tests.unit.ingest.detection_helpers import get_only_file, list_objects, write_and_detect

HOST: dict[str, Any] = {"hostname": "lab-1", "os": {"name": "macOS"}, "software": [{"name": "vim", "version": "9"}]}
RESULT: dict[str, Any] = {"MetaData": {"Tool": "x"}, "Results": {"aad": [{"id": "1"}]}}


def _encode_json(value: object) -> str:
    return json.dumps(value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_objects_come_whole_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = _encode_json({"hosts": [{**HOST, "hostname": "Núñez"}, HOST]})
    file = get_only_file(write_and_detect(tmp_path, {"h.json": text.encode(encoding)}))
    assert file.kind.id == "hosts"
    assert list_objects(file) == [{"#": 1, **HOST, "hostname": "Núñez"}, {"#": 2, **HOST}]
    assert list(file.iter_chunks()) == []


def test_what_a_file_says_once_is_in_each_of_its_objects(tmp_path: Path) -> None:
    visits = [{"who": "Ana", "door": "A"}, {"who": "Bo", "door": "B"}]
    content = _encode_json({"id": 7, "site": {"name": "Oak", "rooms": 9}, "visits": visits})
    file = get_only_file(write_and_detect(tmp_path, {"monday.log.json": content}))
    added = {"file": "monday.log", "id": "7", "site.name": "Oak"}
    assert list_objects(file) == [{"#": 1, **visits[0], ADDED: added}, {"#": 2, **visits[1], ADDED: added}]


def test_an_object_with_thousands_of_programs_is_known_by_its_first_levels(tmp_path: Path) -> None:
    large_host = {**HOST, "software": [{"name": f"p{n}", "a": 1, "b": 2, "c": 3} for n in range(5000)]}
    (host,) = list_objects(get_only_file(write_and_detect(tmp_path, {"h.json": _encode_json([large_host])})))
    assert len(host["software"]) == 5000


def test_a_list_that_another_kind_calls_its_envelope_stays_in_its_object(tmp_path: Path) -> None:
    file = get_only_file(
        write_and_detect(tmp_path, {"h.json": _encode_json({**HOST, "users": [{"login": None}, {"uid": "5"}]})})
    )
    assert file.kind.id == "hosts"
    assert list_objects(file)[0]["users"] == [{"login": None}, {"uid": "5"}]


def test_a_list_of_plain_values_is_no_envelope(tmp_path: Path) -> None:
    file = get_only_file(write_and_detect(tmp_path, {"h.json": _encode_json({**HOST, "users": ["a", "b"]})}))
    assert list_objects(file)[0]["users"] == ["a", "b"]


def test_pages_say_by_a_name_of_two_levels_that_more_follows(tmp_path: Path) -> None:
    pages: dict[str, str | bytes] = {
        f"{number}.json": _encode_json(
            {"hosts": [{**HOST, "hostname": f"h{number}"}], "meta": {"has_next_results": has_more}}
        )
        for number, has_more in ((1, True), (2, True), (3, False))
    }
    (package,) = write_and_detect(tmp_path, pages).packages
    assert package.complete
    assert [file.name for file in package.files] == ["1.json", "2.json", "3.json"]
    (tmp_path / "3.json").unlink()
    (first_pages,) = write_and_detect(tmp_path, {}).packages
    assert first_pages.incomplete == "the last page is missing"


def test_lines_are_objects_and_a_broken_one_is_lost_with_its_line(tmp_path: Path) -> None:
    alert = _encode_json({"rule": {"level": 3}, "agent": {"name": "lab-1"}})
    file = get_only_file(write_and_detect(tmp_path, {"a.json": f"{alert}\n{alert}\r\n\n{alert}\n"}))
    assert [item["#"] for item in list_objects(file)] == [1, 2, 3]
    file = get_only_file(write_and_detect(tmp_path, {"a.json": f"{alert}\n{alert}\n{alert[:-4]}\n{alert}\n"}))
    assert [item["#"] for item in list_objects(file)] == [1, 2, 4]
    assert file.lost_rows["line"].to_list() == [3]


def test_batches_are_bounded_and_lose_nothing(tmp_path: Path) -> None:
    hosts = [{**HOST, "hostname": f"h{n}", "note": "x" * 2000} for n in range(5000)]
    file = get_only_file(write_and_detect(tmp_path, {"h.json": _encode_json({"hosts": hosts})}))
    assert next(len(batch) for batch, _ in file.iter_objects()) < 3000
    assert [item["hostname"] for item in list_objects(file)] == [f"h{n}" for n in range(5000)]


def test_what_a_manifest_drops_is_counted_and_not_kept(tmp_path: Path) -> None:
    raw = {"users": [{"mail": "x@y.example", "odd": '}]"\\"{['}], "deep": [[[{"a": []}]]]}
    file = get_only_file(write_and_detect(tmp_path, {"r.json": _encode_json({"Raw": raw, **RESULT})}))
    assert file.kind.id == "results"
    assert list_objects(file) == [{"#": 1, **RESULT}]
    assert file.dropped == {"Raw": 1}


def test_another_kind_keeps_what_one_kind_drops(tmp_path: Path) -> None:
    file = get_only_file(write_and_detect(tmp_path, {"h.json": _encode_json({**HOST, "Raw": {"a": ["1"]}})}))
    assert list_objects(file)[0]["Raw"] == {"a": ["1"]}
    assert not file.dropped


def test_what_is_dropped_may_be_larger_than_an_object_and_is_never_held(tmp_path: Path) -> None:
    limits = replace(STANDARD, row=1 << 20)
    with (tmp_path / "r.json").open("w", encoding="utf-8") as stream:
        stream.write('{"MetaData": {"Tool": "x"}, "Raw": {"list": [')
        entry = _encode_json({"mail": "x@y.example", "quoted": 'a "word" and \\', "inner": [{"a": [1, 2, 3]}]}) + ","
        for _ in range(20):
            stream.write(entry * 10_000)
        stream.write('{}]}, "Results": {"aad": []}}')
    assert (tmp_path / "r.json").stat().st_size > 16 << 20
    tracemalloc.start()
    try:
        file = get_only_file(write_and_detect(tmp_path, {}, limits=limits))
        assert list_objects(file) == [{"#": 1, "MetaData": {"Tool": "x"}, "Results": {"aad": []}}]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 24 << 20


class _CountingFile(io.BytesIO):
    """A file that counts how much of it was read."""

    read_so_far = 0

    def read(self, size: int | None = -1) -> bytes:
        """Read as any file does, and count the bytes."""
        block = super().read(size)
        self.read_so_far += len(block)
        return block


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_was_dropped_once_is_not_read_again_and_leaves_all_else_in_its_place(encoding: str) -> None:
    raw = {"Núñez": ['a ]}" word\n'] * 200_000}
    text = f'{{"é": "ü", "Raw": {json.dumps(raw, indent=1, ensure_ascii=False)}, "Results": {{"aad": [}}}}'
    complete_text = text.replace("[}}", "[]}}")
    opened: list[_CountingFile] = []

    def build_counting_source(content: str) -> ByteSource:
        def open_counting_file() -> _CountingFile:
            opened.append(_CountingFile(content.encode(encoding)))
            return opened[-1]

        return ByteSource(name="r.json", folder="", size=0, open=open_counting_file)

    survey = survey_source(build_counting_source(complete_text), limits=STANDARD)
    cache = SchemaCache(
        envelopes=frozenset(),
        drops=frozenset(("Raw",)),
        max_names=STANDARD.columns,
        is_flat=lambda _name, _names: False,
    )
    opened_document = open_json(
        build_counting_source(complete_text), survey=survey, limits=STANDARD, notes=Notes(), schema_cache=cache
    )
    dropped: Counter[str] = Counter()

    def read_objects(document: JsonDocument) -> list[Mapping[str, Any]]:
        batches = document.iter_objects(notes=Notes(), envelope="", drops=frozenset(("Raw",)), dropped=dropped)
        return [item for batch, _ in batches for item in batch]

    assert read_objects(opened_document) == [{"é": "ü", "Results": {"aad": []}}]
    assert dropped == {"Raw": 1}
    assert (opened[-1].read_so_far < 100) == (encoding != "utf-16")
    with pytest.raises(FileRefused) as refusal:
        read_objects(replace(opened_document, origin=build_counting_source(text)))
    assert refusal.value.problems[0].line == text.count("\n") + 1
    (undropped,) = opened_document.iter_objects(notes=Notes(), envelope="", drops=frozenset(), dropped=Counter())
    assert undropped[0][0]["Raw"] == raw


def test_an_object_that_is_too_large_by_what_it_keeps_is_refused(tmp_path: Path) -> None:
    text = _encode_json({**RESULT, "a": "x" * 700, "b": "x" * 700})
    result = write_and_detect(tmp_path, {"r.json": text}, limits=replace(STANDARD, row=1000))
    (file,) = result.packages[0].files
    with pytest.raises(FileRefused, match="one object of more than"):
        list_objects(file)


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
    (problem,) = write_and_detect(tmp_path, {"r.json": text}).problems
    assert reason in problem.reason
    assert problem.line == 1


def _split_text(text: str, size: int) -> Iterator[str]:
    yield from (text[start : start + size] for start in range(0, len(text), size))


def _generate_value(rng: random.Random, depth: int = 0) -> Any:
    pick = rng.randrange(6 if depth < 5 else 4)
    if pick < 4:
        return [rng.randrange(10**6), "".join(rng.choices('ab"\\{}[],:é\n', k=rng.randrange(9))), None, True][pick]
    if pick == 4:
        return [_generate_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {str(n) + '"{': _generate_value(rng, depth + 1) for n in range(rng.randrange(4))}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 4096])
def test_a_value_that_is_passed_over_ends_where_a_parser_says(size: int) -> None:
    rng = random.Random(size)
    for _ in range(300):
        value = json.dumps(_generate_value(rng), ensure_ascii=rng.random() < 0.5)
        tokenizer = JsonTokenizer(_split_text(f" {value} , 7 ", size), file="x", limits=STANDARD)
        tokenizer.skip()
        tokenizer.take(",")
        assert tokenizer.read_value() == "7"
        assert tokenizer.peek() == ""
