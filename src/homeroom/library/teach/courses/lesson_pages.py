"""Lessons and policies as HTML: CommonMark in which HTML is text, with headings one level lower than in the source."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from homeroom.domain.teach.courses.course import Course
from homeroom.library.teach.courses.course_files import FOLDER
from homeroom.library.yaml_loader import BUILTIN_CONTENT

LOWEST_HEADING = 6


def render_lesson(text: str, *, get_picture_address: Callable[[str], str]) -> str:
    """Return the HTML of a lesson; pictures have the addresses that the function gives for their paths."""
    parser = MarkdownIt("commonmark", {"html": False})
    tokens = parser.parse(text)
    _lower_headings(tokens)
    for token in tokens:
        for child in token.children or ():
            if child.type == "image":
                child.attrSet("src", get_picture_address(str(child.attrGet("src") or "")))
    return str(parser.renderer.render(tokens, parser.options, {}))


def render_policy(text: str) -> str:
    """Return the HTML of a policy, without pictures."""
    parser = MarkdownIt("commonmark", {"html": False}).disable("image")
    tokens = parser.parse(text)
    _lower_headings(tokens)
    return str(parser.renderer.render(tokens, parser.options, {}))


def find_lesson_title(text: str) -> str:
    """Return the text of the first heading, or an empty text."""
    tokens = MarkdownIt("commonmark", {"html": False}).parse(text)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            return "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))
    return ""


def find_picture(course: Course, name: str, *, directory: Path = BUILTIN_CONTENT) -> Path | None:
    """Return the file of a picture that a lesson of the course shows, by its path in the folder; None for another."""
    if not any(name in lesson.pictures for lesson in course.lessons):
        return None
    path = directory / FOLDER / course.id / name
    return path if path.is_file() else None


def _lower_headings(tokens: Sequence[Token]) -> None:
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(LOWEST_HEADING, int(token.tag[1:]) + 1)}"
