"""XML as elements: each record of a file of any size in turn, never the entire tree.

Nothing is read from outside the file.

The parser knows no entities beyond XML's own five, loads no document type and opens no network. The declaration and the
document type are blanked before it sees them, so neither can affect it: the encoding was determined from the bytes, and
a document type with declarations is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from lxml import etree

from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.contract.limits import KIB, Limits
from homeroom.ingest.files.byte_source import ByteSource, Survey
from homeroom.ingest.files.encodings import Encoding, iter_utf8_blocks

_FEED_SIZE = 256 * KIB  # bytes that the parser is given at a time
_ATTRIBUTES = 50_000
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_SKIPPABLE = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DOCTYPE = re.compile(rb"""<!DOCTYPE(?:"[^"]*"|'[^']*'|[^"'\[>])*""", re.IGNORECASE)
_TAG_REST = re.compile(rb"""(?:"[^"]*"|'[^']*'|[^"'<>])*>""")
_NAMESPACE_VERSION = re.compile(r"\{[^}]*/v?(\d[\w.-]*)/?\}")
_ROOT = re.compile(rb"<((?:[^\s<>/!?:]+:)?([^\s<>/!?:]+))(?=[\s/>])")
_ENCODING_NAMES = {
    # The names by which a declaration may call the encodings that bytes can be recognized as.
    "utf-8": ("utf-8", "utf8"),
    "utf-16-le": ("utf-16", "utf-16le"),
    "utf-16-be": ("utf-16", "utf-16be"),
}
_EIGHT_BITS = {"iso-8859-1": "latin-1", "latin1": "latin-1", "windows-1252": "cp1252", "cp1252": "cp1252"}
_FITS = "XML, well-formed throughout, as the system wrote it"


