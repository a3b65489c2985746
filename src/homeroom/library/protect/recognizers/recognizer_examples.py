"""Prove recognizers by their examples, over a roster of two invented students."""

from __future__ import annotations

from collections.abc import Iterable

from homeroom.domain.protect.loose.documents import DocumentPart, TablePart, TextPart
from homeroom.domain.protect.loose.recognizers import Recognizer, RecognizerExample, Roster, RosterStudent
from homeroom.engines.comply.privacy.recognizing.document_scan import StudentDataScan
from homeroom.engines.comply.privacy.recognizing.roster_index import RosterIndex
from homeroom.library.protect.recognizers.recognizer_files import FOLDER
from homeroom.library.yaml_loader import ContentProblem

_DOMAIN = "students.example.org"
EXAMPLE_ROSTER = Roster(
    students=(
        RosterStudent(id=1, names=(("Maria", "", "Lopez"),), numbers=("7004512",), emails=(f"mlopez@{_DOMAIN}",)),
        RosterStudent(id=2, names=(("Daniel", "", "Okafor"),), numbers=("0081234",), emails=(f"dokafor@{_DOMAIN}",)),
    )
)
"""The students of examples: Maria Lopez, 7004512, and Daniel Okafor, 0081234."""


def find_example_problems(recognizers: Iterable[Recognizer]) -> list[ContentProblem]:
    """Return the examples of recognizers that find more or less than they state."""
    index = RosterIndex(EXAMPLE_ROSTER)
    problems: list[ContentProblem] = []
    for recognizer in recognizers:
        names = _list_needed(recognizer)
        for position, example in enumerate(recognizer.examples):
            count = _count_example(example, recognizer, index, names)
            if count != example.finds:
                title = f" ({example.name})" if example.name else ""
                problems.append(
                    ContentProblem(
                        file=f"{FOLDER}/{recognizer.id}.yaml",
                        field=f"examples[{position}]",
                        message=f"finds {count} instead of {example.finds}{title}",
                    )
                )
    return problems


def _list_needed(recognizer: Recognizer) -> tuple[Recognizer, ...]:
    """Return the recognizers that an example needs: its own, and that of names, beside which it may have to be."""
    from homeroom.library.protect.recognizers.recognizer_files import load_recognizers

    return (*tuple(item for item in load_recognizers() if item.id == "name" and recognizer.id != "name"), recognizer)


def _count_example(
    example: RecognizerExample, recognizer: Recognizer, index: RosterIndex, needed: tuple[Recognizer, ...]
) -> int:
    scan = StudentDataScan(recognizers=needed, index=index)
    scan.add(_build_part(example))
    counts = {item.what: item.count for item in scan.finish().found}
    return counts.get(recognizer.id, 0)


def _build_part(example: RecognizerExample) -> DocumentPart:
    return TablePart(rows=example.rows) if example.rows else TextPart(lines=example.text.split("\n"))
