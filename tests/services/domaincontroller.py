"""A domain controller's LDAP as far as users are read from it, in its own bytes: bind, paged search, and faults.

Source: RFC 4511 (messages and result codes), RFC 2696 (paged results; a cookie belongs to the connection that gave it),
MS-ADTS (a refused sign-in has the diagnostic `data 52e`; a search of a domain returns references to its other
partitions).
"""

from __future__ import annotations

import socketserver
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, cast

PAGED = b"1.2.840.113556.1.4.319"
REFERENCE = b"ldap://ForestDnsZones.maple.example/DC=ForestDnsZones,DC=maple,DC=example"
ACCOUNT, PASSWORD = "homeroom-read@maple.example", "correct horse battery"

type Entry = Mapping[str, Sequence[bytes]]


@dataclass
class DomainController:
    """Entries by distinguished name. `troubles` happen to the search of that number, from 1: cut, busy or referral.

    `forgets` is false for one that knows a cookie on every connection. `binds` and `searches` count.
    """

    entries: dict[str, Entry]
    troubles: dict[int, str] = field(default_factory=dict)
    forgets: bool = True
    page_limit: int = 1000
    binds: int = 0
    searches: int = 0
    requested_attributes: set[str] = field(default_factory=set)
    cookies: dict[bytes, int] = field(default_factory=dict)
    port: int = 0

    @contextmanager
    def serve(self, tls: ssl.SSLContext | None = None) -> Iterator[int]:
        """Serve it and yield the port, the same one each time."""
        server = _Server(("127.0.0.1", self.port), _Handler)
        server.controller, server.tls = self, tls
        self.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self.port
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    controller: DomainController
    tls: ssl.SSLContext | None

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that go away in the middle: these trials are about them."""


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        wire = self.request
        if self.server.tls is not None:
            wire = self.server.tls.wrap_socket(wire, server_side=True)
        wire.settimeout(5)
        bound, cookies, buffer = False, set[bytes](), b""
        with wire:
            while data := wire.recv(65536):
                buffer += data
                while (message := _take_message(buffer)) is not None:
                    buffer = buffer[len(message) :]
                    number, tag, content, controls = _parse_request(message)
                    if tag == 0x60:
                        bound = _handle_bind(self.server.controller, wire, number, content)
                    elif (
                        tag == 0x63
                        and not _handle_search(self.server.controller, wire, number, content, controls, bound, cookies)
                    ) or tag == 0x42:
                        return


def _handle_bind(controller: DomainController, wire: Any, number: bytes, content: bytes) -> bool:
    controller.binds += 1
    _, (_, name), (_, password) = _parse_parts(content)
    good = (name.decode(), password.decode()) == (ACCOUNT, PASSWORD)
    diagnostic = (
        b"" if good else b"80090308: LdapErr: DSID-0C090449, comment: AcceptSecurityContext error, data 52e, v4563"
    )
    wire.sendall(_build_message(number, _build_tlv(0x61, _build_result(0 if good else 49, diagnostic))))
    return good


def _handle_search(
    controller: DomainController,
    wire: Any,
    number: bytes,
    content: bytes,
    controls: bytes,
    bound: bool,
    connection_cookies: set[bytes],
) -> bool:
    """Reply to a search and return whether the connection continues."""
    controller.searches += 1
    trouble = controller.troubles.get(controller.searches, "")
    size, cookie = _parse_paging(controls)
    start = controller.cookies.get(cookie, -1) if cookie else 0
    code = {"busy": 51, "referral": 10}.get(trouble, 0 if bound else 1)
    if start < 0 or (cookie and controller.forgets and cookie not in connection_cookies):
        code = code or 12
    if code:
        referral = _build_tlv(0xA3, _build_text(b"ldap://dc9.maple.example/")) if code == 10 else b""
        wire.sendall(_build_message(number, _build_tlv(0x65, _build_result(code, b"") + referral)))
        return True
    (_, base), *_, (_, condition), (_, names) = _parse_parts(content)
    attributes = [name.decode() for _, name in _parse_parts(names)]
    controller.requested_attributes |= set(attributes)
    matching = [item for item in controller.entries.items() if _matches_filter(item, base.decode(), condition)]
    page = matching[start : start + min(size, controller.page_limit)]
    response = b"".join(_build_message(number, _build_entry(*item, attributes)) for item in page) + _build_message(
        number, _build_tlv(0x73, _build_text(REFERENCE))
    )
    next_cookie = b""
    if start + len(page) < len(matching):
        next_cookie = f"cookie {len(controller.cookies)}".encode()
        controller.cookies[next_cookie] = start + len(page)
        connection_cookies.add(next_cookie)
    value = _build_tlv(0x30, _build_tlv(0x02, b"\0") + _build_text(next_cookie))
    paged = _build_tlv(0xA0, _build_tlv(0x30, _build_text(PAGED) + _build_text(value)))
    response += _build_message(number, _build_tlv(0x65, _build_result(0, b"")) + paged)
    wire.sendall(response[: len(response) // 2] if trouble == "cut" else response)
    return trouble != "cut"


def _matches_filter(item: tuple[str, Entry], base: str, condition: bytes) -> bool:
    """Return whether the entry meets all equalities of the filter."""
    name, entry = item
    equal = [[value for _, value in _parse_parts(pair)] for _, pair in _parse_parts(condition)]
    values = {key.lower(): {value.lower() for value in raw_values} for key, raw_values in entry.items()}
    return name.lower().endswith(base.lower()) and all(
        value.lower() in values.get(key.decode().lower(), ()) for key, value in equal
    )


def _build_entry(name: str, entry: Entry, attributes: Sequence[str]) -> bytes:
    pairs = [
        _build_tlv(0x30, _build_text(key.encode()) + _build_tlv(0x31, b"".join(map(_build_text, values))))
        for key, values in entry.items()
        if key in attributes
    ]
    return _build_tlv(0x64, _build_text(name.encode()) + _build_tlv(0x30, b"".join(pairs)))


def _parse_paging(controls: bytes) -> tuple[int, bytes]:
    for _, control in _parse_parts(controls):
        (_, oid), *_, (_, value) = _parse_parts(control)
        if oid == PAGED:
            ((_, inner),) = _parse_parts(value)
            (_, size), (_, cookie) = _parse_parts(inner)
            return int.from_bytes(size, "big"), cookie
    return 1 << 30, b""


def _build_result(code: int, diagnostic: bytes) -> bytes:
    return _build_tlv(0x0A, bytes([code])) + _build_text(b"") + _build_text(diagnostic)


def _build_message(number: bytes, rest: bytes) -> bytes:
    return _build_tlv(0x30, _build_tlv(0x02, number) + rest)


def _build_text(value: bytes) -> bytes:
    return _build_tlv(0x04, value)


def _build_tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length_bytes = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(length_bytes)]) + length_bytes + content


def _parse_head(data: bytes) -> tuple[int, int] | None:
    """Return the lengths of the first element's head and content; None if the head is incomplete."""
    if len(data) < 2:
        return None
    length_size = data[1] - 128 if data[1] > 127 else 0
    if len(data) < 2 + length_size:
        return None
    return 2 + length_size, int.from_bytes(data[2 : 2 + length_size], "big") if length_size else data[1]


def _take_message(data: bytes) -> bytes | None:
    head = _parse_head(data)
    return data[: sum(head)] if head and len(data) >= sum(head) else None


def _parse_parts(data: bytes) -> list[tuple[int, bytes]]:
    parts = []
    while data:
        head_size, size = cast("tuple[int, int]", _parse_head(data))
        parts.append((data[0], data[head_size : head_size + size]))
        data = data[head_size + size :]
    return parts


def _parse_request(message: bytes) -> tuple[bytes, int, bytes, bytes]:
    ((_, inner),) = _parse_parts(message)
    (_, number), (tag, content), *rest = _parse_parts(inner)
    return number, tag, content, rest[0][1] if rest else b""
