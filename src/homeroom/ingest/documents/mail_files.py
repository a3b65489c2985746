"""Messages: the text of their fields and bodies, and their attachments; mailboxes as messages one after the other."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from typing import BinaryIO

from homeroom.domain.protect.loose.documents import DocumentNotRead, DocumentPart, NotReadReason, TextPart
from homeroom.ingest.documents.limits import DocumentLimits
from homeroom.ingest.documents.markup_files import iter_html_parts
from homeroom.ingest.documents.text_files import decode_text, iter_line_parts

_FIELDS = ("Subject", "From", "To", "Cc", "Bcc", "Reply-To")
_MAX_PARTS = 1_000


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that a message brings."""

    name: str
    content: bytes


def iter_mailbox(stream: BinaryIO, *, limits: DocumentLimits) -> Iterator[bytes]:
    """Yield the messages of a mailbox; what is larger than the limit is cut there."""
    lines: list[bytes] = []
    size = 0
    is_after_blank = True
    while line := stream.readline(limits.line):
        if line.startswith(b"From ") and is_after_blank:
            if lines:
                yield b"".join(lines)
            lines, size = [], 0
        elif size < limits.document:
            lines.append(line)
            size += len(line)
        is_after_blank = not line.strip()
    if lines:
        yield b"".join(lines)


def parse_message(content: bytes) -> Message:
    """Parse a message; whatever is wrong with it costs no more than that part of it."""
    try:
        return email.message_from_bytes(content, policy=email.policy.default)
    except Exception:  # noqa: BLE001  (the parser of structured fields fails in many ways)
        return email.message_from_bytes(content, policy=email.policy.compat32)


def iter_message_parts(message: Message, *, place: str, limits: DocumentLimits) -> Iterator[DocumentPart | Attachment]:
    """Yield the text of a message, and its attachments."""
    fields = [f"{name}: {value}" for name in _FIELDS if (value := _read_field(message, name))]
    if fields:
        yield TextPart(lines=fields, place=place)
    for number, part in enumerate(_iter_leaves(message), 1):
        if number > _MAX_PARTS:
            raise DocumentNotRead(NotReadReason.TOO_LARGE)
        kind, name = part.get_content_type(), _read_filename(part)
        if kind == "message/rfc822":
            yield Attachment(name=name or f"message-{number}.eml", content=_read_inner(part))
            continue
        content = _read_payload(part)
        if not content.strip():
            continue
        if kind == "text/html" and not name:
            try:
                yield from iter_html_parts(_recode(part, content), limits=limits)
            except DocumentNotRead:
                continue
        elif kind.startswith("text/") and not name:
            text = _recode(part, content).decode("utf-8", "replace")
            yield from iter_line_parts(text.splitlines(), limits=limits, place=place)
        else:
            yield Attachment(name=name or f"attachment-{number}", content=content)


def _iter_leaves(message: Message) -> Iterator[Message]:
    if message.get_content_type() == "message/rfc822" or not message.is_multipart():
        yield message
        return
    payload = message.get_payload()
    for part in payload if isinstance(payload, list) else ():
        if isinstance(part, Message):
            yield from _iter_leaves(part)


def _read_field(message: Message, name: str) -> str:
    try:
        return " ".join(str(message.get(name, "")).split())
    except Exception:  # noqa: BLE001  (a field that is not as the standard has it)
        return ""


def _read_filename(part: Message) -> str:
    try:
        return (part.get_filename() or "").replace("\n", " ").replace("\r", " ")
    except Exception:  # noqa: BLE001
        return ""


def _read_inner(part: Message) -> bytes:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    try:
        return inner.as_bytes(policy=email.policy.compat32) if isinstance(inner, Message | EmailMessage) else b""
    except Exception:  # noqa: BLE001
        return b""


def _read_payload(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001
        return b""
    return payload if isinstance(payload, bytes) else b""


def _recode(part: Message, content: bytes) -> bytes:
    """Return a text as UTF-8 by the encoding that the message names, else by what it looks like."""
    try:
        charset = str(part.get_content_charset() or "")
        text = content.decode(charset) if charset else decode_text(content)
    except (LookupError, UnicodeDecodeError):
        text = decode_text(content)
    return text.encode("utf-8", "replace")
