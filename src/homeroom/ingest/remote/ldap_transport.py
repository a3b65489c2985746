"""The LDAP transport: one page of a directory, returned as the response that a console would give.

A request is a URL such as `ldaps://dc1.maple.example/DC=maple,DC=example` with the params `filter`, `attributes` and
`binary` (names, blanks between them; values of the latter come as hex digits), `size`, and from the second page on
`cookie`. The response's document has the rows as `value` and the next page's `cookie`, empty at the end (RFC 2696). The
method BIND only signs in. The header Authorization has name and password, Certificate-Authority the PEM text of the
only authority to trust.

A cookie may be valid only on the connection that returned it: if the directory has forgotten it, the response is 410,
and the sync starts over. Entries of other directories (search references) are not followed, nor are referrals. The
library, ldap3, is an extra and imported when a directory is first used.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
import warnings
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import msgspec

from homeroom.ingest.remote import errors
from homeroom.ingest.remote.addresses import AddressPolicy
from homeroom.ingest.remote.api_spec import Request, Response
from homeroom.ingest.remote.deadlines import TOO_SLOW, Deadline
from homeroom.ingest.remote.errors import ConnectionBroken, RemoteError
from homeroom.ingest.remote.urls import parse_origin

if TYPE_CHECKING:
    from ldap3 import Connection

AUTHORITY_HEADER = "Certificate-Authority"
LDAP3_MISSING = "reading a directory takes the Python package ldap3, which is not installed: install homeroom[ldap]"
PAGED_RESULTS_OID = "1.2.840.113556.1.4.319"
_STATUS = {0: 200, 3: 504, 10: 302, 32: 404, 48: 401, 49: 401, 50: 403, 51: 503, 52: 503}
"""Result codes (RFC 4511, appendix A) as statuses; the others are 400."""
_UNKNOWN_COOKIE_CODES = frozenset({1, 2, 12, 53})
"""Result codes of directories for a cookie that they do not know: there is no code of its own for it."""
_CONNECT_SECONDS = 15
_DATA_CODE = re.compile(r"\bdata ([0-9a-f]{1,5})\b")


class LdapDirectory:
    """One connection to one directory, reused while the same account sends requests.

    It is made to an address that `policy` allows, and cut when the deadline is over.
    """

    def __init__(self, *, seconds: float, policy: AddressPolicy, deadline: Deadline) -> None:
        self._seconds, self._policy, self._deadline = seconds, policy, deadline
        self._key: tuple[object, ...] = ()
        self._connection: Connection | None = None

    def send(self, request: Request, max_bytes: int) -> Response:
        """Return the response, of at most so many bytes. Raise ConnectionBroken, or RemoteError if no retry helps."""
        ldap3 = import_ldap3()
        key = (
            parse_origin(request.url),
            request.headers.get("Authorization", ""),
            request.headers.get(AUTHORITY_HEADER, ""),
        )
        self._deadline.start()
        try:
            with self._cut_at_deadline():
                refusal = self._sign_in(ldap3, key)
                response = refusal or (
                    _build_response({}, 0) if request.method == "BIND" else self._search_page(request)
                )
        except ldap3.core.exceptions.LDAPExceptionError as error:
            self.close()
            if "CERTIFICATE" in str(error).upper():
                raise RemoteError(errors.UNTRUSTED, "this machine does not trust the directory's certificate") from None
            is_late = self._deadline.get_remaining() <= 0
            raise ConnectionBroken(TOO_SLOW if is_late else "no connection, or it broke") from None
        if len(response.body) > max_bytes:
            raise RemoteError(errors.GARBLED, f"one answer has more than {max_bytes:,} bytes")
        return response

    def close(self) -> None:
        """Close the connection, if there is one; a directory that is gone already raises nothing."""
        connection, self._connection, self._key = self._connection, None, ()
        if connection is not None and connection.socket is not None:
            connection.socket.close()

    @contextmanager
    def _cut_at_deadline(self) -> Iterator[None]:
        """Cut the connection when the deadline is over: the library's own limit starts again with each piece."""
        timer = threading.Timer(max(0.0, self._deadline.get_remaining()), self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _cut(self) -> None:
        connection = self._connection
        if connection is not None and connection.socket is not None:
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)

    def _sign_in(self, ldap3: ModuleType, key: tuple[Any, ...]) -> Response | None:
        """Sign in if that is not done yet; return the refusal, or None."""
        if self._connection is not None and self._key == key and not self._connection.closed:
            return None
        self.close()
        (scheme, host, port), authorization, authority = key
        name, _, password = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if not password:  # a directory would take it for somebody anonymous, and say yes
            return _build_response({"code": "noPassword"}, 49)
        tls = _build_tls(ldap3, host, _build_ssl_context(authority)) if scheme == "ldaps" else None
        address = self._policy.select_addresses(host, port)[0]  # the certificate is still the host's
        server = ldap3.Server(
            address, port=port, use_ssl=tls is not None, tls=tls, get_info=ldap3.NONE, connect_timeout=_CONNECT_SECONDS
        )
        connection = ldap3.Connection(
            server,
            user=name,
            password=password,
            read_only=True,
            auto_referrals=False,
            auto_range=False,
            check_names=False,
            receive_timeout=int(self._seconds),
            return_empty_attributes=False,
        )
        self._connection = connection
        connection.open(read_server_info=False)
        if connection.bind(read_server_info=False):
            self._key = key
            return None
        refusal = _build_response(_describe_error(connection.result), connection.result["result"])
        self.close()
        return refusal

    def _search_page(self, request: Request) -> Response:
        connection, binary = self._connection, frozenset(request.get_param("binary").split())
        if connection is None:
            raise ConnectionBroken("no connection")
        cookie = request.get_param("cookie")
        connection.search(
            unquote(urlsplit(request.url).path.removeprefix("/")),
            request.get_param("filter"),
            attributes=request.get_param("attributes").split(),
            paged_size=int(request.get_param("size")),
            paged_criticality=True,
            paged_cookie=b64decode(cookie) or None,
        )
        code = connection.result["result"]
        if code:
            return _build_response(_describe_error(connection.result), code, later=bool(cookie))
        rows = [
            _convert_entry(entry, binary) for entry in connection.response or () if entry["type"] == "searchResEntry"
        ]
        control = connection.result.get("controls", {}).get(PAGED_RESULTS_OID)
        next_cookie = control["value"]["cookie"] if control else b""
        body = {"value": rows, "cookie": b64encode(next_cookie or b"").decode()}
        return Response(status=200, body=msgspec.json.encode(body))


