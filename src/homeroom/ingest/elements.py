"""XML as elements: each record of a file of any size in turn, never the whole tree, and nothing from outside the file.

The parser knows no entities beyond XML's own five, loads no document type and opens no network. The declaration and the
document type are blanked before it sees them, so that neither can say anything to it: the encoding was settled from the
bytes, and a document type that declares something of its own is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from lxml import etree

from homeroom.ingest.encodings import Encoding, utf8_blocks
from homeroom.ingest.limits import KIB, Limits
from homeroom.ingest.origins import Origin, Survey
from homeroom.ingest.problems import refused

_FED = 256 * KIB  # bytes that the parser is given at a time
_ATTRIBUTES = 50_000
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_ASIDE = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DOCTYPE = re.compile(rb"""<!DOCTYPE(?:"[^"]*"|'[^']*'|[^"'\[>])*""", re.IGNORECASE)
_REST = re.compile(rb"""(?:"[^"]*"|'[^']*'|[^"'<>])*>""")
_NUMBERED = re.compile(r"\{[^}]*/v?(\d[\w.-]*)/?\}")
_ROOT = re.compile(rb"<((?:[^\s<>/!?:]+:)?([^\s<>/!?:]+))(?=[\s/>])")
_SAME = {
    # What a declaration may call the encodings that bytes can be told to be in.
    "utf-8": ("utf-8", "utf8"),
    "utf-16-le": ("utf-16", "utf-16le"),
    "utf-16-be": ("utf-16", "utf-16be"),
}
_EIGHT_BITS = {"iso-8859-1": "latin-1", "latin1": "latin-1", "windows-1252": "cp1252", "cp1252": "cp1252"}
_FITS = "XML, well-formed throughout, as the system wrote it"


@dataclass(frozen=True, kw_only=True)
class Xml:
    """An XML file whose root element is known. Whether it is well-formed shows only when it is read.

    `top` are the root's attributes that have no namespace of their own, and under xmlns what its namespace ends in.
    """

    origin: Origin
    encoding: Encoding
    limits: Limits
    root: str
    prolog: int
    top: Mapping[str, str] = field(default_factory=dict)

    def records(self, record: str) -> Iterator[tuple[Sequence[etree._Element], Mapping[str, str]]]:
        """The elements of that local name in document order, in batches, and the root's attributes. At least one batch.

        `record` may be several names with blanks between them: elements of any of them are records.

        An element inside another one of the same name is not a record of its own. Elements of a batch hold good until
        the next one is asked for. Raises Refused, with line, where the text is not well-formed or one record too large.
        """
        parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=tuple(name for local in (*record.split(), self.root) for name in (local, f"{{*}}{local}")),
            resolve_entities="internal",  # none is declared by now; with False, lxml passes over those that nobody declared
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        tree = _Tree(record=record, limits=self.limits)
        any_yet = False
        try:
            for block in self._fed():
                tree.see(block)
                parser.feed(block)
                batch = tree.ended(parser.read_events())
                if batch:
                    any_yet = True
                    yield batch, tree.attributes
                tree.let_go(block, ended=bool(batch))
            parser.close()
        except etree.XMLSyntaxError as error:
            raise refused(self.origin.name, f"is no XML: {_said(error)}", line=error.lineno, fits=_FITS) from None
        except OverflowError as error:
            raise refused(self.origin.name, str(error), field=record, line=tree.line, fits=_FITS) from None
        finally:
            tree.end()
        if not any_yet:
            yield [], tree.attributes

    def _fed(self) -> Iterator[bytes]:
        first = self.prolog
        for block in utf8_blocks(self.origin, encoding=self.encoding, limits=self.limits):
            data = re.sub(rb"[^\n]", b" ", block[:first]) + block[first:] if first else block
            first = max(0, first - len(block))
            for start in range(0, len(data), _FED):
                yield data[start : start + _FED]


class _Tree:
    """The part of a tree that is still needed: the elements that are open, and one record at a time."""

    def __init__(self, *, record: str, limits: Limits) -> None:
        self._record, self._limits = frozenset(record.split()), limits
        self._root: etree._Element | None = None
        self._last: etree._Element | None = None
        self._size = self._entries = self._open = 0
        self.attributes: dict[str, str] = {}
        self.line: int | None = None

    def see(self, block: bytes) -> None:
        """Raises OverflowError where one tag has too many attributes: the parser would gather ten megabytes of them."""
        last = block.rfind(b">") + 1
        attributes = block.count(b'="', last) + block.count(b"='", last)
        self._open = attributes if last else self._open + attributes
        if self._open > _ATTRIBUTES:
            raise OverflowError(f"one tag of more than {_ATTRIBUTES:,} attributes")

    def ended(self, events: Iterator[tuple[str, etree._Element]]) -> list[etree._Element]:
        """The records that have ended."""
        found = []
        for event, element in events:
            if self._root is None:
                self._root = element
                self.attributes = {str(name): str(value) for name, value in element.attrib.items()}
            if event == "end" and _local(element) in self._record and not self._within(element):
                found.append(_bare(element))
        return found

    def let_go(self, block: bytes, *, ended: bool) -> None:
        """Forget all that stands before what is open. Raises OverflowError where one record is too large."""
        node, record = self._root, None
        while node is not None and record is None:
            if _local(node) in self._record:
                record = node  # what stands in it is still needed
            else:
                del node[:-1]
                node = node[-1] if len(node) else None
        self._last = record
        if ended or record is None:
            self._size = self._entries = 0
            return
        self.line = record.sourceline
        self._size, self._entries = self._size + len(block), self._entries + block.count(b"<")
        whole = record is self._root  # a report whose parts point at each other is one record
        size, entries = (self._limits.document, 2 * self._limits.entries) if whole else self._row
        if self._size > size:
            raise OverflowError(f"one record of more than {size:,} bytes")
        if self._entries > entries:
            raise OverflowError(f"one record of more than {entries:,} elements")

    def end(self) -> None:
        """Let go of what is left. The parser and its tree hold each other, and would stand until a collection came by."""
        for element in (self._last, self._root):
            if element is not None:
                element.clear()

    @property
    def _row(self) -> tuple[int, int]:
        return self._limits.row, self._limits.entries

    def _within(self, element: etree._Element) -> bool:
        return any(_local(outer) in self._record for outer in element.iterancestors())


