"""Write a folder of documents with planted data and near-misses, and return what is in each."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from bench.loose_data.documents import MAKERS, Planted
from bench.loose_data.people import InventedPeople
from bench.loose_data.writers import WRITERS

BULK = 9_000
"""Letters of plain text that are added to a text, so that 10,000 files hold about 100 MB."""


def generate_documents(
    folder: Path, *, count: int, people: InventedPeople, rng: random.Random, bulk: int = BULK
) -> dict[str, frozenset[str]]:
    """Write so many documents; return the kinds in each by its path."""
    truth: dict[str, frozenset[str]] = {}
    makers, maker_weights = zip(*MAKERS, strict=True)
    writers, writer_weights = zip(*WRITERS, strict=True)
    for number in range(count):
        maker = rng.choices(makers, maker_weights)[0]
        planted = maker(rng, people)
        writer = rng.choices(writers, writer_weights)[0]
        if planted.text and bulk:
            planted = Planted(kinds=planted.kinds, text=f"{planted.text}\n\n\n\n{_make_bulk(rng, bulk)}")
        path = folder / f"{number:05d}-{maker.__name__.removeprefix('make_')}"
        truth[_write(writer, path, planted, rng)] = planted.kinds
    return truth


def _write(writer: Callable[..., str], path: Path, planted: Planted, rng: random.Random) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    return writer(path, planted, rng)


_WORDS = (
    *("meeting", "agenda", "review", "budget", "spring", "semester", "teachers", "families", "library", "science"),
    *("project", "schedule", "bus", "route", "field", "trip", "concert", "volunteer", "cafeteria", "menu", "order"),
    *("form", "return", "signed", "copy", "deadline", "board", "vote", "policy", "draft", "notes", "follow", "up"),
    *("item", "number", "room", "update", "training", "software", "license", "renewal", "vendor", "quote", "delivery"),
    *("tracking", "inventory", "classroom"),
)


def _make_bulk(rng: random.Random, size: int) -> str:
    """Make paragraphs of words with numbers in them that are nobody's."""
    pieces: list[str] = []
    length = 0
    while length < size:
        words = [rng.choice(_WORDS) for _ in range(rng.randint(8, 18))]
        if rng.random() < 0.3:
            words.append(str(rng.randint(1, 99_999)))
        sentence = " ".join(words).capitalize() + "."
        pieces.append(sentence + ("\n\n" if rng.random() < 0.15 else "\n"))
        length += len(pieces[-1])
    return "".join(pieces)