@dataclass(frozen=True, kw_only=True)
class XmlDocument:
    """An XML file whose root element is known.

    It is checked to be well-formed only while it is read. `top` are the root's attributes that have no namespace of
    their own, and under xmlns the version at the end of its namespace. `is_repaired` is true of a text that was
    repaired, `is_cut` of one that ends early: its whole records are read.
    """

    origin: ByteSource
    encoding: Encoding
    limits: Limits
    root: str
    prolog: int
    top: Mapping[str, str] = field(default_factory=dict)
    is_repaired: bool = False
    is_cut: bool = False

    def iter_records(self, record: str) -> Iterator[tuple[Sequence[etree._Element], Mapping[str, str]]]:
        """Yield the elements of that local name in document order, in batches, and the root's attributes.

        At least one batch. `record` may be several names with blanks between them: elements of any of them are records.

        An element inside another one of the same name is not a record of its own. Elements of a batch are valid until
        the next batch is requested. Raise FileRefused, with line, if the text is not well-formed or one record is too
        large.
        """
        parser = etree.XMLPullParser(
            events=("start", "end"),
            tag=tuple(name for local in (*record.split(), self.root) for name in (local, f"{{*}}{local}")),
            # none is declared by now; with False, lxml passes over those that nobody declared
            resolve_entities="internal",
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        tree = _OpenTree(record=record, limits=self.limits)
        has_records = False
        try:
            for block in self._iter_input():
                tree.check_block(block)
                parser.feed(block)
                batch = tree.collect_records(parser.read_events())
                if batch:
                    has_records = True
                    yield batch, tree.attributes
                tree.discard_finished(block, has_records=bool(batch))
            parser.close()
        except etree.XMLSyntaxError as error:
            if not self.is_cut:
                raise build_refusal(
                    self.origin.name, f"is no XML: {_format_message(error)}", line=error.lineno, fits=_FITS
                ) from None
            batch = tree.collect_records(parser.read_events())
            if batch:
                has_records = True
                yield batch, tree.attributes
        except OverflowError as error:
            raise build_refusal(self.origin.name, str(error), field=record, line=tree.line, fits=_FITS) from None
        finally:
            tree.clear()
        if not has_records:
            yield [], tree.attributes

    def _iter_input(self) -> Iterator[bytes]:
        first = self.prolog
        for block in iter_utf8_blocks(self.origin, encoding=self.encoding, limits=self.limits):
            data = re.sub(rb"[^\n]", b" ", block[:first]) + block[first:] if first else block
            first = max(0, first - len(block))
            for start in range(0, len(data), _FEED_SIZE):
                yield data[start : start + _FEED_SIZE]


class _OpenTree:
    """The part of a tree that is still needed: the elements that are open, and one record at a time."""

    def __init__(self, *, record: str, limits: Limits) -> None:
        self._record, self._limits = frozenset(record.split()), limits
        self._root: etree._Element | None = None
        self._last: etree._Element | None = None
        self._size = self._entries = self._attribute_count = 0
        self.attributes: dict[str, str] = {}
        self.line: int | None = None

    def check_block(self, block: bytes) -> None:
        """Raise OverflowError if one tag has too many attributes: the parser would collect ten megabytes of them."""
        last = block.rfind(b">") + 1
        attributes = block.count(b'="', last) + block.count(b"='", last)
        self._attribute_count = attributes if last else self._attribute_count + attributes
        if self._attribute_count > _ATTRIBUTES:
            raise OverflowError(f"one tag of more than {_ATTRIBUTES:,} attributes")

    def collect_records(self, events: Iterator[tuple[str, etree._Element]]) -> list[etree._Element]:
        """Return the records that have ended."""
        records = []
        for event, element in events:
            if self._root is None:
                self._root = element
                self.attributes = {str(name): str(value) for name, value in element.attrib.items()}
            if event == "end" and _get_local_name(element) in self._record and not self._is_nested(element):
                records.append(_strip_namespace(element))
        return records

    def discard_finished(self, block: bytes, *, has_records: bool) -> None:
        """Discard everything before the elements that are open.

        Raise OverflowError if one record is too large.
        """
        node, record = self._root, None
        while node is not None and record is None:
            if _get_local_name(node) in self._record:
                record = node  # what stands in it is still needed
            else:
                del node[:-1]
                node = node[-1] if len(node) else None
        self._last = record
        if has_records or record is None:
            self._size = self._entries = 0
            return
        self.line = record.sourceline
        self._size, self._entries = self._size + len(block), self._entries + block.count(b"<")
        is_root = record is self._root  # a report whose parts point at each other is one record
        size, entries = (self._limits.document, 2 * self._limits.entries) if is_root else self._record_limits
        if self._size > size:
            raise OverflowError(f"one record of more than {size:,} bytes")
        if self._entries > entries:
            raise OverflowError(f"one record of more than {entries:,} elements")

    def clear(self) -> None:
        """Clear the remaining elements.

        The parser and its tree refer to each other, and would remain until a garbage collection.
        """
        for element in (self._last, self._root):
            if element is not None:
                element.clear()

    @property
    def _record_limits(self) -> tuple[int, int]:
        return self._limits.row, self._limits.entries

    def _is_nested(self, element: etree._Element) -> bool:
        return any(_get_local_name(outer) in self._record for outer in element.iterancestors())


def open_xml(origin: ByteSource, *, survey: Survey, encoding: Encoding, start: bytes, limits: Limits) -> XmlDocument:
    """Open an XML file by its beginning, `start`, in UTF-8 without a byte order mark.

    Raise FileRefused with what would fit.
    """
    declaration = _DECLARATION.match(start)
    _must_match_declaration(origin, encoding, survey, find_declared_encoding(start))
    position = _skip_misc(start, declaration.end() if declaration else 0)
    if doctype := _DOCTYPE.match(start, position):
        if start[doctype.end() : doctype.end() + 1] == b"[":
            line = start.count(b"\n", 0, doctype.end()) + 1
            raise build_refusal(
                origin.name, "has a document type with declarations (entities)", line=line, fits="XML without them"
            )
        position = _skip_misc(start, doctype.end() + 1)
    root = _ROOT.match(start, position)
    if root is None:
        line = start.count(b"\n", 0, position) + 1
        raise build_refusal(origin.name, "is no XML: no root element at its beginning", line=line, fits=_FITS)
    name = root[2].decode("utf-8", "replace")
    top = _parse_root_tag(start[root.start() :])
    return XmlDocument(origin=origin, encoding=encoding, limits=limits, root=name, prolog=position, top=top)


def _parse_root_tag(start: bytes) -> dict[str, str]:
    """Return the attributes of the tag at the beginning.

    Empty if it cannot be parsed, which is reported when the file is read.
    """
    tag_rest = _TAG_REST.match(start, 1)
    if tag_rest is None:
        return {}
    tag = start[: tag_rest.end() - 1].rstrip().removesuffix(b"/") + b"/>"
    try:
        root = etree.fromstring(tag, etree.XMLParser(resolve_entities="internal", no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return {}
    version = _NAMESPACE_VERSION.match(str(root.tag))
    return {str(name): str(value) for name, value in root.attrib.items()} | ({"xmlns": version[1]} if version else {})


def is_xml(start: bytes, *, roots: AbstractSet[str]) -> bool:
    """Check whether a text begins as XML does: with a declaration, a document type, a comment or one of these roots."""
    beginning = start[:4096].lstrip()
    if beginning.startswith((b"<?xml", b"<!DOCTYPE", b"<!--")):
        return True
    root = _ROOT.match(beginning)
    return root is not None and root[2].decode("utf-8", "replace").casefold() in roots


def get_declared_encoding(survey: Survey) -> Encoding | None:
    """Return the single-byte encoding that an XML declaration names, if the bytes cannot be UTF-8."""
    codec = _EIGHT_BITS.get(find_declared_encoding(survey.head))
    return Encoding(codec=codec) if codec and not survey.utf8 else None


def find_declared_encoding(start: bytes) -> str:
    """Return the encoding that an XML declaration at the beginning names, in lower case, or empty text."""
    declaration = _DECLARATION.match(start)
    match = _ENCODING.search(declaration[0]) if declaration else None
    return match[1].decode("ascii").lower() if match else ""


def is_utf8_with_other_bytes(survey: Survey, encoding: Encoding) -> bool:
    """Check whether a file that should be UTF-8 by its declaration has bytes that are not."""
    declared = find_declared_encoding(survey.head[encoding.mark_length :])
    return declared in ("", "utf-8", "utf8") and encoding.codec in ("utf-8", "cp1252") and not survey.utf8


def _must_match_declaration(origin: ByteSource, encoding: Encoding, survey: Survey, declared: str) -> None:
    """Refuse a file that declares one encoding and is in another: it is unknown which of the two is the mistake.

    UTF-16 is no mistake: its bytes show it, and Windows PowerShell writes so what another program declared as UTF-8.
    """
    stated = declared or ("utf-16" if encoding.codec.startswith("utf-16") else "utf-8")
    if encoding.codec.startswith("utf-16") and stated in ("utf-8", "utf8"):
        return
    if stated in _ENCODING_NAMES.get(encoding.codec, ()) or _EIGHT_BITS.get(stated) == encoding.codec:
        return
    if survey.ascii and (stated in _EIGHT_BITS or stated in ("us-ascii", "ascii")):
        return
    reason = f"says that it is in {stated.upper()}, and its letters are in {encoding.codec.upper()}"
    raise build_refusal(origin.name, reason, line=1, fits=_FITS)


def _skip_misc(start: bytes, position: int) -> int:
    """Return the position after blanks, comments and processing instructions."""
    while match := _SKIPPABLE.match(start, position):
        position = match.end()
    return position


def _get_local_name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _strip_namespace(record: etree._Element) -> etree._Element:
    """Remove the record's namespace from all its parts, so that readers find them by their local names."""
    namespace = str(record.tag).partition("}")[0] + "}" if str(record.tag).startswith("{") else ""
    for part in record.iter(f"{namespace}*") if namespace else ():
        part.tag = str(part.tag).removeprefix(namespace)
    return record


def _format_message(error: etree.XMLSyntaxError) -> str:
    """Return the parser's message without its position, which is reported separately, and without a long tail."""
    return re.sub(r", line \d+, column \d+.*$", "", error.msg or "not well-formed", flags=re.DOTALL)[:160]