def xml_of(origin: Origin, *, survey: Survey, encoding: Encoding, start: bytes, limits: Limits) -> Xml:
    """What is known of an XML file by its beginning, `start`, in UTF-8 without a mark. Raises Refused with what would fit."""
    declaration = _DECLARATION.match(start)
    _agree(origin, encoding, survey, declared_in(start))
    place = _past(start, declaration.end() if declaration else 0)
    if found := _DOCTYPE.match(start, place):
        if start[found.end() : found.end() + 1] == b"[":
            line = start.count(b"\n", 0, found.end()) + 1
            raise refused(
                origin.name, "has a document type with declarations (entities)", line=line, fits="XML without them"
            )
        place = _past(start, found.end() + 1)
    root = _ROOT.match(start, place)
    if root is None:
        line = start.count(b"\n", 0, place) + 1
        raise refused(origin.name, "is no XML: no root element at its beginning", line=line, fits=_FITS)
    name = root[2].decode("utf-8", "replace")
    top = _top(start[root.start() :])
    return Xml(origin=origin, encoding=encoding, limits=limits, root=name, prolog=place, top=top)


def _top(start: bytes) -> dict[str, str]:
    """What the tag at the beginning says of itself; nothing where it cannot be taken apart, which shows when it is read."""
    rest = _REST.match(start, 1)
    if rest is None:
        return {}
    tag = start[: rest.end() - 1].rstrip().removesuffix(b"/") + b"/>"
    try:
        root = etree.fromstring(tag, etree.XMLParser(resolve_entities="internal", no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return {}
    version = _NUMBERED.match(str(root.tag))
    return {str(name): str(value) for name, value in root.attrib.items()} | ({"xmlns": version[1]} if version else {})


def is_xml(start: bytes, *, roots: AbstractSet[str]) -> bool:
    """Whether a text begins as XML does: with its declaration, a document type or a comment, or with one of these roots."""
    beginning = start[:4096].lstrip()
    if beginning.startswith((b"<?xml", b"<!DOCTYPE", b"<!--")):
        return True
    root = _ROOT.match(beginning)
    return root is not None and root[2].decode("utf-8", "replace").casefold() in roots


def declared_encoding(survey: Survey) -> Encoding | None:
    """The encoding of eight bits a letter that an XML declaration names, where the bytes cannot be UTF-8."""
    codec = _EIGHT_BITS.get(declared_in(survey.head))
    return Encoding(codec=codec) if codec and not survey.utf8 else None


def declared_in(start: bytes) -> str:
    """The encoding that an XML declaration at the beginning names, in lower case, or empty text."""
    declaration = _DECLARATION.match(start)
    found = _ENCODING.search(declaration[0]) if declaration else None
    return found[1].decode("ascii").lower() if found else ""


def _agree(origin: Origin, encoding: Encoding, survey: Survey, declared: str) -> None:
    """Refuse a file that says one encoding and is in another: nobody can tell which of the two is the slip."""
    said = declared or ("utf-16" if encoding.codec.startswith("utf-16") else "utf-8")
    if said in _SAME.get(encoding.codec, ()) or _EIGHT_BITS.get(said) == encoding.codec:
        return
    if survey.ascii and (said in _EIGHT_BITS or said in ("us-ascii", "ascii")):
        return
    reason = f"says that it is in {said.upper()}, and its letters are in {encoding.codec.upper()}"
    raise refused(origin.name, reason, line=1, fits=_FITS)


def _past(start: bytes, place: int) -> int:
    """The place after blanks, comments and processing instructions."""
    while found := _ASIDE.match(start, place):
        place = found.end()
    return place


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _bare(record: etree._Element) -> etree._Element:
    """The record without the namespace that it stands in, so that readers find its parts by their local names."""
    space = str(record.tag).partition("}")[0] + "}" if str(record.tag).startswith("{") else ""
    for part in record.iter(f"{space}*") if space else ():
        part.tag = str(part.tag).removeprefix(space)
    return record


def _said(error: etree.XMLSyntaxError) -> str:
    """The parser's words without their place, which is told beside them, and without a long tail."""
    return re.sub(r", line \d+, column \d+.*$", "", error.msg or "not well-formed", flags=re.DOTALL)[:160]
