"""What a scan found, in words: kinds of student data, and where in a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy

KINDS = {
    "ssn": gettext_lazy("Social Security numbers"),
    "card": gettext_lazy("card numbers"),
    "bank-account": gettext_lazy("bank accounts"),
    "password": gettext_lazy("passwords"),
    "name": gettext_lazy("students’ names"),
    "student-number": gettext_lazy("student numbers"),
    "birth-date": gettext_lazy("birth dates"),
    "home-address": gettext_lazy("home addresses"),
    "phone": gettext_lazy("phone numbers"),
    "email": gettext_lazy("e-mail addresses"),
    "special-education": gettext_lazy("special education"),
    "discipline": gettext_lazy("discipline"),
    "health": gettext_lazy("health"),
    "meal-status": gettext_lazy("meal status"),
}


def describe_counts(counts: Iterable[str]) -> list[str]:
    """Return counts such as `ssn: 12` with the kind in words: `Social Security numbers: 12`."""
    return [_describe_kind(text) for text in counts]


def describe_places(places: Iterable[str]) -> list[str]:
    """Return places such as `ssn: row 2, row 3` in words, with rows that follow each other as a range."""
    described = []
    for text in places:
        kind, colon, rest = text.partition(": ")
        described.append(f"{_describe_kind(kind)}{colon}{', '.join(_join_ranges(rest.split(', ')))}")
    return described


def _describe_kind(text: str) -> str:
    kind, colon, rest = text.partition(":")
    return f"{KINDS.get(kind, kind)}{colon}{rest}"


def _join_ranges(places: Sequence[str]) -> list[str]:
    """Return places with each run of three or more numbers in a row as one range."""
    runs: list[list[str]] = []
    for place in places:
        if runs and _is_next(runs[-1][-1], place):
            runs[-1].append(place)
        else:
            runs.append([place])
    return [text for run in runs for text in ([_join_run(run)] if len(run) > 2 else run)]


def _is_next(place: str, other: str) -> bool:
    word, _, number = place.rpartition(" ")
    other_word, _, other_number = other.rpartition(" ")
    is_numbered = number.isdecimal() and other_number.isdecimal()
    return is_numbered and word == other_word and int(number) + 1 == int(other_number)


def _join_run(run: Sequence[str]) -> str:
    word, _, first = run[0].rpartition(" ")
    return f"{word}s {first}–{run[-1].rpartition(' ')[2]}"
