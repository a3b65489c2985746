"""The other wire: one page of a directory over LDAP, given as the answer that a console would give.

A request is an address such as `ldaps://dc1.maple.example/DC=maple,DC=example` with the params `filter`, `attributes` and
`binary` (names, blanks between them; values of the latter come as hex digits), `size`, and from the second page on `cookie`.
The answer's document has the rows as `value` and the next page's `cookie`, empty at the end (RFC 2696). The method BIND only
signs in. The header Authorization has name and password, Certificate-Authority the PEM text of the only authority to trust.

A cookie is known to the connection that gave it and maybe to no other: a directory that has forgotten it gives 410, and the
walk begins anew. Entries of other directories (search references) are not followed, nor are referrals. The library, ldap3, is
an extra and loaded when a directory is asked for.
"""

from __future__ import annotations

import re
import ssl
import warnings
from base64 import b64decode, b64encode
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import msgspec

from homeroom.ingest.remote import faults
from homeroom.ingest.remote.addresses import origin_of
from homeroom.ingest.remote.client import Answer, Request
from homeroom.ingest.remote.faults import Cut, Fault

if TYPE_CHECKING:
    from ldap3 import Connection

AUTHORITY = "Certificate-Authority"
LACKING = "reading a directory takes the Python package ldap3, which is not installed: install homeroom[ldap]"
PAGED = "1.2.840.113556.1.4.319"
_STATUS = {0: 200, 3: 504, 10: 302, 32: 404, 48: 401, 49: 401, 50: 403, 51: 503, 52: 503}
"""Result codes (RFC 4511, appendix A) as statuses; the others are 400."""
_FORGOTTEN = frozenset({1, 2, 12, 53})
"""What directories answer to a cookie that they do not know: they have no code of its own for it."""
_CONNECTING = 15
_WHY = re.compile(r"\bdata ([0-9a-f]{1,5})\b")


class Directory:
    """One connection to one directory, kept while the same account asks."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._key: tuple[object, ...] = ()
        self._connection: Connection | None = None

    def sent(self, request: Request, most: int) -> Answer:
        """The answer, of at most so many bytes. Raises Cut, and Fault where another try cannot help."""
        ldap3 = library()
        key = (origin_of(request.url), request.headers.get("Authorization", ""), request.headers.get(AUTHORITY, ""))
        try:
            refused = self._bound(ldap3, key)
            answer = refused or (_answer_of({}, 0) if request.method == "BIND" else self._page(request))
        except ldap3.core.exceptions.LDAPExceptionError as error:
            self.close()
            if "CERTIFICATE" in str(error).upper():
                raise Fault(faults.UNTRUSTED, "this machine does not trust the directory's certificate") from None
            raise Cut("no connection, or it broke") from None
        if len(answer.body) > most:
            raise Fault(faults.GARBLED, f"one answer has more than {most:,} bytes")
        return answer

    def close(self) -> None:
        """Ends the connection, if there is one. A directory that is gone already says nothing."""
        connection, self._connection, self._key = self._connection, None, ()
        if connection is not None and connection.socket is not None:
            connection.socket.close()

    def _bound(self, ldap3: ModuleType, key: tuple[Any, ...]) -> Answer | None:
        """Signs in where that is not done yet; the refusal, or None."""
        if self._connection is not None and self._key == key and not self._connection.closed:
            return None
        self.close()
        (scheme, host, port), authorization, authority = key
        name, _, password = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if not password:  # a directory would take it for somebody anonymous, and say yes
            return _answer_of({"code": "noPassword"}, 49)
        tls = _verifying(ldap3, host, _trusting(authority)) if scheme == "ldaps" else None
        server = ldap3.Server(
            host, port=port, use_ssl=tls is not None, tls=tls, get_info=ldap3.NONE, connect_timeout=_CONNECTING
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
        refusal = _answer_of(_said(connection.result), connection.result["result"])
        self.close()
        return refusal

    def _page(self, request: Request) -> Answer:
        connection, binary = self._connection, frozenset(request.param("binary").split())
        if connection is None:
            raise Cut("no connection")
        cookie = request.param("cookie")
        connection.search(
            unquote(urlsplit(request.url).path.removeprefix("/")),
            request.param("filter"),
            attributes=request.param("attributes").split(),
            paged_size=int(request.param("size")),
            paged_criticality=True,
            paged_cookie=b64decode(cookie) or None,
        )
        code = connection.result["result"]
        if code:
            return _answer_of(_said(connection.result), code, later=bool(cookie))
        rows = [_row(entry, binary) for entry in connection.response or () if entry["type"] == "searchResEntry"]
        control = connection.result.get("controls", {}).get(PAGED)
        following = control["value"]["cookie"] if control else b""
        body = {"value": rows, "cookie": b64encode(following or b"").decode()}
        return Answer(status=200, body=msgspec.json.encode(body))


def library() -> ModuleType:
    """ldap3. Raises Fault, with what to install, where it is not there."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # it reads names that pyasn1 has since spelt anew
            import ldap3
            import ldap3.core.exceptions
    except ImportError:
        raise Fault(faults.MISSING, LACKING) from None
    return ldap3


def _trusting(authority: str) -> ssl.SSLContext:
    """What trusts the entered authority alone, or those of this machine. Raises Fault where it is no certificate."""
    try:
        return ssl.create_default_context(cadata=authority or None)
    except (ssl.SSLError, ValueError):
        sentence = "the entered certificate cannot be read; one that begins with -----BEGIN CERTIFICATE----- fits"
        raise Fault(faults.UNTRUSTED, sentence) from None


def _verifying(ldap3: ModuleType, host: str, context: ssl.SSLContext) -> Any:
    """TLS as Python does it, with the host's name checked by OpenSSL: ldap3's own check knows no addresses."""

    class Verifying(ldap3.Tls):  # type: ignore[misc, name-defined]
        def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:
            connection.socket = context.wrap_socket(connection.socket, server_hostname=host)

    return Verifying(validate=ssl.CERT_REQUIRED)


def _row(entry: Any, binary: frozenset[str]) -> dict[str, Any]:
    """One entry: a text for one value, a list for several. `memberOf;range=0-1499` is memberOf, whose first values do."""
    row: dict[str, Any] = {"distinguishedName": entry["dn"]}
    for name, values in entry["raw_attributes"].items():
        bare = name.partition(";")[0]
        texts = [value.hex() if bare in binary else value.decode("utf-8", "replace") for value in values]
        if texts:
            row[bare] = texts[0] if len(texts) == 1 else texts
    return row


def _said(result: Any) -> dict[str, str]:
    """The code by name, and the number that Active Directory adds to a refused sign-in (775: the account is locked)."""
    why = _WHY.search(result.get("message") or "")
    return {"code": f"{result['description']}{f':{why[1]}' if why else ''}"}


def _answer_of(error: dict[str, str], code: int, *, later: bool = False) -> Answer:
    status = 410 if later and code in _FORGOTTEN else _STATUS.get(code, 400)
    return Answer(status=status, body=msgspec.json.encode({"error": error}))
