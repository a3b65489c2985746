"""The export of a trail: JSON Lines with a header, the checkpoints, the entries, and a signed last line.

Verifying one needs no database, no data folder and no settings: the file and the public key's fingerprint are enough.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from homeroom.apps.platform.audit.checkpoints import (
    NamedCheckpoints,
    check_checkpoints,
    collect_expected,
    list_restarts,
)
from homeroom.apps.platform.audit.keys import AuditKey, compute_fingerprint, is_signed
from homeroom.domain.platform.audit.chain import COMMITTED, FORMAT, ChainedEntry, ChainHead, write_canonical_json
from homeroom.domain.platform.audit.verifier import ChainProblem, ChainVerifier, ProblemKind

TRAIL, CHECKPOINT, ENTRY, END = "trail", "checkpoint", "entry", "end"


class ExportRefused(Exception):
    """A file is no export of an audit trail; the text has the line and what would fit."""


@dataclass(frozen=True, kw_only=True)
class VerifiedExport:
    """The result of verifying an export; `fingerprint` is of the public key that signed it."""

    district: str
    entries: int
    checkpoints: int
    made_at: str
    fingerprint: str
    problems: tuple[ChainProblem, ...]
    notes: tuple[str, ...] = ()


def iterate_export_lines(
    *,
    head: ChainHead,
    district: str,
    at: datetime,
    key: AuditKey,
    public_keys: tuple[str, ...],
    checkpoint_lines: Iterable[bytes],
    entries: Iterable[ChainedEntry],
) -> Iterator[bytes]:
    """Yield the lines of an export, each with its line end; the last one is signed."""
    digest, count = hashlib.sha256(), 0
    header = {"kind": TRAIL, "format": FORMAT, "district": district, "made_at": at.astimezone(UTC).isoformat()}
    for document in _iterate_documents(header | asdict(head) | {"keys": public_keys}, checkpoint_lines, entries):
        count += document["kind"] == ENTRY
        line = write_canonical_json(document) + b"\n"
        digest.update(line)
        yield line
    end = {"kind": END, "entries": count, "sha256": digest.hexdigest(), "key": key.public}
    yield write_canonical_json(end | {"signature": key.sign(write_canonical_json(end))}) + b"\n"


def verify_export(lines: Iterable[bytes], *, fingerprint: str = "") -> VerifiedExport:
    """Return what is wrong with an export. With `fingerprint` its signer must be that key.

    Raise ExportRefused if the lines are no export.
    """
    reader = _ExportReader(lines)
    header = reader.read_header()
    head = ChainHead(**{name: header[name] for name in ("chain", "number", "digest")})
    checkpoints = list(reader.read_checkpoints())
    expected = collect_expected(checkpoints, known_keys=header["keys"])
    verifier, named = ChainVerifier(head, expected=expected), NamedCheckpoints()
    for entry in reader.read_entries():
        verifier.add(entry)
        named.add(entry)
    problems = [
        *verifier.finish(),
        *check_checkpoints(checkpoints, district=header["district"], chain=head.chain, known_keys=header["keys"]),
        *named.find_lost(checkpoints),
        *reader.check_end(entries=verifier.entries, keys=header["keys"]),
    ]
    signer = compute_fingerprint(reader.signer) if reader.signer else ""
    if fingerprint and _fold(fingerprint) != _fold(signer):
        problems.append(ChainProblem(kind=ProblemKind.HEAD, text="the export was signed with another key"))
    return VerifiedExport(
        district=header["district"],
        entries=verifier.entries,
        checkpoints=len(checkpoints),
        made_at=header["made_at"],
        fingerprint=signer,
        problems=tuple(problems),
        notes=tuple(list_restarts(checkpoints, reasons=named.reasons)),
    )


class _ExportReader:
    """Reads the lines of an export in their order, and hashes all but the last one."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self._hash = hashlib.sha256()
        self._place = 0
        self._next: tuple[bytes, dict[str, Any]] | None = None
        self.signer = ""
        self._advance()

    def read_header(self) -> dict[str, Any]:
        header = self._take(TRAIL)
        kinds = dict.fromkeys(("district", "made_at", "chain", "digest"), str)
        if header is None or header.get("format") != FORMAT or not isinstance(header.get("keys"), list):
            raise ExportRefused(f'line 1 is no header of an audit trail; {{"kind": "{TRAIL}", …}} would fit')
        for name, kind in {**kinds, "number": int}.items():
            if type(header.get(name)) is not kind:
                raise ExportRefused(f"line 1 has no {name}")
        return header

    def read_checkpoints(self) -> Iterator[bytes]:
        while (document := self._take(CHECKPOINT)) is not None:
            yield write_canonical_json(document.get("checkpoint"))

    def read_entries(self) -> Iterator[ChainedEntry]:
        while (document := self._take(ENTRY)) is not None:
            yield self._build_entry(document)

    def check_end(self, *, entries: int, keys: list[str]) -> Iterator[ChainProblem]:
        digest = self._hash.hexdigest()
        end = self._take(END)
        if end is None or self._next is not None:
            text = "the file does not end with its signed last line" if end is None else "lines follow the last line"
            yield ChainProblem(kind=ProblemKind.TRUNCATED, text=text)
        if end is None:
            return
        self.signer = str(end.get("key"))
        unsigned = {name: value for name, value in end.items() if name != "signature"}
        is_own = self.signer in keys
        if not is_own or not is_signed(write_canonical_json(unsigned), str(end.get("signature")), public=self.signer):
            self.signer = ""
            yield ChainProblem(kind=ProblemKind.HEAD, text="the signature of the file does not fit")
        if (end.get("sha256"), end.get("entries")) != (digest, entries):
            yield ChainProblem(kind=ProblemKind.ALTERED, text="the file was altered after it was signed")

    def _build_entry(self, document: Mapping[str, Any]) -> ChainedEntry:
        try:
            return ChainedEntry(
                number=int(document["number"]),
                at=datetime.fromisoformat(document["at"]),
                salts={field: str(document["salts"].get(field, "")) for field in COMMITTED},
                removed={str(field): str(value) for field, value in document["removed"].items()},
                detail=dict(document["detail"]),
                **{
                    name: str(document[name])
                    for name in ("actor", "action", "subject_kind", "subject", "previous", "digest")
                },
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"line {self._place - 1} is no entry of a trail ({type(error).__name__})"
            raise ExportRefused(reason) from None

    def _take(self, kind: str) -> dict[str, Any] | None:
        """Return the next line's document if it is of a kind, and go on; None otherwise."""
        if self._next is None or self._next[1].get("kind") != kind:
            return None
        line, document = self._next
        if kind != END:
            self._hash.update(line)
        self._advance()
        return document

    def _advance(self) -> None:
        line = next(self._lines, None)
        self._place += 1
        if line is None:
            self._next = None
            return
        try:
            document = json.loads(line)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise ExportRefused(f"line {self._place} is no JSON object; an export of homeroom audit export would fit")
        self._next = (line, document)


def _iterate_documents(
    header: dict[str, Any], checkpoint_lines: Iterable[bytes], entries: Iterable[ChainedEntry]
) -> Iterator[dict[str, Any]]:
    yield header
    for line in checkpoint_lines:
        yield {"kind": CHECKPOINT, "checkpoint": _parse_json(line)}
    for entry in entries:
        document = {name: value for name, value in asdict(entry).items() if name != "mac"}
        at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
        yield document | {"kind": ENTRY, "at": at}


def _parse_json(line: bytes) -> Any:
    """Return the document of a line, None for a damaged one, which whoever verifies the export then sees."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def _fold(fingerprint: str) -> str:
    return "".join(fingerprint.split()).lower()
