"""Labels of devices that people scan or type: a serial number or asset tag a line, without repetitions."""

from __future__ import annotations

from collections.abc import Iterable

MAX_LABELS = 200
"""Labels in one list; a cart has 30 to 40 devices."""
MAX_LABEL_LENGTH = 80


class LabelRefused(ValueError):
    """A line is no label; the message has its number, its text and what would fit."""


def parse_device_labels(text: str) -> tuple[str, ...]:
    """Return the labels of a text in their order, one a line, each once. Raise LabelRefused for what does not fit."""
    labels = []
    for number, line in enumerate(text.splitlines(), start=1):
        label = " ".join(line.split())
        if len(label) > MAX_LABEL_LENGTH:
            raise LabelRefused(
                f"Line {number} is too long ({label[:20]}…); at most {MAX_LABEL_LENGTH} characters would fit."
            )
        if not label.isprintable():
            raise LabelRefused(f"Line {number} has characters that no label has; a serial number would fit.")
        if label:
            labels.append(label)
    unique = merge_device_labels(labels)
    if len(unique) > MAX_LABELS:
        raise LabelRefused(f"There are {len(unique)} labels; at most {MAX_LABELS} would fit.")
    return unique


def merge_device_labels(*lists: Iterable[str]) -> tuple[str, ...]:
    """Return the labels of several lists in their order, each once in any case."""
    labels: dict[str, str] = {}
    for label in (label for items in lists for label in items):
        labels.setdefault(fold_device_label(label), label)
    return tuple(labels.values())


def fold_device_label(label: str) -> str:
    """Return a label as it is compared: scanners differ in case and blanks."""
    return "".join(label.split()).casefold()
