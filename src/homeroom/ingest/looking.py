"""What one file is, by its bytes: its form, and the names that stand in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from homeroom.ingest.alike import Alike
from homeroom.ingest.connector import Connector
from homeroom.ingest.csvs import Csv, csv_of, head_text
from homeroom.ingest.documents import Document, document_of
from homeroom.ingest.elements import Xml, declared_encoding, is_xml, xml_of
from homeroom.ingest.encodings import encoding_of
from homeroom.ingest.glance import SMALL
from homeroom.ingest.kinds import Match, Miss, match_of, text_match
from homeroom.ingest.limits import Limits
from homeroom.ingest.origins import Origin, Survey, at_hand, head_of, surveyed
from homeroom.ingest.problems import Notes, refused
from homeroom.ingest.signatures import form_of, is_zip
from homeroom.ingest.texts import beginning_of, whole_text

CSV, JSON, YAML, XML, TEXT = "csv", "json", "yaml", "xml", "text"
_YAML_KEY = re.compile(r"(?:\s*(?:#[^\n]*|---[^\n]*|%YAML[^\n]*)?\n)*homeroom:[ \t]*[\"']?([\w-]*)")
_TOP_KEY = re.compile(r"^[\"']?([A-Za-z_][\w-]*)[\"']?:", re.MULTILINE)
_LINK = re.compile(rb"(\.\.?/[\w./-]{1,255})")  # as git leaves a link on a system without links
_TRUTH = re.compile(rb'\s*\{\s*"homeroom"\s*:\s*"truth"')


@dataclass(frozen=True, kw_only=True)
class Look:
    """One file whose form is known.

    `names` are header names, fields of the first objects, the top keys of YAML, or the root element of XML. `homeroom` is
    the word after the top key of that name, where there is one. `match` is the kind of a text that was known by its marks.
    """

    origin: Origin
    survey: Survey
    form: str
    names: tuple[str, ...]
    notes: Notes
    csv: Csv | None = None
    document: Document | None = None
    xml: Xml | None = None
    match: Match | Miss | None = None
    text: str = field(default="", repr=False)
    homeroom: str = ""

    @property
    def top(self) -> Mapping[str, str | bool]:
        """The plain values at the top of a JSON file that is one object, or of an XML file."""
        return self.document.top if self.document else self.xml.top if self.xml else {}


def alike_of(connectors: Sequence[Connector], *, limits: Limits) -> Alike:
    """What is known of pages of JSON before the first of them was looked at."""
    kinds = [kind for connector in connectors for kind in connector.kinds if kind.form == JSON]

    def is_flat(envelope: str, names: Mapping[str, tuple[str, ...]]) -> bool:
        match = match_of(names[envelope], form=JSON, connectors=connectors, within=names)
        return (
            isinstance(match, Match)
            and match.kind.envelope == envelope
            and not (match.kind.objects or match.kind.drops)
        )

    return Alike(
        envelopes=frozenset(kind.envelope for kind in kinds if kind.envelope),
        drops=frozenset(name for kind in kinds for name in kind.drops),
        most=limits.columns,
        is_flat=is_flat,
    )


def looked_at(
    origin: Origin, *, limits: Limits, connectors: Sequence[Connector] = (), alike: Alike | None = None
) -> Look:
    """Read as much of a file as its form asks: all bytes once for the hash, JSON once for its form.

    The connectors are asked for marks of texts, roots of XML, and envelopes of JSON; what kind of file it is they are asked
    later. `alike` goes from one file to the next of those that are looked at together. Raises Refused where the file is empty, no text, or not what it seems.
    """
    near = at_hand(origin, most=SMALL)
    must_be_text(origin, head_of(near))
    survey = surveyed(near, limits=limits)
    notes = Notes()
    if _TRUTH.match(survey.head.removeprefix(b"\xef\xbb\xbf")):
        return Look(origin=origin, survey=survey, form=JSON, names=(), notes=notes, homeroom="truth")
    encoding = declared_encoding(survey) or encoding_of(origin, survey=survey, notes=Notes())
    start = head_text(survey, encoding=encoding)
    if match := text_match(beginning_of(start), connectors=connectors):
        text = whole_text(origin, survey=survey, limits=limits, notes=notes, most=limits.texts)
        return Look(origin=origin, survey=survey, form=TEXT, names=(), notes=notes, text=text, match=match)
    if start.lstrip()[:1] in (b"{", b"["):
        return _json(origin, near, survey, notes, limits, alike or alike_of(connectors, limits=limits))
    if is_xml(start, roots=_roots(connectors)):
        xml = xml_of(origin, survey=survey, encoding=encoding, start=start, limits=limits)
        return Look(origin=origin, survey=survey, form=XML, names=(xml.root,), notes=notes, xml=xml)
    if word := _YAML_KEY.match(start[:8192].decode("utf-8", "replace").replace("\r\n", "\n")):
        text = whole_text(origin, survey=survey, limits=limits, notes=Notes(), most=limits.text)
        names = tuple(dict.fromkeys(_TOP_KEY.findall(text)))
        return Look(
            origin=origin, survey=survey, form=YAML, names=names, notes=notes, text=text, homeroom=word.group(1)
        )
    csv = csv_of(origin, survey=survey, limits=limits, notes=notes)
    return Look(origin=origin, survey=survey, form=CSV, names=csv.dialect.names, notes=notes, csv=csv)


def beside_at(origin: Origin, *, limits: Limits) -> Look:
    """A file that is handed over as text because it stands beside one, whatever is in it. Raises Refused."""
    must_be_text(origin, head_of(origin))
    survey, notes = surveyed(origin, limits=limits), Notes()
    text = whole_text(origin, survey=survey, limits=limits, notes=notes, most=limits.texts)
    return Look(origin=origin, survey=survey, form=TEXT, names=(), notes=notes, text=text)


def must_be_text(origin: Origin, head: bytes) -> None:
    """Raises Refused, with what it is, where a file is empty or no text."""
    if not head:
        raise refused(origin.name, "is empty", fits="a header and rows")
    if is_zip(head):
        raise refused(origin.name, "is a zip inside a zip, which is not opened", fits="the files, in one zip")
    form = form_of(head)
    if form:
        raise refused(origin.name, f"is {form[0]}", fits=form[1])
    if link := _LINK.fullmatch(head):
        told = link[1].decode("ascii").rpartition("/")[2]
        raise refused(origin.name, f"is a link to a file {told}, saved as text", line=1, fits="the file it leads to")


def _roots(connectors: Sequence[Connector]) -> frozenset[str]:
    kinds = [kind for connector in connectors for kind in connector.kinds if kind.form == XML]
    return frozenset(name.casefold() for kind in kinds for name in kind.needs)


def _json(origin: Origin, near: Origin, survey: Survey, notes: Notes, limits: Limits, alike: Alike) -> Look:
    read = document_of(near, survey=survey, limits=limits, notes=notes, alike=alike)
    document = replace(read, origin=origin)
    word = document.top.get("homeroom", "")
    return Look(
        origin=origin,
        survey=survey.headless,
        form=JSON,
        names=document.shown,
        notes=notes,
        document=document,
        homeroom=word if isinstance(word, str) else "",
    )
