"""Text and HTML of unknown origin as plain text without anything that a browser could take for markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

HIDDEN_ELEMENTS = ("script", "style", "template", "iframe")
"""Elements whose content is not displayed."""
BADGES = {"policy-indicators", "badges"}
"""Classes of the row of badges that the tools append to a requirement: they say how it is checked, not what it is."""
_VOID = ("br", "hr", "img", "input", "link", "meta", "area", "base", "col", "embed", "param", "source", "track", "wbr")
_INLINE = ("a", "b", "i", "u", "em", "strong", "code", "span", "small", "sub", "sup", "abbr", "wbr")
_TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?])")
_SCRIPTED = re.compile(r"(?i)\b(?:java|vb)script\s*:")
_BLANKS = re.compile(r"\s+")


def extract_plain_text(html: str) -> str:
    """Return the text of a piece of HTML on one line; links leave their text, entities are decoded once.

    If the decoded text itself looks like a tag (`&lt;b&gt;`), its brackets are written ‹ and ›: a reader still sees the
    meaning, and a page that forgot to escape would show the same.
    """
    reader = _TextExtractor()
    reader.feed(html)
    reader.close()
    return sanitize_text("".join(reader.parts)) or ""


class _TextExtractor(HTMLParser):
    """Collects the text that a reader would see.

    `_hidden` has the open elements whose content is not displayed.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        badges = not BADGES.isdisjoint((dict(attrs).get("class") or "").split())
        if tag not in _VOID and (badges or tag in HIDDEN_ELEMENTS or (self._hidden and tag == self._hidden[0])):
            self._hidden.append(tag)
        if tag not in _INLINE:
            self.parts.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # <script/> is an open script to a browser, so it is one here.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and tag == self._hidden[-1]:
            self._hidden.pop()
        if tag not in _INLINE:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def sanitize_text(text: object) -> str | None:
    """Return a tool's plain text on one line, without anything that a browser could take for markup; null for none.

    For texts that are not HTML: their brackets have a meaning (`PHP < 8.2`, a payload that a web server echoed), so
    only brackets that could open a tag are written ‹ and ›, and nothing else is lost.
    """
    if not isinstance(text, str):
        return None
    cleaned = _BLANKS.sub(" ", text).strip()
    if _TAG_LIKE.search(cleaned):
        cleaned = cleaned.replace("<", "‹").replace(">", "›")
    return _SCRIPTED.sub("", cleaned) or None
