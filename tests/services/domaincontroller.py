"""A domain controller's LDAP as far as users are read from it, in its own bytes: bind, search by pages, and what goes wrong.

Source: RFC 4511 (messages and result codes), RFC 2696 (paged results; a cookie belongs to the connection that gave it), MS-ADTS
(a refused sign-in says `data 52e`; a search of a domain brings references to its other partitions).
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
class Controller:
    """Entries by distinguished name. `troubles` happen to the search of that number, from 1: cut, busy or referral.
    `forgets` is false of one that knows a cookie on every connection. `binds` and `searches` count."""

    entries: dict[str, Entry]
    troubles: dict[int, str] = field(default_factory=dict)
    forgets: bool = True
    most: int = 1000
    binds: int = 0
    searches: int = 0
    asked: set[str] = field(default_factory=set)
    cookies: dict[bytes, int] = field(default_factory=dict)
    port: int = 0

    @contextmanager
    def served(self, tls: ssl.SSLContext | None = None) -> Iterator[int]:
        """The port while it is served, the same one each time."""
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
    controller: Controller
    tls: ssl.SSLContext | None

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is what these trials are about."""


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        wire = self.request
        if self.server.tls is not None:
            wire = self.server.tls.wrap_socket(wire, server_side=True)
        wire.settimeout(5)
        bound, mine, held = False, set[bytes](), b""
        with wire:
            while data := wire.recv(65536):
                held += data
                while (message := _whole(held)) is not None:
                    held = held[len(message) :]
                    number, tag, content, controls = _request(message)
                    if tag == 0x60:
                        bound = _binds(self.server.controller, wire, number, content)
                    elif (
                        tag == 0x63
                        and not _searches(self.server.controller, wire, number, content, controls, bound, mine)
                    ) or tag == 0x42:
                        return


def _binds(controller: Controller, wire: Any, number: bytes, content: bytes) -> bool:
    controller.binds += 1
    _, (_, name), (_, password) = _parts(content)
    good = (name.decode(), password.decode()) == (ACCOUNT, PASSWORD)
    said = b"" if good else b"80090308: LdapErr: DSID-0C090449, comment: AcceptSecurityContext error, data 52e, v4563"
    wire.sendall(_message(number, _tlv(0x61, _result(0 if good else 49, said))))
    return good


def _searches(
    controller: Controller, wire: Any, number: bytes, content: bytes, controls: bytes, bound: bool, mine: set[bytes]
) -> bool:
    """Whether the connection goes on."""
    controller.searches += 1
    trouble = controller.troubles.get(controller.searches, "")
    size, cookie = _paging(controls)
    begin = controller.cookies.get(cookie, -1) if cookie else 0
    code = {"busy": 51, "referral": 10}.get(trouble, 0 if bound else 1)
    if begin < 0 or (cookie and controller.forgets and cookie not in mine):
        code = code or 12
    if code:
        other = _tlv(0xA3, _text(b"ldap://dc9.maple.example/")) if code == 10 else b""
        wire.sendall(_message(number, _tlv(0x65, _result(code, b"") + other)))
        return True
    (_, base), *_, (_, condition), (_, names) = _parts(content)
    wanted = [name.decode() for _, name in _parts(names)]
    controller.asked |= set(wanted)
    found = [one for one in controller.entries.items() if _fits(one, base.decode(), condition)]
    page = found[begin : begin + min(size, controller.most)]
    out = b"".join(_message(number, _entry(*one, wanted)) for one in page) + _message(
        number, _tlv(0x73, _text(REFERENCE))
    )
    following = b""
    if begin + len(page) < len(found):
        following = f"cookie {len(controller.cookies)}".encode()
        controller.cookies[following] = begin + len(page)
        mine.add(following)
    value = _tlv(0x30, _tlv(0x02, b"\0") + _text(following))
    paged = _tlv(0xA0, _tlv(0x30, _text(PAGED) + _text(value)))
    out += _message(number, _tlv(0x65, _result(0, b"")) + paged)
    wire.sendall(out[: len(out) // 2] if trouble == "cut" else out)
    return trouble != "cut"


def _fits(one: tuple[str, Entry], base: str, condition: bytes) -> bool:
    """The filter's equalities, all of which must hold."""
    name, entry = one
    equal = [[value for _, value in _parts(pair)] for _, pair in _parts(condition)]
    values = {key.lower(): {value.lower() for value in found} for key, found in entry.items()}
    return name.lower().endswith(base.lower()) and all(
        value.lower() in values.get(key.decode().lower(), ()) for key, value in equal
    )


def _entry(name: str, entry: Entry, wanted: Sequence[str]) -> bytes:
    pairs = [
        _tlv(0x30, _text(key.encode()) + _tlv(0x31, b"".join(map(_text, values))))
        for key, values in entry.items()
        if key in wanted
    ]
    return _tlv(0x64, _text(name.encode()) + _tlv(0x30, b"".join(pairs)))


def _paging(controls: bytes) -> tuple[int, bytes]:
    for _, control in _parts(controls):
        (_, oid), *_, (_, value) = _parts(control)
        if oid == PAGED:
            ((_, inner),) = _parts(value)
            (_, size), (_, cookie) = _parts(inner)
            return int.from_bytes(size, "big"), cookie
    return 1 << 30, b""


def _result(code: int, said: bytes) -> bytes:
    return _tlv(0x0A, bytes([code])) + _text(b"") + _text(said)


def _message(number: bytes, rest: bytes) -> bytes:
    return _tlv(0x30, _tlv(0x02, number) + rest)


def _text(value: bytes) -> bytes:
    return _tlv(0x04, value)


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    long = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(long)]) + long + content


def _head(data: bytes) -> tuple[int, int] | None:
    """The lengths of the first element's head and content; None where the head is not whole."""
    if len(data) < 2:
        return None
    long = data[1] - 128 if data[1] > 127 else 0
    if len(data) < 2 + long:
        return None
    return 2 + long, int.from_bytes(data[2 : 2 + long], "big") if long else data[1]


def _whole(data: bytes) -> bytes | None:
    head = _head(data)
    return data[: sum(head)] if head and len(data) >= sum(head) else None


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    found = []
    while data:
        before, size = cast("tuple[int, int]", _head(data))
        found.append((data[0], data[before : before + size]))
        data = data[before + size :]
    return found


def _request(message: bytes) -> tuple[bytes, int, bytes, bytes]:
    ((_, inner),) = _parts(message)
    (_, number), (tag, content), *rest = _parts(inner)
    return number, tag, content, rest[0][1] if rest else b""