def import_ldap3() -> ModuleType:
    """Import ldap3. Raise RemoteError, naming what to install, if it is missing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # it reads names that pyasn1 has renamed since
            import ldap3
            import ldap3.core.exceptions
    except ImportError:
        raise RemoteError(errors.MISSING, LDAP3_MISSING) from None
    return ldap3


def _build_ssl_context(authority: str) -> ssl.SSLContext:
    """Return an SSL context that trusts the entered authority alone, or those of this machine.

    Raises RemoteError if the text is not a certificate.
    """
    try:
        return ssl.create_default_context(cadata=authority or None)
    except (ssl.SSLError, ValueError):
        sentence = "the entered certificate cannot be read; one that begins with -----BEGIN CERTIFICATE----- fits"
        raise RemoteError(errors.UNTRUSTED, sentence) from None


def _build_tls(ldap3: ModuleType, host: str, context: ssl.SSLContext) -> Any:
    """Return TLS settings with the host name checked by OpenSSL: ldap3's own check does not support IP addresses."""

    class HostVerifyingTls(ldap3.Tls):  # type: ignore[misc, name-defined]
        def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:
            connection.socket = context.wrap_socket(connection.socket, server_hostname=host)

    return HostVerifyingTls(validate=ssl.CERT_REQUIRED)


def _convert_entry(entry: Any, binary: frozenset[str]) -> dict[str, Any]:
    """Convert one entry: a text for one value, a list for several.

    `memberOf;range=0-1499` becomes memberOf; its first values suffice.
    """
    row: dict[str, Any] = {"distinguishedName": entry["dn"]}
    for name, values in entry["raw_attributes"].items():
        base_name = name.partition(";")[0]
        texts = [value.hex() if base_name in binary else value.decode("utf-8", "replace") for value in values]
        if texts:
            row[base_name] = texts[0] if len(texts) == 1 else texts
    return row


def _describe_error(result: Any) -> dict[str, str]:
    """Return the code by name, with Active Directory's number for a refused sign-in (775: account locked)."""
    detail = _DATA_CODE.search(result.get("message") or "")
    return {"code": f"{result['description']}{f':{detail[1]}' if detail else ''}"}


def _build_response(error: dict[str, str], code: int, *, later: bool = False) -> Response:
    status = 410 if later and code in _UNKNOWN_COOKIE_CODES else _STATUS.get(code, 400)
    return Response(status=status, body=msgspec.json.encode({"error": error}))
