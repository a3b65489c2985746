"""What no detection rule may be about: a person's conduct, browsing, wellness or hours.

Rules speak of security. One that looks at what students read, write or feel, or at when somebody works, is refused,
whatever it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from homeroom.library.yaml_loader import ContentProblem

TEXT_FIELDS = ("title", "description", "means", "first_step", "falsepositives")
TOPICS: Mapping[str, tuple[str, ...]] = {
    "conduct": (
        "bully*", "cyberbully*", "harass*", "misconduct", "misbehav*", "discipline", "disciplinary", "detention",
        "suspension", "expulsion", "inappropriate", "profan*", "obscen*", "porn*", "nudity", "sexting", "cheat*",
        "plagiari*", "gambling", "gaming", "video games", "vaping", "drugs", "alcohol", "weapon*", "violence",
        "violent", "gang", "gangs", "hate speech", "off task", "slack off",
    ),
    "browsing": (
        "browsing", "browser history", "search history", "search terms", "web history", "web filter*",
        "content filter*", "visited site*", "visited website*", "websites visited", "screen time", "social media",
        "social network*", "vpn bypass", "proxy bypass",
    ),
    "wellness": (
        "self harm*", "suicid*", "depress*", "anxiety", "anxious", "mental health", "wellness", "well being",
        "wellbeing", "eating disorder*", "counseling", "pregnan*", "sexual orientation", "emotional*",
    ),
    "hours": (
        "attendance", "truan*", "tardy", "tardiness", "absen*", "after hours", "odd hour*", "off hours", "school hours",
        "working hours", "work hours", "office hours", "business hours", "late at night", "at night", "weekend*",
        "bedtime", "overtime", "time of day",
    ),
}  # fmt: skip
"""Words by topic; * stands for the rest of a word."""
TIME_MODIFIERS = frozenset({"minute", "hour", "day", "week", "month", "year"})
BROWSING_FIELDS = frozenset(
    {"url", "uri", "referrer", "referer", "website", "pagetitle", "searchquery", "requesturl", "remoteurl", "tabtitle"}
)
BROWSING_SERVICES = frozenset({"chrome", "proxy", "webserver", "dns", "contentfilter"})
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_TOPIC_WORDS = {
    topic: re.compile(r"\b(?:" + "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words) + r")\b")
    for topic, words in TOPICS.items()
}


def find_privacy_problems(file: str, content: Mapping[str, Any]) -> Iterator[ContentProblem]:
    """Return a problem for each word, field or test by which a rule would judge a person instead of security."""
    for name in TEXT_FIELDS:
        for topic, word in _find_topics(content.get(name)):
            yield _build_problem(file, name, f"{word!r} is about {topic}")
    for service in _list_services(content.get("logsource")):
        if service in BROWSING_SERVICES:
            yield _build_problem(file, "logsource", f"{service!r} is about browsing")
    for key, values in _iter_searches(content.get("detection")):
        field, *modifiers = key.split("|")
        if TIME_MODIFIERS & {modifier.lower() for modifier in modifiers}:
            yield _build_problem(file, "detection", f"{key!r} is about hours")
        if _NOT_LETTERS.sub("", field.rpartition(".")[2].lower()) in BROWSING_FIELDS:
            yield _build_problem(file, "detection", f"{field!r} is about browsing")
        for topic, word in _find_topics(values):
            yield _build_problem(file, "detection", f"{word!r} is about {topic}")


def _build_problem(file: str, field: str, reason: str) -> ContentProblem:
    return ContentProblem(file=file, field=field, message=f"{reason}; rules speak of security alone")


def _find_topics(values: Any) -> Iterator[tuple[str, str]]:
    for value in values if isinstance(values, list) else [values]:
        if isinstance(value, str):
            text = _NOT_LETTERS.sub(" ", value.lower())
            yield from ((topic, match[0]) for topic, words in _TOPIC_WORDS.items() for match in words.finditer(text))


def _list_services(source: Any) -> list[str]:
    values = source.values() if isinstance(source, dict) else ()
    return [_NOT_LETTERS.sub("", str(value).lower().removeprefix("google_workspace.")) for value in values]


def _iter_searches(detection: Any) -> Iterator[tuple[str, Any]]:
    """Return each tested field with its modifiers, and the values; keywords have no field."""
    if isinstance(detection, dict):
        for name, value in detection.items():
            if isinstance(value, dict):
                yield from _iter_searches(value)
            elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
                for item in value:
                    yield from _iter_searches(item if isinstance(item, dict) else {"": item})
            elif name != "condition":
                yield str(name), value
