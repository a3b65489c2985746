"""A provider of OpenID Connect on a local port, which answers as a test wants: right, or wrong in one way.

It speaks the code flow with PKCE after its specification (OpenID Connect Core 1.0, RFC 7636) and shares no code with
the client. What is wrong is a change of the ID token's claims or header, of the key that signs, or of the response.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "client-7d1f", "secret-of-the-client"


@dataclass
class OidcProvider:
    """The provider. `claims` are those of the person who signs in; a claim that is None is left out."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    published_kid: str = "key-1"
    configuration: dict[str, Any] = field(default_factory=dict)
    token_response: dict[str, Any] | None = None
    token_status: int = 200
    now: float = field(default_factory=time.time)
    private_key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    published_key: rsa.RSAPrivateKey | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def authorize(self, location: str) -> dict[str, str]:
        """Take the browser's request for signing in, and return the query with which the provider sends it back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT_ID
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(12)
        self.codes[code] = query
        return {"code": code, "state": query["state"]}

    def describe(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            **self.configuration,
        }

    def list_keys(self) -> dict[str, Any]:
        public = (self.published_key or self.private_key).public_key()
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(public))
        return {"keys": [{**key, "kid": self.published_kid, "use": "sig", "alg": "RS256"}]}

    def exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        request = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_right = (
            request is not None
            and challenge == request["code_challenge"]
            and form["redirect_uri"] == request["redirect_uri"]
            and (form["client_id"], form["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
        )
        if not is_right or request is None:
            return 400, {"error": "invalid_grant"}
        answer = {"access_token": "access", "token_type": "Bearer", "id_token": self.sign(request.get("nonce"))}
        return self.token_status, answer if self.token_response is None else self.token_response

    def sign(self, nonce: str | None) -> str:
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "subject-1",
            "iat": int(self.now),
            "exp": int(self.now) + 3600,
            "nonce": nonce,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        headers = {"kid": "key-1", **self.headers}
        if self.algorithm == "none":
            return jwt.encode(claims, None, algorithm="none", headers=headers)
        if self.algorithm == "HS256":
            secret = self.list_keys()["keys"][0]["n"]  # what everybody can read, as in the confusion of algorithms
            return jwt.encode(claims, secret, algorithm="HS256", headers=headers)
        return jwt.encode(claims, self.private_key, algorithm=self.algorithm, headers=headers)


@contextmanager
def serve_provider() -> Iterator[OidcProvider]:
    """Serve a provider on a free port until the block ends."""
    provider = OidcProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.requests.append(self.path)
            documents = {"/.well-known/openid-configuration": provider.describe, "/keys": provider.list_keys}
            build = documents.get(urlsplit(self.path).path)
            self.answer(200 if build else 404, build() if build else {})

        def do_POST(self) -> None:
            provider.requests.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(*provider.exchange({name: values[0] for name, values in parse_qs(body).items()}))

        def answer(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
