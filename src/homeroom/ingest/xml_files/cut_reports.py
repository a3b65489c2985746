"""XML reports of scanners that are cut at the end: their complete entries are kept, as a shorter report."""

from __future__ import annotations

from typing import Any, cast

from lxml import etree


class UnrepairableXml(Exception):
    """Raised if the structure of a file cannot be trusted, so that it has to be refused."""


def close_cut_report(content: bytes) -> bytes:
    """Return a report without the entry in which it ends, and with an end of each element that is open there.

    The entry is the outermost open element that follows another one of its name: part of it would mislead.
    If none does, open elements without entries of their own are left out. Raise UnrepairableXml if the text is not
    well-formed up to where it ends, or if nothing is whole in it.
    """
    depth = _Depth()
    if not _count_with(depth, content):
        raise UnrepairableXml
    parser = etree.XMLParser(recover=True, resolve_entities="internal", no_network=True, load_dtd=False)
    root = etree.fromstring(content, parser)
    if root is None:
        raise UnrepairableXml
    _remove_last(root, sum(1 for _ in root.iter("*")) - depth.started)
    path = [root]
    while len(path) < depth.count and len(path[-1]):
        path.append(path[-1][-1])
    entry = next((element for element in path[1:] if _is_repeated(element)), None)
    if entry is not None and (parent := entry.getparent()) is not None:
        parent.remove(entry)
        return etree.tostring(root)
    while not _has_entries(path[-1]):
        entry = path.pop()
        if not path:
            raise UnrepairableXml
        path[-1].remove(entry)
    return etree.tostring(root)


def _remove_last(root: etree._Element, count: int) -> None:
    """Remove that many elements from the end, whose first tag is cut."""
    for _ in range(count):
        last = root
        while len(last):
            last = last[-1]
        if (parent := last.getparent()) is not None:
            parent.remove(last)


def _has_entries(element: etree._Element) -> bool:
    """Check whether two elements of one name follow each other in it: whatever has whole entries is a list of them."""
    return any(_is_repeated(inner) for inner in element.iterdescendants())


def _is_repeated(element: etree._Element) -> bool:
    return any(other.tag == element.tag for other in element.itersiblings(preceding=True))


def count_open(content: bytes) -> int | None:
    """Return how many elements are open where a text ends, 0 for a whole one; None if it is broken before."""
    return _count_with(_Depth(), content)


def _count_with(depth: _Depth, content: bytes) -> int | None:
    parser: Any = etree.XMLParser(target=cast("Any", depth), no_network=True, load_dtd=False)
    try:
        parser.feed(content)
    except etree.XMLSyntaxError:
        return None
    try:
        parser.close()
    except etree.XMLSyntaxError:
        return depth.count or None
    return 0


class _Depth:
    """Target of a parser that counts the open elements."""

    def __init__(self) -> None:
        self.count = self.started = 0

    def start(self, tag: str, attributes: object) -> None:
        """Count an element that begins."""
        self.count += 1
        self.started += 1

    def end(self, tag: str) -> None:
        """Count an element that ends."""
        self.count -= 1

    def close(self) -> None:
        """Ignore the end of the text."""
