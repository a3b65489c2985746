"""The text of a lesson: CommonMark without HTML, links out by https, pictures of the course with alternative text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from homeroom.library.teach.courses.faults import FaultList, read_text
from homeroom.library.yaml_loader import ContentProblem

PICTURES = "pictures"
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")
LINK_SCHEMES = ("https", "mailto", "tel")
_TABLE_RULE = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?\s*|\s*\|\s*:?-+:?\s*\|\s*")
_ACTIVE_SVG = re.compile(
    r"<\s*(?:\w+:)?(?:script|foreignobject|iframe|handler|set|animate)|\son\w+\s*=|javascript:|<!doctype|<!entity"
    r"|href\s*=\s*[\"']?\s*(?!#|[\"'#]|data:image/)",
    re.IGNORECASE,
)
_BREAKS = ("softbreak", "hardbreak")


@dataclass(frozen=True, kw_only=True)
class LessonText:
    """A lesson in one language: its source, its paragraphs and items of lists as text, its pictures, and problems."""

    source: str
    passages: tuple[str, ...]
    pictures: tuple[str, ...]
    problems: tuple[ContentProblem, ...]


def read_lesson_text(path: Path, root: Path) -> LessonText:
    """Read a lesson in one language, with every problem of its lines. Headings and code are no passages."""
    source, faults = read_text(path, root)
    if source is None:
        return LessonText(source="", passages=(), pictures=(), problems=tuple(faults.problems))
    passages, pictures = [], []
    in_heading = False
    for token in _build_parser().parse(source):
        line = token.map[0] + 1 if token.map else 1
        if token.type in ("heading_open", "heading_close"):
            in_heading = token.type == "heading_open"
        if token.type == "html_block":
            faults.add_line(line, "HTML; CommonMark without HTML would fit")
        if token.type != "inline":
            continue
        text, shown = _check_inline(token.children or [], line, path.parent, faults)
        pictures += shown
        passages += [text] if text and not in_heading else []
    if not passages:
        faults.add("", "no sentence; a text of at least one paragraph would fit")
    unique = tuple(dict.fromkeys(pictures))
    return LessonText(source=source, passages=tuple(passages), pictures=unique, problems=tuple(faults.problems))


def _build_parser() -> MarkdownIt:
    """Return a CommonMark parser that leaves HTML and any link as tokens, so that they are seen and refused."""
    parser = MarkdownIt("commonmark", {"html": True})
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # noqa: ARG005 the parser names it
    return parser


def _check_inline(children: Sequence[Token], first: int, folder: Path, faults: FaultList) -> tuple[str, list[str]]:
    """Check the marks in a paragraph, heading or item; return its text without code, and its pictures."""
    texts: list[str] = []
    pictures: list[str] = []
    for line, child in _number_lines(children, first):
        match child.type:
            case "text" | "softbreak" | "hardbreak":
                texts.append(child.content if child.type == "text" else "\n")
            case "html_inline":
                faults.add_line(line, f"HTML {child.content}; CommonMark without HTML would fit")
            case "link_open":
                _check_link(str(child.attrGet("href") or ""), line, faults)
            case "image":
                pictures += _check_picture(child, line, folder, faults)
            case _:
                pass
    text = "".join(texts)
    for number, part in enumerate(text.split("\n")):
        if _TABLE_RULE.fullmatch(part):
            faults.add_line(first + number, "a table, which CommonMark does not have; a list would fit")
    return text.strip(), pictures


def _number_lines(children: Sequence[Token], first: int) -> Iterator[tuple[int, Token]]:
    """Yield each mark with its line; what a link or picture has between its brackets may break lines too."""
    line = first
    for child in children:
        yield line, child
        line += child.type in _BREAKS
        line += sum(inner.type in _BREAKS for inner in child.children or ())


def _check_link(address: str, line: int, faults: FaultList) -> None:
    fits = f"an address with {', '.join(f'{scheme}:' for scheme in LINK_SCHEMES)} would fit"
    try:
        parts = urlsplit(address)
    except ValueError:
        faults.add_line(line, f"the link {address!r}; {fits}")
        return
    has_target = bool(parts.netloc) if parts.scheme == "https" else bool(parts.path)
    if parts.scheme not in LINK_SCHEMES or not has_target:
        faults.add_line(line, f"the link {address!r}; {fits}")


def _check_picture(token: Token, line: int, folder: Path, faults: FaultList) -> list[str]:
    """Return the path of a picture that is in the folder of pictures, else nothing and the problem."""
    name = unquote(str(token.attrGet("src") or ""))
    if not _describe(token):
        faults.add_line(line, f"the picture {name!r} has no alternative text; ![what it shows]({name}) would fit")
    path = folder / name
    pictures = folder / PICTURES
    inside = name.startswith(f"{PICTURES}/") and not re.search(r"[\\:\x00]|(?:^|/)\.\.?(?:/|$)", name)
    if not inside or not path.resolve().is_relative_to(pictures.resolve()):
        faults.add_line(line, f"the picture {name!r}; a file in {PICTURES}/ would fit")
        return []
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        faults.add_line(line, f"the picture {name!r}; {', '.join(PICTURE_SUFFIXES)} would fit")
        return []
    if not path.is_file():
        faults.add_line(line, f"the picture {name!r} is missing; {_list_pictures(pictures)} would fit")
        return []
    if path.suffix.lower() == ".svg" and _ACTIVE_SVG.search(path.read_text(encoding="utf-8", errors="replace")):
        faults.add_line(line, f"the picture {name!r} runs code or loads a file; a drawing of shapes alone would fit")
        return []
    return [name]


def _describe(token: Token) -> str:
    """Return the alternative text of a picture."""
    return "".join(child.content for child in token.children or ()).strip()


def _list_pictures(folder: Path) -> str:
    names = sorted(f"{PICTURES}/{path.name}" for path in folder.glob("*") if path.is_file())
    return ", ".join(names) or f"a file in {PICTURES}/"
